import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  batchSizeBytes,
  isTransactionalBatch,
  readBatchHeader,
} from '../records/batch-header.ts';
import { batchChecksum, contiguousBatchChecksum } from '../records/checksum.ts';
import { compressionTypes } from '../records/compression.ts';
import { openBatch, validateProducedBatch } from '../records/open-batch.ts';
import { readRecord } from '../records/record.ts';
import { sealBatch } from '../records/seal.ts';
import { errorText } from '../runtime/errors.ts';
import { ErrorCode } from './error-code.ts';
import type { EffectiveConfig } from './topic-configs.ts';

const maxInt64 = 0x7fff_ffff_ffff_ffffn;

/** A produced batch that may be appended: the two pieces that the log takes, and the header as numbers. */
export interface CheckedBatch {
  readonly header: BatchHeader;
  readonly headerBytes: Buffer;
  readonly records: Buffer;
}

export interface AppendFault {
  readonly errorCode: number;
  readonly message: string;
}

/**
 * Checks what a producer sent for one partition, as Kafka's ProduceRequest.validateRecords and LogValidator do: one
 * batch of magic 2, whole, checksum right, records in order, sizes and timestamps within the topic's bounds.
 * Changes nothing in `bytes`.
 */
export function checkProduced(
  bytes: Buffer | null,
  apiVersion: number,
  config: EffectiveConfig,
  now: number,
): CheckedBatch | AppendFault {
  if (bytes === null || bytes.length === 0)
    return fault(ErrorCode.INVALID_RECORD, 'no record batch for the partition');
  if (bytes.length < batchHeaderBytes)
    return fault(ErrorCode.CORRUPT_MESSAGE, `${bytes.length} bytes are no record batch`);
  const magic = bytes[16]!;
  if (magic !== 2) return fault(ErrorCode.INVALID_RECORD, `record batch of magic ${magic}; only 2 is taken`);
  let header: BatchHeader;
  try {
    header = readBatchHeader(bytes, 0);
  } catch (error) {
    return fault(ErrorCode.CORRUPT_MESSAGE, errorText(error));
  }
  const size = batchSizeBytes(header);
  if (size > bytes.length)
    return fault(ErrorCode.CORRUPT_MESSAGE, `batch of ${size} bytes, ${bytes.length} are there`);
  if (size < bytes.length)
    return fault(ErrorCode.INVALID_RECORD, 'more than one record batch for the partition');
  const early = checkHeader(header, size, apiVersion, config);
  if (early !== null) return early;
  let found: BatchHeader;
  try {
    found = validateProducedBatch(bytes, 0);
  } catch (error) {
    // A wrong checksum is damage on the way (the producer tries again); anything else the producer did on purpose.
    const damaged = contiguousBatchChecksum(bytes, 0, size) !== header.crc;
    return fault(damaged ? ErrorCode.CORRUPT_MESSAGE : ErrorCode.INVALID_RECORD, errorText(error));
  }
  if (config.compacted && hasNullKey(bytes, header)) {
    return fault(ErrorCode.INVALID_RECORD, 'Compacted topic cannot accept message without key');
  }
  const headerBytes = bytes.subarray(0, batchHeaderBytes);
  const records = bytes.subarray(batchHeaderBytes);
  const late = config.logAppendTime ? null : checkTimestamps(found, config, now);
  if (late !== null) return late;
  if (found.maxTimestamp === header.maxTimestamp || config.logAppendTime)
    return { header, headerBytes, records };
  // As in Kafka, the records' own timestamps hold: a header that says another maximum is put right, not believed.
  return { header: found, headerBytes: withMaxTimestamp(headerBytes, records, found), records };
}

function withMaxTimestamp(headerBytes: Buffer, records: Buffer, { maxTimestamp }: BatchHeader): Buffer {
  const bytes = Buffer.from(headerBytes);
  const exact = BigInt(maxTimestamp);
  bytes.writeBigInt64BE(exact > maxInt64 ? maxInt64 : exact, 35);
  bytes.writeUInt32BE(batchChecksum(bytes, 0, records), 17);
  return bytes;
}

function checkHeader(
  header: BatchHeader,
  size: number,
  apiVersion: number,
  config: EffectiveConfig,
): AppendFault | null {
  if (size > config.maxMessageBytes) {
    return fault(
      ErrorCode.MESSAGE_TOO_LARGE,
      `batch of ${size} bytes, max.message.bytes is ${config.maxMessageBytes}`,
    );
  }
  if (size > config.log.segmentBytes!) {
    return fault(
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `batch of ${size} bytes, segment.bytes is ${config.log.segmentBytes}`,
    );
  }
  if (header.baseOffset !== 0)
    return fault(ErrorCode.INVALID_RECORD, `base offset ${header.baseOffset}, must be 0`);
  if (compressionTypes[header.attributes & batchAttributes.compressionMask] === 'zstd' && apiVersion < 7) {
    return fault(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs Produce version 7');
  }
  if (isTransactionalBatch(header)) return fault(ErrorCode.INVALID_REQUEST, 'transactions are not served');
  if (header.producerId >= 0 && (header.baseSequence < 0 || header.producerEpoch < 0)) {
    return fault(
      ErrorCode.INVALID_RECORD,
      `sequence ${header.baseSequence} of producer ${header.producerId}`,
    );
  }
  if (config.logAppendTime) return null;
  if ((header.attributes & batchAttributes.logAppendTime) !== 0) {
    return fault(ErrorCode.INVALID_TIMESTAMP, 'a producer cannot send the timestamp type LogAppendTime');
  }
  return null;
}

function checkTimestamps(header: BatchHeader, config: EffectiveConfig, now: number): AppendFault | null {
  if (
    header.maxTimestamp - now > config.timestampAfterMaxMs ||
    now - header.baseTimestamp > config.timestampBeforeMaxMs
  ) {
    const range = `${config.timestampBeforeMaxMs} ms before and ${config.timestampAfterMaxMs} ms after ${now}`;
    return fault(ErrorCode.INVALID_TIMESTAMP, `timestamp ${header.maxTimestamp} is not within ${range}`);
  }
  return null;
}

function hasNullKey(bytes: Buffer, header: BatchHeader): boolean {
  const { records, index } = openBatch(bytes, 0);
  for (let i = 0; i < header.recordCount; i++) if (readRecord(records, index[i]!).key === null) return true;
  return false;
}

/**
 * The batch as the topic wants it stored: compressed as its setting says, stamped with the broker's time where it says
 * so. Mostly that is the batch as it came; nothing is copied then.
 */
export function asStored(batch: CheckedBatch, config: EffectiveConfig, now: number): CheckedBatch {
  const has = compressionTypes[batch.header.attributes & batchAttributes.compressionMask]!;
  let stored = batch;
  if (config.compression !== 'producer' && config.compression !== has)
    stored = recompress(batch, config.compression);
  if (config.logAppendTime) stamp(stored, now);
  return stored;
}

function recompress(
  batch: CheckedBatch,
  compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd',
): CheckedBatch {
  const { producerId, producerEpoch, baseSequence } = batch.header;
  const opened = openBatch(Buffer.concat([batch.headerBytes, batch.records]), 0);
  const sealed = sealBatch(opened, { producerId, producerEpoch, baseSequence, compression });
  return { header: readBatchHeader(sealed.header, 0), headerBytes: sealed.header, records: sealed.records };
}

/** KIP-32: timestamp type and max timestamp are the broker's; the checksum covers both and is made again. */
function stamp(batch: CheckedBatch, now: number): void {
  const { headerBytes, records } = batch;
  headerBytes.writeInt16BE(headerBytes.readInt16BE(21) | batchAttributes.logAppendTime, 21);
  headerBytes.writeBigInt64BE(BigInt(now), 35);
  headerBytes.writeUInt32BE(batchChecksum(headerBytes, 0, records), 17);
}

function fault(errorCode: number, message: string): AppendFault {
  return { errorCode, message };
}
