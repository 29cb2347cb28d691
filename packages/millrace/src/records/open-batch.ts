import { MillraceError } from '../runtime/errors.ts';
import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  batchSizeBytes,
  isControlBatch,
  readBatchHeader,
} from './batch-header.ts';
import { contiguousBatchChecksum } from './checksum.ts';
import {
  type CompressionType,
  compressionTypes,
  decompress,
  decompressSync,
  defaultMaxDecompressedBytes,
} from './compression.ts';
import { EventBatch } from './event-batch.ts';
import { indexRecords, type ValidRecords, validateRecords, validateRecordsInTurns } from './index-records.ts';
import { zeroTimestamps } from './transform.ts';

export interface OpenOptions {
  /** Default false: TCP and the log have their own checks. */
  verifyCrc?: boolean;
  /** What the records may grow to when decompressed. Default 128 MiB. */
  maxBytes?: number;
}

/**
 * The batch that starts at `at`, as events: views into `bytes` where it is not compressed. All lengths in it are
 * checked here once, so reading its events cannot fail later.
 *
 * A batch stamped on append (`LogAppendTime`) shows its max timestamp for all events. Base offset and control bit are
 * in `readBatchHeader`. Throws `BATCH_CORRUPT` with the position, `COMPRESSION` for compressed bytes that cannot be
 * restored within the cap.
 */
export function openBatch(bytes: Buffer, at: number, options: OpenOptions = {}): EventBatch {
  const header = readWholeHeader(bytes, at);
  if (options.verifyCrc === true) verifyChecksum(bytes, at, header);
  const { type, section } = recordSection(bytes, at, header);
  const records = decompressSync(type, section, options.maxBytes ?? defaultMaxDecompressedBytes);
  return eventsOf(header, records, at);
}

/** The events of a batch whose records are no longer compressed. */
export function eventsOf(header: BatchHeader, records: Buffer, at = 0): EventBatch {
  const found = withPosition(at, () => indexRecords(records, header.recordCount, header.lastOffsetDelta));
  const batch = new EventBatch({ records, baseTimestamp: header.baseTimestamp, ...found });
  if ((header.attributes & batchAttributes.logAppendTime) === 0) return batch;
  return zeroTimestamps(batch, header.maxTimestamp);
}

/**
 * Checks a producer's batch as a broker must before it appends it: whole, checksum right, no control bit, record count
 * and offset deltas 0, 1, 2 … Allocates nothing per record. Throws `BATCH_CORRUPT` or `COMPRESSION`.
 *
 * The header that it returns has the greatest timestamp of the records, whatever the batch's own says.
 */
export function validateProducedBatch(bytes: Buffer, at: number, maxBytes?: number): BatchHeader {
  return checkProducedBatch(bytes, at, maxBytes).header;
}

/** What a producer's batch was found to be. */
export interface ProducedBatch {
  /** With the greatest timestamp of the records, whatever the batch's own header says. */
  readonly header: BatchHeader;
  /** Not compressed; views of the batch where it is not. */
  readonly records: Buffer;
  readonly hasNullKeys: boolean;
  /** The least timestamp of the records, Unix ms. */
  readonly minTimestamp: number;
}

/** Like `validateProducedBatch`, and tells more. */
export function checkProducedBatch(
  bytes: Buffer,
  at: number,
  maxBytes = defaultMaxDecompressedBytes,
): ProducedBatch {
  const header = producedHeader(bytes, at);
  const { type, section } = recordSection(bytes, at, header);
  const records = decompressSync(type, section, maxBytes);
  return produced(
    header,
    records,
    withPosition(at, () => validateRecords(records, header.recordCount)),
  );
}

/** Like `checkProducedBatch`, without keeping the event loop, whatever the batch grows to. */
export async function checkProducedBatchInTurns(
  bytes: Buffer,
  at: number,
  maxBytes = defaultMaxDecompressedBytes,
): Promise<ProducedBatch> {
  const header = producedHeader(bytes, at);
  const { type, section } = recordSection(bytes, at, header);
  const records = await decompress(type, section, maxBytes);
  const found = await validateRecordsInTurns(records, header.recordCount).catch((error) =>
    withPosition(at, () => {
      throw error;
    }),
  );
  return produced(header, records, found);
}

function produced(
  header: BatchHeader,
  records: Buffer,
  { minTimestampDelta, maxTimestampDelta, hasNullKeys }: ValidRecords,
): ProducedBatch {
  const maxTimestamp = header.baseTimestamp + maxTimestampDelta;
  const isRight = maxTimestamp === header.maxTimestamp;
  const minTimestamp = header.baseTimestamp + minTimestampDelta;
  return { header: isRight ? header : { ...header, maxTimestamp }, records, hasNullKeys, minTimestamp };
}

/** The header of a batch that fits, but for its records. */
function producedHeader(bytes: Buffer, at: number): BatchHeader {
  const header = readWholeHeader(bytes, at);
  verifyChecksum(bytes, at, header);
  if (isControlBatch(header)) throw corruptBatch(at, 'a producer cannot write control records');
  if (header.recordCount === 0) throw corruptBatch(at, 'no records');
  if (header.lastOffsetDelta !== header.recordCount - 1) {
    throw corruptBatch(at, `last offset delta ${header.lastOffsetDelta} with ${header.recordCount} records`);
  }
  return header;
}

function readWholeHeader(bytes: Buffer, at: number): BatchHeader {
  const header = readBatchHeader(bytes, at);
  const size = batchSizeBytes(header);
  if (size > bytes.length - at) throw corruptBatch(at, `${size} bytes long, ${bytes.length - at} are there`);
  return header;
}

/** Throws `BATCH_CORRUPT` unless the whole batch at `at` is what its checksum says. */
export function verifyChecksum(bytes: Buffer, at: number, header: BatchHeader): void {
  const crc = contiguousBatchChecksum(bytes, at, at + batchSizeBytes(header));
  if (crc !== header.crc) {
    throw corruptBatch(at, `checksum ${crc.toString(16)}, its header says ${header.crc.toString(16)}`);
  }
}

function recordSection(
  bytes: Buffer,
  at: number,
  header: BatchHeader,
): { readonly type: CompressionType; readonly section: Buffer } {
  const section = bytes.subarray(at + batchHeaderBytes, at + batchSizeBytes(header));
  const code = header.attributes & batchAttributes.compressionMask;
  const type = compressionTypes[code];
  if (type === undefined) throw corruptBatch(at, `compression type ${code}`);
  return { type, section };
}

/** Tells where the batch stands, when one of its records is at fault. */
function withPosition<T>(at: number, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    throw corruptBatch(at, cause.message, cause);
  }
}

function corruptBatch(at: number, what: string, cause?: unknown): MillraceError {
  return new MillraceError('BATCH_CORRUPT', `Record batch at byte ${at}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { position: at },
  });
}
