import type { EventBatch } from '../../../records/event-batch.ts';

/** One batch as fetched; its bytes are those the broker sent (decompressed where they were compressed). */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the record whose offset delta is 0. */
  readonly baseOffset: number;
  /** What to commit when all of the batch is done with. */
  readonly nextOffset: number;
  readonly batch: EventBatch;
  /** The timestamps are the broker's (`message.timestamp.type=LogAppendTime`). */
  readonly logAppendTime?: boolean;
}
