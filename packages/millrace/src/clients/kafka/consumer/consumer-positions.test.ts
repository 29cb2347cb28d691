import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../../testkit/src/fuzz/fuzz-runs.ts';
import { batchOf, clusterBench, quickConsumer } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { KafkaClient } from '../client.ts';
import type { ConsumerOptions, TopicPartition } from '../options.ts';
import { Consumer } from './consumer.ts';
import { PartitionReader } from './partition-reader.ts';

const consumerOf = (client: KafkaClient, options: Partial<ConsumerOptions> = {}): Consumer =>
  new Consumer(client, { groupId: 'g', topics: ['t'], ...quickConsumer, ...options });

/** Polls until so many events came; their bodies by partition. */
async function read(
  consumer: Pick<Consumer, 'poll'>,
  count: number,
  onError: (error: Error) => void = (error) => {
    throw error;
  },
): Promise<Map<number, string[]>> {
  const got = new Map<number, string[]>();
  for (let n = 0, polls = 0; n < count; polls++) {
    if (polls > 400) throw new Error(`${n} of ${count} events`);
    const fetched = await consumer.poll(50).catch(async (error: Error) => {
      onError(error);
      await sleep(5);
      return [];
    });
    for (const { partition, batch } of fetched) {
      n += batch.count;
      got.set(partition, [...(got.get(partition) ?? []), ...[...batch].map(({ body }) => body.toString())]);
    }
  }
  return got;
}

/** What the next polls throw; '' for none. */
async function pollErrors(consumer: Pick<Consumer, 'poll'>, polls: number): Promise<string[]> {
  const errors: string[] = [];
  for (let i = 0; i < polls; i++) {
    errors.push(
      await consumer.poll(20).then(
        () => '',
        (error: Error) => error.message,
      ),
    );
  }
  return errors;
}

describe('one partition that cannot be positioned holds up no other', () => {
  test('without a leader and without an offset; it joins in when it has one', async () => {
    const shape = fc.record({
      partitions: fc.integer({ min: 2, max: 6 }),
      leaderless: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
      reset: fc.constantFrom('earliest' as const, 'latest' as const),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ partitions, leaderless, reset }) => {
        await using b = await clusterBench(2);
        const topic = b.cluster.addTopic('t', partitions);
        const without = leaderless.filter((p) => p < partitions);
        if (without.length === partitions) without.pop();
        for (const p of without) topic.partitions[p]!.leader = -1;
        await using consumer = consumerOf(b.newClient(), { autoOffsetReset: reset });
        // With latest the positions must be there before the events are.
        while (consumer.positions.length < partitions - without.length) await consumer.poll(20);
        const producer = b.newProducer();
        const healthy = topic.partitions.flatMap((_, p) => (without.includes(p) ? [] : [p]));
        await Promise.all(healthy.map((p) => producer.send('t', p, batchOf([`of ${p}`]))));
        const got = await read(consumer, healthy.length);
        expect([...got.keys()].toSorted()).toEqual(healthy);
        expect(b.cluster.count('JoinGroup')).toBeLessThanOrEqual(2);
        for (const p of without) topic.partitions[p]!.moveTo(1);
        while (consumer.positions.length < partitions) await consumer.poll(20);
        await b.client.refreshTopics(['t']);
        await Promise.all(without.map((p) => producer.send('t', p, batchOf([`late ${p}`]))));
        expect((await read(consumer, without.length)).size).toBe(without.length);
      }),
      fuzzRuns(8),
    );
  });

  test.each(['UNKNOWN_LEADER_EPOCH', 'OFFSET_NOT_AVAILABLE', 'NOT_LEADER_OR_FOLLOWER'] as const)(
    'while its ListOffsets says %s',
    async (error) => {
      await using b = await clusterBench();
      b.cluster.addTopic('t', 3);
      b.cluster.listOffsetsFault = (_, partition) => (partition === 1 ? error : null);
      const producer = b.newProducer();
      await Promise.all([0, 1, 2].map((p) => producer.send('t', p, batchOf([`${p}`]))));
      await using consumer = consumerOf(b.newClient());
      expect([...(await read(consumer, 2)).keys()].toSorted()).toEqual([0, 2]);
      b.cluster.listOffsetsFault = () => null;
      expect([...(await read(consumer, 1)).keys()]).toEqual([1]);
    },
  );
});

describe('a position that the log does not have', () => {
  test.each(['earliest', 'latest'] as const)('is reset to %s, and told with from and to', async (reset) => {
    const shape = fc.record({ startOffset: fc.integer({ min: 0, max: 8 }), beyond: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(shape, async ({ startOffset, beyond }) => {
        if (!beyond && startOffset === 0) return;
        await using b = await clusterBench();
        const { partitions } = b.cluster.addTopic('t', 1);
        const producer = b.newProducer();
        for (let i = 0; i < 10; i++) await producer.send('t', 0, batchOf([`e${i}`]));
        partitions[0]!.startOffset = startOffset;
        const from = beyond ? 1_000_000 : 0;
        b.cluster.group('g').offsets.set('t-0', from);
        await using consumer = consumerOf(b.client, { autoOffsetReset: reset });
        const to = reset === 'earliest' ? startOffset : 10;
        const told = `group g: t-0 has no offset ${from}; reset from ${from} to ${to} (auto.offset.reset=${reset})`;
        const wanted = Array.from({ length: 10 - to }, (_, i) => `e${to + i}`);
        // With latest the next event comes after the reset.
        while (wanted.length === 0 && !b.log.lines.join().includes(told)) await consumer.poll(5);
        if (wanted.length === 0) await producer.send('t', 0, batchOf(['next']));
        if (wanted.length === 0) wanted.push('next');
        expect((await read(consumer, wanted.length)).get(0)).toEqual(wanted);
        expect(b.log.lines.join('\n')).toContain(told);
      }),
      fuzzRuns(8),
    );
  });

  test('with auto.offset.reset=none each poll says so, until somebody sets another', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 2);
    const producer = b.newProducer();
    for (const p of [0, 1]) await producer.send('t', p, batchOf(['a', 'b']));
    b.cluster.group('g').offsets.set('t-0', 500).set('t-1', 0);
    await using consumer = consumerOf(b.client, { autoOffsetReset: 'none' });
    // The other partition still gives what it has.
    expect((await read(consumer, 2, () => {})).get(1)).toEqual(['a', 'b']);
    while ((await pollErrors(consumer, 1))[0] === '');
    const errors = await pollErrors(consumer, 6);
    expect(errors).toEqual(errors.map(() => 'group g: t-0 has no offset 500'));
    consumer.seek({ topic: 't', partition: 0 }, 1);
    expect((await read(consumer, 1)).get(0)).toEqual(['b']);
  });

  test('without an offset and auto.offset.reset=none each poll says so, until one is committed', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await b.newProducer().send('t', 0, batchOf(['a', 'b']));
    await using consumer = consumerOf(b.client, { autoOffsetReset: 'none' });
    while ((await pollErrors(consumer, 1))[0] === '');
    const errors = await pollErrors(consumer, 6);
    expect(errors).toEqual(errors.map(() => 'group g: no offset to start from for t-0'));
    b.cluster.group('g').offsets.set('t-0', 1);
    expect((await read(consumer, 1, () => {})).get(0)).toEqual(['b']);
  });

  test('a reader of given partitions is reset and told alike', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await b.newProducer().send('t', 0, batchOf(['a']));
    const position = { topic: 't', partition: 0, offset: 77 };
    await using strict = new PartitionReader(b.client, [position], {
      ...quickConsumer,
      autoOffsetReset: 'none',
    });
    while ((await pollErrors(strict, 1))[0] === '');
    expect(await pollErrors(strict, 3)).toEqual(Array(3).fill('t-0 has no offset 77'));
    await using lenient = new PartitionReader(b.client, [position], quickConsumer);
    expect((await read(lenient, 1)).get(0)).toEqual(['a']);
    expect(b.log.lines.join('\n')).toContain('t-0 has no offset 77; reset from 77 to 0');
  });
});

describe('fetching', () => {
  test('with little room for an answer every partition gets its turn', async () => {
    const shape = fc.record({
      partitions: fc.integer({ min: 2, max: 10 }),
      roomInBatches: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ partitions, roomInBatches }) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', partitions);
        const producer = b.newProducer({ batchSizeBytes: 0 });
        const each = 12;
        const batch = batchOf(['x'.repeat(1000)]);
        await Promise.all(
          Array.from({ length: partitions * each }, (_, i) => producer.send('t', i % partitions, batch)),
        );
        const fetchMaxBytes = 1100 * roomInBatches;
        await using consumer = consumerOf(b.newClient(), { fetchMaxBytes });
        const got = Array.from({ length: partitions }, () => 0);
        for (let n = 0; n < (partitions * each) / 2; ) {
          for (const { partition, batch: fetched } of await consumer.poll(50)) {
            got[partition]! += fetched.count;
            n += fetched.count;
          }
        }
        expect(Math.min(...got)).toBeGreaterThanOrEqual(2);
      }),
      fuzzRuns(6),
    );
  });

  test('a closed consumer leaves no connection behind on a client that others share', async () => {
    await using b = await clusterBench(2);
    b.cluster.addTopic('t', 2);
    await b.newProducer().send('t', 0, batchOf(['a']));
    const sockets = async (): Promise<number> => {
      const consumer = consumerOf(b.client);
      await read(consumer, 1);
      await consumer.close();
      await sleep(50);
      return b.cluster.sockets.size;
    };
    const first = await sockets();
    for (let i = 0; i < 4; i++) expect(await sockets()).toBe(first);
  });
});

test('a seek holds, whatever a fetch that was under way brings', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const producer = b.newProducer({ batchSizeBytes: 0 });
  for (let i = 0; i < 4; i++) await producer.send('t', 0, batchOf([`e${i}`]));
  b.cluster.fetchWaitMs = 100;
  await using consumer = consumerOf(b.client);
  await read(consumer, 4);
  const fetches = b.cluster.count('Fetch');
  while (b.cluster.count('Fetch') === fetches) await consumer.poll(1);
  // The broker holds a fetch of what comes next.
  consumer.seek({ topic: 't', partition: 0 }, 1);
  await producer.send('t', 0, batchOf(['e4']));
  expect((await read(consumer, 4)).get(0)).toEqual(['e1', 'e2', 'e3', 'e4']);
});

describe('a log that was cut back below the position', () => {
  test.each(['earliest', 'latest'] as const)('is read from %s on, and that is told', async (reset) => {
    await using b = await clusterBench();
    const { partitions } = b.cluster.addTopic('t', 1);
    const producer = b.newProducer({ batchSizeBytes: 0, idempotence: false });
    for (let i = 0; i < 6; i++) await producer.send('t', 0, batchOf([`e${i}`]));
    await using consumer = consumerOf(b.client, { autoOffsetReset: reset });
    b.cluster.group('g').offsets.set('t-0', 0);
    await read(consumer, 6);
    partitions[0]!.truncateTo(2);
    const to = reset === 'earliest' ? 0 : 2;
    const told = `group g: t-0 has no offset 6; reset from 6 to ${to} (auto.offset.reset=${reset})`;
    const got: string[] = [];
    for (let i = 0; i < 400 && !b.log.lines.join('\n').includes(told); i++) {
      for (const { batch } of await consumer.poll(5))
        got.push(...[...batch].map(({ body }) => body.toString()));
    }
    expect(b.log.lines.join('\n')).toContain(told);
    await producer.send('t', 0, batchOf(['new']));
    const wanted = reset === 'earliest' ? ['e0', 'e1', 'new'] : ['new'];
    got.push(...((await read(consumer, wanted.length - got.length)).get(0) ?? []));
    expect(got).toEqual(wanted);
  });

  test('with auto.offset.reset=none each poll says so', async () => {
    await using b = await clusterBench();
    const { partitions } = b.cluster.addTopic('t', 1);
    const producer = b.newProducer({ batchSizeBytes: 0 });
    for (let i = 0; i < 6; i++) await producer.send('t', 0, batchOf([`e${i}`]));
    b.cluster.group('g').offsets.set('t-0', 0);
    await using consumer = consumerOf(b.client, { autoOffsetReset: 'none' });
    await read(consumer, 6, () => {});
    partitions[0]!.truncateTo(2);
    while ((await pollErrors(consumer, 1))[0] === '');
    expect(await pollErrors(consumer, 3)).toEqual(Array(3).fill('group g: t-0 has no offset 6'));
  });
});

describe.each(['name', 'id'])('a topic that is deleted and made again, where commits go by %s', (by) => {
  const t0 = { topic: 't', partition: 0 };

  test('takes no offset of the old one, is told, and is read from its start', async () => {
    await using b = await clusterBench();
    b.cluster.commitsById = by === 'id';
    const { id: oldId } = b.cluster.addTopic('t', 1);
    const producer = b.newProducer({ batchSizeBytes: 0, idempotence: false });
    for (let i = 0; i < 6; i++) await producer.send('t', 0, batchOf([`old ${i}`]));
    const told: TopicPartition[] = [];
    await using consumer = consumerOf(b.client, {
      onReset: (partitions) => void told.push(...partitions),
    });
    await read(consumer, 6);
    const group = b.cluster.group('g');
    b.cluster.addTopic('t', 1);
    // Brokers that know no ids can only refuse while there is no such topic. That lasts until the client has looked at
    // the topic between two tries: what it learns while a try is under way is no part of this promise.
    let known: string | undefined = oldId;
    if (by === 'name')
      group.commitFault = () => {
        const before = known;
        known = b.client.cachedTopic('t')?.topicId;
        return before === oldId ? 'UNKNOWN_TOPIC_OR_PARTITION' : null;
      };
    await expect(consumer.commit([{ ...t0, offset: 6 }])).rejects.toMatchObject({
      ...{ reason: 'made-again', offsets: [{ ...t0, offset: 6 }] },
    });
    expect(group.offsets.get('t-0')).toBeUndefined();
    for (let i = 0; i < 3; i++) await producer.send('t', 0, batchOf([`new ${i}`]));
    expect((await read(consumer, 3)).get(0)).toEqual(['new 0', 'new 1', 'new 2']);
    expect(told).toEqual([t0]);
    await consumer.commit([{ ...t0, offset: 3 }]);
    expect(group.offsets.get('t-0')).toBe(3);
  });
});
