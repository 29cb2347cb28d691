import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchHeaderBytes } from './batch-header.ts';
import { batchChecksum, contiguousBatchChecksum, joinedChecksum, sealChecksum } from './checksum.ts';
import { encodeLines } from './encode-lines.ts';
import { sealBatch } from './seal.ts';

test('the checksums of two texts give that of both, one behind the other', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(70_000),
      (a, b, more) => {
        const second = Buffer.concat([b, Buffer.alloc(more, 0x5a)]);
        expect(joinedChecksum(crc32c(a), crc32c(second), second.length)).toBe(
          crc32c(Buffer.concat([a, second])),
        );
      },
    ),
  );
});

test('records that were summed under one header have the right checksum under another, and in other bounds', () => {
  const bytes = Buffer.alloc(20_000, 'records');
  const header = (fill: number): Buffer => Buffer.alloc(batchHeaderBytes, fill);
  for (const [fill, from, to] of [
    [1, 0, 20_000],
    [2, 0, 20_000],
    [2, 0, 19_999],
    [2, 1, 20_000],
    [3, 0, 20_000],
    [3, 5, 100],
    [3, 7, 7],
  ] as const) {
    expect(sealChecksum(header(fill), bytes, from, to)).toBe(
      batchChecksum(header(fill), 0, bytes.subarray(from, to)),
    );
  }
});

test('a batch sealed again, under another identity and as a slice of it, is right each time', () => {
  const lines = Buffer.from(`${'l'.repeat(90)}\n`.repeat(200));
  const { batch } = encodeLines(lines, 0, lines.length, { maxEvents: 200, timestampMs: 5 });
  for (const part of [batch!, batch!.slice(0, 150), batch!.slice(0, 100), batch!]) {
    for (const producerId of [-1, 7, 9]) {
      const { header, records } = sealBatch(part, { producerId, producerEpoch: 1, baseSequence: 3 });
      const whole = Buffer.concat([header, records]);
      expect(whole.readUInt32BE(17)).toBe(contiguousBatchChecksum(whole, 0, whole.length));
    }
  }
});
