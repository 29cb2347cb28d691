import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCharset, knownCharsets } from './charsets.ts';

/** Text that each charset can hold. */
const letters: Readonly<Record<string, string>> = {
  'UTF-8': 'aé€😀',
  'US-ASCII': 'az~',
  'ISO-8859-1': 'aé\u0080\u0093ÿ',
  'windows-1252': 'aé€“',
  'windows-1251': 'aжЯ',
  IBM437: 'aÇ¢',
  'KOI8-R': 'aаб',
  GBK: 'a中文',
  GB18030: 'a中😀',
  Big5: 'a中',
  Shift_JIS: 'aあｱ',
  'EUC-JP': 'aあ',
  'EUC-KR': 'a한',
  'UTF-16': 'aé😀',
  'UTF-16LE': 'aé😀',
  'UTF-16BE': 'aé😀',
  'UTF-32': 'aé😀',
  'UTF-32LE': 'aé😀',
};

describe.each(Object.entries(letters))('%s', (name, alphabet) => {
  it('decodes what it has encoded, however the stream is cut', () => {
    const charset = findCharset(name)!;
    const text = fc.string({ unit: fc.constantFrom(...alphabet, '\n'), maxLength: 20 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(80)), (whole, cuts) => {
        const bytes = charset.encoder()(whole);
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        for (const replace of [false, true]) {
          const decoder = charset.decoder({ replace });
          const pieces = places.slice(1).map((to, i) => decoder.decode(bytes.subarray(places[i], to)));
          expect(pieces.map((piece) => piece.text).join('')).toBe(whole);
          expect(pieces.some(({ fault }) => fault)).toBe(false);
        }
        expect(charset.newlineIsByte).toBe(!/UTF-(16|32)/.test(name));
      }),
    );
  });
});

describe('names', () => {
  it.each([
    ['latin1', 'ISO-8859-1'],
    ['ISO8859_1', 'ISO-8859-1'],
    ['l1', 'ISO-8859-1'],
    ['ascii', 'US-ASCII'],
    ['646', 'US-ASCII'],
    ['Cp1252', 'windows-1252'],
    ['cp437', 'IBM437'],
    ['sjis', 'Shift_JIS'],
    ['unicode', 'UTF-16'],
    ['utf8', 'UTF-8'],
  ])("%s is Java's %s", (alias, name) => {
    const sample = letters[name]!;
    expect(findCharset(alias)!.encoder()(sample)).toEqual(findCharset(name)!.encoder()(sample));
  });

  it.each(['base64', 'hex', 'utf7', 'binary', 'nope', '', 'utf-9'])('%j is none', (name) => {
    expect(findCharset(name)).toBeUndefined();
  });

  it('that are suggested exist', () => {
    expect(knownCharsets.filter((name) => findCharset(name) === undefined)).toEqual([]);
  });
});

describe('bytes that are no text', () => {
  it.each([
    ['US-ASCII', '61e962', 'a', 'a\ufffdb'],
    ['windows-1252', '618162', 'a', 'a\ufffdb'],
    ['UTF-16BE', '0061d8000062', 'a', 'a\ud800b'],
    ['UTF-32BE', '00000061001100000000 0062'.replace(' ', ''), 'a', 'a\ufffdb'],
  ])('of %s end the stream, or are replaced', (name, hex, before, replaced) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(findCharset(name)!.decoder().decode(bytes)).toEqual({ text: before, fault: true });
    expect(findCharset(name)!.decoder({ replace: true }).decode(bytes)).toEqual({
      text: replaced,
      fault: false,
    });
  });
});
