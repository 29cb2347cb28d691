import { MillraceError } from '../runtime/errors.ts';

/**
 * The header of a Kafka record batch v2 (KIP-98): the 61 bytes in front of the records.
 *
 * ```
 *  0 baseOffset int64            23 lastOffsetDelta int32
 *  8 batchLength int32           27 baseTimestamp int64
 * 12 partitionLeaderEpoch int32  35 maxTimestamp int64
 * 16 magic int8                  43 producerId int64
 * 17 crc uint32                  51 producerEpoch int16
 * 21 attributes int16            53 baseSequence int32
 *                                57 recordCount int32
 * ```
 *
 * The checksum (CRC32C) covers everything from `attributes` to the end of the batch, so a broker sets the base offset
 * and the leader epoch without computing it again.
 */
export const batchHeaderBytes = 61;

/** Bytes in front of what `batchLength` counts: base offset and the length itself. */
export const batchLengthOverhead = 12;

/** Where the checksummed part of a batch begins. */
export const batchChecksumStart = 21;

/** Bits of `attributes`. */
export const batchAttributes = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Bytes of the batch after this field: `sizeOfBatch - 12`. */
  readonly batchLength: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  /** Unsigned. */
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  /** Unix ms; -1 where there is none. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * Reads the header of the batch that starts at `at`. Checks that the 61 bytes are there, that the magic is 2 and that
 * the lengths and counts are possible; not the checksum, nor that the whole batch is there. Throws `BATCH_CORRUPT`.
 */
export function readBatchHeader(bytes: Buffer, at: number): BatchHeader {
  if (at < 0 || at + batchHeaderBytes > bytes.length) {
    throw corrupt(at, `${Math.max(0, bytes.length - at)} bytes left, a batch header has ${batchHeaderBytes}`);
  }
  const magic = bytes[at + 16]!;
  if (magic !== 2) throw corrupt(at, `magic ${magic}, only 2 is understood`);
  const batchLength = bytes.readInt32BE(at + 8);
  const minLength = batchHeaderBytes - batchLengthOverhead;
  if (batchLength < minLength) throw corrupt(at, `batch length ${batchLength} is below ${minLength}`);
  const header: BatchHeader = {
    baseOffset: readInt64(bytes, at),
    batchLength,
    partitionLeaderEpoch: bytes.readInt32BE(at + 12),
    magic,
    crc: bytes.readUInt32BE(at + 17),
    attributes: bytes.readInt16BE(at + 21),
    lastOffsetDelta: bytes.readInt32BE(at + 23),
    baseTimestamp: readInt64(bytes, at + 27),
    maxTimestamp: readInt64(bytes, at + 35),
    producerId: readInt64(bytes, at + 43),
    producerEpoch: bytes.readInt16BE(at + 51),
    baseSequence: bytes.readInt32BE(at + 53),
    recordCount: bytes.readInt32BE(at + 57),
  };
  if (header.recordCount < 0) throw corrupt(at, `record count ${header.recordCount}`);
  if (header.lastOffsetDelta < header.recordCount - 1) {
    throw corrupt(at, `last offset delta ${header.lastOffsetDelta} with ${header.recordCount} records`);
  }
  return header;
}

/** Writes the 61 bytes of a header at `at`, its `crc` as given. */
export function writeBatchHeader(bytes: Buffer, at: number, header: BatchHeader): void {
  writeInt64(bytes, at, header.baseOffset);
  bytes.writeInt32BE(header.batchLength, at + 8);
  bytes.writeInt32BE(header.partitionLeaderEpoch, at + 12);
  bytes[at + 16] = header.magic;
  bytes.writeUInt32BE(header.crc, at + 17);
  bytes.writeInt16BE(header.attributes, at + 21);
  bytes.writeInt32BE(header.lastOffsetDelta, at + 23);
  writeInt64(bytes, at + 27, header.baseTimestamp);
  writeInt64(bytes, at + 35, header.maxTimestamp);
  writeInt64(bytes, at + 43, header.producerId);
  bytes.writeInt16BE(header.producerEpoch, at + 51);
  bytes.writeInt32BE(header.baseSequence, at + 53);
  bytes.writeInt32BE(header.recordCount, at + 57);
}

/** Patches base offset and leader epoch in place, as a broker does on append; the checksum does not cover them. */
export function assignOffsets(header: Buffer, at: number, baseOffset: number, leaderEpoch: number): void {
  writeInt64(header, at, baseOffset);
  header.writeInt32BE(leaderEpoch, at + 12);
}

/** Whole size of the batch, header and length prefix included. */
export function batchSizeBytes(header: BatchHeader): number {
  return header.batchLength + batchLengthOverhead;
}

/** Whether the batch is a transaction marker or another control record, which no application sees. */
export function isControlBatch(header: BatchHeader): boolean {
  return (header.attributes & batchAttributes.control) !== 0;
}

export function isTransactionalBatch(header: BatchHeader): boolean {
  return (header.attributes & batchAttributes.transactional) !== 0;
}

/**
 * The batches of a fetch answer or of a log segment, one after the other. Stops at an incomplete tail (a fetch may end
 * in the middle of a batch); throws `BATCH_CORRUPT` where a whole header is impossible.
 */
export function* iterateBatches(
  bytes: Buffer,
): Generator<{ at: number; header: BatchHeader }, void, undefined> {
  let at = 0;
  while (at + batchHeaderBytes <= bytes.length) {
    const header = readBatchHeader(bytes, at);
    const size = batchSizeBytes(header);
    if (at + size > bytes.length) return;
    yield { at, header };
    at += size;
  }
}

/** A signed 64-bit big-endian integer as a number; exact up to 2^53. */
function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

function writeInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

function corrupt(at: number, what: string): MillraceError {
  return new MillraceError('BATCH_CORRUPT', `Record batch at byte ${at}: ${what}`, {
    details: { position: at },
  });
}
