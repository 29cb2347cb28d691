import type {
  ListOffsetsPartition,
  ListOffsetsPartitionResponseInit,
  ListOffsetsRequest,
  ListOffsetsResponseInit,
} from '../../protocol/generated/list-offsets.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf } from '../core/fault.ts';
import { availability, leaderEpoch, type Partition } from '../storage/partition.ts';
import { type Call, defineHandler } from './call.ts';
import { checkLeaderEpoch, readCommitted } from './fetch-read.ts';

/** Timestamps with a meaning of their own. */
const special = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPending: -6,
} as const;

export const listOffsets = defineHandler(messages.listOffsets, ['DESCRIBE TOPIC'], work);

/** What of the above each version knows; other negative timestamps mean nothing. */
const knownFrom = new Map<number, number>([
  [special.latest, 1],
  [special.earliest, 1],
  [special.maxTimestamp, 7],
  [special.earliestLocal, 8],
  [special.latestTiered, 9],
  [special.earliestPending, 11],
]);

/** Offsets at the log's end are told once consumers can read up to them: nobody is told less than he was acknowledged. */
async function work(
  request: ListOffsetsRequest,
  { broker, version }: Call,
): Promise<ListOffsetsResponseInit> {
  const topics = [...byPartition(request)].map(async ([name, partitions]) => ({
    name,
    partitions: await Promise.all(
      [...partitions].map(([partitionIndex, asked]) =>
        asked === twice
          ? { partitionIndex, errorCode: ErrorCode.INVALID_REQUEST }
          : lookUp(
              broker.topics.partition(name, partitionIndex),
              asked,
              version,
              request.isolationLevel === readCommitted,
            ),
      ),
    ),
  }));
  return { topics: await Promise.all(topics) };
}

const twice = Symbol('asked for twice');

/** Each partition is answered once; which of two timestamps is meant nobody knows. */
function byPartition(
  request: ListOffsetsRequest,
): Map<string, Map<number, ListOffsetsPartition | typeof twice>> {
  const topics = new Map<string, Map<number, ListOffsetsPartition | typeof twice>>();
  for (const { name, partitions } of request.topics) {
    if (partitions.length === 0) continue;
    const asked = topics.get(name) ?? new Map<number, ListOffsetsPartition | typeof twice>();
    topics.set(name, asked);
    for (const each of partitions)
      asked.set(each.partitionIndex, asked.has(each.partitionIndex) ? twice : each);
  }
  return topics;
}

async function lookUp(
  partition: Partition | undefined,
  asked: ListOffsetsPartition,
  version: number,
  readsCommitted: boolean,
): Promise<ListOffsetsPartitionResponseInit> {
  const { partitionIndex, timestamp } = asked;
  if (timestamp < 0 && version < (knownFrom.get(timestamp) ?? Number.POSITIVE_INFINITY))
    return { partitionIndex, errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const fault = availability(partition);
  if (fault !== ErrorCode.NONE || partition === undefined) return { partitionIndex, errorCode: fault };
  const epochError = checkLeaderEpoch(asked.currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return { partitionIndex, errorCode: epochError };
  try {
    if (asked.timestamp !== special.earliest) await partition.settled();
  } catch (error) {
    return { partitionIndex, errorCode: faultOf(error).errorCode };
  }
  try {
    const found = offsetFor(partition, asked.timestamp, readsCommitted);
    if (found === null) return { partitionIndex, errorCode: ErrorCode.NONE, timestamp: -1, offset: -1 };
    return { partitionIndex, errorCode: ErrorCode.NONE, ...found, ...(version >= 4 ? { leaderEpoch } : {}) };
  } catch (error) {
    return { partitionIndex, errorCode: partition.readFault(error).errorCode };
  }
}

/** Null: there is no such record. Consumers are not told of offsets that they cannot read yet. */
function offsetFor(
  partition: Partition,
  timestamp: number,
  readsCommitted: boolean,
): { offset: number; timestamp: number } | null {
  const { log } = partition;
  const end = readsCommitted ? partition.lastStableOffset : partition.highWatermark;
  switch (timestamp) {
    case special.latest:
      return { offset: end, timestamp: -1 };
    case special.earliest:
    case special.earliestLocal:
      return { offset: log.startOffset, timestamp: -1 };
    case special.latestTiered:
    case special.earliestPending:
      return null; // nothing is ever moved to remote storage
    case special.maxTimestamp:
      return below(end, log.offsetOfMaxTimestamp());
    default:
      return below(end, log.offsetForTimestamp(timestamp));
  }
}

function below(limit: number, found: { offset: number; timestamp: number } | null) {
  return found !== null && found.offset < limit ? found : null;
}
