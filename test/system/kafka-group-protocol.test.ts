/**
 * Both group protocols against Apache Kafka and the embedded broker: who is thrown out, who comes back, and what goes on
 * meanwhile.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { CommitRefused } from '../../packages/millrace/src/clients/kafka/consumer/commit-refused.ts';
import { Consumer } from '../../packages/millrace/src/clients/kafka/consumer/consumer.ts';
import {
  type ConsumerOptions,
  keyOf,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../../packages/millrace/src/clients/kafka/options.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf } from '../../packages/testkit/src/kafka/fake-cluster/bench.ts';
import { describeConsumerGroup, heartbeatAs } from '../../packages/testkit/src/kafka/group-probe.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const sessionMs = 10_000;
let stack: AsyncDisposableStack;
let bootstrap: string;
let client: KafkaClient;
let producer: Producer;
let groups = 0;

/** Each with short sessions, and heartbeats every 300 ms. */
const servers = {
  'Apache Kafka': async () => {
    const prefix = 'group.consumer';
    const settings = {
      [`${prefix}.session.timeout.ms`]: sessionMs,
      [`${prefix}.min.session.timeout.ms`]: sessionMs,
      [`${prefix}.heartbeat.interval.ms`]: 300,
      [`${prefix}.min.heartbeat.interval.ms`]: 300,
    };
    return stack.use(await RealKafka.start({ jvmFlags: ['-Xmx256m'], settings })).bootstrap;
  },
  'the embedded broker': async () => {
    const times = { groupConsumerSessionTimeoutMs: sessionMs, groupConsumerHeartbeatIntervalMs: 300 };
    return stack.use(await Broker.start(times)).bootstrapServers;
  },
} as const;

/** A topic and a group of their own. */
async function fresh(partitions: number): Promise<{ topic: string; groupId: string }> {
  const topic = `t${++groups}`;
  await new Admin(client).createTopics([{ topic, partitions, replicationFactor: 1 }]);
  return { topic, groupId: `g${groups}` };
}

/** A consumer that notes what it was given and what was taken from it, and commits what it has read. */
class Member implements AsyncDisposable {
  readonly consumer: Consumer;
  readonly events: string[] = [];
  readonly #uncommitted = new Map<string, TopicPartitionOffset>();
  readonly log = recordingLogger();
  /** The bodies that came, by partition. */
  readonly read = new Map<number, string[]>();
  readonly #client: KafkaClient;

  constructor(options: Partial<ConsumerOptions> & { groupId: string }) {
    this.#client = new KafkaClient({ bootstrapServers: [bootstrap], log: this.log });
    const note = (what: string) => (partitions: readonly TopicPartition[]) => {
      const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
      this.events.push(`${what} ${numbers.join(',')}`);
    };
    this.consumer = new Consumer(this.#client, {
      autoOffsetReset: 'earliest',
      onAssigned: note('assigned'),
      onRevoked: async (partitions) => {
        note('revoked')(partitions);
        await this.#commit();
      },
      onLost: (partitions) => {
        note('lost')(partitions);
        this.#uncommitted.clear();
      },
      ...options,
    });
  }

  get partitions(): number[] {
    return this.consumer.assignment.map(({ partition }) => partition).sort((a, b) => a - b);
  }

  async poll(
    maxMs = 50,
    onRead: (partition: number, bodies: readonly string[]) => void = () => {},
  ): Promise<void> {
    const fetched = await this.consumer.poll(maxMs);
    for (const { partition, batch } of fetched) {
      const bodies = Array.from({ length: batch.count }, (_, i) => String(batch.event(i).body));
      this.read.set(partition, [...(this.read.get(partition) ?? []), ...bodies]);
      onRead(partition, bodies);
    }
    for (const each of fetched) {
      const { topic, partition, nextOffset: offset } = each;
      this.#uncommitted.set(keyOf(each), { topic, partition, offset });
    }
    await this.#commit();
  }

  /** What a group that is being dealt does not take now is committed later; any other refusal is a fault. */
  async #commit(): Promise<void> {
    const offsets = [...this.#uncommitted.values()];
    try {
      await this.consumer.commit(offsets);
    } catch (error) {
      if (error instanceof CommitRefused && error.reason === 'rebalancing') return;
      throw error;
    }
    for (const each of offsets)
      if (this.#uncommitted.get(keyOf(each)) === each) this.#uncommitted.delete(keyOf(each));
  }

  has(partition: number, body: string): boolean {
    return this.read.get(partition)?.includes(body) === true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer.close();
    await this.#client.close();
  }
}

/** All of them poll until it is so. */
const polling = (what: string, members: readonly Member[], isSo: () => boolean | Promise<boolean>) =>
  waitFor(
    what,
    async () => {
      await Promise.all(members.map((member) => member.poll()));
      return isSo();
    },
    { timeoutMs: 90_000, everyMs: 0 },
  );

const produce = (topic: string, partitions: readonly number[], body: string) =>
  Promise.all(partitions.map((partition) => producer.send(topic, partition, batchOf([body]))));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(Object.entries(servers))('%s:', (_, start) => {
  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    bootstrap = await start();
    client = stack.use(new KafkaClient({ bootstrapServers: [bootstrap] }));
    producer = new Producer(client, { acks: -1 });
    stack.defer(() => producer.close());
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  describe('a member of the consumer protocol', () => {
    /** Somebody else speaks in its name. */
    const ends = {
      /** The other is two epochs ahead, unless the member itself has asked in between: the epoch before is let pass. */
      'FENCED_MEMBER_EPOCH, as its epoch is over': async (member: Member, groupId: string) => {
        const name = { groupId, memberId: member.consumer.memberId };
        for (let round = 0; !member.events.includes('lost 0,1'); round++) {
          const subscribedTopicNames = [`other-${round}`];
          const joins = { rebalanceTimeoutMs: 60_000, subscribedTopicNames, topicPartitions: [] };
          let { memberEpoch } = await heartbeatAs(client, { ...name, memberEpoch: 0, ...joins });
          for (let i = 0; i < 3; i++)
            ({ memberEpoch } = await heartbeatAs(client, { ...name, memberEpoch, topicPartitions: [] }));
          await member.poll();
        }
      },
      'UNKNOWN_MEMBER_ID, as it has left': async (member: Member, groupId: string) => {
        const name = { groupId, memberId: member.consumer.memberId };
        expect((await heartbeatAs(client, { ...name, memberEpoch: -1 })).errorCode).toBe(0);
        await polling('its end', [member], () => member.events.includes('lost 0,1'));
      },
    };
    test.each(Object.entries(ends))('that is answered %s begins anew and reads on', async (_, end) => {
      const { topic, groupId } = await fresh(2);
      await using member = new Member({ groupId, topics: [topic], groupProtocol: 'consumer' });
      await produce(topic, [0, 1], 'first');
      await polling('the first', [member], () => member.has(0, 'first') && member.has(1, 'first'));
      const { memberId } = member.consumer;
      await end(member, groupId);
      await polling('a second life', [member], () => member.events.at(-1) === 'assigned 0,1');
      await produce(topic, [0, 1], 'second');
      await polling('the second', [member], () => member.has(0, 'second') && member.has(1, 'second'));
      const once = ['first', 'second'];
      expect(member.read).toEqual(new Map([0, 1].map((partition) => [partition, once])));
      expect(member.consumer.memberId).toBe(memberId);
    });

    test('that leaves is gone at once; a static one keeps its place, and nobody else gets it', async () => {
      const { topic, groupId } = await fresh(4);
      const options = { groupId, topics: [topic], groupProtocol: 'consumer' } as const;
      await using stays = new Member({ ...options, groupInstanceId: 'stays' });
      const named = new Member({ ...options, groupInstanceId: 'named' });
      await polling(
        'two each',
        [stays, named],
        () => stays.partitions.length === 2 && named.partitions.length === 2,
      );
      const before = named.partitions;
      const told = stays.events.length;
      const epoch = (await describeConsumerGroup(client, groupId)).groupEpoch;
      // Somebody else of that name is told to wait, and tells it.
      const second = new Member({ ...options, groupInstanceId: 'named' });
      await polling('a warning', [stays, named, second], () =>
        second.log.lines.some((line) => /UNRELEASED_INSTANCE_ID/.test(JSON.stringify(line))),
      );
      expect(second.partitions).toEqual([]);
      await named[Symbol.asyncDispose]();
      await polling('its place', [stays, second], () => second.partitions.length === 2);
      expect(second.partitions).toEqual(before);
      expect(stays.events).toHaveLength(told);
      expect((await describeConsumerGroup(client, groupId)).groupEpoch).toBe(epoch);
      await second[Symbol.asyncDispose]();

      await using dynamic = new Member(options);
      await polling('a third', [stays, dynamic], () => dynamic.partitions.length > 0);
      const members = async () => (await describeConsumerGroup(client, groupId)).members.length;
      const withIt = await members();
      await dynamic[Symbol.asyncDispose]();
      await polling('it is gone', [stays], async () => (await members()) === withIt - 1);
    });

    test('has its partitions dealt as group.remote.assignor says, and a wrong name is told', async () => {
      const { topic, groupId } = await fresh(2);
      const options = { groupId, topics: [topic], groupProtocol: 'consumer' } as const;
      await using member = new Member({ ...options, remoteAssignor: 'range' });
      await polling('an assignment', [member], () => member.partitions.length === 2);
      expect((await describeConsumerGroup(client, groupId)).assignorName).toBe('range');
      await using wrong = new Member({ ...options, groupId: 'other', remoteAssignor: 'nearest' });
      let message = '';
      await waitFor('an error', async () => {
        await wrong.consumer.poll(50).catch((error: Error) => {
          message = error.message;
        });
        return message;
      });
      expect(message).toContain('UNSUPPORTED_ASSIGNOR');
    });
  });

  describe.each([
    ['classic', { assignors: ['cooperative-sticky'], heartbeatIntervalMs: 300 }, 'PreparingRebalance'],
    ['consumer', { groupProtocol: 'consumer' }, 'Reconciling'],
  ] as const)('a group of the %s protocol with 16 partitions', (protocol, options, underWay) => {
    const all = upTo(16);
    const stateOf = async (groupId: string) =>
      protocol === 'consumer'
        ? (await describeConsumerGroup(client, groupId)).groupState
        : (await new Admin(client).describeGroups([groupId]))[0]!.state;

    test('reads on what stays where it is while it is dealt anew', async () => {
      const { topic, groupId } = await fresh(all.length);
      const newMember = () => new Member({ ...options, groupId, topics: [topic] });
      await using a = newMember();
      await using b = newMember();
      await polling('eight each', [a, b], () => a.partitions.length === 8 && b.partitions.length === 8);
      // The first of them does not poll, and so keeps the others waiting.
      await using c = newMember();
      await polling('a rebalance', [b, c], async () => (await stateOf(groupId)) === underWay);
      await polling('what it gives up', [b, c], () => protocol === 'classic' || c.partitions.length > 0);
      const kept = b.partitions;
      await produce(topic, all, 'meanwhile');
      await polling('the records', [b, c], () => kept.every((partition) => b.has(partition, 'meanwhile')));
      expect(await stateOf(groupId)).toBe(underWay);
      expect(kept.length).toBeGreaterThanOrEqual(5);
      expect(c.partitions.some((partition) => a.partitions.includes(partition))).toBe(false);

      const members = [a, b, c];
      await polling('fair shares', members, () => members.every(({ partitions }) => partitions.length >= 5));
      await polling('all of it', members, () =>
        all.every((partition) => members.some((member) => member.has(partition, 'meanwhile'))),
      );
      expect(members.flatMap(({ partitions }) => partitions).sort((x, y) => x - y)).toEqual(all);
      expect(members.flatMap(({ read }) => [...read.values()].flat())).toHaveLength(all.length);
    });

    test('hands on every record once, in order, as it grows from one member to two and four', async () => {
      const { topic, groupId } = await fresh(all.length);
      await using members = new AsyncDisposableStack();
      const list: Member[] = [];
      const polls: Promise<void>[] = [];
      const done = new AbortController();
      const lastRead = new Map<number, number>();
      const stalls = new Map<number, number>();
      /** By whoever had the partition. */
      const read = new Map<number, string[]>(all.map((partition) => [partition, []]));
      const onRead = (partition: number, bodies: readonly string[]) => {
        read.get(partition)!.push(...bodies);
        const now = performance.now();
        const stall = now - (lastRead.get(partition) ?? now);
        stalls.set(partition, Math.max(stalls.get(partition) ?? 0, stall));
        lastRead.set(partition, now);
      };
      const grow = (to: number) => {
        while (list.length < to) {
          const member = members.use(new Member({ ...options, groupId, topics: [topic] }));
          list.push(member);
          const poll = async () => {
            while (!done.signal.aborted) await member.poll(50, onRead);
          };
          polls.push(poll());
        }
        const share = all.length / to;
        return waitFor(`${share} each`, () => list.every(({ partitions }) => partitions.length === share), {
          timeoutMs: 90_000,
        });
      };
      let ticks = 0;
      const producing = (async () => {
        while (!done.signal.aborted) await produce(topic, all, `${ticks++}`);
      })();
      const told: string[] = [];
      for (const count of [1, 2, 4]) {
        await grow(count);
        told.push(`${count}: ${Math.round(Math.max(0, ...stalls.values()))} ms`);
        stalls.clear();
      }
      await waitFor(
        'some more',
        () => ticks > 50 && [...read.values()].every((bodies) => bodies.length > 50),
        {
          timeoutMs: 90_000,
        },
      );
      done.abort();
      await producing;
      await Promise.all(polls);
      await waitFor('the rest', async () => {
        for (const member of list) await member.poll(50, onRead);
        return [...read.values()].every((bodies) => bodies.length >= ticks);
      });
      console.log(`${protocol}, longest stall of a partition while the group grew to ${told.join(', ')}`);
      for (const bodies of read.values()) expect(bodies.map(Number)).toEqual(upTo(ticks));
    });
  });
});
