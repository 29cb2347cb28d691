import type { MetadataResponseTopicInit } from '../../../protocol/generated/metadata.ts';
import { ZERO_UUID } from '../../../protocol/uuid.ts';
import { clusterName } from '../../security/access.ts';
import type { Call } from '../call.ts';
import {
  type Ask,
  type Guard,
  inPart,
  mayTopic,
  parted,
  passed,
  refusals,
  refused,
  topicName,
} from './guard.ts';

const { topic: topicRefusal, cluster: clusterRefusal } = refusals;
/** Metadata by id (KIP-516); names may be absent since then. */
const idsFrom = 10;
const nullNamesFrom = 12;

/** Who may not see a topic is told the same whether it is there or not; of all topics he gets his own. */
export const metadata: Guard<'metadata'> = (request, ask, call) => {
  const { version } = call;
  const wantsAll = request.topics === null || (version === 0 && request.topics.length === 0);
  const bits = (topics: readonly MetadataResponseTopicInit[]) =>
    request.includeTopicAuthorizedOperations
      ? topics.map((topic) => ({
          ...topic,
          topicAuthorizedOperations: ask.operations('TOPIC', topic.name ?? ''),
        }))
      : topics;
  const cluster = request.includeClusterAuthorizedOperations
    ? { clusterAuthorizedOperations: ask.mayCluster('DESCRIBE') ? ask.operations('CLUSTER', clusterName) : 0 }
    : {};
  if (wantsAll) {
    return {
      request,
      finish(response) {
        const topics = response!.topics.filter(({ name }) => ask.may('DESCRIBE', 'TOPIC', name ?? ''));
        return { ...response!, ...cluster, topics: bits(topics) };
      },
    };
  }
  const isById = ({ name, topicId }: { name: string | null; topicId: string }) =>
    name === null || (version >= idsFrom && topicId !== ZERO_UUID);
  const mayCreate = call.broker.settings.autoCreateTopics && (version < 4 || request.allowAutoTopicCreation);
  const [allowed, others] = parted(request.topics!, (topic) => {
    const name = topicName({ name: topic.name, topicId: topic.topicId }, isById(topic), call);
    if (!mayTopic(ask, 'DESCRIBE', name)) return false;
    const isNew = name !== undefined && call.broker.topics.byName(name) === undefined;
    return !isNew || !mayCreate || ask.mayCluster('CREATE') || ask.may('CREATE', 'TOPIC', name);
  });
  const { errorCode } = topicRefusal;
  const refusal = others.map((topic) => {
    const { name, topicId } = topic;
    if (!isById(topic)) return { errorCode, name, topicId: ZERO_UUID, partitions: [] };
    return { errorCode, name: version >= nullNamesFrom ? null : '', topicId, partitions: [] };
  });
  return {
    // Also with none of them: who the brokers are is told to everybody.
    request: { ...request, topics: allowed },
    finish: (response) => ({ ...response!, ...cluster, topics: [...bits(response!.topics), ...refusal] }),
  };
};

export const createTopics: Guard<'createTopics'> = (request, ask) => {
  const mayAll = ask.mayCluster('CREATE');
  const [allowed, others] = parted(request.topics, ({ name }) => mayAll || ask.may('CREATE', 'TOPIC', name));
  const refusal = others.map(({ name }) => ({
    name,
    errorCode: topicRefusal.errorCode,
    errorMessage: 'Authorization failed.',
    ...hiddenConfigs(ask, name),
  }));
  return {
    request: allowed.length === 0 ? null : { ...request, topics: allowed },
    finish(response) {
      const made = (response?.topics ?? []).map((topic) =>
        topic.errorCode === 0 ? { ...topic, ...hiddenConfigs(ask, topic.name) } : topic,
      );
      return { ...response, topics: [...made, ...refusal] };
    },
  };
};

function hiddenConfigs(ask: Ask, name: string): object {
  if (ask.may('DESCRIBE_CONFIGS', 'TOPIC', name)) return {};
  return {
    topicConfigErrorCode: topicRefusal.errorCode,
    numPartitions: -1,
    replicationFactor: -1,
    configs: null,
  };
}

export const deleteTopics: Guard<'deleteTopics'> = (request, ask, call) => {
  const isOpen = (topic: { name: string | null; topicId: string }) =>
    mayTopic(ask, 'DELETE', topicName(topic, topic.name === null, call));
  const [states, otherStates] = parted(request.topics, isOpen);
  const [names, otherNames] = parted(request.topicNames, (name) => ask.may('DELETE', 'TOPIC', name));
  if (otherStates.length + otherNames.length === 0) return passed(request);
  const refusal = [
    ...otherStates.map(({ name, topicId }) => ({
      name: seenName(name, topicId, ask, call),
      topicId,
      ...topicRefusal,
    })),
    ...otherNames.map((name) => ({ name, ...topicRefusal })),
  ];
  return {
    request: states.length + names.length === 0 ? null : { ...request, topics: states, topicNames: names },
    finish: (response) => ({ ...response, responses: [...(response?.responses ?? []), ...refusal] }),
  };
};

/** Of a topic that was named by its id the name is told to those alone who may see it. */
function seenName(name: string | null, topicId: string, ask: Ask, call: Call): string | null {
  if (name !== null) return name;
  const found = call.broker.topics.byId(topicId)?.name ?? null;
  return found !== null && ask.may('DESCRIBE', 'TOPIC', found) ? found : null;
}

export const createPartitions: Guard<'createPartitions'> = (request, ask) => {
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('ALTER', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const refusal = others.map(({ name }) => ({ name, ...topicRefusal }));
  return inPart(request, 'topics', allowed, { throttleTimeMs: 0, results: refusal }, 'results');
};

export const describeTopicPartitions: Guard<'describeTopicPartitions'> = (request, ask) => {
  const bits = <T extends { name: string | null }>(topics: readonly T[]) =>
    topics.map((topic) => ({
      ...topic,
      topicAuthorizedOperations: ask.operations('TOPIC', topic.name ?? ''),
    }));
  // Of all topics the handler takes those that the sender may see.
  if (request.topics.length === 0)
    return { request, finish: (response) => ({ ...response!, topics: bits(response!.topics) }) };
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('DESCRIBE', 'TOPIC', name));
  const { errorCode } = topicRefusal;
  const refusal = others.map(({ name }) => ({ errorCode, name, topicId: ZERO_UUID, partitions: [] }));
  return {
    request: allowed.length === 0 ? null : { ...request, topics: allowed },
    finish: (response) => ({
      nextCursor: null,
      ...response,
      topics: [...bits(response?.topics ?? []), ...refusal],
    }),
  };
};

/** `ConfigResource.Type` */
const resourceTypes = { topic: 2, group: 32 } as const;

type ConfigResource = { readonly resourceType: number; readonly resourceName: string };

function mayConfigs(
  ask: Ask,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  resource: ConfigResource,
): boolean {
  const { resourceType, resourceName } = resource;
  if (resourceType === resourceTypes.topic) return ask.may(operation, 'TOPIC', resourceName);
  if (resourceType === resourceTypes.group) return ask.may(operation, 'GROUP', resourceName);
  return ask.mayCluster(operation);
}

function configRefusal({ resourceType, resourceName }: ConfigResource) {
  const kind =
    resourceType === resourceTypes.topic
      ? topicRefusal
      : resourceType === resourceTypes.group
        ? refusals.group
        : clusterRefusal;
  return { ...kind, resourceType, resourceName };
}

export const describeConfigs: Guard<'describeConfigs'> = (request, ask) => {
  const [allowed, others] = parted(request.resources, (each) => mayConfigs(ask, 'DESCRIBE_CONFIGS', each));
  if (others.length === 0) return passed(request);
  const refusal = others.map((each) => ({ ...configRefusal(each), configs: [] }));
  return inPart(request, 'resources', allowed, { throttleTimeMs: 0, results: refusal }, 'results');
};

export const alterConfigs: Guard<'alterConfigs'> = (request, ask) => {
  const [allowed, others] = parted(request.resources, (each) => mayConfigs(ask, 'ALTER_CONFIGS', each));
  if (others.length === 0) return passed(request);
  const refusal = { throttleTimeMs: 0, responses: others.map(configRefusal) };
  return inPart(request, 'resources', allowed, refusal, 'responses');
};

export const incrementalAlterConfigs: Guard<'incrementalAlterConfigs'> = (request, ask) => {
  const [allowed, others] = parted(request.resources, (each) => mayConfigs(ask, 'ALTER_CONFIGS', each));
  if (others.length === 0) return passed(request);
  const refusal = { throttleTimeMs: 0, responses: others.map(configRefusal) };
  return inPart(request, 'resources', allowed, refusal, 'responses');
};

export const listConfigResources: Guard<'listConfigResources'> = (request, ask) =>
  ask.mayCluster('DESCRIBE_CONFIGS')
    ? passed(request)
    : refused({ throttleTimeMs: 0, errorCode: clusterRefusal.errorCode, configResources: [] });
