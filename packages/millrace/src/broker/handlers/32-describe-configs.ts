import type {
  DescribeConfigsRequest,
  DescribeConfigsResource,
  DescribeConfigsResultInit,
} from '../../protocol/generated/describe-configs.ts';
import { messages } from '../../protocol/messages.ts';
import { type Call, defineHandler } from '../call.ts';
import { describeBrokerConfig, describedConfigs, describeTopicConfig } from '../config-description.ts';
import { ErrorCode } from '../error-code.ts';
import { resourceTypes } from '../resource-types.ts';
import { topicConfigs } from '../topic-configs.ts';

export const describeConfigs = defineHandler(messages.describeConfigs, (request, call) => ({
  throttleTimeMs: 0,
  results: request.resources.map((resource) => describe(resource, request, call)),
}));

function describe(
  resource: DescribeConfigsResource,
  request: DescribeConfigsRequest,
  call: Call,
): DescribeConfigsResultInit {
  const { resourceType, resourceName, configurationKeys } = resource;
  const base = { resourceType, resourceName };
  const wanted = (name: string) =>
    configurationKeys === null || configurationKeys.length === 0 || configurationKeys.includes(name);
  const fail = (errorCode: number, errorMessage: string) => ({
    ...base,
    errorCode,
    errorMessage,
    configs: [],
  });
  const { topicDefaults, topics, settings } = call.broker;
  if (resourceType === resourceTypes.topic) {
    const topic = topics.byName(resourceName);
    if (topic === undefined) return fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${resourceName}`);
    const configs = describedConfigs(topic.configs, topicDefaults)
      .filter(({ name }) => wanted(name))
      .map((each) => describeTopicConfig(each, topicDefaults, call.version, request.includeSynonyms));
    return { ...base, errorCode: ErrorCode.NONE, errorMessage: null, configs };
  }
  if (resourceType === resourceTypes.broker) {
    if (resourceName !== '' && resourceName !== String(settings.nodeId)) {
      const message = `Unexpected broker id, expected ${settings.nodeId} or empty string, but received ${resourceName}`;
      return fail(ErrorCode.INVALID_REQUEST, message);
    }
    const configs = resourceName === '' ? [] : [...brokerConfigs(call)].filter(([name]) => wanted(name));
    return {
      ...base,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      configs: configs.map(([name, value]) => describeBrokerConfig(name, value, call.version)),
    };
  }
  return fail(ErrorCode.INVALID_REQUEST, `settings of resource type ${resourceType} are not served`);
}

/** The broker's own settings under Kafka's names. */
function brokerConfigs({ broker, endpoint }: Call): Map<string, string> {
  const { settings, topicDefaults } = broker;
  const configs = new Map<string, string>([
    ['advertised.listeners', `PLAINTEXT://${endpoint.host}:${endpoint.port}`],
    ['auto.create.topics.enable', String(settings.autoCreateTopics)],
    ['broker.id', String(settings.nodeId)],
    ['connections.max.idle.ms', String(settings.maxIdleMs)],
    ['default.replication.factor', '1'],
    ['fetch.max.bytes', String(settings.fetchMaxBytes)],
    ['group.initial.rebalance.delay.ms', String(settings.groupInitialRebalanceDelayMs)],
    ['group.max.session.timeout.ms', String(settings.groupMaxSessionTimeoutMs)],
    ['group.max.size', String(settings.groupMaxSize)],
    ['group.min.session.timeout.ms', String(settings.groupMinSessionTimeoutMs)],
    ['log.dirs', settings.dataDir ?? ''],
    ['log.retention.check.interval.ms', String(settings.retentionCheckIntervalMs)],
    ['max.connections', String(settings.maxConnections)],
    ['max.connections.per.ip', String(settings.maxConnectionsPerIp)],
    ['max.incremental.fetch.session.cache.slots', String(settings.maxFetchSessions)],
    ['node.id', String(settings.nodeId)],
    ['num.partitions', String(settings.defaultPartitions)],
    ['offset.metadata.max.bytes', String(settings.offsetMetadataMaxBytes)],
    ['offsets.retention.minutes', String(Math.floor(settings.offsetsRetentionMs / 60_000))],
    ['producer.id.expiration.ms', String(settings.producerIdExpirationMs)],
    ['socket.request.max.bytes', String(settings.maxRequestBytes)],
  ]);
  for (const { name, value } of describedConfigs(topicDefaults, new Map())) {
    if (!name.includes('throttled') && !name.startsWith('remote.')) configs.set(brokerNameOf(name), value);
  }
  return configs;
}

function brokerNameOf(name: string): string {
  return topicConfigs[name]!.brokerName ?? name;
}
