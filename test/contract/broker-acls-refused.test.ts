/** What each API answers to whom nothing is allowed, once the embedded broker has rules of access: the codes of Kafka's `KafkaApis`. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { handlers } from '../../packages/millrace/src/broker/requests/dispatch.ts';
import type { ApiName, RequestInitOf, ResponseOf } from '../../packages/millrace/src/protocol/messages.ts';
import { GuardedBroker, refusedCodes } from '../../packages/testkit/src/kafka/guarded-broker.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';

const guarded = new GuardedBroker();
const { ask, allow } = guarded;
beforeAll(() => guarded.start());
afterAll(() => guarded.stop());
beforeEach(() => guarded.forgetRules());
const { topic, group, cluster, transaction } = refusedCodes;

/** Of each API a request for what its sender may not have, and where the codes stand in the answer. */
const asked: {
  [Name in ApiName]?: [
    version: number,
    request: RequestInitOf<Name>,
    codes: (answer: ResponseOf<Name>) => unknown,
    expected: unknown,
  ];
} = {
  produce: [
    9,
    {
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 'shut', partitionData: [{ index: 0, records: producedBatch(['x']) as never }] }],
    },
    ({ responses }) => responses[0]!.partitionResponses[0]!.errorCode,
    topic,
  ],
  fetch: [
    12,
    {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topic: 'shut', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
      forgottenTopicsData: [],
    } as never,
    ({ responses }) => responses[0]!.partitions[0]!.errorCode,
    topic,
  ],
  listOffsets: [
    5,
    {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 'shut', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    },
    ({ topics }) => topics[0]!.partitions[0]!.errorCode,
    topic,
  ],
  metadata: [
    9,
    { topics: [{ name: 'shut' }, { name: 'not-there' }], allowAutoTopicCreation: true },
    ({ topics, brokers }) => [brokers.length, ...topics.map(({ errorCode }) => errorCode)],
    [1, topic, topic],
  ],
  offsetCommit: [
    8,
    {
      groupId: 'g',
      topics: [
        { name: 'shut', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] },
      ],
    },
    ({ topics }) => topics[0]!.partitions[0]!.errorCode,
    group,
  ],
  offsetFetch: [8, { groups: [{ groupId: 'g', topics: null }] }, ({ groups }) => groups[0]!.errorCode, group],
  findCoordinator: [
    4,
    { keyType: 0, coordinatorKeys: ['g'] },
    ({ coordinators }) => coordinators[0]!.errorCode,
    group,
  ],
  joinGroup: [
    9,
    {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    },
    ({ errorCode }) => errorCode,
    group,
  ],
  heartbeat: [4, { groupId: 'g', generationId: 1, memberId: 'm' }, ({ errorCode }) => errorCode, group],
  leaveGroup: [5, { groupId: 'g', members: [{ memberId: 'm' }] }, ({ errorCode }) => errorCode, group],
  syncGroup: [
    5,
    { groupId: 'g', generationId: 1, memberId: 'm', assignments: [] },
    ({ errorCode }) => errorCode,
    group,
  ],
  describeGroups: [5, { groups: ['g'] }, ({ groups }) => groups[0]!.errorCode, group],
  listGroups: [4, {}, ({ errorCode, groups }) => [errorCode, groups.length], [0, 0]],
  createTopics: [
    7,
    {
      topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1000,
    },
    ({ topics }) => [topics[0]!.errorCode, topics[0]!.errorMessage],
    [topic, 'Authorization failed.'],
  ],
  deleteTopics: [
    5,
    { topicNames: ['shut', 'not-there'], timeoutMs: 1000 },
    ({ responses }) => responses.map(({ errorCode }) => errorCode),
    [topic, topic],
  ],
  deleteRecords: [
    2,
    { topics: [{ name: 'shut', partitions: [{ partitionIndex: 0, offset: -1 }] }], timeoutMs: 1000 },
    ({ topics }) => topics[0]!.partitions[0]!.errorCode,
    topic,
  ],
  initProducerId: [
    4,
    { transactionalId: null, transactionTimeoutMs: 1000 },
    ({ errorCode }) => errorCode,
    cluster,
  ],
  offsetForLeaderEpoch: [
    4,
    { topics: [{ topic: 'shut', partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
    ({ topics }) => topics[0]!.partitions[0]!.errorCode,
    topic,
  ],
  describeAcls: [
    3,
    {
      resourceTypeFilter: 1,
      resourceNameFilter: null,
      principalFilter: null,
      hostFilter: null,
      operation: 1,
      permissionType: 1,
    },
    ({ errorCode }) => errorCode,
    cluster,
  ],
  createAcls: [
    3,
    {
      creations: [
        {
          resourceType: 2,
          resourceName: '*',
          resourcePatternType: 3,
          principal: 'User:alice',
          host: '*',
          operation: 2,
          permissionType: 3,
        },
      ],
    },
    ({ results }) => results[0]!.errorCode,
    cluster,
  ],
  deleteAcls: [
    3,
    {
      filters: [
        {
          resourceTypeFilter: 1,
          resourceNameFilter: null,
          principalFilter: null,
          hostFilter: null,
          operation: 1,
          permissionType: 1,
        },
      ],
    },
    ({ filterResults }) => filterResults[0]!.errorCode,
    cluster,
  ],
  describeConfigs: [
    4,
    {
      resources: [
        { resourceType: 2, resourceName: 'shut', configurationKeys: null },
        { resourceType: 4, resourceName: '1', configurationKeys: null },
      ],
    },
    ({ results }) => results.map(({ errorCode }) => errorCode),
    [topic, cluster],
  ],
  alterConfigs: [
    2,
    { resources: [{ resourceType: 2, resourceName: 'shut', configs: [] }], validateOnly: false },
    ({ responses }) => responses[0]!.errorCode,
    topic,
  ],
  describeLogDirs: [
    4,
    { topics: null },
    ({ errorCode, results }) => [errorCode, results.length],
    [cluster, 0],
  ],
  createPartitions: [
    3,
    { topics: [{ name: 'shut', count: 2, assignments: null }], timeoutMs: 1000, validateOnly: false },
    ({ results }) => results[0]!.errorCode,
    topic,
  ],
  deleteGroups: [2, { groupsNames: ['g'] }, ({ results }) => results[0]!.errorCode, group],
  incrementalAlterConfigs: [
    1,
    {
      resources: [
        { resourceType: 2, resourceName: 'shut', configs: [] },
        { resourceType: 4, resourceName: '1', configs: [] },
      ],
      validateOnly: false,
    },
    ({ responses }) => responses.map(({ errorCode }) => errorCode),
    [topic, cluster],
  ],
  listPartitionReassignments: [0, { topics: null }, ({ errorCode }) => errorCode, cluster],
  offsetDelete: [0, { groupId: 'g', topics: [] }, ({ errorCode }) => errorCode, group],
  electLeaders: [2, { electionType: 0, topicPartitions: null }, ({ errorCode }) => errorCode, cluster],
  alterPartitionReassignments: [0, { topics: [] }, ({ errorCode }) => errorCode, cluster],
  alterReplicaLogDirs: [
    2,
    { dirs: [{ path: '/', topics: [{ name: 'shut', partitions: [0] }] }] },
    ({ results }) => results[0]!.partitions[0]!.errorCode,
    cluster,
  ],
  describeQuorum: [2, { topics: [] }, ({ errorCode }) => errorCode, cluster],
  describeClientQuotas: [1, { components: [], strict: false }, ({ errorCode }) => errorCode, cluster],
  describeUserScramCredentials: [0, { users: null }, ({ errorCode }) => errorCode, cluster],
  alterUserScramCredentials: [
    0,
    { deletions: [{ name: 'x', mechanism: 1 }], upsertions: [] },
    ({ results }) => results[0]!.errorCode,
    cluster,
  ],
  describeCluster: [
    1,
    { includeClusterAuthorizedOperations: true },
    ({ errorCode, clusterAuthorizedOperations }) => [errorCode, clusterAuthorizedOperations],
    [0, 0],
  ],
  describeProducers: [
    0,
    { topics: [{ name: 'shut', partitionIndexes: [0] }] },
    ({ topics }) => topics[0]!.partitions[0]!.errorCode,
    topic,
  ],
  describeTransactions: [
    0,
    { transactionalIds: ['t'] },
    ({ transactionStates }) => transactionStates[0]!.errorCode,
    transaction,
  ],
  listTransactions: [
    1,
    { stateFilters: [], producerIdFilters: [] },
    ({ transactionStates }) => transactionStates.length,
    0,
  ],
  consumerGroupHeartbeat: [
    1,
    { groupId: 'g', memberId: 'm', memberEpoch: 0 },
    ({ errorCode, memberEpoch }) => [errorCode, memberEpoch],
    [group, 0],
  ],
  consumerGroupDescribe: [
    1,
    { groupIds: ['g'], includeAuthorizedOperations: true },
    ({ groups }) => groups.map(({ groupId, errorCode }) => [groupId, errorCode]),
    [['g', group]],
  ],
  listConfigResources: [1, {}, ({ errorCode }) => errorCode, cluster],
  describeTopicPartitions: [
    0,
    { topics: [{ name: 'shut' }] } as never,
    ({ topics }) => topics[0]!.errorCode,
    topic,
  ],
};
const open = ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate'];
/** Their own test has those of transactions. */
const ofTransactions = [
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'EndTxn',
  'TxnOffsetCommit',
  'WriteTxnMarkers',
];

test('every API that is served is asked below', () => {
  const names = Object.keys(asked).map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}`);
  const served = handlers
    .map(({ name }) => name)
    .filter((name) => !open.includes(name) && !ofTransactions.includes(name));
  expect(served.filter((name) => !names.includes(name))).toEqual([]);
});

describe('to whom nothing is allowed', () => {
  test.each(Object.entries(asked) as [ApiName, NonNullable<(typeof asked)[ApiName]>][])(
    '%s',
    async (name, each) => {
      const [version, request, codes, expected] = each as unknown as [
        number,
        never,
        (answer: unknown) => unknown,
        unknown,
      ];
      expect(codes(await ask('alice', name, version, request))).toEqual(expected);
    },
  );

  test('nothing came of any of it', async () => {
    const { topics } = await ask('root', 'metadata', 9, { topics: null });
    expect(topics.map(({ name, partitions }) => [name, partitions.length]).toSorted()).toEqual([
      ['open', 1],
      ['shut', 1],
    ]);
  });

  test('is told nothing of topics: by id, in the list of all', async () => {
    const { topics } = await ask('root', 'metadata', 12, { topics: [{ name: 'shut' }] });
    const { topicId } = topics[0]!;
    const byId = await ask('alice', 'metadata', 12, { topics: [{ name: null, topicId }] });
    expect(byId.topics).toMatchObject([{ errorCode: topic, name: null, topicId, partitions: [] }]);
    expect((await ask('alice', 'metadata', 12, { topics: null })).topics).toEqual([]);
    const deleted = await ask('alice', 'deleteTopics', 6, {
      topics: [{ name: null, topicId }],
      timeoutMs: 1000,
    });
    expect(deleted.responses).toMatchObject([{ errorCode: topic, name: null, topicId }]);
  });

  test('is told nothing of topics by the cursor of a page', async () => {
    const page = { topics: [], responsePartitionLimit: 1, cursor: null };
    expect(await ask('root', 'describeTopicPartitions', 0, page)).toMatchObject({
      topics: [{ name: 'open' }],
      nextCursor: { topicName: 'shut' },
    });
    expect(await ask('alice', 'describeTopicPartitions', 0, page)).toMatchObject({
      topics: [],
      nextCursor: null,
    });
    await allow('alice', 'TOPIC', 'open', 'DESCRIBE');
    expect(await ask('alice', 'describeTopicPartitions', 0, page)).toMatchObject({
      topics: [{ name: 'open' }],
      nextCursor: null,
    });
  });
});
