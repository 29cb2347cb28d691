import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import type { EventBatch, Headers } from '../../../millrace/src/records/event-batch.ts';
import { sealBatch } from '../../../millrace/src/records/seal.ts';

/** A batch of events with the given bodies, all at `timestampMs`. */
export function eventBatch(
  bodies: readonly string[],
  timestampMs = 1000,
  sharedHeaders?: Headers,
): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body, undefined, undefined, timestampMs);
  return builder.build(sharedHeaders);
}

/** A whole Kafka record batch, as it stands in a log or on the wire. */
export function batchBytes(bodies: readonly string[], timestampMs = 1000): Buffer {
  const { header, records } = sealBatch(eventBatch(bodies, timestampMs), {});
  return Buffer.concat([header, records]);
}
