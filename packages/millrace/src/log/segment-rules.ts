import type { LogSettings } from './log-options.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

const maxInt32 = 0x7fffffff;

/** What is about to be appended. */
export interface Incoming {
  readonly sizeBytes: number;
  readonly lastOffset: number;
  /** How much newer its newest record is than the segment's first batch, in ms. */
  readonly ageMs: number;
}

/** Kafka's rules for a new segment (`LogSegment.shouldRoll`): size, age, full index, relative offsets. */
export function mustRoll(active: Segment, incoming: Incoming, settings: Required<LogSettings>): boolean {
  if (active.sizeBytes === 0) return false;
  if (active.sizeBytes + incoming.sizeBytes > Math.min(settings.segmentBytes, maxInt32)) return true;
  if (incoming.lastOffset - active.baseOffset > maxInt32) return true;
  return incoming.ageMs > settings.segmentMs || active.indexes.isFull(settings.segmentIndexBytes);
}

/**
 * How many of the oldest segments are beyond retention time or size (Kafka's `deleteOldSegments`): also the active one
 * when it holds something, but none that holds an offset at or above `limitOffset`. A segment without timestamps stays
 * as long as the size allows; one with a timestamp in the future as long as that is to come.
 */
export function countExpired(
  segments: SegmentList,
  settings: Required<LogSettings>,
  nowMs: number,
  limitOffset: number,
  endOffset: number,
): number {
  const { retentionMs, retentionBytes } = settings;
  let excess = retentionBytes < 0 ? -1 : segments.sizeBytes - retentionBytes;
  let count = 0;
  for (; count < segments.length; count++) {
    const segment = segments.at(count)!;
    const next = segments.at(count + 1);
    // The end of the active one is at or below the limit only when that is the end of the log.
    if (
      next === undefined ? segment.sizeBytes === 0 || limitOffset < endOffset : next.baseOffset > limitOffset
    )
      break;
    const isTooBig = excess - segment.sizeBytes >= 0;
    if (!isTooBig) {
      if (retentionMs < 0) break;
      segments.touch(segment);
      const newest = segment.indexes.maxTimestamp;
      if (newest < 0 || nowMs - newest <= retentionMs) break;
    }
    excess -= segment.sizeBytes;
  }
  return count;
}
