import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotAvro } from '../avro/not-avro.ts';
import { encodeFrame, FrameCutter } from './frame.ts';

const limit = 4096;

/** A frame in pieces, as Java writes it. */
function inPieces(serial: number, pieces: readonly Uint8Array[]): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  return Buffer.concat([
    number(serial),
    number(pieces.length),
    ...pieces.flatMap((piece) => [number(piece.length), piece]),
  ]);
}

function cut(cutter: FrameCutter, chunks: readonly Buffer[]): [serial: number, text: string][] {
  const frames: [number, string][] = [];
  for (const chunk of chunks) {
    cutter.push(chunk);
    for (let frame = cutter.next(); frame !== null; frame = cutter.next())
      frames.push([frame.serial, frame.bytes.toString('latin1')]);
  }
  return frames;
}

const fullOf = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    // A copy each: what the cutter keeps must not lean on a chunk that is gone.
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  chunks.push(Buffer.from(bytes.subarray(at)));
  return chunks;
};

describe('frames', () => {
  it('are the same however they are cut on their way and in pieces', () => {
    const piece = fc.uint8Array({ maxLength: 40 });
    const frame = fc.tuple(fc.integer(), fc.array(piece, { maxLength: 5 }));
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), sizes, (frames, cuts) => {
        const cutter = new FrameCutter(limit);
        const bytes = Buffer.concat(frames.map(([serial, pieces]) => inPieces(serial, pieces)));
        expect(cut(cutter, fullOf(bytes, cuts))).toEqual(
          frames.map(([serial, pieces]) => [serial, Buffer.concat(pieces).toString('latin1')]),
        );
        expect(cutter.unfinishedBytes).toBe(0);
      }),
    );
  });

  it('of one piece are what is written here', () => {
    const bytes = encodeFrame(-7, Buffer.from('ab'), Buffer.from('c'));
    expect(bytes).toEqual(inPieces(-7, [Buffer.from('abc')]));
  });

  it('tell at every byte how much of one has come', () => {
    const bytes = inPieces(1, [Buffer.from('abc'), Buffer.from('de')]);
    const cutter = new FrameCutter(limit);
    for (let i = 0; i < bytes.length - 1; i++) {
      expect(cut(cutter, [bytes.subarray(i, i + 1)])).toEqual([]);
      expect(cutter.unfinishedBytes).toBe(i + 1);
    }
    expect(cut(cutter, [bytes.subarray(-1)])).toEqual([[1, 'abcde']]);
  });

  it.each<[what: string, numbers: number[]]>([
    ['a list that never ends', [1, 0x7fffffff]],
    ['a list of negative length', [1, -1]],
    ['more pieces than the limit has room for', [1, limit / 4]],
    ['a piece of two gigabytes', [1, 1, 0x7fffffff]],
    ['a piece of negative length', [1, 1, -5]],
    ['pieces that are too long together', [1, 2, 4, 0x61626364, limit]],
    ['the greeting of TLS', [0x16030102, 0x00010001, 0xfc030300 | 0]],
    ['HTTP', [0x47455420, 0x2f204854]],
  ])('are refused before anything is made for them: %s', (_, numbers) => {
    const bytes = Buffer.alloc(4 * numbers.length);
    for (const [i, number] of numbers.entries()) bytes.writeInt32BE(number, 4 * i);
    expect(() => cut(new FrameCutter(limit), [bytes])).toThrow(NotAvro);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(() => cut(new FrameCutter(limit), single)).toThrow(NotAvro);
  });

  it('may be as long as the limit, and not a byte longer', () => {
    expect(cut(new FrameCutter(limit), [inPieces(1, [Buffer.alloc(limit - 12)])])).toHaveLength(1);
    expect(() => cut(new FrameCutter(limit), [inPieces(1, [Buffer.alloc(limit - 11)])])).toThrow(
      'it announces 4097 bytes; at most 4096 are taken',
    );
  });
});
