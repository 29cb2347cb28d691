/** A member of the consumer protocol among others: partitions go on only when what was read of them is settled. */
import { describe, expect, test } from 'vitest';
import {
  batchOf,
  type ClusterBench,
  clusterBench,
  quickConsumer,
} from '../../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { FakeCluster, SeenRequest } from '../../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import type { RequestOf } from '../../../protocol/messages.ts';
import { type ConsumerOptions, keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import { askTransaction } from '../producer/transaction-requests.ts';
import { CommitRefused } from './commit-refused.ts';
import { Consumer } from './consumer.ts';

test('brokers that do not serve the consumer protocol are told of, with what to set instead', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const options = { ...quickConsumer, groupId: 'g', topics: ['t'], groupProtocol: 'consumer' } as const;
  await using consumer = new Consumer(b.newClient(), options);
  for (let tries = 0; tries < 2; tries++) {
    await expect(consumer.poll(10_000)).rejects.toMatchObject({
      code: 'KAFKA',
      message: expect.stringContaining('group g: group.protocol=consumer is not served here'),
      remedy: expect.stringContaining('group.protocol=classic'),
    });
  }
});

/** Two partitions with three records each. */
async function heartbeatBench(nodes = 1): Promise<ClusterBench> {
  const b = await clusterBench(nodes);
  b.cluster.servesHeartbeats = true;
  b.cluster.addTopic('t', 2, [1, 1]);
  const producer = b.newProducer();
  for (const partition of [0, 1]) {
    const bodies = [0, 1, 2].map((i) => `${partition}:${i}`);
    await producer.send('t', partition, batchOf(bodies));
  }
  return b;
}

/** A member that polls all the time, and commits what it has read when that is taken from it. */
class Member implements AsyncDisposable {
  readonly consumer: Consumer;
  readonly read: string[] = [];
  readonly events: string[] = [];
  readonly refused: string[] = [];
  readonly uncommitted = new Map<string, TopicPartitionOffset>();
  readonly #polls: Promise<void>;
  #stopped = false;

  constructor(b: ClusterBench, options: Partial<ConsumerOptions> = {}) {
    const note =
      (what: string) =>
      (partitions: readonly TopicPartition[]): void => {
        const numbers = partitions.map(({ partition }) => partition);
        this.events.push(`${what} ${numbers.sort().join()}`);
      };
    this.consumer = new Consumer(b.newClient(), {
      ...{ ...quickConsumer, groupId: 'g', topics: ['t'], groupProtocol: 'consumer' },
      onAssigned: note('assigned'),
      onRevoked: async (partitions) => {
        note('revoked')(partitions);
        await this.commit(partitions);
      },
      onLost: (partitions) => {
        note('lost')(partitions);
        for (const partition of partitions) this.uncommitted.delete(keyOf(partition));
      },
      ...options,
    });
    this.#polls = this.#poll();
  }

  get id(): string {
    return this.consumer.memberId;
  }

  get partitions(): number[] {
    return this.consumer.assignment.map(({ partition }) => partition).sort();
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      for (const fetched of await this.consumer.poll(5)) {
        const { topic, partition, nextOffset: offset, batch } = fetched;
        for (const { body } of batch) this.read.push(body.toString());
        this.uncommitted.set(keyOf(fetched), { topic, partition, offset });
      }
    }
  }

  async commit(partitions: readonly TopicPartition[]): Promise<void> {
    const offsets = partitions.flatMap((partition) => this.uncommitted.get(keyOf(partition)) ?? []);
    await this.consumer.commit(offsets).catch((error: unknown) => {
      if (!(error instanceof CommitRefused)) throw error;
      this.refused.push(error.reason);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#polls;
    await this.consumer.close();
  }
}

/** Two partitions, both of them read by one member and not committed. */
async function readByOne(b: ClusterBench, options: Partial<ConsumerOptions> = {}): Promise<Member> {
  const member = new Member(b, options);
  await waitFor('all that there is', () => member.read.length === 6);
  return member;
}

type Beat = RequestOf<'consumerGroupHeartbeat'>;

const beatOf = ({ api, message }: SeenRequest, memberId: string): Beat | null => {
  const beat = api === 'ConsumerGroupHeartbeat' ? (message as Beat) : null;
  return beat?.memberId === memberId ? beat : null;
};

/** What the heartbeat says that the member owns; null: nothing about it. */
const ownedIn = ({ topicPartitions }: Beat): number[] | null =>
  topicPartitions?.flatMap(({ partitions }) => partitions).sort() ?? null;

/** Every heartbeat of the member from now on, in the order in which they come. */
function beatsOf(cluster: FakeCluster, memberId: string): () => Beat[] {
  const from = cluster.requests.length;
  return () => cluster.requests.slice(from).flatMap((request) => beatOf(request, memberId) ?? []);
}

/** Requests of that kind wait until it is opened. */
function gateFor(cluster: FakeCluster, api: string): () => void {
  const gate = Promise.withResolvers<void>();
  cluster.hold = (request) => (request.api === api ? gate.promise : null);
  return gate.resolve;
}

/** The heartbeats that no longer own a partition which the member had: they give it away. */
const givingUp = (beats: readonly Beat[]): Beat[] =>
  beats.filter((beat) => beat.memberEpoch !== 0 && ownedIn(beat)?.length === 1);

const meanwhile = (what: string, beats: () => readonly Beat[], count: number) =>
  waitFor(what, () => beats().length >= count);

test('asks again soon where the coordinator deals a moment after the join', async () => {
  await using b = await heartbeatBench();
  const { heartbeats } = b.cluster.group('g');
  heartbeats.heartbeatIntervalMs = 600_000;
  heartbeats.holdsBack = true;
  await using one = new Member(b);
  const beats = beatsOf(b.cluster, one.id);
  await meanwhile('heartbeats', beats, 3);
  expect(one.partitions).toEqual([]);
  heartbeats.holdsBack = false;
  await waitFor('all that there is', () => one.read.length === 6);
});

describe('a partition that is taken away', () => {
  test('is given up when what was read of it is committed, and not before', async () => {
    await using b = await heartbeatBench();
    await using one = await readByOne(b);
    const { offsets, heartbeats } = b.cluster.group('g');
    const open = gateFor(b.cluster, 'OffsetCommit');
    const beats = beatsOf(b.cluster, one.id);
    await using two = new Member(b);
    await waitFor('a commit', () => b.cluster.count('OffsetCommit') === 1);
    // Among them one that says all there is, as after an answer that did not come.
    let isLost = false;
    b.cluster.requestFault = (request) => {
      if (isLost || beatOf(request, one.id) === null) return null;
      isLost = true;
      return 'lose';
    };
    const before = beats().length;
    await meanwhile('heartbeats', beats, before + 8);
    const owned = beats().map(ownedIn);
    expect(owned).toContainEqual([0, 1]);
    expect(owned.filter((list) => list !== null && list.length < 2)).toEqual([]);
    expect([offsets.size, heartbeats.assignedTo(two.id), two.read]).toEqual([0, [], []]);
    open();
    await waitFor('the partition', () => two.partitions.length === 1);
    expect(givingUp(beats()).map(ownedIn)[0]).toEqual([0]);
    expect(Object.fromEntries(offsets)).toEqual({ 't-1': 3 });
    // It goes on behind what is committed, and the other stays where it was.
    await b.newProducer().send('t', 1, batchOf(['1:3']));
    await waitFor('the next', () => two.read.length > 0);
    expect(two.read).toEqual(['1:3']);
    expect([one.read.length, one.events]).toEqual([6, ['assigned 0,1', 'revoked 1']]);
  });

  test('is the group’s after max.poll.interval.ms, though its owner never comes to an end', async () => {
    await using b = await heartbeatBench();
    const { commits } = b.cluster.group('g');
    const end = Promise.withResolvers<void>();
    let late: Promise<void> | null = null;
    await using one = await readByOne(b, {
      maxPollIntervalMs: 1500,
      onRevoked: async (partitions) => {
        await end.promise;
        late ??= one.commit(partitions);
        await late;
      },
    });
    const beats = beatsOf(b.cluster, one.id);
    await using two = new Member(b);
    await waitFor('its leave', () => beats().some(({ memberEpoch }) => memberEpoch === -1));
    expect(givingUp(beats())).toEqual([]);
    await waitFor('all of it', () => two.read.length === 6);
    end.resolve();
    await waitFor('its commit', () => one.refused.length > 0);
    expect(one.refused).toEqual(['not-a-member']);
    expect(commits.filter(({ memberId }) => memberId === one.id)).toEqual([]);
    await waitFor('a second life', () => one.partitions.length === 1 && two.partitions.length === 1);
  });

  test('whose commit is refused with STALE_MEMBER_EPOCH by who is fenced: nothing is committed, all comes again', async () => {
    await using b = await heartbeatBench();
    await using one = await readByOne(b);
    const group = b.cluster.group('g');
    const open = gateFor(b.cluster, 'OffsetCommit');
    await using two = new Member(b);
    await waitFor('a commit', () => b.cluster.count('OffsetCommit') === 1);
    group.heartbeats.outrun(one.id);
    open();
    await waitFor(
      'a second life',
      () => one.events.filter((event) => event.startsWith('assigned')).length > 1,
    );
    await waitFor('all of it again', () => one.read.length + two.read.length >= 12);
    expect(one.refused).toEqual(['not-a-member']);
    expect(new Set(group.commits.map(({ error }) => error))).toEqual(new Set(['STALE_MEMBER_EPOCH']));
    expect(group.offsets.size).toBe(0);
    const again = [...one.read.slice(6), ...two.read].sort();
    expect(again).toEqual(one.read.slice(0, 6).sort());
    const lost = one.events.filter((event) => event.startsWith('lost'));
    expect(lost).toEqual(['lost 0']);
  });

  test('while the coordinator moves: the same member goes on at the other', async () => {
    await using b = await heartbeatBench(2);
    await using one = await readByOne(b);
    const { offsets, heartbeats } = b.cluster.group('g');
    const open = gateFor(b.cluster, 'OffsetCommit');
    await using two = new Member(b);
    await waitFor('a commit', () => b.cluster.count('OffsetCommit') === 1);
    const epoch = heartbeats.epochOf(one.id);
    const beats = beatsOf(b.cluster, one.id);
    b.cluster.coordinatorNode = 2;
    await meanwhile('heartbeats', beats, 4);
    expect(new Set(beats().map(({ memberEpoch }) => memberEpoch))).toEqual(new Set([epoch]));
    expect(givingUp(beats())).toEqual([]);
    open();
    await waitFor('the partition', () => two.partitions.length === 1);
    expect(Object.fromEntries(offsets)).toEqual({ 't-1': 3 });
    const commits = b.cluster.requests.filter(({ api }) => api === 'OffsetCommit');
    expect(commits.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
    expect(one.events).toEqual(['assigned 0,1', 'revoked 1']);
    expect([one.read.length, two.read]).toEqual([6, []]);
  });
});

describe('a heartbeat whose answer is lost', () => {
  const lost: Record<string, (beat: Beat, cluster: FakeCluster) => boolean> = {
    'as it joins': ({ memberEpoch }) => memberEpoch === 0,
    'as it says what it reads': (beat) => beat.memberEpoch > 0 && ownedIn(beat)?.length === 2,
    'as a partition is taken from it': (beat, cluster) =>
      beat.memberEpoch > 0 && cluster.group('g').heartbeats.ids.length === 2,
    'as it gives a partition up': (beat) => beat.memberEpoch > 0 && ownedIn(beat)?.length === 1,
  };
  test.each(Object.entries(lost))('%s is sent again, and is the same member’s', async (_, isLost) => {
    await using b = await heartbeatBench();
    const { cluster } = b;
    const ofOne: { memberId: string | null } = { memberId: null };
    let losses = 0;
    cluster.requestFault = (request) => {
      if (request.api !== 'ConsumerGroupHeartbeat') return null;
      const beat = request.message as Beat;
      ofOne.memberId ??= beat.memberId;
      if (losses > 0 || beat.memberId !== ofOne.memberId || !isLost(beat, cluster)) return null;
      losses++;
      return 'lose';
    };
    await using one = await readByOne(b);
    await using two = new Member(b);
    await waitFor('one each', () => one.partitions.length === 1 && two.partitions.length === 1);
    await waitFor('the epoch', () => {
      const { heartbeats } = cluster.group('g');
      return one.consumer.generationId === heartbeats.epochOf(one.id);
    });
    await waitFor('the loss', () => losses === 1);
    expect(one.events).toEqual(['assigned 0,1', 'revoked 1']);
    expect([one.id, one.read.length, two.read]).toEqual([ofOne.memberId, 6, []]);
    expect(Object.fromEntries(cluster.group('g').offsets)).toEqual({ 't-1': 3 });
  });
});

test('a heartbeat without an answer is sent again soon, and not when the next is due', async () => {
  await using b = await heartbeatBench();
  await using one = await readByOne(b);
  const open = gateFor(b.cluster, 'OffsetCommit');
  await using _two = new Member(b);
  await waitFor('a commit', () => b.cluster.count('OffsetCommit') === 1);
  const beats = beatsOf(b.cluster, one.id);
  b.cluster.group('g').heartbeats.heartbeatIntervalMs = 600_000;
  await meanwhile('heartbeats', beats, 1);
  let losses = 0;
  b.cluster.requestFault = (request) => {
    const beat = beatOf(request, one.id);
    return beat !== null && givingUp([beat]).length === 1 && ++losses <= 3 ? 'lose' : null;
  };
  open();
  await waitFor('the fourth', () => losses >= 4);
  expect(one.events).toEqual(['assigned 0,1', 'revoked 1']);
});

test('a commit that is answered UNKNOWN_MEMBER_ID late does not end the member’s next life', async () => {
  await using b = await heartbeatBench();
  await using one = await readByOne(b);
  const { heartbeats } = b.cluster.group('g');
  const answered = Promise.withResolvers<void>();
  b.cluster.group('g').commitFault = () => 'UNKNOWN_MEMBER_ID';
  const open = gateFor(b.cluster, 'OffsetCommit');
  const commit = one.commit([...one.uncommitted.values()]).finally(answered.resolve);
  await waitFor('the commit', () => b.cluster.count('OffsetCommit') === 1);
  heartbeats.expel(one.id);
  await waitFor('a second life', () => one.events.length === 3);
  expect(one.events).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1']);
  const beats = beatsOf(b.cluster, one.id);
  open();
  await commit;
  await meanwhile('heartbeats', beats, 5);
  expect(one.refused).toEqual(['not-a-member']);
  expect(one.events).toHaveLength(3);
  expect(beats().filter(({ memberEpoch }) => memberEpoch <= 0)).toEqual([]);
});

test('offsets within a transaction are sent with the member’s id and its present epoch', async () => {
  await using b = await heartbeatBench();
  await using one = await readByOne(b);
  const { heartbeats } = b.cluster.group('g');
  const first = heartbeats.epochOf(one.id)!;
  const kept = { topic: 't', partition: 0, offset: 3 };
  const enlist = () => one.consumer.enlist([kept]);
  expect(enlist()).toMatchObject({ memberId: one.id, generationId: first });
  await using two = new Member(b);
  await waitFor('one each', () => one.partitions.length === 1 && two.partitions.length === 1);
  await waitFor('the next epoch', () => one.consumer.generationId > first);
  const positions = enlist();
  const request = { kind: 'commitOffsets', positions } as const;
  const identity = { producerId: 7, epoch: 0 };
  const sender = { transactionalId: 'x', transactionTimeoutMs: 1000, identity, implicit: true };
  const answer = await askTransaction(await b.newClient().connection(1), request, sender, 1000);
  expect(answer.errors).toEqual([{ name: 'NONE', at: { topic: 't', partition: 0 } }]);
  const sent = b.cluster.requests.filter(({ api }) => api === 'TxnOffsetCommit');
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    version: 5,
    message: {
      ...{ groupId: 'g', memberId: one.id, generationId: heartbeats.epochOf(one.id), groupInstanceId: null },
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 3 }] }],
    },
  });
  // What was given up is refused here, before it is sent.
  expect(() => one.consumer.enlist([{ topic: 't', partition: 1, offset: 3 }])).toThrow(CommitRefused);
  heartbeats.outrun(one.id);
  const stale = await askTransaction(await b.newClient().connection(1), request, sender, 1000);
  expect(stale.errors.map(({ name }) => name)).toEqual(['ILLEGAL_GENERATION']);
});
