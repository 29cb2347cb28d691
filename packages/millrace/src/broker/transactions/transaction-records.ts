import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import type { OffsetRecord } from '../group/offset-records.ts';
import {
  type PartitionSet,
  type Transaction,
  type TransactionStatus,
  transactionStatuses,
} from './transaction.ts';

/**
 * The records of `__transaction_state`, in Kafka's own schemas (TransactionLogKey 0, TransactionLogValue 0 and 1), so
 * that Kafka's formatters read them. Version 1 is written.
 */

/** What one record says; `value` null strikes the id off. */
export interface TransactionRecord {
  readonly transactionalId: string;
  readonly value: Transaction | null;
}

const keyVersion = 0;
const valueVersion = 1;
/** Status of an id that is being forgotten; such a record says nothing that matters. */
const dead = 6;
const tags = { previousProducerId: 0, nextProducerId: 1, clientVersion: 2 } as const;
const statusOf = new Map(
  Object.entries(transactionStatuses).map(([name, code]) => [code as number, name as TransactionStatus]),
);

/** Throws where a string is longer than 32,767 bytes: the coordinator refuses such before. */
export function encodeTransaction({ transactionalId, value }: TransactionRecord): OffsetRecord {
  const key = new Writer();
  key.int16(keyVersion);
  key.string(transactionalId, false);
  return { key: key.toBuffer(), value: value === null ? null : encodeValue(value) };
}

function encodeValue(transaction: Transaction): Buffer {
  const writer = new Writer();
  writer.int16(valueVersion);
  writer.int64(transaction.producerId);
  writer.int16(transaction.producerEpoch);
  writer.int32(transaction.timeoutMs);
  writer.int8(transactionStatuses[transaction.status]);
  if (transaction.status === 'Empty') writer.nullArray(true);
  else {
    writer.arrayLength(transaction.partitions.size, true);
    for (const [topic, partitions] of transaction.partitions) {
      writer.string(topic, true);
      writer.arrayLength(partitions.size, true);
      for (const partition of partitions) writer.int32(partition);
      writer.uvarint(0);
    }
  }
  writer.int64(transaction.updatedAt);
  writer.int64(transaction.startedAt);
  const { previousProducerId, nextProducerId, clientVersion } = transaction;
  const tagged: ((writer: Writer) => void)[] = [];
  if (previousProducerId >= 0)
    tagged.push((at) => at.tagged(tags.previousProducerId, (w) => w.int64(previousProducerId)));
  if (nextProducerId >= 0)
    tagged.push((at) => at.tagged(tags.nextProducerId, (w) => w.int64(nextProducerId)));
  if (clientVersion !== 0) tagged.push((at) => at.tagged(tags.clientVersion, (w) => w.int16(clientVersion)));
  writer.uvarint(tagged.length);
  for (const write of tagged) write(writer);
  return writer.toBuffer();
}

/** Null for kinds of records that this broker does not keep. Throws `PROTOCOL` for damage. */
export function decodeTransaction(keyBytes: Buffer, value: Buffer | null): TransactionRecord | null {
  const reader = new Reader(keyBytes, 'key in __transaction_state');
  if (reader.int16() !== keyVersion) return null;
  const transactionalId = reader.string(false);
  return { transactionalId, value: value === null ? null : decodeValue(transactionalId, value) };
}

function decodeValue(transactionalId: string, bytes: Buffer): Transaction | null {
  const reader = new Reader(bytes, 'transaction in __transaction_state');
  const version = reader.int16();
  if (version < 0 || version > valueVersion) throw reader.error(`version ${version}`);
  const flexible = version >= 1;
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const timeoutMs = reader.int32();
  const code = reader.int8();
  const partitions = decodePartitions(reader, flexible);
  const updatedAt = reader.int64();
  const startedAt = reader.int64();
  const tagged = flexible
    ? decodeTags(reader)
    : { previousProducerId: -1, nextProducerId: -1, clientVersion: 0 };
  const status = statusOf.get(code);
  if (code === dead) return null;
  if (status === undefined) throw reader.error(`status ${code}`);
  const producer = { producerId, producerEpoch, lastProducerEpoch: -1, ...tagged };
  return { transactionalId, ...producer, timeoutMs, status, partitions, startedAt, updatedAt };
}

function decodePartitions(reader: Reader, flexible: boolean): PartitionSet {
  const partitions = new Map<string, Set<number>>();
  for (let topics = reader.nullableArrayLength(flexible, 3); topics > 0; topics--) {
    const topic = reader.string(flexible);
    const indexes = new Set<number>();
    for (let left = reader.arrayLength(flexible, 4); left > 0; left--) indexes.add(reader.int32());
    partitions.set(topic, indexes);
    if (flexible) reader.skipTags();
  }
  return partitions;
}

function decodeTags(reader: Reader) {
  let [previousProducerId, nextProducerId, clientVersion] = [-1, -1, 0];
  for (let left = reader.tagCount(); left > 0; left--) {
    const tag = reader.uvarint();
    const end = reader.tagEnd();
    if (tag === tags.previousProducerId) previousProducerId = reader.int64();
    else if (tag === tags.nextProducerId) nextProducerId = reader.int64();
    else if (tag === tags.clientVersion) clientVersion = reader.int16();
    else reader.skipTo(end);
    reader.endTag(end);
  }
  return { previousProducerId, nextProducerId, clientVersion };
}
