import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import {
  batchOf,
  type ClusterBench,
  clusterBench,
} from '../../../../testkit/src/kafka/fake-cluster/bench.ts';
import { Producer } from '../../clients/kafka/producer/producer.ts';
import type { Channel } from '../../component/channel.ts';
import { contextFor } from '../../component/testing/context.ts';
import { encodeAvroEvents } from '../../records/avro-event.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { openBatch } from '../../records/open-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { kafkaChannel } from './channel.ts';

function channelOn(b: ClusterBench, properties: Readonly<Record<string, string | number | boolean>> = {}) {
  const context = contextFor(kafkaChannel, {
    'kafka.bootstrap.servers': b.cluster.bootstrapServers,
    'kafka.topic': 't',
    'kafka.pollTimeout': 20,
    'kafka.consumer.heartbeat.interval.ms': 20,
    'kafka.producer.retry.backoff.ms': 1,
    ...properties,
  });
  return { context, channel: kafkaChannel.create(context) };
}

async function put(channel: Channel, batch: EventBatch): Promise<void> {
  const transaction = channel.begin();
  await transaction.put(batch);
  try {
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

const committed = (b: ClusterBench): number | undefined => b.cluster.group('flume').offsets.get('t-0');

describe('values that are no Flume events', () => {
  test('are set aside once, told, and everything behind them comes, in any mix of commits and rollbacks', async () => {
    const shape = fc.record({
      kinds: fc.array(fc.constantFrom('event', 'event', 'text', 'empty', 'null'), {
        minLength: 1,
        maxLength: 24,
      }),
      perBatch: fc.integer({ min: 1, max: 8 }),
      most: fc.integer({ min: 1, max: 9 }),
      rollBack: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ kinds, perBatch, most, rollBack }) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', 1);
        const producer = b.newProducer({ batchSizeBytes: 0 });
        for (let from = 0; from < kinds.length; from += perBatch) {
          const builder = new BatchBuilder();
          kinds.slice(from, from + perBatch).forEach((kind, i) => {
            const datum = encodeAvroEvents(batchOf([`e${from + i}`])).event(0).body;
            builder.add({ event: datum, text: 'plain text', empty: '', null: null }[kind]);
          });
          await producer.send('t', 0, builder.build());
        }
        const { channel, context } = channelOn(b);
        await channel.start();
        const got: string[] = [];
        const sound = kinds.flatMap((kind, i) => (kind === 'event' ? [`e${i}`] : []));
        for (let turns = 0; committed(b) !== kinds.length; turns++) {
          if (turns > 200) throw new Error(`${got.length} of ${sound.length}, committed ${committed(b)}`);
          const transaction = channel.begin();
          const batch = await transaction.take(most);
          if (batch !== null && rollBack[turns] !== true) {
            got.push(...[...batch].map(({ body }) => body.toString()));
            await transaction.commit();
          } else await transaction.rollback();
        }
        expect(got).toEqual(sound);
        const bad = kinds.flatMap((kind, i) => (kind === 'event' ? [] : [i]));
        expect(context.refused.bytes.map(({ position }) => position)).toEqual(bad);
        expect(context.log.lines.some((line) => line.includes('parseAsFlumeEvent'))).toBe(bad.length > 0);
        await channel.stop({ deadline: Deadline.in(2000) });
      }),
      fuzzRuns(15),
    );
  });

  test('onRefused=retry is Flume’s way: nothing behind them comes', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await b.newProducer().send('t', 0, batchOf(['plain text']));
    const { channel } = channelOn(b, { onRefused: 'retry' });
    await channel.start();
    const take = async (): Promise<unknown> => {
      const transaction = channel.begin();
      try {
        return await transaction.take(10);
      } finally {
        await transaction.rollback();
      }
    };
    const errors: string[] = [];
    while (errors.length < 2) await take().catch((error: { code: string }) => errors.push(error.code));
    expect(errors).toEqual(['BATCH_CORRUPT', 'BATCH_CORRUPT']);
    await channel.stop({ deadline: Deadline.in(2000) });
  });
});

describe('events that the topic does not take', () => {
  const poison = (records: Buffer): boolean =>
    [...openBatch(records, 0)].some(({ body }) => body.toString().includes('poison'));

  test('are set aside alone; the others of their put arrive once', async () => {
    const shape = fc.record({
      poisoned: fc.uniqueArray(fc.nat(19), { maxLength: 5 }),
      parseAsFlumeEvent: fc.boolean(),
      perPut: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ poisoned, parseAsFlumeEvent, perPut }) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', 1);
        b.cluster.batchFault = ({ records }) => (poison(records) ? 'MESSAGE_TOO_LARGE' : null);
        const { channel, context } = channelOn(b, { parseAsFlumeEvent });
        await channel.start();
        const bodies = Array.from(
          { length: 20 },
          (_, i) => `${poisoned.includes(i) ? 'poison' : 'event'} ${i}.`,
        );
        for (let from = 0; from < 20; from += perPut)
          await put(channel, batchOf(bodies.slice(from, from + perPut)));
        const found = b.cluster.partition('t').bodies.map((body) => /(event|poison) \d+\./.exec(body)?.[0]);
        expect(found).toEqual(bodies.filter((body) => body.startsWith('event')));
        expect(context.refused.bodies()).toEqual(bodies.filter((body) => body.startsWith('poison')));
        await channel.stop({ deadline: Deadline.in(2000) });
      }),
      fuzzRuns(12),
    );
  });

  test('a header that names no possible partition refuses its event alone', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 2);
    const { channel, context } = channelOn(b, { parseAsFlumeEvent: false, partitionIdHeader: 'p' });
    await channel.start();
    const builder = new BatchBuilder();
    for (const [i, p] of ['0', 'x', '1', '-3', '9', '0'].entries()) builder.add(`e${i}`, [['p', p]]);
    await put(channel, builder.build());
    expect([0, 1].map((p) => b.cluster.partition('t', p).bodies)).toEqual([['e0', 'e5'], ['e2']]);
    expect(context.refused.bodies().toSorted()).toEqual(['e1', 'e3', 'e4']);
    await channel.stop({ deadline: Deadline.in(2000) });
  });

  test('a put that failed in part goes on with what has not arrived', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 2);
    let denied = true;
    b.cluster.batchFault = ({ partition }) =>
      denied && partition === 1 ? 'TOPIC_AUTHORIZATION_FAILED' : null;
    const { channel } = channelOn(b, { parseAsFlumeEvent: false, partitionIdHeader: 'p' });
    await channel.start();
    const builder = new BatchBuilder();
    for (let i = 0; i < 10; i++) builder.add(`e${i}`, [['p', String(i % 2)]]);
    const batch = builder.build();
    await expect(put(channel, batch)).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    await expect(put(channel, batch)).rejects.toMatchObject({ code: 'DELIVERY_FAILED' });
    denied = false;
    await put(channel, batch);
    const even = ['e0', 'e2', 'e4', 'e6', 'e8'];
    expect(b.cluster.partition('t', 0).bodies).toEqual(even);
    expect(b.cluster.partition('t', 1).bodies).toEqual(['e1', 'e3', 'e5', 'e7', 'e9']);
    await channel.stop({ deadline: Deadline.in(2000) });
  });
});

test('commits of many sources leave nothing behind that waits', async () => {
  await using b = await clusterBench(3);
  b.cluster.addTopic('t', 3);
  b.cluster.delayMs = ({ api, nodeId }) => (api === 'Produce' ? nodeId : 0);
  let waiting = 0;
  const flush = Producer.prototype.flush;
  Producer.prototype.flush = function (this: Producer) {
    waiting++;
    return flush.call(this).finally(() => waiting--);
  };
  try {
    const { channel } = channelOn(b, { parseAsFlumeEvent: false });
    await channel.start();
    let commits = 0;
    let most = 0;
    const source = async (): Promise<void> => {
      while (commits < 300) {
        await put(channel, batchOf(['x']));
        commits++;
        most = Math.max(most, waiting);
      }
    };
    await Promise.all(Array.from({ length: 10 }, source));
    expect(most).toBeLessThanOrEqual(20);
    await channel.stop({ deadline: Deadline.in(2000) });
  } finally {
    Producer.prototype.flush = flush;
  }
});

test('brokers that fall silent hold up no stop beyond its deadline', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const { channel } = channelOn(b, { parseAsFlumeEvent: false });
  await channel.start();
  await put(channel, batchOf(['a']));
  const take = channel.begin();
  while ((await take.take(1)) === null);
  b.cluster.requestFault = () => 'silence';
  const stuck = put(channel, batchOf(['b'])).catch((error: Error) => error);
  await channel.stop({ deadline: Deadline.in(150) });
  expect(await stuck).toMatchObject({ code: 'DELIVERY_FAILED' });
  await take.rollback();
}, 4000);

test('KafkaEventGetTimer does not count a wait that brought nothing', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const { channel } = channelOn(b, { parseAsFlumeEvent: false, 'kafka.pollTimeout': 150 });
  await channel.start();
  for (let i = 0; i < 3; i++) {
    const transaction = channel.begin();
    expect(await transaction.take(1)).toBeNull();
    await transaction.rollback();
  }
  expect(channel.counter.flumeAttributes().KafkaEventGetTimer).toBe('0');
  await channel.stop({ deadline: Deadline.in(2000) });
});

test('a sink that gives up a take whose positions it has committed after all: they do not come again', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  await b.newProducer({ batchSizeBytes: 0 }).send('t', 0, batchOf(['a', 'b', 'c', 'd', 'e']));
  const { channel } = channelOn(b, { parseAsFlumeEvent: false });
  await channel.start();
  const transaction = channel.begin(undefined, { positions: true });
  let first: EventBatch | null = null;
  while (first === null) first = await transaction.take(3);
  const told = transaction.positions!()!;
  expect(told).toMatchObject({ cluster: 'fake', groupId: 'flume', groupInstanceId: null });
  expect(told.ranges).toEqual([{ topic: 't', partition: 0, from: 0, next: 3 }]);
  // As its transaction does, whose end has no answer.
  b.cluster.group('flume').offsets.set('t-0', 3);
  await transaction.rollback();
  const bodies: string[] = [];
  const again = channel.begin();
  while (bodies.length < 2) {
    for (const event of (await again.take(9)) ?? []) bodies.push(event.body.toString());
  }
  expect(bodies).toEqual(['d', 'e']);
  await again.commit();
  expect(committed(b)).toBe(5);
  await channel.stop();
});
