import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodiesOf } from '../../component/testing/test-api.ts';
import { LineSplitter } from './lines.ts';

/** The lines before the fault, if any, and the fault. */
function split(chunks: readonly Buffer[], maxChars = 10): { lines: string[]; fault: string | null } {
  const splitter = new LineSplitter(null, maxChars);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const { batch, fault } = splitter.push(chunk);
    lines.push(...bodiesOf(batch));
    if (fault !== null) return { lines, fault };
  }
  return { lines, fault: null };
}

describe('lines of a netcat connection', () => {
  it('count characters, not bytes, and their newline with them', () => {
    expect(split([Buffer.from('ééééééééé\n')])).toEqual({ lines: ['ééééééééé'], fault: null });
    expect(split([Buffer.from('éééééééééé\n')])).toEqual({ lines: [], fault: 'too-long' });
    // A character outside the basic plane counts twice, as in Java.
    expect(split([Buffer.from('😀😀😀😀x\n')])).toEqual({ lines: ['😀😀😀😀x'], fault: null });
    expect(split([Buffer.from('😀😀😀😀😀\n')])).toEqual({ lines: [], fault: 'too-long' });
  });

  it('come before the fault of the line after them', () => {
    expect(split([Buffer.from('a\nb\n\xff\nc\n', 'latin1')])).toEqual({
      lines: ['a', 'b'],
      fault: 'undecodable',
    });
  });

  it('are the same however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\r', '\n', '\n'), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(100)), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
        const all = whole.split('\n');
        const tooLong = all.findIndex((line) => line.length >= 10);
        const expected = tooLong < 0 ? all.slice(0, -1) : all.slice(0, tooLong);
        expect(split(chunks)).toEqual({ lines: expected, fault: tooLong < 0 ? null : 'too-long' });
      }),
    );
  });
});
