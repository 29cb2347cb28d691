/** A KafkaChannel whose group deals its partitions anew while events of them are with a sink. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  batchOf,
  type ClusterBench,
  clusterBench,
} from '../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { SeenRequest } from '../../../../testkit/src/kafka/fake-cluster/cluster.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import type { Transaction } from '../../component/channel.ts';
import { contextFor } from '../../component/testing/context.ts';
import type { RequestOf } from '../../protocol/messages.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { kafkaChannel } from './channel.ts';

type Protocol = 'classic' | 'consumer';

/** A channel out of which all that comes is taken, and committed. */
class Drained implements AsyncDisposable {
  readonly channel: ReturnType<typeof kafkaChannel.create>;
  readonly context;
  readonly bodies: string[] = [];
  #polls: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(b: ClusterBench, protocol: Protocol, maxPollMs: number) {
    this.context = contextFor(kafkaChannel, {
      'kafka.bootstrap.servers': b.cluster.bootstrapServers,
      'kafka.topic': 't',
      'kafka.pollTimeout': 5,
      parseAsFlumeEvent: false,
      'kafka.consumer.group.protocol': protocol,
      'kafka.consumer.max.poll.interval.ms': maxPollMs,
      'kafka.consumer.retry.backoff.ms': 1,
      ...(protocol === 'classic' ? { 'kafka.consumer.heartbeat.interval.ms': 10 } : {}),
    });
    this.channel = kafkaChannel.create(this.context);
  }

  /** Takes that many events; resolves with what commits them. One that holds some does not wait for more. */
  async hold(count: number): Promise<() => Promise<unknown>> {
    await this.channel.start();
    const open: Transaction[] = [];
    for (let events = 0; events < count; ) {
      const transaction = this.channel.begin();
      events += (await transaction.take(count))?.count ?? 0;
      open.push(transaction);
    }
    return () => Promise.all(open.map((transaction) => transaction.commit()));
  }

  drain(): void {
    this.#polls = this.#drain();
  }

  async #drain(): Promise<void> {
    while (!this.#stopped) {
      const transaction = this.channel.begin();
      for (const { body } of (await transaction.take(10)) ?? []) this.bodies.push(body.toString());
      await transaction.commit();
    }
  }

  hasLine(text: string): boolean {
    return this.context.log.lines.some((line) => line.includes(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#polls;
    await this.channel.stop({ deadline: Deadline.in(2000) });
  }
}

async function topicBench(protocol: Protocol): Promise<ClusterBench> {
  const b = await clusterBench();
  b.cluster.servesHeartbeats = protocol === 'consumer';
  b.cluster.group('flume').rebalanceMs = 60_000;
  b.cluster.addTopic('t', 2);
  const producer = b.newProducer();
  for (const p of [0, 1]) await producer.send('t', p, batchOf([0, 1, 2].map((i) => `${p}:${i}`)));
  return b;
}

/** The only member that there is. */
const memberOf = (b: ClusterBench): string => {
  const { memberIds, heartbeats } = b.cluster.group('flume');
  return [...memberIds, ...heartbeats.ids][0]!;
};

/** Whether the member says that it has given partitions up: by joining anew, or by a heartbeat that owns one less. */
const givesUp = ({ api, message }: SeenRequest, memberId: string): boolean => {
  if (api === 'JoinGroup') return (message as RequestOf<'joinGroup'>).memberId === memberId;
  if (api !== 'ConsumerGroupHeartbeat') return false;
  const beat = message as RequestOf<'consumerGroupHeartbeat'>;
  const owned = beat.topicPartitions?.flatMap(({ partitions }) => partitions);
  return beat.memberId === memberId && beat.memberEpoch > 0 && owned?.length === 1;
};

describe.each(['classic', 'consumer'] as const)(
  'with group.protocol=%s a partition that is taken away',
  (protocol) => {
    test('is given up when the commit of what a sink had of it is answered', async () => {
      await using b = await topicBench(protocol);
      await using one = new Drained(b, protocol, 300_000);
      const commit = await one.hold(6);
      const memberId = memberOf(b);
      const from = b.cluster.requests.length;
      const givenUp = () => b.cluster.requests.slice(from).filter((request) => givesUp(request, memberId));
      one.drain();
      await using two = new Drained(b, protocol, 300_000);
      await two.channel.start();
      two.drain();
      await waitFor('the rebalance', () => one.hasLine('revoked'));
      await sleep(50);
      expect(givenUp()).toEqual([]);
      const answer = Promise.withResolvers<void>();
      b.cluster.hold = ({ api }) => (api === 'OffsetCommit' ? answer.promise : null);
      const committed = commit();
      await waitFor('the commit', () => b.cluster.count('OffsetCommit') > 0);
      await sleep(100);
      expect(givenUp()).toEqual([]);
      answer.resolve();
      await committed;
      await waitFor('one each', () => one.hasLine('assigned') && two.hasLine('assigned'));
      expect(givenUp().length).toBeGreaterThan(0);
      const { offsets, commits } = b.cluster.group('flume');
      expect(new Set(commits.map(({ error }) => error))).toEqual(new Set(['NONE']));
      expect(Object.fromEntries(offsets)).toEqual({ 't-0': 3, 't-1': 3 });
      const producer = b.newProducer();
      for (const p of [0, 1]) await producer.send('t', p, batchOf([`${p}:3`]));
      await waitFor('the next', () => one.bodies.length + two.bodies.length >= 2);
      expect([...one.bodies, ...two.bodies].sort()).toEqual(['0:3', '1:3']);
    });

    test('is given up though the sink never ends, and what it had comes again', async () => {
      await using b = await topicBench(protocol);
      await using one = new Drained(b, protocol, 6000);
      const commit = await one.hold(6);
      const memberId = memberOf(b);
      one.drain();
      await using two = new Drained(b, protocol, 300_000);
      await two.channel.start();
      two.drain();
      await waitFor(
        'its partition',
        () => two.hasLine('partition 1 assigned') || two.hasLine('partition 0 assigned'),
      );
      await waitFor('what it had', () => two.bodies.length >= 3);
      expect(two.bodies.map((body) => body.split(':')[1])).toEqual(['0', '1', '2']);
      // It is out of time, and not out of the group.
      const { memberIds, heartbeats } = b.cluster.group('flume');
      expect([...memberIds, ...heartbeats.ids]).toContain(memberId);
      const given = Number(two.bodies[0]!.split(':')[0]);
      await commit();
      const { commits } = b.cluster.group('flume');
      const late = commits.filter((commit) => commit.memberId === memberId && commit.partition === given);
      expect(late).toEqual([]);
    });
  },
);
