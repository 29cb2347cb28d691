import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  batchLengthOverhead,
  writeBatchHeader,
} from './batch-header.ts';
import { batchChecksum, sealChecksum } from './checksum.ts';
import { type CompressionType, compress, compressionTypes, compressSync } from './compression.ts';
import type { EventBatch } from './event-batch.ts';
import { renumber } from './transform.ts';
import { VarintReader } from './varint.ts';

export interface SealOptions {
  /** Default 0; a broker patches it on append. */
  baseOffset?: number;
  /** Default -1. */
  leaderEpoch?: number;
  /** Default -1: not idempotent. */
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  /** Default `none`. */
  compression?: CompressionType;
  /** Unix ms; replaces the batch's base where its records have no timestamps of their own. */
  timestampMs?: number;
  /** Sets the transactional bit. */
  transactional?: boolean;
}

/** A whole record batch in two pieces, for one `writev`. */
export interface SealedBatch {
  /** 61 bytes with the checksum set, in a buffer of their own. */
  header: Buffer;
  /** The record section, compressed where asked; may be a view into the batch: never write to it. */
  records: Buffer;
  count: number;
  /** Both together. */
  sizeBytes: number;
}

/**
 * Makes the batch ready to leave. A slice's offset deltas are renumbered from 0 (one copy); else nothing is copied.
 * Shared headers are not in the bytes: whoever wants them sent inlines them first (`inlineHeaders`).
 * Throws `RangeError` for a batch without events, which Kafka does not know.
 */
export function sealBatch(batch: EventBatch, options: SealOptions = {}): SealedBatch {
  const numbered = renumber(batch.withOrigin(undefined));
  return finish(numbered, compressSync(options.compression ?? 'none', numbered.recordBytes), options);
}

/** Like `sealBatch`, with the compression done in the thread pool. */
export async function sealBatchAsync(batch: EventBatch, options: SealOptions = {}): Promise<SealedBatch> {
  const numbered = renumber(batch.withOrigin(undefined));
  return finish(numbered, await compress(options.compression ?? 'none', numbered.recordBytes), options);
}

/** A batch without records that stands for the offsets from `baseOffset` to `lastOffset`, as Kafka's cleaner leaves one. */
export function emptyBatch(
  baseOffset: number,
  lastOffset: number,
  leaderEpoch: number,
  timestampMs: number,
): Buffer {
  const bytes = Buffer.alloc(batchHeaderBytes);
  writeBatchHeader(bytes, 0, {
    baseOffset,
    batchLength: batchHeaderBytes - batchLengthOverhead,
    partitionLeaderEpoch: leaderEpoch,
    magic: 2,
    crc: 0,
    attributes: 0,
    lastOffsetDelta: lastOffset - baseOffset,
    baseTimestamp: timestampMs,
    maxTimestamp: timestampMs,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount: 0,
  });
  bytes.writeUInt32BE(batchChecksum(bytes, 0, bytes.subarray(batchHeaderBytes)), 17);
  return bytes;
}

function finish(batch: EventBatch, records: Buffer, options: SealOptions): SealedBatch {
  const { count } = batch;
  if (count === 0) throw new RangeError('A batch has at least one event');
  const baseTimestamp = batch.hasTimestamps
    ? batch.baseTimestamp
    : (options.timestampMs ?? batch.baseTimestamp);
  const compression = compressionTypes.indexOf(options.compression ?? 'none');
  const values: BatchHeader = {
    baseOffset: options.baseOffset ?? 0,
    batchLength: batchHeaderBytes - batchLengthOverhead + records.length,
    partitionLeaderEpoch: options.leaderEpoch ?? -1,
    magic: 2,
    crc: 0,
    attributes: compression | (options.transactional === true ? batchAttributes.transactional : 0),
    lastOffsetDelta: count - 1,
    baseTimestamp,
    maxTimestamp: baseTimestamp + (batch.hasTimestamps ? maxTimestampDelta(batch) : 0),
    producerId: options.producerId ?? -1,
    producerEpoch: options.producerEpoch ?? -1,
    baseSequence: options.baseSequence ?? -1,
    recordCount: count,
  };
  const header = Buffer.allocUnsafeSlow(batchHeaderBytes);
  writeBatchHeader(header, 0, values);
  const { index } = batch;
  const checksum =
    compression === 0
      ? sealChecksum(header, batch.records, index[0]!, index[count]!)
      : batchChecksum(header, 0, records);
  header.writeUInt32BE(checksum, 17);
  return { header, records, count, sizeBytes: batchHeaderBytes + records.length };
}

function maxTimestampDelta(batch: EventBatch): number {
  const reader = new VarintReader(batch.records, 0);
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < batch.count; i++) {
    reader.at = batch.index[i]!;
    reader.int(); // length
    reader.skip(1); // attributes
    max = Math.max(max, reader.long());
  }
  return max;
}
