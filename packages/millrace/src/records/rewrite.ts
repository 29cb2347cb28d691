import { EventBatch } from './event-batch.ts';
import { RecordWriter } from './record-writer.ts';

/** Bytes to spare per record when one is rewritten: its offset delta and length may grow. */
const growthBytes = 8;

/** A writer with room for the records of all these batches. */
export function writerFor(batches: readonly EventBatch[]): RecordWriter {
  let sizeBytes = 0;
  let records = 0;
  for (const batch of batches) {
    sizeBytes += batch.sizeBytes;
    records += batch.count;
  }
  return new RecordWriter(sizeBytes + records * growthBytes, records);
}

/**
 * What was written of a batch, in its place: offset deltas, keys and timestamps are still those of `batch`, and so is
 * what is known of where it came from. Null where nothing was written.
 */
export function rewrittenLike(
  batch: EventBatch,
  writer: RecordWriter,
  hasRecordHeaders: boolean,
): EventBatch | null {
  if (writer.count === 0) return null;
  const { baseTimestamp, sharedHeaders, hasKeys, hasTimestamps, origin, provenance } = batch;
  const { records, index } = writer.finish(baseTimestamp, sharedHeaders);
  return new EventBatch({
    ...{ records, index, baseTimestamp, sharedHeaders, hasRecordHeaders, hasKeys, hasTimestamps },
    ...(origin !== undefined && { origin }),
    ...(provenance !== undefined && { provenance }),
  });
}
