import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  batchSizeBytes,
  isTransactionalBatch,
  readBatchHeader,
} from '../../records/batch-header.ts';
import { batchChecksum, contiguousBatchChecksum } from '../../records/checksum.ts';
import { compressionTypes } from '../../records/compression.ts';
import { findRecords } from '../../records/index-records.ts';
import {
  checkProducedBatch,
  checkProducedBatchInTurns,
  eventsOf,
  type ProducedBatch,
} from '../../records/open-batch.ts';
import { sealBatchAsync } from '../../records/seal.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { EffectiveConfig } from '../settings/topic-configs.ts';

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
  /** The records that are to blame, by their place in the batch (KIP-467); the others may come again without them. */
  readonly records?: readonly RecordFault[];
  /** What Kafka's log says on appending, and not the request by itself: its answer tells where the log starts. */
  readonly ofLog?: true;
}

export interface RecordFault {
  readonly index: number;
  readonly message: string;
}

/** Records that one answer names; whoever sends the others again is told of the next. */
const maxNamedRecords = 10_000;

/** What a batch may be compressed, and grow to, that is opened in the turn of the event loop in which it came. */
const openedAtOnce = { compressedBytes: 256 << 10, bytes: 1 << 20 } as const;

/** What the batches of one request may grow to: together in the turn of the event loop in which it came, each at all. */
export class OpenBudget {
  left: number = 2 * openedAtOnce.bytes;
  readonly batchBytes: number;

  constructor(batchBytes: number) {
    this.batchBytes = batchBytes;
  }
}

export type Checked = CheckedBatch | AppendFault;

/**
 * Checks what a producer sent for one partition, as Kafka's ProduceRequest.validateRecords and LogValidator do: one
 * batch of magic 2, whole, checksum right, records in order, sizes and timestamps within the topic's bounds.
 * Changes nothing in `bytes`. Whatever would keep the event loop (a batch that grows large, one that the topic wants
 * compressed in another way) is left to the function that is returned then; it needs `bytes` until it is done.
 */
export function checkProduced(
  bytes: Buffer | null,
  apiVersion: number,
  config: EffectiveConfig,
  now: number,
  budget: OpenBudget,
): Checked | (() => Promise<Checked>) {
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
    return badBatch(bytes, error);
  }
  const size = batchSizeBytes(header);
  if (size > bytes.length)
    return fault(ErrorCode.CORRUPT_MESSAGE, `batch of ${size} bytes, ${bytes.length} are there`);
  if (size < bytes.length)
    return fault(ErrorCode.INVALID_RECORD, 'more than one record batch for the partition');
  const early = checkHeader(header, size, apiVersion, config);
  if (early !== null) return early;
  const later = () => checkLater(bytes, header, config, now, budget.batchBytes);
  const has = compressionTypes[header.attributes & batchAttributes.compressionMask];
  if (config.compression !== 'producer' && config.compression !== has) return later;
  if (has === 'none') return checkPlain(bytes, header, config, now);
  if (size > openedAtOnce.compressedBytes || budget.left <= 0) return later;
  const maxBytes = Math.min(openedAtOnce.bytes, budget.left, budget.batchBytes);
  let found: ProducedBatch;
  try {
    found = checkProducedBatch(bytes, 0, maxBytes);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'COMPRESSION') return badBatch(bytes, error);
    // It may only be larger than what is opened here.
    budget.left -= maxBytes;
    return later;
  }
  budget.left -= found.records.length;
  return judge(bytes, header, found, config, now);
}

function checkPlain(bytes: Buffer, header: BatchHeader, config: EffectiveConfig, now: number): Checked {
  let found: ProducedBatch;
  try {
    found = checkProducedBatch(bytes, 0);
  } catch (error) {
    return badBatch(bytes, error);
  }
  return judge(bytes, header, found, config, now);
}

async function checkLater(
  bytes: Buffer,
  header: BatchHeader,
  config: EffectiveConfig,
  now: number,
  maxBytes: number,
): Promise<Checked> {
  try {
    const found = await checkProducedBatchInTurns(bytes, 0, maxBytes);
    const checked = judge(bytes, header, found, config, now);
    const has = compressionTypes[header.attributes & batchAttributes.compressionMask];
    const wants = config.compression;
    if ('errorCode' in checked || wants === 'producer' || wants === has) return checked;
    return await recompressed(checked, found, wants);
  } catch (error) {
    return badBatch(bytes, error);
  }
}

/** A wrong checksum is damage on the way (the producer tries again); anything else the producer did on purpose. */
function badBatch(bytes: Buffer, error: unknown): AppendFault {
  return isDamaged(bytes)
    ? fault(ErrorCode.CORRUPT_MESSAGE, errorText(error))
    : ofLog(ErrorCode.INVALID_RECORD, errorText(error));
}

/** Whether the batch is not what its checksum says, or not whole. */
function isDamaged(bytes: Buffer): boolean {
  const size = bytes.readInt32BE(8) + 12;
  if (size < batchHeaderBytes || size > bytes.length) return true;
  return contiguousBatchChecksum(bytes, 0, size) !== bytes.readUInt32BE(17);
}

/** What the topic says to a batch that is sound. */
function judge(
  bytes: Buffer,
  header: BatchHeader,
  produced: ProducedBatch,
  config: EffectiveConfig,
  now: number,
): Checked {
  const { header: found } = produced;
  const refusal = judgeRecords(produced, config, now);
  if (refusal !== null) return refusal;
  const headerBytes = bytes.subarray(0, batchHeaderBytes);
  const records = bytes.subarray(batchHeaderBytes);
  const saysAppended = (header.attributes & batchAttributes.logAppendTime) !== 0;
  if ((found.maxTimestamp === header.maxTimestamp && !saysAppended) || config.logAppendTime)
    return { header, headerBytes, records };
  // As in Kafka, the records' own timestamps hold: a header that says another maximum, or that they are the broker's, is
  // put right, not believed.
  const attributes = header.attributes & ~batchAttributes.logAppendTime;
  const right = { ...found, attributes };
  return { header: right, headerBytes: withOwnTimestamps(headerBytes, records, right), records };
}

function withOwnTimestamps(headerBytes: Buffer, records: Buffer, header: BatchHeader): Buffer {
  const { attributes, maxTimestamp } = header;
  const bytes = Buffer.from(headerBytes);
  bytes.writeInt16BE(attributes, 21);
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
    return ofLog(ErrorCode.INVALID_RECORD, `base offset ${header.baseOffset}, must be 0`);
  if (compressionTypes[header.attributes & batchAttributes.compressionMask] === 'zstd' && apiVersion < 7) {
    return fault(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs Produce version 7');
  }
  if (header.producerId >= 0 && (header.baseSequence < 0 || header.producerEpoch < 0)) {
    return ofLog(
      ErrorCode.INVALID_RECORD,
      `sequence ${header.baseSequence} of producer ${header.producerId}`,
    );
  }
  return null;
}

/**
 * What the topic says to single records (LogValidator.validateRecord): a key where it is compacted, a timestamp within
 * its bounds. A record without a timestamp (-1) has none that could be wrong.
 */
function judgeRecords(batch: ProducedBatch, config: EffectiveConfig, now: number): AppendFault | null {
  const { header, records, hasNullKeys, minTimestamp } = batch;
  const { compacted, logAppendTime } = config;
  const earliest = logAppendTime ? Number.NEGATIVE_INFINITY : now - config.timestampBeforeMaxMs;
  const latest = logAppendTime ? Number.POSITIVE_INFINITY : now + config.timestampAfterMaxMs;
  const needsKeys = compacted && hasNullKeys;
  if (!needsKeys && minTimestamp >= earliest && header.maxTimestamp <= latest) return null;
  const isOutside = (timestamp: number) => timestamp !== -1 && (timestamp < earliest || timestamp > latest);
  let isTime = false;
  const faults: RecordFault[] = [];
  findRecords(records, header.recordCount, maxNamedRecords, (index, timestampDelta, hasKey) => {
    const timestamp = header.baseTimestamp + timestampDelta;
    const lacksKey = compacted && !hasKey;
    if (!lacksKey && !isOutside(timestamp)) return false;
    isTime ||= !lacksKey;
    faults.push({ index, message: lacksKey ? keyless : outside(timestamp, config, now) });
    return true;
  });
  if (faults.length === 0) return null;
  const [first] = faults;
  const errorCode = isTime ? ErrorCode.INVALID_TIMESTAMP : ErrorCode.INVALID_RECORD;
  const message = `${faults.length} of ${header.recordCount} records are refused; record ${first!.index}: ${first!.message}`;
  return { errorCode, message, records: faults, ofLog: true };
}

const keyless = 'Compacted topic cannot accept message without key';

function outside(timestamp: number, config: EffectiveConfig, now: number): string {
  const range = `${config.timestampBeforeMaxMs} ms before and ${config.timestampAfterMaxMs} ms after ${now}`;
  return `timestamp ${timestamp} is not within ${range}`;
}

/** The batch stamped with the broker's time where the topic says so; else the batch as it is. */
export function asStored(batch: CheckedBatch, config: EffectiveConfig, now: number): CheckedBatch {
  if (config.logAppendTime) stamp(batch, now);
  return batch;
}

async function recompressed(
  batch: CheckedBatch,
  found: ProducedBatch,
  compression: Exclude<EffectiveConfig['compression'], 'producer'>,
): Promise<CheckedBatch> {
  const { producerId, producerEpoch, baseSequence } = batch.header;
  const events = eventsOf(batch.header, found.records);
  const transactional = isTransactionalBatch(batch.header);
  const sealed = await sealBatchAsync(events, {
    producerId,
    producerEpoch,
    baseSequence,
    compression,
    transactional,
  });
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

function ofLog(errorCode: number, message: string): AppendFault {
  return { errorCode, message, ofLog: true };
}
