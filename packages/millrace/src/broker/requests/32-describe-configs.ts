import type {
  DescribeConfigsRequest,
  DescribeConfigsResource,
  DescribeConfigsResultInit,
} from '../../protocol/generated/describe-configs.ts';
import { messages } from '../../protocol/messages.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { ErrorCode } from '../core/error-code.ts';
import { brokerSettings, shownValue } from '../settings/setting-table.ts';
import { type ConfigType, topicConfigs } from '../settings/topic-configs.ts';
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
  (request, call) => {
    const { resources } = request;
    const unknown = resources.find(({ resourceType }) => !described.has(resourceType));
    const results = resources.map((resource) =>
      unknown === undefined ? describe(resource, request, call) : refusedWith(unknown.resourceType, resource),
    );
    return { throttleTimeMs: 0, results };
  },
);

const described: ReadonlySet<number> = new Set(Object.values(resourceTypes));

/** One resource of an unknown kind spoils the request, as in Kafka. */
function refusedWith(
  unknownType: number,
  { resourceType, resourceName }: DescribeConfigsResource,
): DescribeConfigsResultInit {
  const errorMessage = `Unexpected resource type ${unknownType}`;
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage, resourceType, resourceName, configs: [] };
}

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
    const nameFault = topicNameFault(resourceName);
    if (nameFault !== null) return fail(ErrorCode.INVALID_TOPIC_EXCEPTION, nameFault);
    const topic = topics.byName(resourceName);
    if (topic === undefined) return fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${resourceName}`);
    const configs = describedConfigs(topic.configs, topicDefaults)
      .filter(({ name }) => wanted(name))
      .map((each) => describeTopicConfig(each, topicDefaults, call.version, request));
    return { ...base, errorCode: ErrorCode.NONE, errorMessage: '', configs };
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
      errorMessage: '',
      configs: configs
        .filter(({ name }) => wanted(name))
        .map((config) => describeBrokerConfig(config, call.version, request)),
    };
  }
  // Nobody can have set any.
  if (resourceType === resourceTypes.clientMetrics && resourceName !== '')
    return { ...base, errorCode: ErrorCode.NONE, errorMessage: '', configs: [] };
  return fail(ErrorCode.INVALID_REQUEST, `settings of resource type ${resourceType} are not served`);
}

/** The broker's own settings under Kafka's names. */
function brokerConfigs({ broker, endpoint }: Call): Map<string, BrokerConfig> {
  const { settings, topicDefaults } = broker;
  const configs = new Map<string, BrokerConfig>();
  const set = (name: string, value: string, what: string, type: ConfigType = 'string', isDefault = false) =>
    void configs.set(name, { name, value, type, isDefault, what });
  const address = `PLAINTEXT://${endpoint.host}:${endpoint.port}`;
  set('advertised.listeners', address, 'where clients are told to connect to');
  set('broker.id', String(settings.nodeId), 'the number of the broker', 'int');
  set('default.replication.factor', '1', 'replicas of a topic that is made without a number', 'int', true);
  set('log.dirs', settings.dataDir ?? '', 'the folder of the data');
  set('node.id', String(settings.nodeId), 'the number of the broker', 'int');
  for (const setting of brokerSettings) {
    const value = shownValue(setting, settings);
    set(setting.name, value, setting.what, setting.type, value === String(setting.default));
  }
  for (const { name, value, source } of describedConfigs(topicDefaults, new Map())) {
    if (name.includes('throttled') || name.startsWith('remote.')) continue;
    const { brokerName = name, what, type } = topicConfigs[name]!;
    set(brokerName, value, what, type, source === configSource.default);
  }
  return configs;
}
