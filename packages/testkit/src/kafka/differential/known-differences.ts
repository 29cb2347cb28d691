/**
 * Where the embedded broker answers otherwise than Apache Kafka 4.3, and why: the one list. Whatever differs and is not
 * here fails the differential test, and so does an entry that nothing differs by any more.
 */
import type { ApiName } from '../../../../millrace/src/protocol/messages.ts';
import type { Difference } from './differences.ts';

export interface KnownDifference {
  /** Undefined: of any. */
  readonly api?: ApiName;
  readonly field: RegExp;
  readonly when?: (difference: Difference) => boolean;
  readonly why: string;
}

const isDefaultBrokerSource = ({ kafka }: Difference) => kafka === 3;
const ofBroker = (difference: Difference) => resourceTypesOf(difference).includes(4);
const ofGroup = (difference: Difference) => resourceTypesOf(difference).includes(32);

export const knownDifferences: readonly KnownDifference[] = [
  {
    field: /errorMessage$/,
    when: ({ kafka, millrace }) => kafka === null && millrace === '(words)',
    why: 'an error is told in words wherever the answer has a place for them',
  },
  {
    api: 'produce',
    field: /errorCode$/,
    when: ({ kafka, millrace }) => kafka === -1 && millrace === 87,
    why: 'an unknown compression is INVALID_RECORD; Kafka fails with UNKNOWN_SERVER_ERROR, which producers try again',
  },
  {
    api: 'produce',
    field: /logAppendTimeMs$/,
    when: ({ kafka, millrace }) => kafka === '(now)' && millrace === -1,
    why: 'a duplicate is answered as its original was; Kafka tells the timestamp of the batch as if it were of the append',
  },
  {
    api: 'listOffsets',
    field: /partitions\[\]\.offset$/,
    when: ({ scenario, kafka, millrace }) =>
      scenario === 'offsets by time' && Number(kafka) < 2 && Number(millrace) >= 2,
    why: 'the record with the greatest timestamp is one that is still there; Kafka tells of one before the start of the log',
  },
  {
    api: 'createTopics',
    field: /configs\[\]\.configSource$/,
    when: isDefaultBrokerSource,
    why: 'Kafka keeps min.insync.replicas as a setting of the cluster once it can elect by eligible replicas; one node has none',
  },
  {
    api: 'describeConfigs',
    field: /configs\[\]\.configSource$/,
    when: isDefaultBrokerSource,
    why: 'min.insync.replicas, as above',
  },
  {
    api: 'describeConfigs',
    field: /configs\[\]\.synonyms\[\]$/,
    when: ({ kafka }) => JSON.stringify(kafka).includes('"min.insync.replicas"'),
    why: 'min.insync.replicas, as above',
  },
  {
    api: 'describeConfigs',
    field: /configs\[\](\.(value|readOnly|synonyms\[\]))?$/,
    when: ofBroker,
    why: 'the broker shows the settings that it has, with the values that hold, and none can be changed while it runs',
  },
  {
    api: 'describeConfigs',
    field: /(errorCode|configs\[\])$/,
    when: ofGroup,
    why: 'no single group has settings of its own',
  },
  {
    api: 'incrementalAlterConfigs',
    field: /errorCode$/,
    when: ({ kafka, millrace }) => kafka === -1 && millrace === 42,
    why: 'an operation that there is not is INVALID_REQUEST of its resource; Kafka fails with UNKNOWN_SERVER_ERROR for all',
  },
  {
    api: 'offsetCommit',
    field: /errorCode$/,
    when: ({ kafka, millrace }) => kafka === 25 && (millrace === 22 || millrace === 69),
    why: 'a group to which nothing could be committed is not there; Kafka knows it from then on',
  },
  {
    api: 'describeQuorum',
    field: /(leaderEpoch|highWatermark|logEndOffset|Timestamp|replicaDirectoryId|port)$/,
    why: 'the one node needs no log of metadata, and no listener of its own for controllers',
  },
  {
    api: 'listConfigResources',
    field: /^configResources\[\]$/,
    when: ({ kafka }) =>
      (kafka as { resourceType: number }[]).every(({ resourceType }) => resourceType === 8),
    why: 'there are no loggers that could be set',
  },
  {
    api: 'apiVersions',
    field: /^apiKeys\[\]$/,
    why: 'only what is served is told; Kafka serves more',
  },
  {
    api: 'apiVersions',
    field: /^(supportedFeatures\[\]|finalizedFeatures\[\]|finalizedFeaturesEpoch)/,
    why: 'of the features group.version and transaction.version are there: what the others would turn on is not served',
  },
  {
    api: 'apiVersions',
    field: /^errorCode$/,
    when: ({ kafka, millrace }) => kafka === 42 && millrace === 0,
    why: 'a client is served whatever it calls itself',
  },
];

function resourceTypesOf({ request }: Difference): number[] {
  const { resources = [] } = request as { resources?: { resourceType: number }[] };
  return resources.map(({ resourceType }) => resourceType);
}

export function knownBy(difference: Difference): KnownDifference | undefined {
  return knownDifferences.find(
    ({ api, field, when }) =>
      (api === undefined || api === difference.api) &&
      field.test(difference.field) &&
      (when === undefined || when(difference)),
  );
}
