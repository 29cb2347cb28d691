import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import type { ConsumerOptions, TopicPartition } from '../../packages/millrace/src/clients/kafka/options.ts';
import { partitionForKey } from '../../packages/millrace/src/clients/kafka/producer/partitioner.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';

let broker: Broker;
let client: KafkaClient;
let admin: Admin;
let topics = 0;

beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
  admin = new Admin(client);
});
afterAll(async () => {
  await client.close();
  await broker.stop();
});

async function newTopic(partitions: number): Promise<string> {
  const topic = `topic-${++topics}`;
  await admin.createTopics([{ topic, partitions, replicationFactor: 1 }]);
  return topic;
}

function batchOf(bodies: readonly string[], keyOf?: (body: string) => string | null): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body, undefined, keyOf?.(body) ?? null);
  return builder.build();
}
const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Polls until `count` events came; body per partition, in order. */
async function read(consumer: Consumer, count: number): Promise<Map<number, string[]>> {
  const bodies = new Map<number, string[]>();
  const deadline = Date.now() + 30_000;
  for (let n = 0; n < count; ) {
    if (Date.now() > deadline) throw new Error(`${n} of ${count} events within 30 s`);
    for (const { partition, batch } of await consumer.poll(500)) {
      n += batch.count;
      const list = bodies.get(partition) ?? [];
      for (const event of batch) list.push(event.body.toString());
      bodies.set(partition, list);
    }
  }
  return bodies;
}

const reader = (topic: string, options: Partial<ConsumerOptions> = {}): Consumer =>
  new Consumer(client, {
    groupId: `group-of-${topic}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
    ...options,
  });

describe('producer and consumer', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'what is sent comes back in order: %s',
    async (compression) => {
      const topic = await newTopic(1);
      await using producer = new Producer(client, { compression });
      const bodies = numbered('event ', 3000);
      const sends: Promise<{ baseOffset: number }>[] = [];
      for (let i = 0; i < bodies.length; i += 100)
        sends.push(producer.send(topic, 0, batchOf(bodies.slice(i, i + 100))));
      const offsets = (await Promise.all(sends)).map(({ baseOffset }) => baseOffset);
      expect(offsets).toEqual(Array.from({ length: 30 }, (_, i) => i * 100));
      await using consumer = reader(topic);
      expect((await read(consumer, 3000)).get(0)).toEqual(bodies);
    },
  );

  test.each([0, 1, -1] as const)('acks %s', async (acks) => {
    const topic = await newTopic(2);
    await using producer = new Producer(client, { acks });
    await producer.send(topic, null, batchOf(numbered('a', 10)));
    await using consumer = reader(topic);
    expect([...(await read(consumer, 10)).values()].flat()).toEqual(numbered('a', 10));
  });

  test('keys decide the partition as in Kafka', async () => {
    const topic = await newTopic(3);
    await using producer = new Producer(client);
    const bodies = numbered('k', 60);
    await producer.send(
      topic,
      null,
      batchOf(bodies, (body) => body),
    );
    await using consumer = reader(topic);
    for (const [partition, list] of await read(consumer, 60)) {
      expect(list).toEqual(bodies.filter((body) => partitionForKey(Buffer.from(body), 3) === partition));
    }
  });

  test('a batch above max.request.size is sent in pieces, in order', async () => {
    const topic = await newTopic(1);
    await using producer = new Producer(client, { maxRequestBytes: 4096 });
    const bodies = numbered('x'.repeat(100), 200);
    await producer.send(topic, 0, batchOf(bodies));
    await using consumer = reader(topic);
    expect((await read(consumer, 200)).get(0)).toEqual(bodies);
  });

  test('a batch that the topic finds too large is cut until it fits', async () => {
    const topic = `topic-${++topics}`;
    const configs = new Map([['max.message.bytes', '3000']]);
    await admin.createTopics([{ topic, partitions: 1, replicationFactor: 1, configs }]);
    await using producer = new Producer(client);
    const bodies = numbered('y'.repeat(100), 200);
    await Promise.all([
      producer.send(topic, 0, batchOf(bodies.slice(0, 150))),
      producer.send(topic, 0, batchOf(bodies.slice(150))),
    ]);
    await using consumer = reader(topic);
    expect((await read(consumer, 200)).get(0)).toEqual(bodies);
    await expect(producer.send(topic, 0, batchOf(['z'.repeat(5000)]))).rejects.toThrow(/MESSAGE_TOO_LARGE/);
    await producer.send(topic, 0, batchOf(['after']));
    expect((await read(consumer, 1)).get(0)).toEqual(['after']);
  });

  test('a partition that is not there is an error, and a topic that is not there is made', async () => {
    await using producer = new Producer(client);
    const topic = await newTopic(1);
    await expect(producer.send(topic, 7, batchOf(['a']))).rejects.toThrow(/no partition 7/);
    expect(await producer.send(`made-${topic}`, null, batchOf(['a']))).toMatchObject({ baseOffset: 0 });
  });

  test('send waits for room in buffer.memory', async () => {
    const topic = await newTopic(1);
    await using producer = new Producer(client, { bufferBytes: 2000, lingerMs: 0 });
    const sends = numbered('m'.repeat(90), 100).map((body) => producer.send(topic, 0, batchOf([body])));
    await new Promise((resolve) => setImmediate(resolve));
    expect(producer.bufferedBytes).toBeLessThanOrEqual(2000);
    const results = await Promise.all(sends);
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('consumer groups', () => {
  test('a committed offset is where the next member goes on, within a batch too', async () => {
    const topic = await newTopic(1);
    await using producer = new Producer(client);
    await producer.send(topic, 0, batchOf(numbered('e', 100)));
    const first = reader(topic);
    await read(first, 100);
    await first.commit([{ topic, partition: 0, offset: 42 }]);
    await first.close();
    await using second = reader(topic);
    expect((await read(second, 58)).get(0)).toEqual(numbered('e', 100).slice(42));
  });

  test.each([['range'], ['roundrobin'], ['cooperative-sticky']] as const)(
    'two members share, one leaves: %s',
    async (assignor) => {
      const topic = await newTopic(4);
      const revoked: TopicPartition[] = [];
      const a = reader(topic, {
        assignors: [assignor],
        heartbeatIntervalMs: 100,
        onRevoked: (partitions) => {
          revoked.push(...partitions);
        },
      });
      const b = reader(topic, { assignors: [assignor], heartbeatIntervalMs: 100 });
      const until = async (condition: () => boolean, ...members: Consumer[]): Promise<void> => {
        const deadline = Date.now() + 30_000;
        while (!condition()) {
          if (Date.now() > deadline) throw new Error('the group did not settle within 30 s');
          await Promise.all(members.map((member) => member.poll(50)));
        }
      };
      await until(() => a.assignment.length === 4, a);
      await until(() => a.assignment.length === 2 && b.assignment.length === 2, a, b);
      const all = [...a.assignment, ...b.assignment].map(({ partition }) => partition).sort();
      expect(all).toEqual([0, 1, 2, 3]);
      // A cooperative member keeps what stays; the others give up everything first.
      expect(revoked).toHaveLength(assignor === 'cooperative-sticky' ? 2 : 4);
      await b.close();
      await until(() => a.assignment.length === 4, a);
      await a.close();
    },
  );

  test('what was handed on before a rebalance can be committed while partitions are revoked', async () => {
    const topic = await newTopic(2);
    await using producer = new Producer(client);
    for (const partition of [0, 1]) await producer.send(topic, partition, batchOf(numbered('e', 10)));
    const a: Consumer = reader(topic, {
      heartbeatIntervalMs: 100,
      onRevoked: (partitions) => a.commit(partitions.map((partition) => ({ ...partition, offset: 10 }))),
    });
    await read(a, 20);
    const b = reader(topic, { heartbeatIntervalMs: 100 });
    const deadline = Date.now() + 30_000;
    let again = 0;
    while (b.assignment.length === 0 && Date.now() < deadline) {
      for (const batches of await Promise.all([a.poll(50), b.poll(50)])) again += batches.length;
    }
    for (const batches of await Promise.all([a.poll(300), b.poll(300)])) again += batches.length;
    expect(b.assignment).toHaveLength(1);
    expect(again).toBe(0);
    await a.close();
    await b.close();
  });

  test('a pattern finds topics that come later', async () => {
    const impatient = new KafkaClient({ bootstrapServers: [broker.bootstrapServers], metadataMaxAgeMs: 200 });
    const name = `logs-${++topics}`;
    await using consumer = new Consumer(impatient, {
      groupId: name,
      assignors: ['cooperative-sticky'],
      pattern: new RegExp(`${name}\\..*`),
      autoOffsetReset: 'earliest',
    });
    await using producer = new Producer(client);
    await producer.send(`${name}.one`, null, batchOf(['1']));
    await producer.send(`x-${name}.one`, null, batchOf(['not this']));
    expect([...(await read(consumer, 1)).values()].flat()).toEqual(['1']);
    await producer.send(`${name}.two`, null, batchOf(['2']));
    expect([...(await read(consumer, 1)).values()].flat()).toEqual(['2']);
    await consumer.close();
    await impatient.close();
  });

  test('a position that the log no longer has is reset by auto.offset.reset', async () => {
    const topic = await newTopic(1);
    await using producer = new Producer(client);
    await producer.send(topic, 0, batchOf(numbered('e', 5)));
    await admin.alterGroupOffsets(`group-of-${topic}`, [{ topic, partition: 0, offset: 1000 }]);
    await using consumer = reader(topic);
    expect((await read(consumer, 5)).get(0)).toEqual(numbered('e', 5));
    await using strict = reader(topic, { groupId: `strict-${topic}`, autoOffsetReset: 'none' });
    await expect(
      (async () => {
        for (;;) await strict.poll(200);
      })(),
    ).rejects.toThrow(/no offset to start from/);
  });

  test('seek goes back', async () => {
    const topic = await newTopic(1);
    await using producer = new Producer(client);
    await producer.send(topic, 0, batchOf(numbered('e', 10)));
    await using consumer = reader(topic);
    await read(consumer, 10);
    consumer.seek({ topic, partition: 0 }, 7);
    expect((await read(consumer, 3)).get(0)).toEqual(['e7', 'e8', 'e9']);
  });
});

test('admin: topics, offsets, groups', async () => {
  const topic = await newTopic(2);
  expect((await admin.describeTopics([topic]))[0]?.partitions.map(({ leader }) => leader)).toHaveLength(2);
  expect((await admin.listTopics()).map((t) => t.topic)).toContain(topic);
  await expect(admin.createTopics([{ topic, partitions: 1, replicationFactor: 1 }])).rejects.toThrow(
    /TOPIC_ALREADY_EXISTS/,
  );
  await using producer = new Producer(client);
  await producer.send(topic, 1, batchOf(['a', 'b']));
  const both = [0, 1].map((partition) => ({ topic, partition }));
  const ends = await admin.listOffsets(both, 'latest');
  expect(ends.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset)).toEqual([0, 2]);
  const consumer = reader(topic);
  await read(consumer, 2);
  await consumer.commit([{ topic, partition: 1, offset: 2 }]);
  const groupId = `group-of-${topic}`;
  const [group] = await admin.describeGroups([groupId]);
  expect(group).toMatchObject({ state: 'Stable', assignor: 'range' });
  expect(group?.members[0]?.assignment).toHaveLength(2);
  await consumer.close();
  expect(await admin.groupOffsets(groupId)).toEqual([{ topic, partition: 1, offset: 2, metadata: '' }]);
  expect((await admin.listGroups()).map((g) => g.groupId)).toContain(groupId);
  await admin.alterTopicConfigs(topic, new Map([['retention.ms', '60000']]), []);
  expect((await admin.topicConfigs(topic)).get('retention.ms')).toBe('60000');
  await admin.deleteGroups([groupId]);
  await admin.deleteTopics([topic]);
  await expect(admin.describeTopics([topic])).rejects.toThrow(/UNKNOWN_TOPIC_OR_PARTITION/);
});
