import type { MillraceError } from '../../../runtime/errors.ts';
import type { RawBatch } from '../consumer/fetched-records.ts';
import type { TopicPartition } from '../options.ts';

/** One partition on its way. */
export interface PartitionCopy {
  readonly partition: TopicPartition;
  /** Offsets are the source's, or others from some place on. */
  readonly mode: 'identical' | 'translated';
  /** Up to where the target has the source. */
  readonly position: number;
  /** Why it goes no further; null: it does. */
  readonly failure: MillraceError | null;
  /** Nothing waits, nothing is under way. */
  readonly isIdle: boolean;
  /** What is sent and not answered. */
  readonly underWay: number;
  readonly records: number;
  readonly bytes: number;
  readonly fillers: number;
  /** Sends what has to go before the first batch. */
  start(): void;
  /** Takes the next batch of the source, if there is room for it. */
  offer(raw: RawBatch): boolean;
  /** Where whoever has read the source up to there goes on in the target; null: that is not known. */
  translate(offset: number): number | null;
  /** It goes no further, for this reason. */
  abandon(error: MillraceError): void;
}
