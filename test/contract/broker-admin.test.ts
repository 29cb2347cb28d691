import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import type { ResponseOf } from '../../packages/millrace/src/protocol/messages.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
let client: WireClient;

beforeAll(async () => {
  broker = await Broker.start({ defaultPartitions: 3, topicDefaults: { 'retention.ms': '3600000' } });
  client = await WireClient.connect(broker.port);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await broker.stop();
});

interface CreateInput {
  numPartitions?: number;
  replicationFactor?: number;
  configs?: Record<string, string>;
  validateOnly?: boolean;
}

async function create(name: string, input: CreateInput = {}, version = 7) {
  const { numPartitions = 1, replicationFactor = -1, configs = {}, validateOnly = false } = input;
  const pairs = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions, replicationFactor, assignments: [], configs: pairs };
  const { topics } = await client.request('createTopics', version, {
    topics: [topic],
    timeoutMs: 1000,
    validateOnly,
  });
  return topics[0]!;
}

describe('CreateTopics', () => {
  test.each([2, 3, 4, 5, 6, 7])('version %i', async (version) => {
    expect(await create(`made-${version}`, { numPartitions: 2 }, version)).toMatchObject({ errorCode: 0 });
    const { topics } = await client.request('metadata', 12, { topics: [{ name: `made-${version}` }] });
    expect(topics[0]!.partitions.map((each) => [each.partitionIndex, each.leaderId])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  test('-1 partitions are the default; the answer tells count, id and settings', async () => {
    const made = await create('defaults', { numPartitions: -1, configs: { 'segment.bytes': '2000000' } });
    expect(made).toMatchObject({ numPartitions: 3, replicationFactor: 1 });
    expect(made.topicId).toMatch(/^[\w-]{22}$/);
    const config = (name: string) => made.configs!.find((each) => each.name === name);
    expect(config('segment.bytes')).toMatchObject({ value: '2000000', configSource: 1 });
    expect(config('retention.ms')).toMatchObject({ value: '3600000', configSource: 4 });
    expect(config('max.message.bytes')).toMatchObject({ value: '1048588', configSource: 5 });
  });

  test.each<[string, string, CreateInput, number]>([
    ['an empty name', '', {}, 17],
    ['a name with a slash', '../etc', {}, 17],
    ['a name that is too long', 'x'.repeat(250), {}, 17],
    ['two dots', '..', {}, 17],
    ['no partitions', 'bad', { numPartitions: 0 }, 37],
    ['absurdly many partitions', 'bad', { numPartitions: 2_000_000_000 }, 37],
    ['three replicas on one node', 'bad', { replicationFactor: 3 }, 38],
    ['no replica', 'bad', { replicationFactor: 0 }, 38],
    ['an unknown setting', 'bad', { configs: { 'retention.hours': '1' } }, 40],
    ['a setting that is no number', 'bad', { configs: { 'retention.ms': 'soon' } }, 40],
    ['a setting out of range', 'bad', { configs: { 'segment.bytes': '10' } }, 40],
    ['a name from the prototype', 'bad', { configs: { constructor: '1' } }, 40],
  ])('%s is refused', async (_, name, input, errorCode) => {
    const answer = await create(name, input);
    expect(answer.errorCode).toBe(errorCode);
    expect(answer.errorMessage).not.toBeNull();
  });

  test('the same name is error 36, one that collides 17, validate only makes nothing', async () => {
    await create('twice.x');
    expect((await create('twice.x')).errorCode).toBe(36);
    expect((await create('twice_x')).errorCode).toBe(17);
    expect((await create('tried', { validateOnly: true })).errorCode).toBe(0);
    const { topics } = await client.request('metadata', 9, {
      topics: [{ name: 'tried' }],
      allowAutoTopicCreation: false,
    });
    expect(topics[0]!.errorCode).toBe(3);
    const topic = { name: 'dup', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const { topics: both } = await client.request('createTopics', 7, { topics: [topic, topic] });
    expect(both.map((each) => each.errorCode)).toEqual([42]);
  });

  test('assignments: to this node only, without gaps', async () => {
    const assigned = async (assignments: { partitionIndex: number; brokerIds: number[] }[]) => {
      const topic = {
        name: `as-${Math.random()}`,
        numPartitions: -1,
        replicationFactor: -1,
        assignments,
        configs: [],
      };
      return (await client.request('createTopics', 7, { topics: [topic] })).topics[0]!;
    };
    const to = (partitionIndex: number, ...brokerIds: number[]) => ({ partitionIndex, brokerIds });
    expect(await assigned([to(0, 1), to(1, 1)])).toMatchObject({ errorCode: 0, numPartitions: 2 });
    expect((await assigned([to(0, 2)])).errorCode).toBe(39);
    expect((await assigned([to(1, 1)])).errorCode).toBe(39);
  });
});

describe('Metadata', () => {
  test.each([0, 1, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13])(
    'version %i makes a topic that is asked for',
    async (version) => {
      const name = `auto-${version}`;
      const { topics, brokers } = await client.request('metadata', version, { topics: [{ name }] });
      expect(topics[0]).toMatchObject({ errorCode: 0, name });
      expect(topics[0]!.partitions).toHaveLength(3);
      expect(brokers).toMatchObject([{ nodeId: 1, host: '127.0.0.1', port: broker.port }]);
    },
  );

  test('not when the client does not want it, nor under an invalid name', async () => {
    const ask = async (name: string, allowAutoTopicCreation: boolean) =>
      (await client.request('metadata', 9, { topics: [{ name }], allowAutoTopicCreation })).topics[0]!
        .errorCode;
    expect(await ask('unwanted', false)).toBe(3);
    expect(await ask('with space', true)).toBe(17);
  });

  test('by id; an unknown id is error 100; all topics', async () => {
    const { topicId } = await create('by-id');
    const topics = [
      { topicId, name: null },
      { topicId: 'BBBBBBBBBBBBBBBBBBBBBA', name: null },
    ];
    const answer = await client.request('metadata', 12, { topics });
    expect(answer.topics.map((each) => [each.errorCode, each.name])).toEqual([
      [0, 'by-id'],
      [100, null],
    ]);
    const all = await client.request('metadata', 12, { topics: null });
    expect(all.topics.map((each) => each.name)).toContain('by-id');
    expect((await client.request('metadata', 12, { topics: [] })).topics).toEqual([]);
  });
});

test('DeleteTopics by name and by id; the name is free again, the id gone', async () => {
  const { topicId } = await create('doomed');
  const deleted = await client.request('deleteTopics', 6, {
    topics: [
      { name: null, topicId },
      { name: 'never-was', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' },
      { name: null, topicId: 'BBBBBBBBBBBBBBBBBBBBBA' },
    ],
    timeoutMs: 1000,
  });
  expect(deleted.responses.map((each) => each.errorCode)).toEqual([0, 3, 100]);
  const again = await create('doomed');
  expect(again.errorCode).toBe(0);
  expect(again.topicId).not.toBe(topicId);
});

test('CreatePartitions grows, never shrinks', async () => {
  await create('growing', { numPartitions: 2 });
  const grow = async (name: string, count: number, validateOnly = false) => {
    const topics = [{ name, count, assignments: null }];
    return (await client.request('createPartitions', 3, { topics, timeoutMs: 1, validateOnly })).results[0]!
      .errorCode;
  };
  expect(await grow('growing', 5, true)).toBe(0);
  expect(await grow('growing', 4)).toBe(0);
  expect(await grow('growing', 4)).toBe(37);
  expect(await grow('growing', 1)).toBe(37);
  expect(await grow('nowhere', 2)).toBe(3);
  const produced = await client.request('produce', 9, {
    acks: -1,
    timeoutMs: 1,
    topicData: [{ name: 'growing', partitionData: [{ index: 3, records: producedBatch(['x']) }] }],
  });
  expect(produced.responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
});

describe('settings', () => {
  const describeTopic = async (resourceName: string, configurationKeys: string[] | null = null) => {
    const resources = [{ resourceType: 2, resourceName, configurationKeys }];
    return (await client.request('describeConfigs', 4, { resources, includeSynonyms: true })).results[0]!;
  };
  const alter = async (
    resourceName: string,
    configs: [string, number, string | null][],
    validateOnly = false,
  ) => {
    const changes = configs.map(([name, configOperation, value]) => ({ name, configOperation, value }));
    const resources = [{ resourceType: 2, resourceName, configs: changes }];
    return (await client.request('incrementalAlterConfigs', 1, { resources, validateOnly })).responses[0]!;
  };
  const value = async (topic: string, name: string) => (await describeTopic(topic, [name])).configs[0];

  test('set, delete, append, subtract; the chain of values is told', async () => {
    await create('tuned');
    expect((await alter('tuned', [['retention.ms', 0, '1000']])).errorCode).toBe(0);
    expect(await value('tuned', 'retention.ms')).toMatchObject({
      value: '1000',
      configSource: 1,
      configType: 5,
      synonyms: [
        { name: 'retention.ms', value: '1000', source: 1 },
        { name: 'log.retention.ms', value: '3600000', source: 4 },
      ],
    });
    await alter('tuned', [['retention.ms', 1, null]]);
    expect(await value('tuned', 'retention.ms')).toMatchObject({ value: '3600000', configSource: 4 });
    await alter('tuned', [['cleanup.policy', 2, 'compact']]);
    expect(await value('tuned', 'cleanup.policy')).toMatchObject({ value: 'delete,compact' });
    await alter('tuned', [['cleanup.policy', 3, 'delete']]);
    expect(await value('tuned', 'cleanup.policy')).toMatchObject({ value: 'compact' });
    expect((await describeTopic('tuned')).configs).toHaveLength(33);
  });

  test('nothing is set when one of the changes is wrong', async () => {
    await create('untouched');
    const good: [string, number, string] = ['retention.ms', 0, '5'];
    expect((await alter('untouched', [good, ['no.such.thing', 0, '1']])).errorCode).toBe(40);
    expect((await alter('untouched', [good, ['max.message.bytes', 0, '-1']])).errorCode).toBe(40);
    expect((await alter('untouched', [good, ['max.message.bytes', 2, '1']])).errorCode).toBe(40);
    expect((await alter('untouched', [good], true)).errorCode).toBe(0);
    expect((await alter('nowhere', [good])).errorCode).toBe(3);
    expect(await value('untouched', 'retention.ms')).toMatchObject({ configSource: 4 });
  });

  test('a change holds at once', async () => {
    await create('shrunk');
    await alter('shrunk', [['max.message.bytes', 0, '100']]);
    const topicData = [
      { name: 'shrunk', partitionData: [{ index: 0, records: producedBatch(['x'.repeat(200)]) }] },
    ];
    const { responses } = await client.request('produce', 9, { acks: 1, timeoutMs: 1, topicData });
    expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(10);
  });

  test('AlterConfigs puts back what it does not name', async () => {
    await create('replaced', { configs: { 'retention.ms': '7', 'max.message.bytes': '7000' } });
    const resources = [
      { resourceType: 2, resourceName: 'replaced', configs: [{ name: 'retention.ms', value: '9' }] },
    ];
    const { responses } = await client.request('alterConfigs', 2, { resources, validateOnly: false });
    expect(responses[0]!.errorCode).toBe(0);
    expect(await value('replaced', 'retention.ms')).toMatchObject({ value: '9' });
    expect(await value('replaced', 'max.message.bytes')).toMatchObject({ value: '1048588' });
  });

  test("the broker's own are shown and cannot be changed", async () => {
    const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }];
    const { results } = await client.request('describeConfigs', 4, { resources });
    const config = (name: string) => results[0]!.configs.find((each) => each.name === name);
    expect(config('num.partitions')).toMatchObject({ value: '3', readOnly: true });
    expect(config('log.retention.ms')).toMatchObject({ value: '3600000' });
    const change = [
      {
        resourceType: 4,
        resourceName: '1',
        configs: [{ name: 'num.partitions', configOperation: 0, value: '9' }],
      },
    ];
    const altered = await client.request('incrementalAlterConfigs', 1, {
      resources: change,
      validateOnly: false,
    });
    expect(altered.responses[0]!.errorCode).toBe(42);
  });
});

describe('descriptions', () => {
  test('DescribeCluster names the one broker', async () => {
    const answer = await client.request('describeCluster', 2, { includeClusterAuthorizedOperations: false });
    expect(answer).toMatchObject({ errorCode: 0, clusterId: broker.clusterId, controllerId: 1 });
    expect(answer.brokers).toMatchObject([{ brokerId: 1, host: '127.0.0.1', port: broker.port }]);
    const request = { includeClusterAuthorizedOperations: false, endpointType: 2 };
    expect((await client.request('describeCluster', 1, request)).errorCode).toBe(114);
  });

  test('DescribeTopicPartitions pages by the cursor', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name, { numPartitions: 2 });
    const topics = ['page-c', 'page-a', 'page-b', 'page-x'].map((name) => ({ name }));
    const seen: string[] = [];
    let cursor: { topicName: string; partitionIndex: number } | null = null;
    let pages = 0;
    do {
      const answer: ResponseOf<'describeTopicPartitions'> = await client.request(
        'describeTopicPartitions',
        0,
        {
          topics,
          responsePartitionLimit: 3,
          cursor,
        },
      );
      for (const topic of answer.topics) {
        if (topic.errorCode !== 0) seen.push(`${topic.name}: ${topic.errorCode}`);
        for (const each of topic.partitions) seen.push(`${topic.name}-${each.partitionIndex}`);
      }
      cursor = answer.nextCursor;
      pages++;
    } while (cursor !== null);
    expect(pages).toBe(3);
    expect(seen).toEqual([
      'page-a-0',
      'page-a-1',
      'page-b-0',
      'page-b-1',
      'page-c-0',
      'page-c-1',
      'page-x: 3',
    ]);
  });

  test('DescribeLogDirs, DescribeProducers, reassignments, transactions, resources', async () => {
    await create('sized');
    const records = producedBatch(['x'], { producerId: 77, producerEpoch: 0, baseSequence: 0 });
    const topicData = [{ name: 'sized', partitionData: [{ index: 0, records }] }];
    await client.request('produce', 9, { acks: -1, timeoutMs: 1, topicData });
    const dirs = await client.request('describeLogDirs', 4, {
      topics: [{ topic: 'sized', partitions: [0] }],
    });
    expect(dirs.results[0]!.topics[0]!.partitions[0]!.partitionSize).toBe(records.length);
    const producers = await client.request('describeProducers', 0, {
      topics: [{ name: 'sized', partitionIndexes: [0] }],
    });
    expect(producers.topics[0]!.partitions[0]!.activeProducers).toMatchObject([
      { producerId: 77, lastSequence: 0 },
    ]);
    expect(await client.request('listPartitionReassignments', 0, { topics: null })).toMatchObject({
      errorCode: 0,
      topics: [],
    });
    expect(
      await client.request('listTransactions', 1, { stateFilters: [], producerIdFilters: [] }),
    ).toMatchObject({
      errorCode: 0,
      transactionStates: [],
    });
    const transaction = await client.request('describeTransactions', 0, { transactionalIds: ['t'] });
    // Before somebody looked for it there is no coordinator.
    expect(transaction.transactionStates[0]!.errorCode).toBe(16);
    const resources = await client.request('listConfigResources', 1, { resourceTypes: [4] });
    expect(resources.configResources).toEqual([{ resourceName: '1', resourceType: 4 }]);
  });
});
