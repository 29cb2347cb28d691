import type {
  MetadataRequest,
  MetadataRequestTopic,
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
import { auditMadeTopic } from './audited.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { type Call, defineHandler } from './call.ts';

export const metadata = defineHandler(
  messages.metadata,
  ['DESCRIBE TOPIC', 'CREATE TOPIC', 'CREATE CLUSTER'],
  work,
);

/** Topics may be asked for by id since this version; two before know the field, and refuse what is in it. */
const idsFrom = 12;

async function work(request: MetadataRequest, call: Call): Promise<MetadataResponseInit> {
  const { broker, version, endpoint } = call;
  const { nodeId } = broker.settings;
  const wantsAll = request.topics === null || (version === 0 && request.topics.length === 0);
  const asked = wantsAll ? [] : request.topics!;
  if (version < idsFrom && asked.some(({ name, topicId }) => name === null || topicId !== ZERO_UUID))
    return refused(asked);
  const topics = wantsAll
    ? [...broker.topics.all()].map((topic) => describe(topic, call))
    : await describeAsked(asked, request, call);
  const operations = request.includeTopicAuthorizedOperations ? authorizedOperations.topic : undefined;
  return {
    brokers: [{ nodeId, host: endpoint.host, port: endpoint.port }],
    clusterId: broker.clusterId,
    controllerId: nodeId,
    topics:
      operations === undefined
        ? topics
        : topics.map((topic) =>
            isNamed(topic) ? { ...topic, topicAuthorizedOperations: operations } : topic,
          ),
    ...(request.includeClusterAuthorizedOperations
      ? { clusterAuthorizedOperations: authorizedOperations.cluster }
      : {}),
  };
}

/** What is not known by its id has no name to which anything could be allowed. */
function isNamed({ errorCode }: MetadataResponseTopicInit): boolean {
  return errorCode !== ErrorCode.UNKNOWN_TOPIC_ID;
}

/** Each topic once, as in Kafka; where one is asked for by id, those that are named alone are passed over. */
function describeAsked(
  asked: readonly MetadataRequestTopic[],
  request: MetadataRequest,
  call: Call,
): Promise<MetadataResponseTopicInit[]> | MetadataResponseTopicInit[] {
  const ids = new Set(asked.map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID));
  if (ids.size > 0) return [...ids].map((id) => byId(id, call));
  const names = new Set(asked.map(({ name }) => name).filter((name) => name !== null));
  const mayCreate =
    call.broker.settings.autoCreateTopics && (call.version < 4 || request.allowAutoTopicCreation);
  return Promise.all([...names].map((name) => byName(name, mayCreate, call)));
}

function refused(asked: readonly MetadataRequestTopic[]): MetadataResponseInit {
  const topics = asked.map(({ name, topicId }) => ({
    errorCode: ErrorCode.INVALID_REQUEST,
    name: name ?? '',
    topicId,
    partitions: [],
  }));
  return { brokers: [], clusterId: null, controllerId: -1, topics };
}

function byId(topicId: string, call: Call): MetadataResponseTopicInit {
  const topic = call.broker.topics.byId(topicId);
  if (topic !== undefined) return describe(topic, call);
  return {
    errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
    name: null,
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
  if (isFault(made)) return { errorCode: made.errorCode, name, partitions: [] };
  auditMadeTopic(name, count, call);
  return describe(made, call);
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
