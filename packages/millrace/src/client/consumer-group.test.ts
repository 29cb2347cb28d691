/** A member among others: what it reads and commits is its own, whatever happens to the group. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf, clusterBench, quickConsumer } from '../../../../test/support/fake-cluster/bench.ts';
import type { FakeCluster } from '../../../../test/support/fake-cluster/cluster.ts';
import { fuzzRuns } from '../../../../test/support/fuzz-runs.ts';
import type { KafkaErrorName } from '../protocol/error-codes.ts';
import type { KafkaClient } from './client.ts';
import { CommitRefused } from './commit-refused.ts';
import { Consumer } from './consumer.ts';
import type { ConsumerOptions, TopicPartitionOffset } from './options.ts';

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

const coordinatorErrors: KafkaErrorName[] = [
  ...(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'] as const),
  'REBALANCE_IN_PROGRESS',
];

/** One thing that happens between two polls of somebody. */
const event = fc.oneof(
  { weight: 8, arbitrary: fc.record({ poll: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ commit: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ join: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ leave: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ expel: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ moveLeader: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ moveCoordinator: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ fault: fc.constantFrom(...coordinatorErrors, 'drop' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      fetchFault: fc.constantFrom('NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_LEADER_EPOCH', 'OFFSET_NOT_AVAILABLE'),
    }),
  },
);

const faultyApis = ['OffsetCommit', 'OffsetFetch', 'Heartbeat', 'JoinGroup', 'SyncGroup', 'FindCoordinator'];

test('whatever happens: own partitions only, no commit under another generation, no offset goes back, nothing is missed', async () => {
  const shape = fc.record({
    events: fc.array(event, { minLength: 10, maxLength: 60 }),
    partitions: fc.integer({ min: 1, max: 5 }),
    cooperative: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ events, partitions, cooperative }) => {
      await using b = await clusterBench(2);
      const topic = b.cluster.addTopic('t', partitions);
      await fill(b.cluster, b.newProducer({ batchSizeBytes: 0 }), 12);
      const group = b.cluster.group('g');
      group.rebalanceMs = 30;
      group.sessionMs = 400;
      let fault: KafkaErrorName | 'drop' | null = null;
      b.cluster.requestFault = ({ api }) => {
        if (fault === null || !faultyApis.includes(api)) return null;
        const now = fault;
        fault = null;
        return now === 'REBALANCE_IN_PROGRESS' && api !== 'Heartbeat' && api !== 'SyncGroup' ? null : now;
      };
      let fetchFault: KafkaErrorName | null = null;
      b.cluster.fetchFault = () => {
        const now = fetchFault;
        fetchFault = null;
        return now;
      };
      const read = new Set<string>();
      const members = new Map<number, { consumer: Consumer; done: Map<string, TopicPartitionOffset> }>();
      const join = (n: number): void => {
        if (members.has(n)) return;
        const done = new Map<string, TopicPartitionOffset>();
        const forget = (list: readonly { topic: string; partition: number }[]): void => {
          for (const { topic: t, partition } of list) done.delete(`${t}-${partition}`);
        };
        const consumer = consumerOf(b.newClient(), {
          ...(cooperative ? { assignors: ['cooperative-sticky'] as const } : {}),
          fetchMaxBytes: 400,
          onRevoked: async (list) => {
            await commit({ consumer, done });
            forget(list);
          },
          onLost: forget,
        });
        members.set(n, { consumer, done });
      };
      const commit = async ({
        consumer,
        done,
      }: {
        consumer: Consumer;
        done: Map<string, TopicPartitionOffset>;
      }) => {
        await consumer.commit([...done.values()]).catch((error: unknown) => {
          if (!(error instanceof CommitRefused))
            expect((error as { retryable: boolean }).retryable).toBe(true);
        });
      };
      const poll = async (n: number): Promise<void> => {
        const member = members.get(n);
        if (member === undefined) return;
        const fetched = await member.consumer.poll(4);
        const owned = new Set(member.consumer.assignment.map((p) => `${p.topic}-${p.partition}`));
        for (const { topic: t, partition, nextOffset, batch } of fetched) {
          expect(owned).toContain(`${t}-${partition}`);
          for (const { body } of batch) read.add(body.toString());
          member.done.set(`${t}-${partition}`, { topic: t, partition, offset: nextOffset });
        }
      };
      join(0);
      for (const e of events) {
        if ('poll' in e) await poll(e.poll);
        else if ('commit' in e) {
          const member = members.get(e.commit);
          if (member !== undefined) await commit(member);
        } else if ('join' in e) join(e.join);
        else if ('leave' in e) {
          await members.get(e.leave)?.consumer.close();
          members.delete(e.leave);
        } else if ('expel' in e) {
          const id = members.get(e.expel)?.consumer.memberId;
          if (id !== undefined && id !== '') group.expel(id);
        } else if ('moveLeader' in e) {
          const partition = topic.partitions[e.moveLeader % partitions]!;
          partition.moveTo(3 - partition.leader);
        } else if ('moveCoordinator' in e) b.cluster.coordinatorNode = e.moveCoordinator;
        else if ('fault' in e) fault = e.fault;
        else fetchFault = e.fetchFault as KafkaErrorName;
      }
      fault = null;
      join(0);
      for (let i = 0; i < 600 && read.size < partitions * 12; i++) {
        for (const n of [...members.keys()]) await poll(n);
      }
      expect(read.size).toBe(partitions * 12);
      for (const { consumer } of members.values()) await consumer.close();
      // What was taken never goes back, and nothing came under no generation.
      const last = new Map<number, number>();
      for (const { generationId, partition, offset, error } of group.commits) {
        expect(generationId).toBeGreaterThan(0);
        if (error !== 'NONE') continue;
        expect(offset).toBeGreaterThanOrEqual(last.get(partition) ?? 0);
        last.set(partition, offset);
      }
    }),
    fuzzRuns(25),
  );
});
