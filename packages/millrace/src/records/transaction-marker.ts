import { BatchBuilder } from './batch-builder.ts';
import { batchAttributes, batchSizeBytes, readBatchHeader } from './batch-header.ts';
import { batchChecksum } from './checksum.ts';
import { openBatch } from './open-batch.ts';
import { readRecord } from './record.ts';
import { type SealedBatch, sealBatch } from './seal.ts';

/**
 * The end of a transaction in one partition: a control batch of one record (KIP-98). Its key is version int16 = 0 and
 * type int16 (0 abort, 1 commit), its value version int16 = 0 and the epoch of the coordinator, int32.
 */
export interface TransactionMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly committed: boolean;
}

/** The marker as a batch; `timestampMs` is Unix ms. */
export function sealMarker(marker: TransactionMarker, timestampMs: number): SealedBatch {
  const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
  const key = Buffer.alloc(4);
  key.writeInt16BE(committed ? 1 : 0, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(coordinatorEpoch, 2);
  const builder = new BatchBuilder();
  builder.add(value, [], key, timestampMs);
  const sealed = sealBatch(builder.build(), { producerId, producerEpoch, transactional: true });
  const { header, records } = sealed;
  header.writeInt16BE(header.readInt16BE(21) | batchAttributes.control, 21);
  header.writeUInt32BE(batchChecksum(header, 0, records), 17);
  return sealed;
}

/** What the control batch at `at` says; null where it says nothing (cleaned, or another kind). Throws as `openBatch`. */
export function readMarker(bytes: Buffer, at: number): TransactionMarker | null {
  const header = readBatchHeader(bytes, at);
  if (header.recordCount === 0) return null;
  const { records, index } = openBatch(bytes.subarray(at, at + batchSizeBytes(header)), 0);
  const { key, value } = readRecord(records, index[0]!);
  if (key === null || key.length < 4) return null;
  const type = key.readInt16BE(2);
  if (type !== 0 && type !== 1) return null;
  const { producerId, producerEpoch } = header;
  const coordinatorEpoch = value !== null && value.length >= 6 ? value.readInt32BE(2) : -1;
  return { producerId, producerEpoch, coordinatorEpoch, committed: type === 1 };
}
