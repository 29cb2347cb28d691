import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  readBatchHeader,
  writeBatchHeader,
} from '../../../records/batch-header.ts';
import { batchChecksum } from '../../../records/checksum.ts';
import { compressionTypes } from '../../../records/compression.ts';
import { verifyChecksum } from '../../../records/open-batch.ts';
import { type SealedBatch, sealBatch } from '../../../records/seal.ts';
import { openFrom, type RawBatch } from '../consumer/fetched-records.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';

/**
 * The sequence that a producer gives to the record at an offset (KIP-98 counts modulo 2^31). Whoever sends that record
 * again, also another process, gives it the same, and so the broker knows it.
 */
export const sequenceOf = (offset: number): number => offset % 0x8000_0000;

/** The codec of the batch; `none` where nobody knows it. */
export function codecOf(attributes: number): (typeof compressionTypes)[number] {
  return compressionTypes[attributes & batchAttributes.compressionMask] ?? 'none';
}

/**
 * The batch from `offset` on as a producer sends it, its records untouched where all of them go: header and checksum
 * are made anew. Null: offsets are missing in it, and a broker would close the gap. Throws `BATCH_CORRUPT` where it
 * is damaged, so that damage does not get a right checksum.
 */
export function outgoingBatch(raw: RawBatch, offset: number, by: ProducerIdentity): SealedBatch | null {
  const { bytes, at } = raw;
  const header = readBatchHeader(bytes, at);
  const producer = {
    producerId: by.producerId,
    producerEpoch: by.epoch,
    baseSequence: sequenceOf(offset),
  };
  const isWhole = header.recordCount === header.lastOffsetDelta + 1;
  if (!isWhole || header.baseOffset !== offset || raw.logAppendTime) {
    const batch = openFrom(raw, offset, true);
    if (batch === null || batch.count !== raw.nextOffset - offset) return null;
    return sealBatch(batch, { ...producer, compression: codecOf(header.attributes) });
  }
  verifyChecksum(bytes, at, header);
  const records = bytes.subarray(at + batchHeaderBytes, at + raw.sizeBytes);
  return {
    header: headerOf(header, producer, records),
    records,
    count: header.recordCount,
    sizeBytes: raw.sizeBytes,
  };
}

function headerOf(
  header: BatchHeader,
  producer: Pick<BatchHeader, 'producerId' | 'producerEpoch' | 'baseSequence'>,
  records: Buffer,
): Buffer {
  const bytes = Buffer.allocUnsafeSlow(batchHeaderBytes);
  writeBatchHeader(bytes, 0, {
    ...header,
    ...producer,
    baseOffset: 0,
    partitionLeaderEpoch: -1,
    attributes: header.attributes & batchAttributes.compressionMask,
  });
  bytes.writeUInt32BE(batchChecksum(bytes, 0, records), 17);
  return bytes;
}
