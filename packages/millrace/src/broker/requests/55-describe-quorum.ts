import type { DescribeQuorumRequest } from '../../protocol/generated/describe-quorum.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type Call, defineHandler } from './call.ts';

/** The only log that a quorum has. */
const metadataTopic = '__cluster_metadata';

/** The quorum is the one node, which needs no log of metadata: its offsets are 0. */
export const describeQuorum = defineHandler(
  messages.describeQuorum,
  ['DESCRIBE CLUSTER'],
  (request, call) => {
    const isOfQuorum = asksForQuorum(request);
    return {
      errorCode: ErrorCode.NONE,
      topics: request.topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) =>
          isOfQuorum ? describe(partitionIndex, call) : unknown(partitionIndex, call.version),
        ),
      })),
      ...(call.version >= 2 && isOfQuorum ? { nodes: [nodeOf(call)] } : {}),
    };
  },
);

/** For the one partition, and for nothing beside it. */
function asksForQuorum({ topics }: DescribeQuorumRequest): boolean {
  const [topic] = topics;
  if (topic === undefined || topics.length > 1 || topic.topicName !== metadataTopic) return false;
  return topic.partitions.length === 1 && topic.partitions[0]!.partitionIndex === 0;
}

function unknown(partitionIndex: number, version: number) {
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return {
    partitionIndex,
    errorCode,
    ...(version >= 2 ? { errorMessage: `The quorum has ${metadataTopic}-0 alone.` } : {}),
    leaderId: 0,
    leaderEpoch: 0,
    highWatermark: 0,
    currentVoters: [],
    observers: [],
  };
}

function describe(partitionIndex: number, { broker, version }: Call) {
  const { nodeId, now } = broker.settings;
  const seen = version >= 1 ? { lastFetchTimestamp: now(), lastCaughtUpTimestamp: now() } : {};
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    leaderId: nodeId,
    leaderEpoch: 0,
    highWatermark: 0,
    currentVoters: [{ replicaId: nodeId, logEndOffset: 0, ...seen }],
    observers: [],
  };
}

function nodeOf({ broker, endpoint }: Call) {
  const { host, port } = endpoint;
  return { nodeId: broker.settings.nodeId, listeners: [{ name: 'CONTROLLER', host, port }] };
}
