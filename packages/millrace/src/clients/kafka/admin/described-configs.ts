import type { KafkaClient } from '../client.ts';
import { kafkaError } from '../kafka-errors.ts';
import { describeConfigsApi } from './admin-apis.ts';

/** `ConfigResource.Type` */
export const configResourceTypes = { topic: 2, broker: 4 } as const;
/** `DescribeConfigsResponse.ConfigSource` */
const sources = [
  ...['UNKNOWN', 'DYNAMIC_TOPIC_CONFIG', 'DYNAMIC_BROKER_CONFIG', 'DYNAMIC_DEFAULT_BROKER_CONFIG'],
  ...['STATIC_BROKER_CONFIG', 'DEFAULT_CONFIG'],
];

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly source: string;
  readonly isSensitive: boolean;
  readonly synonyms: readonly {
    readonly source: string;
    readonly name: string;
    readonly value: string | null;
  }[];
}

/** The settings of a topic or broker, each with where its value comes from. Throws `KAFKA`. */
export async function describedConfigs(
  client: KafkaClient,
  resourceType: number,
  resourceName: string,
): Promise<readonly DescribedConfig[]> {
  const resources = [{ resourceType, resourceName, configurationKeys: null }];
  const { results } = await client.request('any', describeConfigsApi, { resources, includeSynonyms: true });
  return results.flatMap(({ errorCode, errorMessage, configs }) => {
    if (errorCode !== 0) throw kafkaError(errorCode, resourceName, errorMessage);
    return configs.map(({ name, value, configSource, isSensitive, synonyms }) => ({
      name,
      value,
      source: sources[configSource] ?? sources[0]!,
      isSensitive,
      synonyms: synonyms.map((each) => ({ ...each, source: sources[each.source] ?? sources[0]! })),
    }));
  });
}
