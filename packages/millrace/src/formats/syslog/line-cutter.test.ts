import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineCutter } from './line-cutter.ts';

interface Line {
  readonly text: string;
  readonly isCut: boolean;
}

function cut(chunks: readonly string[], maxBytes: number): { lines: Line[]; unfinished: number } {
  const cutter = new LineCutter(maxBytes);
  const lines: Line[] = [];
  for (const chunk of chunks) {
    cutter.push(Buffer.from(chunk, 'latin1'));
    while (cutter.next()) {
      const { bytes, from, to, isCut } = cutter;
      lines.push({ text: bytes.toString('latin1', from, to), isCut });
    }
  }
  return { lines, unfinished: cutter.unfinishedBytes };
}

/** The rule byte by byte, as Flume's reader goes. */
function byBytes(text: string, maxBytes: number): { lines: Line[]; unfinished: number } {
  const lines: Line[] = [];
  let line = '';
  for (const byte of text) {
    if (byte === '\n') {
      if (line !== '') lines.push({ text: line, isCut: false });
      line = '';
      continue;
    }
    line += byte;
    if (line.length < maxBytes) continue;
    lines.push({ text: line, isCut: true });
    line = '';
  }
  return { lines, unfinished: line.length };
}

describe('lines of a stream', () => {
  it('are the same however it is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), fc.integer({ min: 2, max: 12 }), (whole, cuts, maxBytes) => {
        const places = [0, ...cuts.map((at) => at % (whole.length + 1)).sort((a, b) => a - b), whole.length];
        const chunks = places.slice(1).map((to, i) => whole.slice(places[i], to));
        expect(cut(chunks, maxBytes)).toEqual(byBytes(whole, maxBytes));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('cost no more than their bytes, also where each is cut and the only newline is far', () => {
    const cutter = new LineCutter(10);
    cutter.push(Buffer.alloc(2_000_000, 'x'));
    let lines = 0;
    while (cutter.next()) lines++;
    expect(lines).toBe(200_000);
  });
});
