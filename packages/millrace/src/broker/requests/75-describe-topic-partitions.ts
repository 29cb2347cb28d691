import type {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponseInit,
  DescribeTopicPartitionsResponseTopicInit,
} from '../../protocol/generated/describe-topic-partitions.ts';
import { messages } from '../../protocol/messages.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { ErrorCode } from '../core/error-code.ts';
import { leaderEpoch } from '../storage/partition.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { type Call, defineHandler } from './call.ts';
import { Ask } from './guards/guard.ts';

/** Most partitions in one answer (`max.request.partition.size.limit`). */
const maxPartitions = 2000;

/** KIP-966: topics in the order of their names, a page at a time; the cursor says where the next page begins. */
export const describeTopicPartitions = defineHandler(
  messages.describeTopicPartitions,
  ['DESCRIBE TOPIC'],
  work,
);

function work(request: DescribeTopicPartitionsRequest, call: Call): DescribeTopicPartitionsResponseInit {
  const { cursor } = request;
  const all = request.topics.length === 0;
  const asked = all ? seenNames(call) : request.topics.map((topic) => topic.name);
  if (cursor !== null && (cursor.partitionIndex < 0 || !(all || asked.includes(cursor.topicName)))) {
    const topics = asked.map((name) => ({ errorCode: ErrorCode.INVALID_REQUEST, name, partitions: [] }));
    return { topics: all ? [] : topics };
  }
  const names = [...new Set(asked)].sort().filter((name) => cursor === null || name >= cursor.topicName);
  let room = Math.max(1, Math.min(request.responsePartitionLimit, maxPartitions));
  const topics: DescribeTopicPartitionsResponseTopicInit[] = [];
  for (const name of names) {
    const first = cursor !== null && name === cursor.topicName ? Math.max(0, cursor.partitionIndex) : 0;
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: first } };
    const described = describe(name, first, room, call);
    topics.push(described.topic);
    room -= described.topic.partitions.length;
    if (described.next !== null)
      return { topics, nextCursor: { topicName: name, partitionIndex: described.next } };
  }
  return { topics };
}

/** A topic that its sender may not see takes no place in a page, and no cursor names it. */
function seenNames(call: Call): readonly string[] {
  const { topics, acls } = call.broker;
  const names = [...topics.all()].map(({ name }) => name);
  if (acls === null) return names;
  const ask = new Ask(acls.authorizer, call);
  return names.filter((name) => ask.may('DESCRIBE', 'TOPIC', name));
}

function describe(
  name: string,
  first: number,
  room: number,
  call: Call,
): { topic: DescribeTopicPartitionsResponseTopicInit; next: number | null } {
  const topic = call.broker.topics.byName(name);
  if (topic === undefined) {
    const isInvalid = topicNameFault(name) !== null;
    const errorCode = isInvalid ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const topicAuthorizedOperations = authorizedOperations.topic;
    return { topic: { errorCode, name, partitions: [], topicAuthorizedOperations }, next: null };
  }
  const { nodeId } = call.broker.settings;
  const end = Math.min(topic.partitions.length, first + room);
  const partitions = topic.partitions.slice(first, end).map(({ index }) => ({
    errorCode: ErrorCode.NONE,
    partitionIndex: index,
    leaderId: nodeId,
    leaderEpoch,
    replicaNodes: [nodeId],
    isrNodes: [nodeId],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
  }));
  const { id: topicId, internal: isInternal } = topic;
  const topicAuthorizedOperations = authorizedOperations.topic;
  const described = {
    errorCode: ErrorCode.NONE,
    name,
    topicId,
    isInternal,
    partitions,
    topicAuthorizedOperations,
  };
  return { topic: described, next: end < topic.partitions.length ? end : null };
}
