import type {
  DescribeConfigsRequest,
  DescribeConfigsResourceResultInit,
} from '../../protocol/generated/describe-configs.ts';
import { type ConfigType, topicConfigs } from '../settings/topic-configs.ts';

/** Where a value comes from (DescribeConfigs, `ConfigSource`). */
export const configSource = { topic: 1, brokerStart: 4, default: 5 } as const;
const configTypes = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** Every topic setting with the value that holds and where it comes from. */
export function describedConfigs(
  own: ReadonlyMap<string, string>,
  broker: ReadonlyMap<string, string>,
): readonly DescribedConfig[] {
  return Object.entries(topicConfigs).map(([name, config]) => {
    const ownValue = own.get(name);
    if (ownValue !== undefined) return { name, value: ownValue, source: configSource.topic };
    const brokerValue = broker.get(name);
    if (brokerValue !== undefined) return { name, value: brokerValue, source: configSource.brokerStart };
    return { name, value: config.default, source: configSource.default };
  });
}

export type Demands = Pick<DescribeConfigsRequest, 'includeSynonyms' | 'includeDocumentation'>;

/** The same in the form of DescribeConfigs, with the chain of values behind each (`synonyms`) where asked for. */
export function describeTopicConfig(
  described: DescribedConfig,
  broker: ReadonlyMap<string, string>,
  version: number,
  { includeSynonyms, includeDocumentation }: Demands,
): DescribeConfigsResourceResultInit {
  const { name, value, source } = described;
  const { type, brokerName, isUnsetInBroker, default: defaultValue, what } = topicConfigs[name]!;
  const synonyms: { name: string; value: string; source: number }[] = [];
  if (source === configSource.topic) synonyms.push({ name, value, source });
  if (brokerName !== undefined) {
    const brokerValue = broker.get(name);
    if (brokerValue !== undefined) {
      synonyms.push({ name: brokerName, value: brokerValue, source: configSource.brokerStart });
    }
    if (isUnsetInBroker !== true)
      synonyms.push({ name: brokerName, value: defaultValue, source: configSource.default });
  }
  return {
    name,
    value,
    readOnly: false,
    configSource: source,
    isSensitive: false,
    ...(includeSynonyms ? { synonyms } : {}),
    ...(version >= 3
      ? { configType: configTypes[type], documentation: includeDocumentation ? what : null }
      : {}),
  };
}

/** A setting of the broker itself. */
export interface BrokerConfig {
  readonly name: string;
  readonly value: string;
  readonly type: ConfigType;
  readonly isDefault: boolean;
  /** What it does. */
  readonly what: string;
}

/** The same in the form of DescribeConfigs: fixed when the broker was started. */
export function describeBrokerConfig(
  { name, value, type, isDefault, what }: BrokerConfig,
  version: number,
  { includeSynonyms, includeDocumentation }: Demands,
): DescribeConfigsResourceResultInit {
  const source = isDefault ? configSource.default : configSource.brokerStart;
  return {
    name,
    value,
    readOnly: true,
    configSource: source,
    isSensitive: false,
    ...(includeSynonyms ? { synonyms: [{ name, value, source }] } : {}),
    ...(version >= 3
      ? { configType: configTypes[type], documentation: includeDocumentation ? what : null }
      : {}),
  };
}
