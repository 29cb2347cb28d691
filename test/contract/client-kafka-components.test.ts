import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import type { ChannelProcessor, PollableSource } from '../../packages/millrace/src/component/source.ts';
import { contextFor, type RecordedRefusals } from '../../packages/millrace/src/component/testing/context.ts';
import { TestChannel } from '../../packages/millrace/src/component/testing/test-channel.ts';
import { kafkaChannel } from '../../packages/millrace/src/components/kafka/channel.ts';
import { kafkaSink } from '../../packages/millrace/src/components/kafka/sink.ts';
import { kafkaSource } from '../../packages/millrace/src/components/kafka/source.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch, EventView } from '../../packages/millrace/src/records/event-batch.ts';
import { Deadline } from '../../packages/millrace/src/runtime/deadline.ts';
import { deliverAll, driverOf } from '../../packages/testkit/src/flume/drive-sink.ts';
import { FakeCluster } from '../../packages/testkit/src/kafka/fake-cluster/cluster.ts';

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

async function newTopic(partitions = 1): Promise<string> {
  const topic = `topic-${++topics}`;
  await admin.createTopics([{ topic, partitions, replicationFactor: 1 }]);
  return topic;
}

/** All events of the topic now. */
async function eventsOf(topic: string): Promise<{ partition: number; offset: number; event: EventView }[]> {
  const metadata = await client.metadata([topic]);
  const all = (metadata.topics.get(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition }));
  const count = (await admin.listOffsets(all, 'latest')).reduce((sum, { offset }) => sum + offset, 0);
  await using consumer = new Consumer(client, {
    groupId: `all-${topic}-${Math.random()}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
  });
  const events: { partition: number; offset: number; event: EventView }[] = [];
  const deadline = Date.now() + 20_000;
  while (events.length < count && Date.now() < deadline) {
    for (const { partition, baseOffset, batch } of await consumer.poll(500)) {
      for (let i = 0; i < batch.count; i++)
        events.push({ partition, offset: baseOffset + i, event: batch.event(i) });
    }
  }
  return events;
}

interface Given {
  readonly body: string | null;
  readonly headers?: Record<string, string>;
  readonly key?: string;
  readonly timestampMs?: number;
}
function batchOf(...events: readonly Given[]): EventBatch {
  const builder = new BatchBuilder();
  for (const { body, headers, key, timestampMs } of events) {
    builder.add(body, Object.entries(headers ?? {}), key ?? null, timestampMs);
  }
  return builder.build();
}

/** Runs the sink until the channel is empty. */
async function deliver(
  channel: TestChannel,
  properties: Record<string, string | number | boolean>,
): Promise<RecordedRefusals> {
  const context = contextFor(kafkaSink, {
    'kafka.bootstrap.servers': broker.bootstrapServers,
    ...properties,
  });
  await deliverAll(kafkaSink.create(context), channel, context.refused);
  return context.refused;
}

describe("KafkaSink as Flume's", () => {
  it('takes partition, key, timestamp and mapped headers from the event', async () => {
    const topic = await newTopic(2);
    const channel = new TestChannel();
    const headers = { key: 'K1', dc: 'praha', pid: '1', ts: '1000000000000', other: 'o' };
    channel.add(batchOf({ body: 'v1', headers }));
    await deliver(channel, {
      'kafka.topic': topic,
      partitionIdHeader: 'pid',
      'header.dc': 'kdc',
      timestampHeader: 'ts',
    });
    const [found] = await eventsOf(topic);
    expect(found?.partition).toBe(1);
    expect(found?.event.key?.toString()).toBe('K1');
    expect(found?.event.timestamp).toBe(1000000000000);
    expect([...found!.event.headers()]).toEqual([['kdc', 'praha']]);
    expect(found?.event.body.toString()).toBe('v1');
  });

  it('follows the topic header, and sends neither shared nor own headers otherwise', async () => {
    const [topic, other] = [await newTopic(), await newTopic()];
    const channel = new TestChannel();
    channel.add(batchOf({ body: '' }, { body: 'b' }).withSharedHeaders(new Map([['host', 'h']])));
    channel.add(
      batchOf({ body: 'c', headers: { topic: other, x: 'y' } }, { body: 'd', headers: { x: 'y' } }),
    );
    await deliver(channel, { 'kafka.topic': topic });
    const here = await eventsOf(topic);
    expect(here.map(({ event }) => event.body.toString())).toEqual(['', 'b', 'd']);
    expect((await eventsOf(other)).map(({ event }) => event.body.toString())).toEqual(['c']);
    expect(here.every(({ event }) => event.headers().size === 0 && event.key === null)).toBe(true);
  });

  it.each([
    [{ pid: 'abc' }, /^Non integer partition id specified: "abc" in header pid/],
    [{ pid: '-1' }, /^Could not send event: Invalid partition: -1/],
    [{ topic: 't-%{x}' }, /^Invalid topics: \[t-%\{x\}\]/],
  ])(
    'sets an event aside that names no possible place, %o, and sends the others',
    async (headers, reason) => {
      const topic = await newTopic();
      const channel = new TestChannel();
      channel.add(batchOf({ body: 'a' }, { body: 'bad', headers }, { body: 'c' }));
      const refused = await deliver(channel, { 'kafka.topic': topic, partitionIdHeader: 'pid' });
      expect((await eventsOf(topic)).map(({ event }) => event.body.toString())).toEqual(['a', 'c']);
      expect(refused.bodies()).toEqual(['bad']);
      expect(refused.events[0]?.reason).toMatch(reason);
      expect([channel.eventCount, channel.openTransactions]).toEqual([0, 0]);
    },
  );

  it('sends Avro events byte for byte as Flume', async () => {
    const topic = await newTopic();
    const channel = new TestChannel();
    channel.add(batchOf({ body: 'hello', headers: { h1: 'v1' } }));
    channel.add(batchOf({ body: 'x', headers: { key: 'kk' } }));
    channel.add(batchOf({ body: 'nohdr' }));
    await deliver(channel, { 'kafka.topic': topic, useFlumeEventFormat: true });
    const events = await eventsOf(topic);
    expect(events.map(({ event }) => event.body.toString('hex'))).toEqual([
      '0204683104763100' + '0a68656c6c6f',
      '02066b6579046b6b000278',
      '000a6e6f686472',
    ]);
    expect(events.map(({ event }) => event.key?.toString() ?? null)).toEqual([null, 'kk', null]);
  });

  it('passes 20,000 events in batches of 100 through, in order', async () => {
    const topic = await newTopic();
    const channel = new TestChannel();
    const bodies = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    for (let i = 0; i < bodies.length; i += 2500)
      channel.add(batchOf(...bodies.slice(i, i + 2500).map((body) => ({ body }))));
    await deliver(channel, { 'kafka.topic': topic, 'kafka.producer.acks': 'all' });
    expect((await eventsOf(topic)).map(({ event }) => event.body.toString())).toEqual(bodies);
  });
});

/** A KafkaSource into a list; `put` may be made to fail. */
async function readWith(
  properties: Record<string, string | number | boolean>,
  count: number,
  put: (batch: EventBatch) => void = () => {},
): Promise<EventView[]> {
  const events: EventView[] = [];
  const channels: ChannelProcessor = {
    put: async (batch) => {
      put(batch);
      events.push(...batch);
    },
  };
  const context = contextFor(kafkaSource, {
    'kafka.bootstrap.servers': broker.bootstrapServers,
    'kafka.consumer.auto.offset.reset': 'earliest',
    ...properties,
  });
  const source = kafkaSource.create({ ...context, channels }) as PollableSource;
  await source.start();
  const signal = new AbortController().signal;
  const deadline = Date.now() + 20_000;
  while (events.length < count && Date.now() < deadline) await source.process(signal);
  await source.stop();
  await source.settle?.();
  return events;
}

describe("KafkaSource as Flume's", () => {
  it('shows key, topic, partition, offset, timestamp and mapped headers', async () => {
    const topic = await newTopic(2);
    await using producer = new Producer(client);
    const headers = { h1: 'a', h2: 'b' };
    await producer.send(
      topic,
      0,
      batchOf({ body: 'value1', key: 'k1', headers, timestampMs: 1700000000000 }),
    );
    await producer.send(topic, 1, batchOf({ body: 'nokey', timestampMs: 1700000000001 }));
    await producer.send(topic, 1, batchOf({ body: null, timestampMs: 1700000000002 }));
    const events = await readWith(
      { 'kafka.topics': topic, 'header.myh': 'h1', 'kafka.consumer.group.id': topic },
      3,
    );
    const shown = events.map(
      (event) => [Object.fromEntries(event.headers()), event.body.toString()] as const,
    );
    expect(shown.toSorted(([a], [b]) => Number(a.timestamp) - Number(b.timestamp))).toEqual([
      [{ partition: '0', offset: '0', topic, myh: 'a', key: 'k1', timestamp: '1700000000000' }, 'value1'],
      [{ topic, partition: '1', offset: '0', timestamp: '1700000000001' }, 'nokey'],
      [{ topic, partition: '1', offset: '1', timestamp: '1700000000002' }, ''],
    ]);
  });

  it('reads Avro events, whose headers win', async () => {
    const topic = await newTopic();
    const channel = new TestChannel();
    channel.add(
      batchOf({ body: 'hello', headers: { h1: 'v1' } }, { body: 'x', headers: { topic: 'own', key: 'kk' } }),
    );
    await deliver(channel, { 'kafka.topic': topic, useFlumeEventFormat: true, allowTopicOverride: false });
    const events = await readWith(
      { 'kafka.topics': topic, useFlumeEventFormat: true, 'kafka.consumer.group.id': topic },
      2,
    );
    expect(events.map((event) => event.body.toString())).toEqual(['hello', 'x']);
    expect(Object.fromEntries(events[0]!.headers())).toMatchObject({
      h1: 'v1',
      topic,
      partition: '0',
      offset: '0',
    });
    expect(Object.fromEntries(events[1]!.headers())).toMatchObject({ key: 'kk', topic: 'own', offset: '1' });
  });

  it('puts the same events again after a failure, skips nothing, and goes on after a restart', async () => {
    const topic = await newTopic();
    await using producer = new Producer(client);
    const bodies = Array.from({ length: 250 }, (_, i) => `e${i}`);
    await producer.send(topic, 0, batchOf(...bodies.map((body) => ({ body }))));
    const properties = { 'kafka.topics': topic, batchSize: 100, 'kafka.consumer.group.id': topic };
    let puts = 0;
    const sizes: number[] = [];
    const first = await readWith(properties, 200, (batch) => {
      if (++puts === 2) throw new Error('channel full');
      sizes.push(batch.count);
    });
    expect(sizes).toEqual([100, 100]);
    const rest = await readWith(properties, 50);
    expect([...first, ...rest].map((event) => event.body.toString())).toEqual(bodies);
    expect(Number(rest[0]!.header('offset'))).toBe(200);
  });
});

describe("KafkaChannel as Flume's", () => {
  const channelOn = (topic: string, properties: Record<string, string | number | boolean> = {}) =>
    kafkaChannel.create(
      contextFor(kafkaChannel, {
        'kafka.bootstrap.servers': broker.bootstrapServers,
        'kafka.topic': topic,
        'kafka.consumer.group.id': `group-${topic}`,
        ...properties,
      }),
    );

  it('writes bodies and keys alone with parseAsFlumeEvent=false, and reads what any producer wrote', async () => {
    const topic = await newTopic();
    const channel = channelOn(topic, { parseAsFlumeEvent: false });
    await channel.start();
    const put = channel.begin();
    await put.put(batchOf({ body: 'hello', headers: { h1: 'v1', key: 'kk' } }));
    await put.commit();
    const [record] = await eventsOf(topic);
    expect(record?.event.key?.toString()).toBe('kk');
    expect(record?.event.headers().size).toBe(0);
    const take = channel.begin();
    let batch: EventBatch | null = null;
    for (let i = 0; i < 20 && batch === null; i++) batch = await take.take(10);
    expect([...batch!].map((event) => [Object.fromEntries(event.headers()), event.body.toString()])).toEqual([
      [{ key: 'kk' }, 'hello'],
    ]);
    await take.commit();
    await channel.stop();
    expect(await admin.groupOffsets(`group-${topic}`)).toEqual([
      { topic, partition: 0, offset: 1, metadata: '' },
    ]);
  });

  it('commits offsets only up to the first take that is still open', async () => {
    const topic = await newTopic();
    const channel = channelOn(topic);
    await channel.start();
    const put = channel.begin();
    await put.put(batchOf({ body: 'a' }, { body: 'b' }, { body: 'c' }));
    await put.commit();
    const [first, second] = [channel.begin(), channel.begin()];
    for (let i = 0, got: EventBatch | null = null; i < 20 && got === null; i++) got = await first.take(1);
    expect([...(await second.take(2))!].map((event) => event.body.toString())).toEqual(['b', 'c']);
    await second.commit();
    expect(await admin.groupOffsets(`group-${topic}`)).toEqual([]);
    await first.commit();
    expect(await admin.groupOffsets(`group-${topic}`)).toEqual([
      { topic, partition: 0, offset: 3, metadata: '' },
    ]);
    await channel.stop();
  });
});

describe('a broker that does not answer', () => {
  it('KafkaSink stops in the middle of a wait, and the events are in the channel again', async () => {
    await using deaf = await FakeCluster.start();
    deaf.addTopic('t', 1);
    deaf.batchFault = () => 'silence';
    const channel = new TestChannel();
    channel.add(batchOf(...Array.from({ length: 30 }, (_, i) => ({ body: `e${i}` }))));
    const properties = {
      'kafka.bootstrap.servers': deaf.bootstrapServers,
      'kafka.topic': 't',
      flumeBatchSize: 10,
    };
    const context = contextFor(kafkaSink, { ...properties, 'kafka.producer.delivery.timeout.ms': 1000 });
    const sink = kafkaSink.create(context);
    const driver = driverOf(sink, channel);
    await sink.start();
    driver.open();
    const abort = new AbortController();
    for (let i = 0; i < 3; i++) expect(await driver.flow(abort.signal)).toBe('ready');
    const waiting = driver.flow(abort.signal);
    abort.abort();
    await waiting.catch(() => {});
    const deadline = Deadline.in(200);
    await driver.ground(deadline);
    await sink.stop({ deadline });
    await driver.giveBack(Deadline.never());
    expect(channel.bodies()).toEqual(Array.from({ length: 30 }, (_, i) => `e${i}`));
    expect(channel.openTransactions).toBe(0);
  });
});
