/** What requests are drawn from: values that brokers tell apart, by field. */
import type { Chance } from '../../../../millrace/src/component/testing/chance.ts';
import { producedBatch, tampered } from '../produced-batch.ts';
import type { Value } from '../protocol-messages.ts';

/** The names of the topics and groups that a drawn scenario has for itself. */
export interface Place {
  /** Of two partitions, with ten records in the first. */
  readonly topic: string;
  readonly compacted: string;
  /** A group with committed offsets and no members. */
  readonly group: string;
}

const long = 'x'.repeat(250);
/** Of records that are the same in every run. */
export const recordTime = 1_600_000_000_000;

/** What a producer may send for a partition, well made and not. */
export const batchKinds: Readonly<Record<string, () => Buffer | null>> = {
  plain: () => plain(),
  keyed: () => plain({ key: 'key' }),
  'keyed, gzip': () => plain({ key: 'key', compression: 'gzip' }),
  null: () => null,
  empty: () => Buffer.alloc(0),
  'shorter than a header': () => Buffer.alloc(30),
  'two batches': () => Buffer.concat([plain(), plain()]),
  'a changed byte': () =>
    tampered(plain(), (bytes) => bytes.writeUInt8(bytes.at(-2)! ^ 1, bytes.length - 2), true),
  'a wrong count': () => tampered(plain(), (bytes) => bytes.writeInt32BE(7, 57)),
  'a wrong last offset': () => tampered(plain(), (bytes) => bytes.writeInt32BE(7, 23)),
  'magic 1': () => tampered(plain(), (bytes) => bytes.writeUInt8(1, 16)),
  'control records': () => tampered(plain(), (bytes) => bytes.writeInt16BE(0x20, 21)),
  'an unknown compression': () => tampered(plain(), (bytes) => bytes.writeInt16BE(7, 21)),
  'the time of an append': () => tampered(plain(), (bytes) => bytes.writeInt16BE(8, 21)),
  'a base offset': () => tampered(plain(), (bytes) => bytes.writeBigInt64BE(5n, 0)),
  'the first of a producer': () => plain({ producerId: 4242, producerEpoch: 0, baseSequence: 0 }),
  'a sequence too far': () => plain({ producerId: 4242, producerEpoch: 0, baseSequence: 9 }),
  'no sequence': () => plain({ producerId: 4242, producerEpoch: 0, baseSequence: -1 }),
};
/** Those that spoil no more than their own partition in Kafka; the others have cases of their own. */
const drawnKinds = [
  'plain',
  'plain',
  'keyed',
  'keyed',
  'keyed, gzip',
  'the first of a producer',
  'a sequence too far',
];

function plain(options = {}): Buffer {
  return producedBatch(['one', 'two', 'three'], { timestampMs: recordTime, ...options });
}

function batches(chance: Chance): Value {
  return batchKinds[drawnKinds[chance.int(0, drawnKinds.length - 1)]!]!();
}

export type Pool = (place: Place, chance: Chance) => Value;
const from =
  (...values: readonly Value[]): Pool =>
  (_, chance) =>
    values[chance.int(0, values.length - 1)]!;
const oneOf =
  (...pools: readonly Pool[]): Pool =>
  (place, chance) =>
    pools[chance.int(0, pools.length - 1)]!(place, chance);

const ownTopic: Pool = ({ topic }) => topic;
const topicName = oneOf(
  ownTopic,
  ownTopic,
  ({ compacted }) => compacted,
  from('missing', '', 'not a name!', '..', long, '__consumer_offsets'),
);
/** Of topics that a request may change or remove. */
const ownName = oneOf(ownTopic, ownTopic, from('missing', '', 'not a name!', '..', long));
const newName = oneOf(
  ownTopic,
  ({ topic }, chance) => `${topic}.${chance.int(1, 1_000_000)}`,
  ({ topic }, chance) => `${topic}.${chance.int(1, 1_000_000)}`,
  from('', 'not a name!', '.', long),
);
const longGroup: Pool = ({ group }) => `${group}-${long}`;
const group = oneOf(
  ({ group }) => group,
  ({ group }) => group,
  longGroup,
  from('no-group', ''),
);
const memberId = from('', '', 'stranger', long);
const partition = from(0, 0, 0, 1, 2, 7, -1, 2 ** 31 - 1);
const topicId = oneOf(
  ({ topic }) => `id of ${topic}`,
  ({ topic }) => `id of ${topic}`,
  from('AAAAAAAAAAAAAAAAAAAAAA', 'bWlsbHJhY2UtdGVzdC0wMQ'),
);
const configName = from(
  ...[
    'retention.ms',
    'retention.bytes',
    'cleanup.policy',
    'max.message.bytes',
    'segment.bytes',
    'no.such',
    '',
  ],
  ...[
    'compression.type',
    'min.insync.replicas',
    'message.timestamp.type',
    'preallocate',
    'remote.storage.enable',
  ],
  ...['unclean.leader.election.enable', 'min.cleanable.dirty.ratio', 'leader.replication.throttled.replicas'],
);
const configValue = from(
  ...[
    '1',
    '0',
    '-1',
    '-2',
    '604800000',
    '2000000',
    '99999999999999999999',
    '',
    ' 7 ',
    'true',
    'FALSE',
    'maybe',
  ],
  ...[
    'compact',
    'delete',
    'compact,delete',
    'delete, compact',
    'producer',
    'gzip',
    'zip',
    'LogAppendTime',
    '0.5',
    '*',
  ],
);

/** By API and place; before those for all. A field that is in neither gets boundary values of its type. */
export const pools: Record<string, Pool> = {
  'produce topicData.name': topicName,
  'produce topicData.partitionData.records': (_, chance) => batches(chance),
  'produce transactionalId': from(null),
  'produce acks': from(-1, -1, 1, 1, 2, -2, 32767),
  'produce timeoutMs': from(1000, 30_000),
  'fetch replicaId': from(-1),
  'fetch replicaState.replicaId': from(-1),
  'fetch replicaState.replicaEpoch': from(-1),
  'fetch topics.partitions.replicaDirectoryId': from('AAAAAAAAAAAAAAAAAAAAAA'),
  'fetch topics.partitions.highWatermark': from(2 ** 53),
  'fetch maxWaitMs': from(0, 0, 20),
  'fetch minBytes': from(0, 1, 1),
  'fetch maxBytes': from(1 << 20, 1000, 1),
  'fetch isolationLevel': from(0, 1),
  'fetch sessionId': from(0, 0, 12_345),
  'fetch sessionEpoch': from(-1, -1, 0, 0, 1, 5),
  'fetch topics.partitions.partitionMaxBytes': from(1 << 20, 100, 1, 0),
  'fetch topics.partitions.fetchOffset': from(0, 0, 3, 9, 10, 11, 1000, -1),
  'fetch topics.partitions.logStartOffset': from(-1),
  'fetch topics.partitions.lastFetchedEpoch': from(-1),
  'fetch forgottenTopicsData': () => [],
  'fetch rackId': from(''),
  'fetch clusterId': from(null),
  'fetch topics.topic': ownName,
  // Without an id of a topic Kafka fails as a whole, or never answers.
  'fetch topics.topicId': oneOf(({ topic }) => `id of ${topic}`, from('bWlsbHJhY2UtdGVzdC0wMQ')),
  'listOffsets topics.name': ownName,
  'offsetForLeaderEpoch topics.topic': ownName,
  'listOffsets replicaId': from(-1),
  'listOffsets isolationLevel': from(0, 1),
  'listOffsets topics.partitions.timestamp': from(-1, -2, -3, -4, -5, 0, recordTime, recordTime + 1, 1),
  'listOffsets timeoutMs': from(1000),
  'metadata topics.name': topicName,
  'metadata allowAutoTopicCreation': from(false),
  'offsetCommit topics.name': topicName,
  'offsetCommit generationIdOrMemberEpoch': from(-1, -1, 0, 5, -2),
  'offsetCommit topics.partitions.committedOffset': from(0, 5, 1000, -1),
  'offsetCommit topics.partitions.committedLeaderEpoch': from(-1, 0),
  'offsetCommit topics.partitions.committedMetadata': from(null, '', 'note', 'm'.repeat(5000)),
  'offsetCommit retentionTimeMs': from(-1, 1000),
  'offsetFetch memberId': from(null),
  'offsetFetch groups.memberId': from(null),
  'offsetFetch groups.memberEpoch': from(-1),
  'findCoordinator keyType': from(0, 0, 0, 3, -1),
  'joinGroup groupId': oneOf(from(''), ({ group }, chance) => `${group}-${chance.int(1, 1_000_000)}`),
  'joinGroup sessionTimeoutMs': from(10_000, 10_000, 6000, 0, -1, 2 ** 31 - 1),
  'joinGroup rebalanceTimeoutMs': from(1000),
  'joinGroup protocolType': from('consumer', 'consumer', '', 'connect'),
  'joinGroup protocols': (_, chance) =>
    chance.int(0, 4) === 0 ? [] : [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0]) }],
  'leaveGroup members.groupInstanceId': from(null, 'static'),
  'syncGroup protocolType': from(null, 'consumer', ''),
  'syncGroup protocolName': from(null, 'range', ''),
  'listGroups statesFilter': from('Stable', 'EMPTY', 'empty', 'dead', 'no such', ''),
  'listGroups typesFilter': from('classic', 'Consumer', 'no such', ''),
  'saslHandshake mechanism': from('PLAIN', '', 'SCRAM-SHA-256'),
  'apiVersions clientSoftwareName': from('name', '', 'bad name!', '-a'),
  'apiVersions clientSoftwareVersion': from('1.0', '', 'bad version!'),
  // Kafka closes the connection for a number that means nothing in a rule.
  'describeAcls resourceTypeFilter': from(2, 3, 4),
  'describeAcls patternTypeFilter': from(1, 2, 3, 4),
  'describeAcls operation': from(1, 2, 3, 4),
  'describeAcls permissionType': from(1, 2, 3),
  'createAcls creations.resourceType': from(2, 3),
  'createAcls creations.resourcePatternType': from(3, 4),
  'createAcls creations.operation': from(2, 3, 4),
  'createAcls creations.permissionType': from(2, 3),
  'deleteAcls filters.resourceTypeFilter': from(2, 3, 4),
  'deleteAcls filters.patternTypeFilter': from(1, 2, 3, 4),
  'deleteAcls filters.operation': from(1, 2, 3, 4),
  'deleteAcls filters.permissionType': from(1, 2, 3),
  'describeClientQuotas components.entityType': from('user', 'client-id', 'ip', 'no such', ''),
  'describeClientQuotas components.matchType': from(0, 1, 2, 3),
  'describeClientQuotas components.match': from(null, 'a'),
  'describeUserScramCredentials users.name': from('alice', 'bob', ''),
  'createTopics topics.name': newName,
  'createTopics topics.numPartitions': from(-1, 1, 3, 0, -2),
  'createTopics topics.replicationFactor': from(-1, 1, 0, 2, -2),
  'createTopics topics.assignments': (_, chance) =>
    [
      [],
      [],
      [],
      [{ partitionIndex: 0, brokerIds: [1] }],
      [{ partitionIndex: 1, brokerIds: [1] }],
      [{ partitionIndex: 0, brokerIds: [9] }],
      [{ partitionIndex: 0, brokerIds: [] }],
      [{ partitionIndex: 0, brokerIds: [1, 1] }],
    ][chance.int(0, 7)]!,
  'createTopics timeoutMs': from(30_000),
  'deleteTopics topicNames': ownName,
  'deleteTopics topics.name': ownName,
  'deleteTopics timeoutMs': from(30_000),
  'deleteRecords topics.name': ownName,
  'deleteRecords topics.partitions.offset': from(-1, 0, 3, 10, 11, -2),
  'deleteRecords timeoutMs': from(5000),
  'initProducerId transactionalId': from(null),
  'initProducerId transactionTimeoutMs': from(60_000, 0, -1),
  'initProducerId producerId': from(-1, -1, 0, 4242),
  'initProducerId producerEpoch': from(-1, -1, 0, 5),
  'initProducerId enable2Pc': from(false),
  'initProducerId keepPreparedTxn': from(false),
  'offsetForLeaderEpoch replicaId': from(-1, -2),
  'describeConfigs resources.resourceType': from(2, 2, 2, 4, 16, 32, 0, 99),
  'describeConfigs resources.resourceName': oneOf(topicName, from('1', '', 'abc')),
  'describeConfigs resources.configurationKeys': configName,
  'alterConfigs resources.resourceType': from(2),
  'alterConfigs resources.resourceName': ownName,
  'incrementalAlterConfigs resources.resourceType': from(2),
  'incrementalAlterConfigs resources.resourceName': ownName,
  'incrementalAlterConfigs resources.configs.configOperation': from(0, 0, 1, 2, 3),
  'describeLogDirs topics.topic': ownName,
  'createPartitions topics.name': ownName,
  'createPartitions topics.count': from(3, 2, 1, 0, -1, 4),
  'createPartitions topics.assignments': (_, chance) =>
    [
      null,
      null,
      null,
      [],
      [{ brokerIds: [1] }],
      [{ brokerIds: [9] }],
      [{ brokerIds: [1] }, { brokerIds: [1] }],
    ][chance.int(0, 6)]!,
  'createPartitions timeoutMs': from(30_000),
  'deleteGroups groupsNames': oneOf(from('no-group', ''), ({ group }) => group),
  // Brokers alone send markers, and only such as make sense.
  'writeTxnMarkers markers': () => [],
  'electLeaders electionType': from(0, 1, 0, 1, 5),
  'electLeaders topicPartitions.topic': topicName,
  'electLeaders timeoutMs': from(5000),
  'alterPartitionReassignments topics.partitions.replicas': from(1, 1, 1, 9, -1),
  'alterPartitionReassignments timeoutMs': from(5000),
  'alterReplicaLogDirs dirs.topics.name': oneOf(ownTopic, from('missing')),
  'alterReplicaLogDirs dirs.path': from('/no/such/place'),
  'describeQuorum topics.topicName': from('__cluster_metadata', 'missing', ''),
  'describeCluster endpointType': from(1, 1, 2, 0, 3),
  'describeTransactions transactionalIds': from('no-such', ''),
  'listTransactions stateFilters': from('Ongoing', 'ongoing', 'no such', ''),
  'listTransactions producerIdFilters': from(-1, 0, 4242),
  'listTransactions durationFilter': from(-1, 0, 1000),
  'listTransactions transactionalIdPattern': from(null, '', 'a.*', '('),
  'listConfigResources resourceTypes': from(2, 4, 16, 32, 0, 99, 8),
  // Kafka fails for the name of no letters.
  'describeTopicPartitions topics.name': oneOf(
    ownTopic,
    ({ compacted }) => compacted,
    from('missing', 'not a name!', '__consumer_offsets'),
  ),
  'describeTopicPartitions responsePartitionLimit': from(2000, 1, 2, 0, -1),
  'describeTopicPartitions cursor': ({ topic }, chance) =>
    [
      null,
      null,
      null,
      { topicName: topic, partitionIndex: 1 },
      { topicName: topic, partitionIndex: -1 },
      { topicName: 'missing', partitionIndex: 0 },
    ][chance.int(0, 5)]!,
};
export const poolsOfAll: Record<string, Pool> = {
  topicId,
  groupId: group,
  memberId,
  groupInstanceId: from(null, null, 'static'),
  generationId: from(-1, 0, 1),
  topic: topicName,
  name: topicName,
  partitionIndex: partition,
  partition,
  partitions: partition,
  partitionIndexes: partition,
  index: partition,
  currentLeaderEpoch: from(-1, -1, 0, 1),
  leaderEpoch: from(0, 0, 1, -1, 5),
  groups: group,
  key: group,
  coordinatorKeys: group,
  resourceType: from(2),
  resourceName: ownName,
  reason: from(null, 'why'),
};
export const configPools: Record<string, Pool> = { name: configName, value: configValue };

export const byType: Record<string, Pool> = {
  bool: from(true, false),
  int8: from(0, 1, -1, 127),
  int16: from(0, 1, -1, 32767),
  uint16: from(0, 1, 65535),
  int32: from(0, 1, -1, 2 ** 31 - 1),
  int64: from(0, 1, -1, 2 ** 40),
  float64: from(0, 1.5),
  string: from('', 'a', long),
  uuid: topicId,
  bytes: from(Buffer.alloc(0), Buffer.from([1, 2, 3])),
  records: from(Buffer.alloc(0), null),
};
