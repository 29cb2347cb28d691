import { describe, expect, it } from 'vitest';
import { type Chance, chanceOf } from '../../../../testkit/src/oracle/seed.ts';
import { CountedCutter, type CountedOptions } from './counted-cutter.ts';
import { LineCutter } from './line-cutter.ts';
import type { MessageCutter } from './message-cutter.ts';

const usual: CountedOptions = { maxBytes: 10, maxCount: 1000, lines: true };

/** The messages of chunks; one that was cut has `…` behind it, what is left at the end stands last in brackets. */
function cut(cutter: MessageCutter, chunks: readonly Buffer[]): string[] {
  const messages: string[] = [];
  for (const chunk of chunks) {
    cutter.push(chunk);
    while (cutter.next())
      messages.push(cutter.bytes.toString('latin1', cutter.from, cutter.to) + (cutter.isCut ? '…' : ''));
  }
  return messages;
}

const messagesOf = (text: string, options: Partial<CountedOptions> = {}): string[] =>
  cut(new CountedCutter({ ...usual, ...options }), [Buffer.from(text, 'latin1')]);

/** Bytes in up to so many chunks. */
function pieces(chance: Chance, bytes: Buffer): Buffer[] {
  const cuts = Array.from({ length: chance.int(0, 8) }, () => chance.int(0, bytes.length));
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, i) => Buffer.from(bytes.subarray(places[i], to)));
}

describe('counted messages', () => {
  it.each<[text: string, messages: string[]]>([
    ['3 abc4 defg', ['abc', 'defg']],
    ['3 a\nc', ['a\nc']],
    ['4 abc\n3 def', ['abc', 'def']],
    ['3 abc\n\n3 def\n', ['abc', 'def']],
    ['1 \n3 abc', ['abc']],
    ['2 \n\n', ['\n']],
    ['12 0123456789ab3 abc', ['0123456789…', 'ab', 'abc']],
    ['10 01234567893 abc', ['0123456789', 'abc']],
    ['11 0123456789\n3 abc', ['0123456789…', 'abc']],
    ['3 12 3 4 5', ['12 ', '4 5']],
  ])('%j', (text, messages) => {
    expect(messagesOf(text)).toEqual(messages);
    expect(messagesOf(text, { lines: false })).toEqual(messages);
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.of(byte));
    expect(cut(new CountedCutter(usual), bytes)).toEqual(messages);
  });

  it('may have lines between them', () => {
    expect(messagesOf('<1>a\n3 abc<2>b\n\n0 x\n2026-01\n3\n5000 y\n3 def')).toEqual([
      ...['<1>a', 'abc', '<2>b', '0 x', '2026-01', '3', '5000 y', 'def'],
    ]);
    // The rest of a line that was cut is no length.
    expect(messagesOf('abcdefghij3 abc\n3 abc')).toEqual(['abcdefghij…', '3 abc', 'abc']);
  });

  it.each([
    ['<1>a\n', 'does not begin with its length'],
    ['0 a', 'does not begin with its length'],
    ['3 abc<1>b', 'does not begin with its length'],
    ['-1 a', 'does not begin with its length'],
    ['12x', 'what stands in front of a message is no length'],
    ['3\nabc', 'what stands in front of a message is no length'],
    ['1001 a', 'a message announces 1001 bytes or more; at most 1000 are taken'],
    ['9'.repeat(100), 'a message announces 9999 bytes or more; at most 1000 are taken'],
  ])('%j is none where all have to be counted', (text, why) => {
    expect(() => messagesOf(text, { lines: false })).toThrow(why);
  });

  it('are known to be unfinished from the first digit to the last byte', () => {
    const cutter = new CountedCutter(usual);
    const unfinished = [...'25 0123456789abcdefghijklmno'].map((character) => {
      cut(cutter, [Buffer.from(character)]);
      return cutter.unfinishedBytes > 0;
    });
    expect(unfinished).toEqual([...Array(27).fill(true), false]);
  });
});

it('finds the same however a stream is cut into chunks, and what was sent', () => {
  const chance = chanceOf('counted messages');
  for (let round = 0; round < 2000; round++) {
    const sent: string[] = [];
    let stream = '';
    for (let i = 0; i < chance.int(1, 6); i++) {
      const isLine = chance.bool(0.3);
      const alphabet = isLine ? 'ab1 9' : 'a\n1 9';
      let text = isLine ? '<' : 'x';
      for (let left = chance.int(0, 40); left > 0; left--) text += chance.pick([...alphabet]);
      if (!isLine) text += 'x';
      for (let at = 0; at < text.length; at += 10)
        // A line at the limit is told from a longer one by what follows only.
        sent.push(
          text.slice(at, at + 10) + (at + 10 < text.length || (isLine && at + 10 === text.length) ? '…' : ''),
        );
      stream += isLine ? `${text}\n` : `${text.length} ${text}`;
    }
    const bytes = Buffer.from(stream);
    const chunks = pieces(chance, bytes);
    const cutter = new CountedCutter(usual);
    expect(cut(cutter, chunks), JSON.stringify(chunks.map(String))).toEqual(sent);
    expect(cutter.unfinishedBytes).toBe(0);
  }
});

it('cuts lines as those are cut that come without counted messages', () => {
  const chance = chanceOf('lines');
  for (let round = 0; round < 2000; round++) {
    let stream = '';
    for (let left = chance.int(0, 60); left > 0; left--) stream += chance.pick(['a', 'b', '\n']);
    const chunks = pieces(chance, Buffer.from(stream));
    expect(cut(new CountedCutter(usual), chunks), JSON.stringify(stream)).toEqual(
      cut(new LineCutter(usual.maxBytes), chunks),
    );
  }
});
