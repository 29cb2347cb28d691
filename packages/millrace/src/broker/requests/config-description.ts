import type { DescribeConfigsResourceResultInit } from '../../protocol/generated/describe-configs.ts';
import { topicConfigs } from '../settings/topic-configs.ts';

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

/** The same in the form of DescribeConfigs, with the chain of values behind each (`synonyms`) where asked for. */
export function describeTopicConfig(
  described: DescribedConfig,
  broker: ReadonlyMap<string, string>,
  version: number,
  includeSynonyms: boolean,
): DescribeConfigsResourceResultInit {
  const { name, value, source } = described;
  const { type, brokerName, default: defaultValue } = topicConfigs[name]!;
  const synonyms: { name: string; value: string; source: number }[] = [];
  if (source === configSource.topic) synonyms.push({ name, value, source });
  if (brokerName !== undefined) {
    const brokerValue = broker.get(name);
    if (brokerValue !== undefined) {
      synonyms.push({ name: brokerName, value: brokerValue, source: configSource.brokerStart });
    }
    synonyms.push({ name: brokerName, value: defaultValue, source: configSource.default });
  }
  return {
    name,
    value,
    readOnly: false,
    configSource: source,
    isSensitive: false,
    ...(includeSynonyms ? { synonyms } : {}),
    ...(version >= 3 ? { configType: configTypes[type] } : {}),
  };
}

/** A setting of the broker itself. */
export interface BrokerConfig {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  /** What it does, where that is known. */
  readonly what: string | null;
}

/** The same in the form of DescribeConfigs: fixed when the broker was started. */
export function describeBrokerConfig(
  { name, value, isDefault, what }: BrokerConfig,
  version: number,
  includeDocumentation: boolean,
): DescribeConfigsResourceResultInit {
  const source = isDefault ? configSource.default : configSource.brokerStart;
  const base = { name, value, readOnly: true, configSource: source, isSensitive: false };
  if (version < 3) return base;
  return { ...base, configType: typeOf(value), ...(includeDocumentation ? { documentation: what } : {}) };
}

function typeOf(value: string): number {
  if (/^-?\d+$/.test(value)) return configTypes.long;
  return /^(true|false)$/.test(value) ? configTypes.boolean : configTypes.string;
}
