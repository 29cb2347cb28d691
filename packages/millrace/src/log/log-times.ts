import { readBatchHeader } from '../records/batch-header.ts';
import { openBatch } from '../records/open-batch.ts';
import { readRecord } from '../records/record.ts';
import type { Segment } from './segment.ts';

export interface TimestampedOffset {
  readonly offset: number;
  /** Unix ms. */
  readonly timestamp: number;
}

/**
 * The first record at or after `startOffset` whose timestamp is `timestampMs` or later; null when there is none.
 * The segments' time indexes say where to begin; the rest is reading (Kafka: `LogSegment.findOffsetByTimestamp`).
 */
export function findTimestamp(
  segments: Iterable<Segment>,
  timestampMs: number,
  startOffset: number,
): TimestampedOffset | null {
  for (const segment of segments) {
    const { indexes } = segment;
    if (indexes.maxTimestamp < timestampMs) continue;
    const from = Math.max(startOffset, segment.baseOffset + indexes.times.lookup(timestampMs));
    for (let position = segment.locate(from); position < segment.sizeBytes; ) {
      const { bytes } = segment.read(position, 0, true, Infinity, Infinity);
      if (bytes.length === 0) break;
      if (readBatchHeader(bytes, 0).maxTimestamp >= timestampMs) {
        const found = findInBatch(bytes, timestampMs, startOffset);
        if (found !== null) return found;
      }
      position += bytes.length;
    }
  }
  return null;
}

/** The last record of the batch with the greatest timestamp of all; null when no record has a timestamp. */
export function findMaxTimestamp(segments: Iterable<Segment>): TimestampedOffset | null {
  let best: TimestampedOffset | null = null;
  for (const { indexes } of segments) {
    if (indexes.maxTimestamp < 0 || indexes.maxTimestamp <= (best?.timestamp ?? -1)) continue;
    best = { offset: indexes.maxTimestampOffset, timestamp: indexes.maxTimestamp };
  }
  return best;
}

function findInBatch(bytes: Buffer, timestampMs: number, startOffset: number): TimestampedOffset | null {
  const { baseOffset } = readBatchHeader(bytes, 0);
  const batch = openBatch(bytes, 0, {});
  for (let i = 0; i < batch.count; i++) {
    const record = readRecord(batch.records, batch.index[i]!);
    const timestamp = batch.baseTimestamp + record.timestampDelta;
    if (timestamp < timestampMs) continue;
    const offset = baseOffset + record.offsetDelta;
    if (offset >= startOffset) return { offset, timestamp };
  }
  return null;
}
