import type { EventBatch } from '../records/event-batch.ts';

/** Why an event can't be written into the file; it goes where refused events go. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
}

/** Memory of at least so many bytes, or null. */
export type RoomFor = (sizeBytes: number) => Buffer | null;

/**
 * Turns batches into the bytes of a file (Flume's EventSerializer). One instance per file; calls come one after the other,
 * each when the bytes of the one before are there. Where a promise rejects with anything but `NotWritable`, the serializer is
 * of no more use: the file is cut back to what is acknowledged of it, and its events come again in another.
 */
export interface EventSerializer {
  /** Bytes at the start of a new file; may be empty. */
  begin(): Buffer;
  /**
   * The bytes of a batch, or of what was kept back before it; what has no bytes yet, `flush` and `end` give. Throws, or
   * rejects with `NotWritable`, when one of the events can't be written; it has taken none of the batch then, and is asked
   * for them one by one.
   */
  encode(batch: EventBatch): Buffer | Promise<Buffer>;
  /**
   * As `encode`, into memory that is there: asks once for as many bytes as the batch can come to, and gives how many it
   * came to; null where there is no such room, or the batch is better left to `encode`. Absent: `encode` it is. Where it
   * throws, nothing of the batch is taken.
   */
  encodeInto?(batch: EventBatch, room: RoomFor): number | null;
  /** What was kept back: with it all events so far can be read of the file. Absent: nothing ever is. */
  flush?(): Buffer | Promise<Buffer>;
  /** Bytes at the end of a file, behind what was kept back; may be empty. */
  end(): Buffer | Promise<Buffer>;
}
