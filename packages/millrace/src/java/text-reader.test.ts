import { describe, expect, it } from 'vitest';
import { findCharset } from './charsets.ts';
import { type DecodeErrorPolicy, type FoundLine, TextReader } from './text-reader.ts';

function reader(charset = 'UTF-8', policy: DecodeErrorPolicy = 'FAIL', head = Buffer.alloc(0)): TextReader {
  const text = new TextReader(findCharset(charset)!, policy);
  text.begin(head);
  return text;
}

/** All lines of these bytes. */
function lines(text: TextReader, bytes: Buffer, maxChars = 100): FoundLine[] {
  const found: FoundLine[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = text.line(bytes, at, bytes.length, maxChars, true);
    found.push(line);
    if (line.kind === 'more') break;
    at += line.bytes;
  }
  return found;
}

const texts = (found: readonly FoundLine[]): string[] =>
  found.map((line) => (line.kind === 'line' ? line.text : line.kind));

describe('bytes that are no text, by the rules of Java', () => {
  // How many U+FFFD Java makes of each is how many pieces its decoder takes them for.
  it.each([
    ['UTF-8', 'ff', 1],
    ['UTF-8', '80', 1],
    ['UTF-8', 'c0af', 2],
    ['UTF-8', 'c3', 1],
    ['UTF-8', 'e08080', 3],
    ['UTF-8', 'e282', 1],
    ['UTF-8', 'eda080', 1],
    ['UTF-8', 'edb080', 1],
    ['UTF-8', 'f08080', 3],
    ['UTF-8', 'f09f98', 1],
    ['UTF-8', 'f4908080', 4],
    ['UTF-8', 'f5808080', 4],
    ['UTF-8', 'f888808080', 1],
    ['UTF-8', 'fc8480808080', 1],
    ['US-ASCII', 'e9e9', 2],
    ['UTF-16BE', 'dc00', 1],
    ['UTF-16BE', 'd8000061', 1],
    ['UTF-16BE', 'fffe', 1],
    ['UTF-16LE', '00d86100', 1],
    ['UTF-32BE', '00110000', 1],
  ])('%s %s', (charset, hex, pieces) => {
    const encode = (text: string): Buffer => findCharset(charset)!.encoder()(text);
    const bad = Buffer.from(hex, 'hex');
    const bytes = Buffer.concat([encode('ab'), bad, encode('cd\nnext\n')]);
    expect(texts(lines(reader(charset, 'REPLACE'), bytes))).toEqual([
      `ab${'\ufffd'.repeat(pieces)}cd`,
      'next',
    ]);
    expect(texts(lines(reader(charset, 'IGNORE'), bytes))).toEqual(['abcd', 'next']);
    const whole = bytes.length - encode('next\n').length;
    expect(lines(reader(charset), bytes)).toEqual([
      { kind: 'fault', fault: encode('ab').length, bytes: whole },
      { kind: 'line', text: 'next', bytes: encode('next\n').length, isCut: false },
    ]);
  });

  it('of a table charset end at the newline', () => {
    const bytes = Buffer.from([0x61, 0xd6, 0x0a, 0xd6, 0xd0, 0x0a]);
    expect(texts(lines(reader('GBK', 'REPLACE'), bytes))).toEqual(['a\ufffd', '中']);
    expect(texts(lines(reader('GBK'), bytes))).toEqual(['fault', '中']);
  });

  it.each(['FAIL', 'REPLACE', 'IGNORE'] as const)(
    'what the end leaves of a character is left out under %s',
    (policy) => {
      const bytes = Buffer.concat([Buffer.from('ab\ncd'), Buffer.from('e282', 'hex')]);
      const found = lines(reader('UTF-8', policy), bytes);
      expect(texts(found)).toEqual(['ab', 'cd', 'more']);
      expect(found[1]).toMatchObject({ bytes: 2 });
    },
  );

  it('are not known before the character has ended', () => {
    const bytes = Buffer.from('e282', 'hex');
    expect(reader().line(bytes, 0, 2, 100, false)).toEqual({ kind: 'more' });
  });

  it('are set aside in pieces where no newline follows', () => {
    const bytes = Buffer.concat([Buffer.from('a'), Buffer.alloc(200_000, 0xff)]);
    const found = lines(reader(), bytes);
    expect(texts(found).every((kind) => kind === 'fault')).toBe(true);
    expect(Math.max(...found.map((line) => (line.kind === 'more' ? 0 : line.bytes)))).toBe(65_536);
  });
});

describe('lines that are too long', () => {
  it.each(['UTF-8', 'ISO-8859-1', 'UTF-16', 'GBK'])('are cut where Flume cuts them (%s)', (charset) => {
    const bytes = findCharset(charset)!.encoder()(`${'L'.repeat(8)}\n${'M'.repeat(20)}\nend\n`);
    const text = new TextReader(findCharset(charset)!, 'FAIL');
    const skipped = text.begin(bytes.subarray(0, TextReader.headBytes));
    const found = lines(text, bytes.subarray(skipped), 8);
    expect(texts(found).map(({ length }) => length)).toEqual([8, 0, 8, 8, 4, 3]);
    expect(found.filter((line) => line.kind === 'line' && line.isCut)).toHaveLength(3);
  });

  it('are not cut within a pair', () => {
    const bytes = Buffer.from('abc😀d\n');
    expect(texts(lines(reader(), bytes, 4))).toEqual(['abc', '😀d']);
    expect(texts(lines(reader(), bytes, 1))).toEqual(['a', 'b', 'c', '😀', 'd', '']);
  });
});

it('a byte order mark is left out where Java leaves it out', () => {
  const head = (hex: string): Buffer => Buffer.from(hex, 'hex');
  expect(reader().begin(head('efbbbf61'))).toBe(0);
  expect(reader('UTF-16').begin(head('fffe6100'))).toBe(2);
  expect(reader('UTF-16').begin(head('00610062'))).toBe(0);
  expect(reader('UTF-16LE').begin(head('fffe6100'))).toBe(0);
  expect(reader('UTF-32').begin(head('0000feff'))).toBe(4);
});
