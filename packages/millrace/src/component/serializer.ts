import type { EventBatch } from '../records/event-batch.ts';

/** Turns batches into the bytes of a file (Flume's EventSerializer). One instance per file. */
export interface EventSerializer {
  /** Bytes at the start of a new file; may be empty. */
  begin(): Buffer;
  /** The bytes of a batch. */
  encode(batch: EventBatch): Buffer;
  /** Bytes at the end of a file; may be empty. */
  end(): Buffer;
}
