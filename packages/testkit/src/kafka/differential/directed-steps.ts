/** Steps of directed cases. */
import { BatchBuilder } from '../../../../millrace/src/records/batch-builder.ts';
import { type SealOptions, sealBatch } from '../../../../millrace/src/records/seal.ts';
import { recordTime } from './draw-pools.ts';
import type { Peer } from './peer.ts';

export type Cases = Readonly<Record<string, (peer: Peer) => Promise<void>>>;

export interface RecordGiven {
  readonly key?: string | null;
  readonly timestamp?: number;
}

/** A batch of records that differ in key and time. */
export function batchOf(records: readonly RecordGiven[], options: SealOptions = {}): Buffer {
  const builder = new BatchBuilder();
  records.forEach(({ key = 'key', timestamp = recordTime }, i) => {
    builder.add(`record ${i}`, [], key, timestamp);
  });
  const { header, records: bytes } = sealBatch(builder.build(), options);
  return Buffer.concat([header, bytes]);
}

export function produce(peer: Peer, topic: string, records: Buffer | null, { version = 9, acks = -1 } = {}) {
  const partitionData = [{ index: 0, records }];
  const named = version >= 13 ? { topicId: `id of ${topic}` } : { name: topic };
  const request = { acks, timeoutMs: 10_000, topicData: [{ ...named, partitionData }] };
  return peer.ask('produce', version, request);
}

export function offsets(
  peer: Peer,
  topic: string,
  timestamps: readonly number[],
  version = 7,
  partitionIndex = 0,
) {
  const partitions = timestamps.map((timestamp) => ({ partitionIndex, timestamp }));
  return peer.ask('listOffsets', version, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions }],
  });
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

export function config(name: string, value: string | null, configOperation = 0) {
  return { name, value, configOperation };
}
