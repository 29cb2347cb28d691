import { expect, it } from 'vitest';
import { randomFrom } from '../../../testkit/src/files/faulty-files.ts';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import { MemoryFiles } from './memory-files.ts';
import { Segment } from './segment.ts';
import type { SegmentMark } from './segment-indexes.ts';

const dir = '/logs/t-0';
const intervalBytes = 300;

it.each([1, 2, 3, 4, 5])(
  'indexes cut at a mark are those that the log would give, and go on as those: drawn segment %i',
  (seed) => {
    const random = randomFrom(seed);
    const files = new MemoryFiles();
    files.makeDir(dir);
    const baseOffset = Math.floor(random() * 1000);
    const segment = Segment.create(files, dir, baseOffset, intervalBytes);
    const marks: SegmentMark[] = [segment.end];
    const timestamps: number[] = [];
    for (let i = 0; i < 40; i++) {
      const timestamp = random() < 0.1 ? -1 : 1000 + Math.floor(random() * 30) + i;
      timestamps.push(timestamp);
      const bytes = batchBytes(['x'.repeat(Math.floor(random() ** 2 * 400))], timestamp);
      bytes.writeBigInt64BE(BigInt(baseOffset + i), 0);
      const position = segment.sizeBytes;
      segment.write([bytes], bytes.length);
      segment.note(baseOffset + i, position, bytes.length, timestamp);
      // What a roll and a stop add to the time index must not confuse it.
      if (random() < 0.1) segment.saveIndexes();
      marks.push(segment.end);
    }
    for (const [count, mark] of marks.entries()) {
      expect(mark.endOffset).toBe(baseOffset + count);
      const cut = segment.indexes.upTo(mark);
      const built = segment.indexesUpTo(mark.bytes);
      expect(cut.offsets.encode()).toEqual(built.offsets.encode());
      expect(cut.maxTimestamp).toBe(built.maxTimestamp);
      if (cut.maxTimestamp >= 0) expect(cut.maxTimestampOffset).toBe(built.maxTimestampOffset);
      for (let wanted = 990; wanted <= cut.maxTimestamp; wanted++) {
        const first = timestamps.findIndex((timestamp) => timestamp >= wanted);
        expect(cut.times.lookup(wanted)).toBeLessThanOrEqual(first);
      }
      for (let i = 0; i < 20; i++) {
        for (const each of [cut, built])
          each.note(mark.endOffset + i, mark.bytes + i * 90, 90, 2000 + i, intervalBytes);
      }
      expect(cut.offsets.encode()).toEqual(built.offsets.encode());
      expect(cut.times.lookup(2010)).toBeGreaterThan(count - 1);
    }
  },
);
