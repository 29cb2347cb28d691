import { crc32c } from '@node-rs/crc32';
import { MillraceError } from '../../runtime/errors.ts';
import type { ProducerEntry } from './producer-state.ts';

/**
 * The file `<end offset>.snapshot` of a partition, in Kafka's own layout (ProducerStateManager, version 1): what the
 * producers had sent up to that offset, so that a start need not read the whole log. As in Kafka it keeps the last
 * batch of each producer; what follows the snapshot in the log gives the others back.
 *
 * ```
 * version int16 = 1 · crc uint32 (CRC32C of what follows) · count int32 · count × (
 *   producerId int64 · epoch int16 · lastSequence int32 · lastOffset int64 · offsetDelta int32 · timestamp int64 ·
 *   coordinatorEpoch int32 · currentTransactionFirstOffset int64 )
 * ```
 */
const version = 1;
const headerBytes = 10;
const entryBytes = 46;
const crcStart = 6;

/** Of a producer of whom there are markers alone, or a coordinator's records: Kafka writes -1 for what is not there. */
const noBatch = { lastSequence: -1, baseOffset: -1, lastOffset: -1 } as const;

function isKept({ batches, openFrom, coordinatorEpoch }: ProducerEntry): boolean {
  return batches.length > 0 || openFrom !== undefined || coordinatorEpoch !== undefined;
}

export function encodeProducerSnapshot(entries: Iterable<ProducerEntry>): Buffer {
  const list = [...entries].filter(isKept);
  const bytes = Buffer.alloc(headerBytes + list.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeInt32BE(list.length, 6);
  let at = headerBytes;
  for (const entry of list) {
    const last = entry.batches.at(-1) ?? { ...noBatch, timestamp: entry.lastTimestamp };
    bytes.writeBigInt64BE(BigInt(entry.producerId), at);
    bytes.writeInt16BE(entry.epoch, at + 8);
    bytes.writeInt32BE(last.lastSequence, at + 10);
    bytes.writeBigInt64BE(BigInt(last.lastOffset), at + 14);
    bytes.writeInt32BE(last.lastOffset - last.baseOffset, at + 22);
    bytes.writeBigInt64BE(BigInt(last.timestamp), at + 26);
    bytes.writeInt32BE(entry.coordinatorEpoch ?? -1, at + 34);
    bytes.writeBigInt64BE(BigInt(entry.openFrom ?? -1), at + 38);
    at += entryBytes;
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(crcStart)), 2);
  return bytes;
}

/** Throws `LOG_CORRUPT` when the bytes are not a whole snapshot of this version. */
export function decodeProducerSnapshot(bytes: Buffer): ProducerEntry[] {
  if (bytes.length < headerBytes || bytes.readInt16BE(0) !== version)
    throw corrupt('not a producer snapshot of version 1');
  if (bytes.readUInt32BE(2) !== crc32c(bytes.subarray(crcStart))) throw corrupt('checksum does not match');
  const count = bytes.readInt32BE(6);
  if (count < 0 || bytes.length !== headerBytes + count * entryBytes)
    throw corrupt(`${count} entries do not fit`);
  const entries: ProducerEntry[] = [];
  for (let at = headerBytes; at < bytes.length; at += entryBytes) {
    const lastSequence = bytes.readInt32BE(at + 10);
    const lastOffset = Number(bytes.readBigInt64BE(at + 14));
    const offsetDelta = bytes.readInt32BE(at + 22);
    const timestamp = Number(bytes.readBigInt64BE(at + 26));
    const firstSequence = (lastSequence - offsetDelta) & 0x7fff_ffff;
    const coordinatorEpoch = bytes.readInt32BE(at + 34);
    const openFrom = Number(bytes.readBigInt64BE(at + 38));
    const batch = {
      firstSequence,
      lastSequence,
      baseOffset: lastOffset - offsetDelta,
      lastOffset,
      timestamp,
    };
    entries.push({
      producerId: Number(bytes.readBigInt64BE(at)),
      epoch: bytes.readInt16BE(at + 8),
      ...(lastSequence < 0 ? { batches: [], expected: 0 } : { batches: [batch] }),
      lastTimestamp: timestamp,
      ...(coordinatorEpoch < 0 ? {} : { coordinatorEpoch }),
      ...(openFrom < 0 ? {} : { openFrom }),
    });
  }
  return entries;
}

function corrupt(what: string): MillraceError {
  return new MillraceError('LOG_CORRUPT', `Producer snapshot: ${what}`);
}
