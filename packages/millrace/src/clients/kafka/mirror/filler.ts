import { BatchBuilder } from '../../../records/batch-builder.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { type SealedBatch, sealBatch } from '../../../records/seal.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { sequenceOf } from './outgoing-batch.ts';

/** The key of records that only take up offsets until they are deleted; compacted topics want a key. */
export const fillerKey = 'millrace-mirror-filler';
/** As many as make a batch that any topic takes, compressed. */
const mostRecords = 20_000;

const made = new Map<number, EventBatch>();

/** Records without values for the offsets from `from` to `to`, or for the first of them. */
export function fillerBatch(from: number, to: number, by: ProducerIdentity): SealedBatch {
  const count = Math.min(to - from, mostRecords);
  let batch = made.get(count);
  if (batch === undefined) {
    const builder = new BatchBuilder();
    for (let i = 0; i < count; i++) builder.add(null, [], fillerKey);
    batch = builder.build();
    made.clear();
    made.set(count, batch);
  }
  return sealBatch(batch, {
    producerId: by.producerId,
    producerEpoch: by.epoch,
    baseSequence: sequenceOf(from),
    compression: 'gzip',
  });
}

export const isFiller = (key: Buffer | null): boolean => key !== null && key.toString('latin1') === fillerKey;
