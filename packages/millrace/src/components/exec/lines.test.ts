import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodiesOf } from '../../component/testing/test-api.ts';
import { LineReader } from './lines.ts';

/** All lines of the chunks, as batches of bodies. */
function read(chunks: readonly Buffer[], maxEvents = 1000, maxLineBytes?: number): string[][] {
  const reader = new LineReader(maxEvents, maxLineBytes === undefined ? {} : { maxLineBytes });
  const batches: string[][] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let batch = reader.next(); batch !== null; batch = reader.next()) batches.push(bodiesOf(batch));
  }
  const last = reader.end();
  if (last !== null) batches.push(bodiesOf(last));
  return batches;
}

const lines = (text: string) => read([Buffer.from(text)]).flat();

describe('the lines of a command', () => {
  it('C5: end at \\n, \\r and \\r\\n; a last line needs no end', () => {
    expect(lines('a\rb\r\nc\n\nlast')).toEqual(['a', 'b', 'c', '', 'last']);
    expect(lines('a\r\r\n\n\r')).toEqual(['a', '', '', '']);
    expect(lines('')).toEqual([]);
  });

  it('are the same however the stream is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '\n'), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
        const expected = whole.split(/\r\n|\r|\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(read(chunks).flat()).toEqual(expected);
      }),
    );
  });

  it('come in batches of at most batchSize', () => {
    expect(read([Buffer.from('1\n2\n3\n4\n5\n')], 2)).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  it('are cut where they are so long that they would fill the memory', () => {
    const chunks = ['xxxx', 'xxxx', 'xxxx\n', 'y\n'].map((text) => Buffer.from(text));
    expect(read(chunks, 10, 8).flat()).toEqual(['xxxxxxxx', 'xxxx', 'y']);
  });
});
