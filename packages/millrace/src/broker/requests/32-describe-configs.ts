import type {
  DescribeConfigsRequest,
  DescribeConfigsResource,
  DescribeConfigsResultInit,
} from '../../protocol/generated/describe-configs.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { brokerSettings, shownValue } from '../settings/setting-table.ts';
import { topicConfigs } from '../settings/topic-configs.ts';
import { type Call, defineHandler } from './call.ts';
import {
  type BrokerConfig,
  configSource,
  describeBrokerConfig,
  describedConfigs,
  describeTopicConfig,
} from './config-description.ts';
import { resourceTypes } from './resource-types.ts';

export const describeConfigs = defineHandler(
  messages.describeConfigs,
  ['DESCRIBE_CONFIGS CLUSTER', 'DESCRIBE_CONFIGS TOPIC', 'DESCRIBE_CONFIGS GROUP'],
  (request, call) => ({
    throttleTimeMs: 0,
    results: request.resources.map((resource) => describe(resource, request, call)),
  }),
);

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
    const configs = resourceName === '' ? [] : [...brokerConfigs(call).values()];
    return {
      ...base,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      configs: configs
        .filter(({ name }) => wanted(name))
        .map((config) => describeBrokerConfig(config, call.version, request.includeDocumentation)),
    };
  }
  return fail(ErrorCode.INVALID_REQUEST, `settings of resource type ${resourceType} are not served`);
}

/** The broker's own settings under Kafka's names. */
function brokerConfigs({ broker, endpoint }: Call): Map<string, BrokerConfig> {
  const { settings, topicDefaults } = broker;
  const configs = new Map<string, BrokerConfig>();
  const set = (name: string, value: string, isDefault = false, what: string | null = null) =>
    void configs.set(name, { name, value, isDefault, what });
  set('advertised.listeners', `PLAINTEXT://${endpoint.host}:${endpoint.port}`);
  set('broker.id', String(settings.nodeId));
  set('default.replication.factor', '1', true);
  set('log.dirs', settings.dataDir ?? '');
  set('node.id', String(settings.nodeId));
  for (const setting of brokerSettings) {
    const value = shownValue(setting, settings);
    set(setting.name, value, value === String(setting.default), setting.what);
  }
  for (const { name, value, source } of describedConfigs(topicDefaults, new Map())) {
    if (name.includes('throttled') || name.startsWith('remote.')) continue;
    set(topicConfigs[name]!.brokerName ?? name, value, source === configSource.default);
  }
  return configs;
}
