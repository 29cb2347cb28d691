import { spliceBytes } from '../../protocol/writer.ts';
import { iterateBatches } from '../../records/batch-header.ts';
import type { BufferPool } from '../core/buffer-pool.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { AbortedTransaction } from '../storage/aborted-transactions.ts';
import { availability, leaderEpoch, type Partition } from '../storage/partition.ts';
import type { Topic, TopicStore } from '../storage/topics.ts';
import type { FetchContext, FetchPartition } from './fetch-sessions.ts';

const noBytes: Buffer = Buffer.alloc(0);
/** `isolation_level` of who is shown nothing of a transaction that is not committed. */
export const readCommitted = 1;

export interface ReadManner {
  readonly usesTopicIds: boolean;
  readonly readsCommitted: boolean;
}

/** Whether the sender may read a topic of that name; null: everybody may. */
export type MayRead = ((topic: string) => boolean) | null;

/** What one partition gives to a fetch. */
export interface PartitionRead {
  readonly asked: FetchPartition;
  readonly topic: Topic | undefined;
  readonly partition: Partition | undefined;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Those with records among what was read; null where the client reads all. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly records: Buffer;
}

export interface FetchRead {
  readonly reads: readonly PartitionRead[];
  readonly sizeBytes: number;
  /** Something in it cannot wait. */
  readonly hasError: boolean;
}

/**
 * Reads what the partitions of a fetch hold, at most `maxBytes` in all and each partition's own maximum; the first
 * batch of the answer comes whole, whatever its size (KIP-74).
 */
export function readAll(
  { topics, buffers }: { readonly topics: TopicStore; readonly buffers: BufferPool },
  context: FetchContext,
  manner: ReadManner,
  maxBytes: number,
  mayRead: MayRead,
): FetchRead {
  const reads: PartitionRead[] = [];
  let sizeBytes = 0;
  let hasError = false;
  for (const asked of context.partitions) {
    const topic = manner.usesTopicIds ? topics.byId(asked.topic) : topics.byName(asked.topic);
    const partition = topic?.partitions[asked.partition];
    const name = manner.usesTopicIds ? topic?.name : asked.topic;
    const isOpen = mayRead === null || name === undefined || mayRead(name);
    const read = isOpen
      ? readOne(asked, topic, partition, manner, maxBytes - sizeBytes, sizeBytes === 0, buffers)
      : failedRead(asked, topic, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    sizeBytes += read.records.length;
    hasError ||= read.errorCode !== ErrorCode.NONE;
    reads.push(read);
  }
  return { reads, sizeBytes, hasError };
}

/** Of a partition that could not be asked; as in Kafka an empty list stands for what is not known of it. */
function failedRead(
  asked: FetchPartition,
  topic: Topic | undefined,
  errorCode: number,
  abortedTransactions: [] | null = [],
): PartitionRead {
  const none = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, records: noBytes };
  return { asked, topic, partition: undefined, errorCode, abortedTransactions, ...none };
}

function readOne(
  asked: FetchPartition,
  topic: Topic | undefined,
  partition: Partition | undefined,
  { usesTopicIds, readsCommitted }: ReadManner,
  roomBytes: number,
  isFirst: boolean,
  buffers: BufferPool,
): PartitionRead {
  if (topic === undefined && usesTopicIds) return failedRead(asked, topic, ErrorCode.UNKNOWN_TOPIC_ID);
  const fault = availability(partition);
  if (fault !== ErrorCode.NONE || partition === undefined) return failedRead(asked, topic, fault);
  const failed = (errorCode: number): PartitionRead => failedRead(asked, topic, errorCode, null);
  const epochError = checkLeaderEpoch(asked.currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return failed(epochError);
  const { log, highWatermark, lastStableOffset } = partition;
  const logStartOffset = log.startOffset;
  if (asked.fetchOffset < logStartOffset || asked.fetchOffset > log.endOffset) {
    return { ...failed(ErrorCode.OFFSET_OUT_OF_RANGE), partition };
  }
  const limit = Math.min(asked.maxBytes, roomBytes);
  const end = readsCommitted ? lastStableOffset : highWatermark;
  const wanted = asked.fetchOffset < end && (isFirst || limit > 0);
  let records = noBytes;
  try {
    if (wanted) records = readLog(partition, asked.fetchOffset, end, Math.max(0, limit), isFirst, buffers);
  } catch (error) {
    return { ...failed(partition.readFault(error, asked.fetchOffset).errorCode), partition };
  }
  const read = {
    ...failed(ErrorCode.NONE),
    partition,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    records,
  };
  return readsCommitted
    ? { ...read, abortedTransactions: abortedIn(partition, asked.fetchOffset, read) }
    : read;
}

/** The transactions that a reader has to leave out of what was read from `fromOffset` on. */
function abortedIn(
  { transactions }: Partition,
  fromOffset: number,
  { records, lastStableOffset }: { readonly records: Buffer; readonly lastStableOffset: number },
): readonly AbortedTransaction[] {
  if (records.length === 0) return [];
  const found = transactions.aborted.within(fromOffset, lastStableOffset);
  if (found.length === 0) return found;
  let next = fromOffset;
  for (const { header } of iterateBatches(records)) next = header.baseOffset + header.lastOffsetDelta + 1;
  return found.filter(({ firstOffset }) => firstOffset < next);
}

/** Large records stay in the lent buffer, which the connection gives back when they are sent; small ones are copied. */
function readLog(
  { log }: Partition,
  fromOffset: number,
  endOffset: number,
  maxBytes: number,
  minOneBatch: boolean,
  buffers: BufferPool,
): Buffer {
  const lend = (bytes: number) => buffers.take(bytes).subarray(0, bytes);
  const records = log.read(fromOffset, maxBytes, minOneBatch, endOffset, lend);
  if (records.length >= spliceBytes) return records;
  const copy = Buffer.from(records);
  buffers.give(records);
  return copy;
}

/** What was read is not sent. */
export function discard(read: FetchRead, buffers: BufferPool): void {
  for (const { records } of read.reads) buffers.give(records);
}

/** KIP-320: a client that knows an older leader epoch is fenced, one that knows a newer one must wait for the broker. */
export function checkLeaderEpoch(currentLeaderEpoch: number): number {
  if (currentLeaderEpoch === -1 || currentLeaderEpoch === leaderEpoch) return ErrorCode.NONE;
  return currentLeaderEpoch < leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}
