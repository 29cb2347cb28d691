/** Transactions of our client on Apache Kafka and on the embedded broker, in both ways in which clusters speak of them; read back by kcat. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { PartitionReader } from '../../packages/millrace/src/clients/kafka/consumer/partition-reader.ts';
import type { ConsumerOptions } from '../../packages/millrace/src/clients/kafka/options.ts';
import {
  type GroupPositions,
  type TransactionalOptions,
  TransactionalProducer,
} from '../../packages/millrace/src/clients/kafka/producer/transactional-producer.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { sinkContract } from '../../packages/millrace/src/component/testing/sink-contract.ts';
import { bodiesOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { kafkaSink } from '../../packages/millrace/src/components/kafka/sink.ts';
import { EmbeddedKafka } from '../../packages/testkit/src/kafka/embedded-kafka.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { kcat } from '../../packages/testkit/src/kafka/kcat.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { TcpProxy } from '../../packages/testkit/src/net/tcp-proxy.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const servers = {
  'Apache Kafka': (version: number): Promise<RealKafka | EmbeddedKafka> =>
    RealKafka.start({ features: { 'transaction.version': version } }),
  'the embedded broker': (version: number): Promise<RealKafka | EmbeddedKafka> =>
    EmbeddedKafka.start({
      settings: {
        'millrace.transaction.version': version,
        'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
      },
    }),
};

describe.each([
  { server: 'Apache Kafka', version: 2 },
  { server: 'Apache Kafka', version: 1 },
  { server: 'the embedded broker', version: 2 },
  { server: 'the embedded broker', version: 1 },
] as const)('$server, transaction.version $version', ({ server, version }) => {
  let kafka: RealKafka | EmbeddedKafka;
  let client: KafkaClient;
  let topics = 0;
  const open: AsyncDisposable[] = [];

  beforeAll(async () => {
    kafka = await servers[server](version);
    client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
  });
  afterAll(async () => {
    for (const each of open.reverse()) await each[Symbol.asyncDispose]();
    await client.close();
    await kafka[Symbol.asyncDispose]();
  });

  const newTopic = async (partitions = 1): Promise<string> => {
    const topic = `t${++topics}`;
    await new Admin(client).createTopics([{ topic, partitions, replicationFactor: -1 }]);
    return topic;
  };
  const newProducer = (
    transactionalId: string,
    options: Partial<TransactionalOptions> = {},
  ): TransactionalProducer => {
    const producer = new TransactionalProducer(client, { transactionalId, lingerMs: 0, ...options });
    open.push(producer);
    return producer;
  };
  const newConsumer = (options: ConsumerOptions): Consumer => {
    const consumer = new Consumer(client, { autoOffsetReset: 'earliest', ...options });
    open.push(consumer);
    return consumer;
  };
  const committed = async (topic: string): Promise<string[]> => {
    const args = ['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
    const { stdout } = await kcat(kafka.bootstrap, args);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const polled = async (consumer: Consumer, count: number): Promise<GroupPositions> => {
    const offsets = new Map<string, GroupPositions['offsets'][number]>();
    let events = 0;
    while (events < count) {
      for (const { topic, partition, nextOffset, batch } of await consumer.poll(1000)) {
        events += batch.count;
        offsets.set(`${topic}-${partition}`, { topic, partition, offset: nextOffset });
      }
    }
    return consumer.enlist([...offsets.values()]);
  };

  test('what is committed is read, what is aborted is not, and sequences go on behind both', async () => {
    const topic = await newTopic(3);
    const producer = newProducer(`id-${topic}`);
    const wanted: string[] = [];
    for (let i = 0; i < 6; i++) {
      const bodies = numbered(`${i}-`, 30);
      await producer.ready();
      producer.begin();
      await Promise.all(bodies.map((body, n) => producer.send(topic, n % 3, batchOf([body]))));
      if (i % 3 === 1) await producer.abort();
      else {
        await producer.commit();
        wanted.push(...bodies);
      }
    }
    expect((await committed(topic)).sort()).toEqual(wanted.sort());
  });

  test('a transaction that failed is aborted, and the producer goes on', async () => {
    const topic = await newTopic();
    await kafka.tools.run('kafka-configs', [
      ...['--alter', '--entity-type', 'topics', '--entity-name', topic],
      ...['--add-config', 'max.message.bytes=1000'],
    ]);
    const producer = newProducer(`id-${topic}`);
    await producer.ready();
    producer.begin();
    await producer.send(topic, 0, batchOf(['a']));
    await expect(producer.send(topic, 0, batchOf(['b', 'x'.repeat(2000)]))).rejects.toMatchObject({
      refused: [{ index: 1 }],
    });
    await expect(producer.commit()).rejects.toThrow('MESSAGE_TOO_LARGE');
    await producer.abort();
    await producer.ready();
    producer.begin();
    await Promise.all([producer.send(topic, 0, batchOf(['c'])), producer.send(topic, 0, batchOf(['d']))]);
    await producer.commit();
    expect(await committed(topic)).toEqual(['c', 'd']);
  });

  test.each(['classic', 'consumer'] as const)(
    'offsets are committed with the records, and not with those that are aborted: %s group',
    async (groupProtocol) => {
      const [input, output] = [await newTopic(), await newTopic()];
      const producer = newProducer(`id-${output}`);
      await producer.ready();
      producer.begin();
      await producer.send(input, 0, batchOf(numbered('e', 10)));
      await producer.commit();
      const groupId = `g-${input}`;
      const consumer = newConsumer({ groupId, topics: [input], readCommitted: true, groupProtocol });
      for (const commits of [false, true]) {
        const positions = await polled(consumer, 10);
        await producer.ready();
        producer.begin();
        producer.addOffsets(positions);
        await producer.send(output, 0, batchOf([commits ? 'kept' : 'dropped']));
        if (commits) await producer.commit();
        else {
          await producer.abort();
          consumer.returnToCommitted([{ topic: input, partition: 0 }]);
        }
      }
      expect(await committed(output)).toEqual(['kept']);
      await consumer.close();
      const { stdout } = await kafka.tools.run('kafka-consumer-groups', ['--describe', '--group', groupId]);
      expect(stdout).toMatch(new RegExp(`${groupId}\\s+${input}\\s+0\\s+10\\s`));
    },
  );

  test('offsets of a generation that is over abort the transaction', async () => {
    const [input, output] = [await newTopic(2), await newTopic()];
    const producer = newProducer(`id-${output}`);
    await producer.ready();
    producer.begin();
    await producer.send(input, 0, batchOf(['a']));
    await producer.send(input, 1, batchOf(['b']));
    await producer.commit();
    const options = { groupId: `g-${input}`, topics: [input], heartbeatIntervalMs: 100, readCommitted: true };
    const first = newConsumer(options);
    const positions = await polled(first, 2);
    const second = newConsumer(options);
    while (second.assignment.length === 0) await Promise.all([first.poll(100), second.poll(100)]);
    await producer.ready();
    producer.begin();
    producer.addOffsets(positions);
    const sending = producer.send(output, 0, batchOf(['never']));
    const ended = sending.then(() => producer.commit());
    await expect(ended).rejects.toThrow('ILLEGAL_GENERATION');
    await producer.abort();
    expect(producer.isDead).toBe(false);
    expect(() => first.enlist(positions.offsets)).toThrow(/stale|present assignment|dealt anew/);
    expect(await committed(output)).toEqual([]);
  });

  test('who uses an id again ends what its last user had open, and fences him', async () => {
    const topic = await newTopic();
    const old = newProducer(`id-${topic}`);
    await old.ready();
    old.begin();
    await old.send(topic, 0, batchOf(['zombie']));
    const young = newProducer(`id-${topic}`);
    await young.ready();
    young.begin();
    await young.send(topic, 0, batchOf(['new']));
    await young.commit();
    await expect(old.commit()).rejects.toThrow(/PRODUCER_FENCED|INVALID_PRODUCER_EPOCH/);
    expect(old.isDead).toBe(true);
    await expect(old.ready()).rejects.toThrow();
    expect(await committed(topic)).toEqual(['new']);
  });

  test('a transaction that takes too long is aborted by its coordinator, and the next producer goes on', async () => {
    const topic = await newTopic();
    const old = newProducer(`id-${topic}`, { transactionTimeoutMs: 1000 });
    await old.ready();
    old.begin();
    await old.send(topic, 0, batchOf(['late']));
    await expect
      .poll(() => old.send(topic, 0, batchOf(['later'])).then(() => '', String), {
        timeout: 40_000,
        interval: 500,
      })
      .toMatch(/INVALID_PRODUCER_EPOCH|PRODUCER_FENCED|INVALID_TXN_STATE|TRANSACTION_ABORTABLE/);
    await old.abort().catch(() => {});
    const young = newProducer(`id-${topic}`);
    await young.ready();
    young.begin();
    await young.send(topic, 0, batchOf(['new']));
    await young.commit();
    expect(await committed(topic)).toEqual(['new']);
  });

  test('readers with read_committed see nothing of aborted transactions, also in between, and stop before open ones', async () => {
    const topic = await newTopic();
    const [a, b] = [newProducer(`a-${topic}`), newProducer(`b-${topic}`)];
    await Promise.all([a.ready(), b.ready()]);
    a.begin();
    b.begin();
    // a1 b1 a2 b2 | a aborts, b commits | a3 stays open behind c.
    for (const n of [1, 2]) {
      await a.send(topic, 0, batchOf([`a${n}`]));
      await b.send(topic, 0, batchOf([`b${n}`]));
    }
    await a.abort();
    await b.commit();
    await Promise.all([a.ready(), b.ready()]);
    b.begin();
    await b.send(topic, 0, batchOf(['c']));
    await b.commit();
    a.begin();
    await a.send(topic, 0, batchOf(['a3']));
    const read = async (readCommitted: boolean, count: number): Promise<string[]> => {
      await using reader = new PartitionReader(client, [{ topic, partition: 0, offset: 0 }], {
        readCommitted,
      });
      const bodies: string[] = [];
      for (let empty = 0; bodies.length < count || empty < 2; ) {
        const batches = await reader.poll(300);
        if (batches.length === 0) empty++;
        for (const { batch } of batches) bodies.push(...bodiesOf(batch));
      }
      return bodies;
    };
    expect(await read(true, 3)).toEqual(['b1', 'b2', 'c']);
    expect(await read(false, 6)).toEqual(['a1', 'b1', 'a2', 'b2', 'c', 'a3']);
    await a.commit();
    expect(await read(true, 4)).toEqual(['b1', 'b2', 'c', 'a3']);
  });

  test('the broker is killed while a transaction is open: it goes on, or is aborted as a whole', async () => {
    const topic = await newTopic(2);
    const producer = newProducer(`id-${topic}`, { requestTimeoutMs: 5000 });
    const wanted: string[] = [];
    for (let i = 0; i < 4; i++) {
      const bodies = numbered(`${i}-`, 20);
      await producer.ready(undefined);
      producer.begin();
      const sends = bodies.map((body, n) => producer.send(topic, n % 2, batchOf([body])));
      if (i === 1) {
        await kafka.kill();
        void sleep(500).then(() => kafka.restart());
      }
      try {
        await Promise.all(sends);
        await producer.commit();
        wanted.push(...bodies);
      } catch {
        await Promise.allSettled(sends);
        await producer.abort();
      }
    }
    expect(wanted.length).toBeGreaterThanOrEqual(60);
    expect((await committed(topic)).sort()).toEqual(wanted.sort());
  });

  // The sink knows neither of the two ways.
  if (server === 'the embedded broker' && version === 1) return;
  sinkContract({ describe, it: test }, 'KafkaSink with transactions', {
    create: async () => {
      const topic = await newTopic();
      const admin = new Admin(client);
      await admin.alterTopicConfigs(topic, new Map([['max.message.bytes', '1000']]), []);
      const properties = {
        'kafka.bootstrap.servers': kafka.bootstrap,
        'kafka.topic': topic,
        flumeBatchSize: 10,
        'kafka.producer.acks': 'all',
        'kafka.producer.transactional.id': `id-${topic}`,
        'kafka.producer.request.timeout.ms': 1000,
        'kafka.producer.delivery.timeout.ms': 2000,
      };
      return {
        sink: kafkaSink.create(contextFor(kafkaSink, properties)),
        delivered: () => committed(topic),
        fail: async () => ('halt' in kafka ? kafka.halt() : kafka.signal('SIGSTOP')),
        heal: async () => kafka.signal('SIGCONT'),
        refusable: () => batchOf(['x'.repeat(2000)]),
      };
    },
  });
});

test('connections are cut at any byte: each commit is asked about until it is known, and none is half', async () => {
  const [port] = await freePorts(1);
  await using kafka = await RealKafka.start({ advertisedPorts: [port!] });
  await using proxy = await TcpProxy.start({ targetPort: kafka.port(), port: port! });
  await kafka.tools.createTopic('t', { partitions: 2 });
  const chance = chanceOf('transactions over a bad network');
  const quick = { requestTimeoutMs: 3000, retryBackoffMs: 20, reconnectBackoffMaxMs: 100 };
  await using client = new KafkaClient({ bootstrapServers: [`127.0.0.1:${port}`], ...quick });
  await using producer = new TransactionalProducer(client, { transactionalId: 'id', lingerMs: 0, ...quick });
  const wanted: string[] = [];
  let aborted = 0;
  for (let i = 0; i < 150; i++) {
    await producer.ready();
    producer.begin();
    // Anywhere; or in the request to commit, or in its answer.
    const aims = chance.bool();
    if (!aims) proxy.cutAfter(chance.int(1, 4000));
    const bodies = numbered(`${i}-`, 4);
    try {
      await Promise.all(bodies.map((body, n) => producer.send('t', n % 2, batchOf([body]))));
      if (aims) proxy.cutAfter(chance.int(1, 150));
      await producer.commit();
      wanted.push(...bodies);
    } catch {
      expect(producer.isDead).toBe(false);
      await producer.abort();
      aborted++;
    }
  }
  console.log(`150 transactions over a bad network: ${aborted} aborted`);
  const args = ['-C', '-t', 't', '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
  const { stdout } = await kcat(kafka.bootstrap, args);
  expect(stdout.trim().split('\n').sort()).toEqual(wanted.sort());
});
