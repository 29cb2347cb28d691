/** What the embedded broker's rules of access let through: parts of requests, transactions, and the rules themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { operationCodes, resourceCodes } from '../../packages/millrace/src/broker/security/access.ts';
import { aclFile } from '../../packages/millrace/src/broker/security/acl-store.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import {
  aclFilter,
  GuardedBroker,
  type GuardedUser,
  refusedCodes,
} from '../../packages/testkit/src/kafka/guarded-broker.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

const guarded = new GuardedBroker();
const { ask, allow } = guarded;
beforeAll(() => guarded.start());
afterAll(() => guarded.stop());
beforeEach(() => guarded.forgetRules());
const { topic, group, transaction } = refusedCodes;

describe('of a request that is allowed in part', () => {
  test('a member of the consumer protocol has topics that it may see, and who may not see them sees no members', async () => {
    await allow('alice', 'TOPIC', 'open', 'DESCRIBE');
    await allow('alice', 'GROUP', 'consumers', 'READ');
    const joins = { groupId: 'consumers', memberEpoch: 0, rebalanceTimeoutMs: 1000, topicPartitions: [] };
    const beat = (user: GuardedUser, memberId: string, wants: object) =>
      ask(user, 'consumerGroupHeartbeat', 1, { ...joins, memberId, ...wants });
    const named = await beat('alice', 'm', { subscribedTopicNames: ['open', 'shut'] });
    expect([named.errorCode, named.memberEpoch]).toEqual([topic, 0]);
    const { topics } = await ask('root', 'metadata', 12, { topics: [{ name: 'open' }] });
    const { topicId } = topics[0]!;
    const matched = await beat('alice', 'm', { subscribedTopicNames: [], subscribedTopicRegex: 'open|shut' });
    expect(matched.assignment).toEqual({ topicPartitions: [{ topicId, partitions: [0] }] });
    const described = async () =>
      (
        await ask('alice', 'consumerGroupDescribe', 1, {
          groupIds: ['consumers'],
          includeAuthorizedOperations: true,
        })
      ).groups[0]!;
    expect(await described()).toMatchObject({ errorCode: 0, members: [{ memberId: 'm' }] });
    expect((await described()).authorizedOperations).toBe(
      (1 << operationCodes.READ) | (1 << operationCodes.DESCRIBE),
    );
    await beat('root', 'n', { subscribedTopicNames: ['open', 'shut'] });
    expect(await described()).toMatchObject({ errorCode: topic, members: [] });
  });

  test('each topic is answered for itself', async () => {
    await allow('alice', 'TOPIC', 'open', 'WRITE');
    await allow('alice', 'TOPIC', 'open', 'READ');
    await allow('alice', 'GROUP', 'g', 'READ');
    const topicData = ['shut', 'open'].map((name) => ({
      name,
      partitionData: [{ index: 0, records: producedBatch(['x']) as never }],
    }));
    const { responses } = await ask('alice', 'produce', 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData,
    });
    const codes = (
      topics: readonly {
        name?: string;
        topic?: string;
        partitions?: readonly { errorCode: number }[];
        partitionResponses?: readonly { errorCode: number }[];
      }[],
    ) =>
      Object.fromEntries(
        topics.map((each) => [
          each.name ?? each.topic,
          (each.partitions ?? each.partitionResponses)![0]!.errorCode,
        ]),
      );
    expect(codes(responses)).toEqual({ open: 0, shut: topic });
    const topics = ['shut', 'open'].map((name) => ({
      name,
      partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '', timestamp: -1 }],
    }));
    expect(codes((await ask('alice', 'offsetCommit', 8, { groupId: 'g', topics })).topics)).toEqual({
      open: 0,
      shut: topic,
    });
    expect(
      codes(
        (await ask('alice', 'listOffsets', 5, { replicaId: -1, isolationLevel: 0, topics } as never)).topics,
      ),
    ).toEqual({ open: 0, shut: topic });
    const groups = [
      { groupId: 'g', topics: ['shut', 'open'].map((name) => ({ name, partitionIndexes: [0] })) },
      { groupId: 'h', topics: null },
    ];
    const fetched = await ask('alice', 'offsetFetch', 8, { groups });
    expect(fetched.groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
      ['g', 0],
      ['h', group],
    ]);
    expect(codes(fetched.groups[0]!.topics)).toEqual({ open: 0, shut: topic });
    expect((await ask('alice', 'metadata', 9, { topics: null })).topics.map(({ name }) => name)).toEqual([
      'open',
    ]);
    expect((await ask('alice', 'listGroups', 4, {})).groups.map(({ groupId }) => groupId)).toEqual(['g']);
    expect(
      (await ask('alice', 'initProducerId', 4, { transactionalId: null, transactionTimeoutMs: 1000 }))
        .errorCode,
    ).toBe(0);
  });

  test('with acks=0 the connection is closed, and nothing of what is shut was written', async () => {
    await allow('alice', 'TOPIC', 'open', 'WRITE');
    const topicData = [
      { name: 'shut', partitionData: [{ index: 0, records: producedBatch(['x']) as never }] },
    ];
    guarded
      .client('alice')
      .post('produce', 9, { transactionalId: null, acks: 0, timeoutMs: 1000, topicData });
    await guarded.client('alice').closed;
    await guarded.reconnect();
    const end = await ask('root', 'listOffsets', 5, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 'shut', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    expect(end.topics[0]!.partitions[0]!.offset).toBe(0);
  });

  test('a fetch session ends where the rule is taken away, and goes on where it is given', async () => {
    const begun = (sessionId: number, sessionEpoch: number, topics: object[]) =>
      ask('bob', 'fetch', 12, {
        maxWaitMs: 0,
        minBytes: 0,
        sessionId,
        sessionEpoch,
        topics,
        forgottenTopicsData: [],
      } as never);
    await allow('bob', 'TOPIC', 'open', 'READ');
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
    const first = await begun(
      0,
      0,
      ['open', 'shut'].map((name) => ({ topic: name, partitions })),
    );
    expect(first.responses.map(({ topic: name, partitions: [each] }) => [name, each!.errorCode])).toEqual([
      ['open', 0],
      ['shut', topic],
    ]);
    await allow('bob', 'TOPIC', 'shut', 'READ');
    await allow('bob', 'TOPIC', 'open', 'READ', 2);
    const second = await begun(first.sessionId, 1, []);
    expect(second.responses.map(({ topic: name, partitions: [each] }) => [name, each!.errorCode])).toEqual(
      expect.arrayContaining([
        ['open', topic],
        ['shut', 0],
      ]),
    );
  });

  test('what one may do is told in bits', async () => {
    await allow('alice', 'TOPIC', 'open', 'READ');
    await allow('alice', 'CLUSTER', 'kafka-cluster', 'DESCRIBE');
    const { topics } = await ask('alice', 'metadata', 9, {
      topics: [{ name: 'open' }],
      includeTopicAuthorizedOperations: true,
    });
    expect(topics[0]!.topicAuthorizedOperations).toBe((1 << 3) | (1 << 8));
    const told = await ask('alice', 'describeCluster', 1, { includeClusterAuthorizedOperations: true });
    expect(told.clusterAuthorizedOperations).toBe(1 << 8);
    const root = await ask('root', 'metadata', 9, {
      topics: [{ name: 'open' }],
      includeTopicAuthorizedOperations: true,
    });
    expect(root.topics[0]!.topicAuthorizedOperations).toBe(0xdf8);
  });

  test('who may create topics alone makes them, and sees no settings of them', async () => {
    await allow('alice', 'TOPIC', 'mine', 'CREATE');
    const topics = ['mine', 'other'].map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const made = await ask('alice', 'createTopics', 7, { topics, timeoutMs: 1000 });
    expect(made.topics).toMatchObject([
      { name: 'mine', errorCode: 0, topicConfigErrorCode: topic, numPartitions: -1, configs: null },
      { name: 'other', errorCode: topic },
    ]);
  });
});

describe('transactions', () => {
  const producer = { transactionalId: 'tx', producerId: 1, producerEpoch: 0 };
  const add = async (topics: readonly string[]) => {
    const answer = await ask('alice', 'addPartitionsToTxn', 3, {
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: 1,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: topics.map((name) => ({ name, partitions: [0] })),
    });
    return answer.resultsByTopicV3AndBelow.map(
      ({ resultsByPartition }) => resultsByPartition[0]!.partitionErrorCode,
    );
  };
  const commit = async () => {
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }];
    const answer = await ask('alice', 'txnOffsetCommit', 3, {
      ...producer,
      groupId: 'g',
      topics: [{ name: 'shut', partitions }],
    });
    return answer.topics[0]!.partitions[0]!.errorCode;
  };
  const produced = async () => {
    const partitionData = [{ index: 0, records: producedBatch(['x']) as never }];
    const { responses } = await ask('alice', 'produce', 9, {
      transactionalId: 'tx',
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 'open', partitionData }],
    });
    return responses[0]!.partitionResponses[0]!.errorCode;
  };

  test('are for whoever may write with the id', async () => {
    await allow('alice', 'TOPIC', 'open', 'WRITE');
    expect(
      (await ask('alice', 'findCoordinator', 4, { keyType: 1, coordinatorKeys: ['tx'] })).coordinators[0]!
        .errorCode,
    ).toBe(transaction);
    expect(
      (await ask('alice', 'initProducerId', 4, { transactionalId: 'tx', transactionTimeoutMs: 1000 }))
        .errorCode,
    ).toBe(transaction);
    expect(await add(['open'])).toEqual([transaction]);
    expect(await produced()).toBe(transaction);
    expect((await ask('alice', 'addOffsetsToTxn', 3, { ...producer, groupId: 'g' })).errorCode).toBe(
      transaction,
    );
    expect(await commit()).toBe(transaction);
    expect((await ask('alice', 'endTxn', 3, { ...producer, committed: true })).errorCode).toBe(transaction);
    await allow('alice', 'TRANSACTIONAL_ID', 'tx', 'WRITE');
    expect(
      (await ask('alice', 'findCoordinator', 4, { keyType: 1, coordinatorKeys: ['tx'] })).coordinators[0]!
        .errorCode,
    ).toBe(0);
    expect(
      (await ask('alice', 'initProducerId', 4, { transactionalId: 'tx', transactionTimeoutMs: 1000 }))
        .errorCode,
    ).toBe(0);
  });

  test('take a topic or a group for whoever may write to it, or read it', async () => {
    await allow('alice', 'TRANSACTIONAL_ID', 'tx', 'WRITE');
    await allow('alice', 'TOPIC', 'open', 'WRITE');
    const notAttempted = 55;
    expect(await add(['open', 'shut'])).toEqual([notAttempted, topic]);
    expect((await ask('alice', 'addOffsetsToTxn', 3, { ...producer, groupId: 'g' })).errorCode).toBe(group);
    expect(await commit()).toBe(group);
    await allow('alice', 'GROUP', 'g', 'READ');
    expect(await commit()).toBe(topic);
  });
});

describe('rules', () => {
  const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
    each?.some(({ address }) => address === '::1'),
  );

  test.skipIf(!hasIpv6)('for an address hold on a listener of both families, too', async () => {
    await using both = await Broker.start({
      ...optionsOf([
        ['listeners', 'PLAINTEXT://[::]:0'],
        ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
        ['super.users', 'User:ANONYMOUS'],
      ]),
      dataDir: guarded.dir.join('both'),
    });
    using root = await WireClient.connect(both.port);
    const rule = {
      resourceType: resourceCodes.TOPIC,
      resourceName: '*',
      resourcePatternType: 3,
      principal: 'User:*',
      host: '*',
      operation: operationCodes.ALL,
      permissionType: 3,
    };
    const deny = { ...rule, host: '127.0.0.1', permissionType: 2 };
    await root.request('createAcls', 3, { creations: [rule, deny] });
    await both.stop();
    await using again = await Broker.start({
      ...optionsOf([
        ['listeners', 'PLAINTEXT://[::]:0'],
        ['authorizer.class.name', 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
      ]),
      dataDir: guarded.dir.join('both'),
    });
    using client = await WireClient.connect(again.port);
    const { topics } = await client.request('metadata', 9, { topics: [{ name: 'open' }] });
    expect(topics).toMatchObject([{ name: 'open', errorCode: topic }]);
  });

  test('that make no sense are refused, each for itself', async () => {
    const good = {
      resourceType: 2,
      resourceName: 'a',
      resourcePatternType: 3,
      principal: 'User:a',
      host: '*',
      operation: 3,
      permissionType: 3,
    };
    const { results } = await ask('root', 'createAcls', 3, {
      creations: [
        good,
        { ...good, resourceName: '' },
        { ...good, resourceType: 4 },
        { ...good, resourceType: 1 },
        { ...good, resourcePatternType: 2 },
        { ...good, operation: 1 },
        { ...good, permissionType: 1 },
        { ...good, principal: 'a' },
      ],
    });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 42, 42, 42, 42, 42, 42, 42]);
  });

  test('are described and deleted by filters, and outlive the broker', async () => {
    await allow('alice', 'TOPIC', 'open', 'READ');
    await allow('bob', 'TOPIC', '*', 'WRITE', 2);
    const filter = (change: object) => aclFilter({ resourceTypeFilter: 2, ...change });
    const described = async (change: object) =>
      (await ask('root', 'describeAcls', 3, filter(change))).resources
        .flatMap(({ resourceName, acls }) => acls.map(({ principal }) => `${principal} ${resourceName}`))
        .toSorted();
    const both = ['User:alice open', 'User:bob *'];
    expect(await described({})).toEqual(both);
    expect(await described({ resourceNameFilter: 'open' })).toEqual(['User:alice open']);
    expect(await described({ resourceNameFilter: 'open', patternTypeFilter: 2 })).toEqual(both);
    expect(await described({ permissionType: 2 })).toEqual(['User:bob *']);
    expect((await ask('root', 'describeAcls', 3, filter({ operation: 99 }))).errorCode).toBe(42);
    expect(existsSync(guarded.dir.join('data', aclFile))).toBe(true);
    await guarded.restart();
    expect(await described({})).toEqual(both);
    const gone = await ask('root', 'deleteAcls', 3, {
      filters: [filter({ principalFilter: 'User:bob' }), filter({ principalFilter: 'User:eve' })],
    });
    expect(gone.filterResults.map(({ matchingAcls }) => matchingAcls.length)).toEqual([1, 0]);
    expect(await described({})).toEqual(['User:alice open']);
    expect(JSON.parse(readFileSync(guarded.dir.join('data', aclFile), 'utf8')).acls).toHaveLength(1);
  });
});
