import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCutter } from './frame.ts';

function frameOf(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeInt32BE(bytes.length, 0);
  frame.set(bytes, 4);
  return frame;
}

test('frames come out whole, wherever the stream is cut', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), (sent, cuts) => {
      const cutter = new FrameCutter();
      const stream = Buffer.concat(sent.map(frameOf));
      const got: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const to = Math.min(stream.length, at + cuts[i % cuts.length]!);
        cutter.push(Buffer.from(stream.subarray(at, to)));
        for (let frame = cutter.next(); frame !== null; frame = cutter.next()) got.push(Buffer.from(frame));
        at = to;
      }
      expect(got).toEqual(sent.map((bytes) => Buffer.from(bytes)));
      expect(cutter.unfinishedBytes).toBe(0);
    }),
  );
});

test('what has come of a frame is counted, and room is made for that alone', () => {
  const cutter = new FrameCutter();
  cutter.push(Buffer.from([0, 0xf0, 0]));
  expect(cutter.next()).toBeNull();
  expect(cutter.unfinishedBytes).toBe(3);
  cutter.push(Buffer.from([0, 1, 2]));
  expect(cutter.next()).toBeNull();
  expect(cutter.unfinishedBytes).toBe(6);
});

test.each([
  [[0, 0, 0, 0], /a frame of 0 bytes/],
  [[0xff, 0xff, 0xff, 0xff], /a frame of -1 bytes/],
  [[0x7f, 0xff, 0xff, 0xff], /a frame of 2147483647 bytes; at most 16384000/],
  [[0x00, 0xfa, 0x00, 0x01], /a frame of 16384001 bytes/],
])('a length that is none: %j', (bytes, message) => {
  const cutter = new FrameCutter();
  cutter.push(Buffer.from(bytes));
  expect(() => cutter.next()).toThrow(message);
});
