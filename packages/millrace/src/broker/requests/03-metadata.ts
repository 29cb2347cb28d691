import type {
  MetadataRequest,
  MetadataResponseInit,
  MetadataResponseTopicInit,
} from '../../protocol/generated/metadata.ts';
import { messages } from '../../protocol/messages.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { ZERO_UUID } from '../../protocol/uuid.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isFault, refuse } from '../core/fault.ts';
import { leaderEpoch } from '../storage/partition.ts';
import type { Topic } from '../storage/topics.ts';
import { type Call, defineHandler } from './call.ts';

export const metadata = defineHandler(
  messages.metadata,
  ['DESCRIBE TOPIC', 'CREATE TOPIC', 'CREATE CLUSTER'],
  work,
);

async function work(request: MetadataRequest, call: Call): Promise<MetadataResponseInit> {
  const { broker, version, endpoint } = call;
  const { nodeId } = broker.settings;
  const wantsAll = request.topics === null || (version === 0 && request.topics.length === 0);
  const topics: MetadataResponseTopicInit[] = [];
  if (wantsAll) {
    for (const topic of broker.topics.all()) topics.push(describe(topic, call));
  } else {
    const mayCreate = broker.settings.autoCreateTopics && (version < 4 || request.allowAutoTopicCreation);
    const asked = request.topics.map(({ name, topicId }) => {
      if (name === null || (version >= 10 && topicId !== ZERO_UUID)) return byId(topicId, call);
      return byName(name, mayCreate, call);
    });
    topics.push(...(await Promise.all(asked)));
  }
  return {
    brokers: [{ nodeId, host: endpoint.host, port: endpoint.port }],
    clusterId: broker.clusterId,
    controllerId: nodeId,
    topics,
  };
}

function byId(topicId: string, call: Call): MetadataResponseTopicInit {
  const topic = call.broker.topics.byId(topicId);
  if (topic !== undefined) return describe(topic, call);
  return {
    errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
    name: call.version >= 12 ? null : '',
    topicId,
    partitions: [],
  };
}

async function byName(name: string, mayCreate: boolean, call: Call): Promise<MetadataResponseTopicInit> {
  const { topics, settings, room } = call.broker;
  const topic = topics.byName(name);
  if (topic !== undefined) return describe(topic, call);
  if (topicNameFault(name) !== null)
    return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, name, partitions: [] };
  if (!mayCreate) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] };
  const count = settings.defaultPartitions;
  const make = () => topics.ensure(name, count, new Map());
  const made = await room.make(count, make).catch((error) => {
    settings.logger.error(`topic ${name} could not be created: ${errorText(error)}`);
    return refuse(ErrorCode.LEADER_NOT_AVAILABLE, errorText(error));
  });
  // What the owner of the broker does not allow is told to him; clients know no such error of Metadata.
  if (isFault(made) && made.errorCode === ErrorCode.POLICY_VIOLATION) {
    settings.logger.error(`topic ${name} is not created: ${made.message}`);
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] };
  }
  return isFault(made) ? { errorCode: made.errorCode, name, partitions: [] } : describe(made, call);
}

function describe(topic: Topic, call: Call): MetadataResponseTopicInit {
  const { nodeId } = call.broker.settings;
  const here = [nodeId];
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: topic.partitions.map((_, partitionIndex) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch,
      replicaNodes: here,
      isrNodes: here,
    })),
  };
}
