/** A member among others: what it reads and commits is its own, whatever happens to the group. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { batchOf, clusterBench, quickConsumer } from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { FakeCluster } from '../../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import type { RequestOf } from '../../../protocol/messages.ts';
import type { KafkaClient } from '../client.ts';
import type { ConsumerOptions, TopicPartitionOffset } from '../options.ts';
import { CommitRefused } from './commit-refused.ts';
import { Consumer } from './consumer.ts';
import { decodeSubscription } from './group-protocol.ts';

const consumerOf = (client: KafkaClient, options: Partial<ConsumerOptions> = {}): Consumer =>
  new Consumer(client, { groupId: 'g', topics: ['t'], ...quickConsumer, ...options });

async function fill(cluster: FakeCluster, producer: { send: unknown }, each: number): Promise<void> {
  const { send } = producer as { send(t: string, p: number, b: unknown): Promise<unknown> };
  const partitions = cluster.topics.get('t')!.partitions.map((_, p) => p);
  for (let i = 0; i < each; i++) {
    await Promise.all(partitions.map((p) => send.call(producer, 't', p, batchOf([`${p}:${i}`]))));
  }
}

/** Polls until something came; the offsets behind it. */
async function readSome(consumer: Consumer): Promise<TopicPartitionOffset[]> {
  for (let polls = 0; polls < 400; polls++) {
    const fetched = await consumer.poll(20);
    if (fetched.length > 0) {
      return fetched.map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: nextOffset }));
    }
  }
  throw new Error('nothing came');
}

describe('a commit that is not this member’s any more', () => {
  test('is refused here after an expulsion, and overwrites nothing', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await fill(b.cluster, b.newProducer(), 10);
    const group = b.cluster.group('g');
    await using consumer = consumerOf(b.newClient(), { maxPollIntervalMs: 60 });
    const read = await readSome(consumer);
    // Its channel is full: it does not poll, and leaves its group.
    while (group.memberIds.length > 0) await sleep(10);
    group.offsets.set('t-0', 1000);
    await expect(consumer.commit(read)).rejects.toMatchObject({ reason: 'not-a-member', offsets: read });
    await expect(consumer.commit(read)).rejects.toBeInstanceOf(CommitRefused);
    expect(group.offsets.get('t-0')).toBe(1000);
    expect(group.commits).toEqual([]);
  });

  test('is refused when the partition came back from another member that committed more', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await fill(b.cluster, b.newProducer(), 10);
    const group = b.cluster.group('g');
    await using consumer = consumerOf(b.newClient());
    const read = (await readSome(consumer)).map((each) => ({ ...each, offset: 1 }));
    const { memberId } = consumer;
    group.expel(memberId);
    group.offsets.set('t-0', 7);
    while (consumer.memberId === memberId || consumer.positions.length === 0) await consumer.poll(20);
    await expect(consumer.commit(read)).rejects.toMatchObject({ reason: 'stale' });
    expect(group.offsets.get('t-0')).toBe(7);
    await consumer.commit([{ topic: 't', partition: 0, offset: 9 }]);
    expect(group.offsets.get('t-0')).toBe(9);
  });

  test('of partitions that were never its own is refused, and what is its own goes through', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await fill(b.cluster, b.newProducer(), 3);
    await using consumer = consumerOf(b.newClient());
    const [own] = await readSome(consumer);
    const foreign = { topic: 'other', partition: 4, offset: 1 };
    await expect(consumer.commit([own!, foreign])).rejects.toMatchObject({ offsets: [foreign] });
    expect([...b.cluster.group('g').offsets.keys()]).toEqual(['t-0']);
  });

  test.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'] as const)(
    'answered late with %s it does not end the new generation',
    async (error) => {
      await using b = await clusterBench();
      b.cluster.addTopic('t', 1);
      await fill(b.cluster, b.newProducer(), 3);
      const group = b.cluster.group('g');
      const client = b.newClient();
      await using consumer = consumerOf(client, { assignors: ['cooperative-sticky'] });
      const read = await readSome(consumer);
      const gate = Promise.withResolvers<void>();
      b.cluster.hold = ({ api }) => (api === 'OffsetCommit' ? gate.promise : null);
      group.commitFault = () => error;
      const late = consumer.commit(read).catch((reason: unknown) => reason);
      while (b.cluster.count('OffsetCommit') === 0) await sleep(1);
      // Another joins and leaves: two new generations while the answer is on its way.
      const other = consumerOf(b.newClient(), { assignors: ['cooperative-sticky'] });
      while (other.generationId < 2) await Promise.all([consumer.poll(5), other.poll(5)]);
      await other.close();
      while (consumer.generationId < 3) await consumer.poll(5);
      const before = { memberId: consumer.memberId, generationId: consumer.generationId };
      const joins = b.cluster.count('JoinGroup');
      gate.resolve();
      expect(await late).toBeInstanceOf(CommitRefused);
      for (let i = 0; i < 5; i++) await consumer.poll(10);
      expect({ memberId: consumer.memberId, generationId: consumer.generationId }).toEqual(before);
      expect(b.cluster.count('JoinGroup')).toBe(joins);
    },
  );
});

test('when positioning fails nothing is read that is not assigned', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 4);
  await fill(b.cluster, b.newProducer(), 5);
  b.cluster.group('g').offsets.set('t-0', 1).set('t-1', 1);
  // Two have an offset and begin; the others cannot be positioned.
  b.cluster.listOffsetsFault = () => 'TOPIC_AUTHORIZATION_FAILED';
  await using one = consumerOf(b.newClient());
  for (let i = 0; i < 20; i++) await one.poll(5).catch(() => {});
  await using two = consumerOf(b.newClient());
  let errors = 0;
  for (let i = 0; i < 60; i++) {
    for (const consumer of [one, two]) {
      const fetched = await consumer.poll(5).catch(() => {
        errors++;
        return [];
      });
      const assigned = consumer.assignment.map(({ partition }) => partition);
      for (const { partition } of fetched) expect(assigned).toContain(partition);
    }
  }
  expect(errors).toBeGreaterThan(0);
  expect(one.assignment.length + two.assignment.length).toBe(4);
  const both = [...one.positions, ...two.positions].map(({ partition }) => partition);
  expect(new Set(both).size).toBe(both.length);
});

/** Polls until that holds. */
async function until(consumers: readonly Consumer[], holds: () => boolean): Promise<void> {
  for (let polls = 0; !holds(); polls++) {
    if (polls > 400) throw new Error('it never held');
    await Promise.all(consumers.map((consumer) => consumer.poll(5)));
  }
}

/** Puts the member out; it hears of a rebalance, and of the rest when it joins. */
function expelUnheard(cluster: FakeCluster, { memberId }: Consumer): void {
  cluster.group('g').expel(memberId);
  cluster.requestFault = ({ api, message }) => {
    const isIts = api === 'Heartbeat' && (message as RequestOf<'heartbeat'>).memberId === memberId;
    return isIts ? 'REBALANCE_IN_PROGRESS' : null;
  };
}

describe('an expulsion', () => {
  test('between joining and the next poll: the assignment of that generation is not taken over', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 2);
    await fill(b.cluster, b.newProducer(), 3);
    const group = b.cluster.group('g');
    const assigned: number[] = [];
    await using consumer = consumerOf(b.newClient(), {
      assignors: ['cooperative-sticky'],
      onAssigned: () => void assigned.push(consumer.generationId),
    });
    await consumer.poll(0);
    // It joins in the background, and is expelled before anybody polls.
    while (consumer.generationId < 0) await sleep(1);
    group.expel(consumer.memberId);
    while (consumer.generationId >= 0) await sleep(1);
    await until([consumer], () => assigned.length > 0);
    expect(assigned).toEqual([2]);
    expect(consumer.generationId).toBe(2);
  });

  test('while it joins: nothing is claimed that was lost, and all partitions are dealt', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 4);
    const options = { assignors: ['cooperative-sticky'] as const };
    await using one = consumerOf(b.newClient(), options);
    await until([one], () => one.assignment.length === 4);
    expelUnheard(b.cluster, one);
    await using two = consumerOf(b.newClient(), options);
    await until([one, two], () => one.assignment.length === 2 && two.assignment.length === 2);
    const joins = b.cluster.requests.filter(({ api }) => api === 'JoinGroup');
    const ids = new Set([one.memberId, two.memberId]);
    const claims = joins.flatMap(({ message }) => {
      const { memberId, protocols } = message as RequestOf<'joinGroup'>;
      const { ownedPartitions, generationId } = decodeSubscription('', null, protocols[0]!.metadata);
      return ids.has(memberId) && generationId < 0 ? [ownedPartitions] : [];
    });
    expect(claims.length).toBeGreaterThan(0);
    expect(claims.every((owned) => owned.length === 0)).toBe(true);
  });

  test('what its listener commits is refused, though the member has joined anew', async () => {
    await using b = await clusterBench();
    b.cluster.addTopic('t', 1);
    await fill(b.cluster, b.newProducer(), 3);
    const group = b.cluster.group('g');
    const refused: unknown[] = [];
    await using consumer = consumerOf(b.newClient(), {
      assignors: ['cooperative-sticky'],
      onLost: async () => {
        while (group.rebalances < 2) await sleep(1);
        await sleep(20);
        await consumer.commit(read).catch((error: CommitRefused) => refused.push(error.reason));
      },
    });
    const read = await readSome(consumer);
    await consumer.poll(0);
    expelUnheard(b.cluster, consumer);
    await until([consumer], () => refused.length > 0);
    expect(refused).toEqual(['not-a-member']);
    expect(group.commits).toEqual([]);
  });
});

test('a listener that fails does not cost the partitions that were dealt', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 2);
  await fill(b.cluster, b.newProducer(), 2);
  let fails = 0;
  const options = { assignors: ['cooperative-sticky'] as const };
  await using one = consumerOf(b.newClient(), {
    ...options,
    onRevoked: () => {
      fails++;
      throw new Error('the listener');
    },
  });
  await until([one], () => one.assignment.length === 2);
  await using two = consumerOf(b.newClient(), options);
  for (let i = 0; i < 400 && two.assignment.length === 0; i++) {
    await Promise.all([one.poll(5).catch(() => {}), two.poll(5)]);
  }
  expect(fails).toBe(1);
  expect([one.assignment.length, two.assignment.length]).toEqual([1, 1]);
});

test('a generation that begins while a commit is answered is no expulsion', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 2);
  await fill(b.cluster, b.newProducer(), 3);
  const lost: unknown[] = [];
  const options = { assignors: ['cooperative-sticky'] as const };
  await using one = consumerOf(b.newClient(), { ...options, onLost: (list) => void lost.push(list) });
  const read = await readSome(one);
  // The commit is looked at when the next generation is there, of which the member has not heard yet.
  const gate = Promise.withResolvers<void>();
  b.cluster.hold = ({ api }) => (api === 'OffsetCommit' ? gate.promise : null);
  const late = one.commit(read).catch((error: unknown) => error);
  while (b.cluster.count('OffsetCommit') === 0) await sleep(1);
  b.cluster.onDone = ({ api }, answer) => {
    if (api === 'JoinGroup' && (answer as { generationId?: number }).generationId === 2) gate.resolve();
  };
  const syncs = Promise.withResolvers<void>();
  b.cluster.hold = ({ api }) => (api === 'SyncGroup' ? syncs.promise : null);
  await using two = consumerOf(b.newClient(), options);
  const polls = until([one, two], () => two.assignment.length === 1);
  expect(await late).toMatchObject({ reason: 'not-a-member' });
  syncs.resolve();
  await polls;
  expect(lost).toEqual([]);
});

describe('commits at the same time', () => {
  test.each(['NOT_COORDINATOR', 'lose', 'drop'] as const)(
    'the later one holds, though the earlier has to be tried again after %s',
    async (fault) => {
      await using b = await clusterBench();
      b.cluster.addTopic('t', 1);
      await fill(b.cluster, b.newProducer(), 3);
      const group = b.cluster.group('g');
      await using consumer = consumerOf(b.newClient(), { retryBackoffMs: 20 });
      await readSome(consumer);
      let commits = 0;
      b.cluster.requestFault = ({ api }) => (api === 'OffsetCommit' && ++commits === 1 ? fault : null);
      const at = (offset: number) => [{ topic: 't', partition: 0, offset }];
      const first = consumer.commit(at(1));
      await Promise.all([first, consumer.commit(at(2))]);
      expect(group.offsets.get('t-0')).toBe(2);
      expect(group.commits.filter(({ error }) => error === 'NONE').at(-1)!.offset).toBe(2);
    },
  );
});
