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

/**
 * The first record with the greatest timestamp of all at or after `startOffset`; null when no record has one. The time
 * indexes say in which batch it is (Kafka: `UnifiedLog.fetchOffsetByTimestamp`, KIP-734).
 */
export function findMaxTimestamp(segments: Iterable<Segment>, startOffset: number): TimestampedOffset | null {
  let newest: Segment | null = null;
  for (const segment of segments) {
    const { maxTimestamp } = segment.indexes;
    if (maxTimestamp >= 0 && maxTimestamp > (newest?.indexes.maxTimestamp ?? -1)) newest = segment;
  }
  if (newest === null) return null;
  const { maxTimestamp, maxTimestampOffset } = newest.indexes;
  const position = newest.locate(maxTimestampOffset);
  const { bytes } = newest.read(position, 0, true, Infinity, Infinity);
  if (bytes.length === 0) return null;
  const exact = findInBatch(bytes, maxTimestamp, startOffset);
  // A batch of before its header was checked may say more than its records.
  return exact ?? { offset: Math.max(maxTimestampOffset, startOffset), timestamp: maxTimestamp };
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
