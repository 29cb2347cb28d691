/**
 * What must hold of the members of a group whatever happens to them, their requests and their coordinator: histories
 * are drawn, run, and judged by what the coordinator did. The cluster is a fake one, or a broker behind a `FaultProxy`.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { CommitRefused } from '../../../millrace/src/clients/kafka/consumer/commit-refused.ts';
import { Consumer } from '../../../millrace/src/clients/kafka/consumer/consumer.ts';
import {
  decodeAssignment,
  decodeSubscription,
} from '../../../millrace/src/clients/kafka/consumer/group-protocol.ts';
import type {
  ConsumerOptions,
  TopicPartition,
  TopicPartitionOffset,
} from '../../../millrace/src/clients/kafka/options.ts';
import type { RequestOf, ResponseInitOf } from '../../../millrace/src/protocol/messages.ts';
import type { SeenRequest } from './fake-cluster/cluster.ts';

/** The requests of a member. */
export const groupApis = [
  ...(['FindCoordinator', 'JoinGroup', 'SyncGroup', 'Heartbeat'] as const),
  ...(['OffsetCommit', 'OffsetFetch', 'LeaveGroup'] as const),
];
export type GroupApi = (typeof groupApis)[number];

/** What becomes of the next request of an API. */
export interface Mishap<Fault> {
  readonly api: GroupApi;
  readonly fault: Fault | null;
  /** How late its answer is. */
  readonly delayMs: number;
}

export interface GroupWorld<Fault> {
  readonly topic: string;
  readonly groupId: string;
  readonly partitions: number;
  newClient(): KafkaClient;
  readonly consumerOptions: Partial<ConsumerOptions>;
  /** One more record in each partition, with a body that no other has. */
  produce(): Promise<void>;
  /** For the next request of that API. */
  mishap(mishap: Mishap<Fault>): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  expel(memberId: string): Promise<void> | void;
  moveCoordinator(): void;
  moveLeader(partition: number): void;
}

type Event<Fault> =
  | { readonly do: 'poll' | 'commit' | 'commitBehind' | 'join' | 'leave'; readonly who: number }
  | { readonly do: 'crash' | 'expel' | 'moveLeader'; readonly who: number }
  | { readonly do: 'pollAll' | 'produce' | 'moveCoordinator' }
  | ({ readonly do: 'mishap' } & Mishap<Fault>);

export interface History<Fault> {
  readonly events: readonly Event<Fault>[];
  readonly cooperative: boolean;
}

const who = fc.nat(2);
const peaceful = [
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('poll'), who }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constantFrom('pollAll') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('produce') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('commit', 'commitBehind', 'commitBehind'), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('join'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('leave'), who }) },
] as const;

/** @param event what is drawn; so many that the group is dealt several times */
const historiesOf = <Fault>(event: fc.Arbitrary<unknown>): fc.Arbitrary<History<Fault>> =>
  fc.record({
    events: fc.array(event as fc.Arbitrary<Event<Fault>>, { minLength: 30, maxLength: 90, size: 'max' }),
    cooperative: fc.boolean(),
  });

/** Histories in which nothing goes wrong. */
export const peacefulHistories: fc.Arbitrary<History<never>> = historiesOf(fc.oneof(...peaceful));

/** @param faultsOf what may happen to a request of the API */
export function historiesWith<Fault>(
  faultsOf: (api: GroupApi) => readonly Fault[],
): fc.Arbitrary<History<Fault>> {
  const mishaps = groupApis.map((api) =>
    fc.record({
      do: fc.constant('mishap' as const),
      api: fc.constant(api),
      fault: fc.option(fc.constantFrom(...faultsOf(api)), { freq: 5 }),
      delayMs: fc.constantFrom(0, 0, 3, 15),
    }),
  );
  return historiesOf(
    fc.oneof(
      ...peaceful,
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('crash', 'expel', 'moveLeader'), who }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('moveCoordinator') }) },
      { weight: 8, arbitrary: fc.oneof(...mishaps) },
    ),
  );
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** What the coordinator did, and whether it may have been asked for that. */
export class CoordinatorRecord {
  readonly cooperative: boolean;
  /** `member generation` → its partitions. */
  readonly #dealt = new Map<string, ReadonlySet<string>>();
  /** `leader generation` → what each member said that it owns. */
  readonly #claims = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  readonly #committed = new Map<string, number>();
  /** What was broken; a throw would end in somebody's connection. */
  readonly faults: string[] = [];

  /** The only topic of the group: commits may name it by its id. */
  readonly #topic: string;

  constructor(cooperative: boolean, topic: string) {
    this.cooperative = cooperative;
    this.#topic = topic;
  }

  done({ api, message }: SeenRequest, answer: unknown): void {
    if (api === 'JoinGroup') this.#joined(answer as ResponseInitOf<'joinGroup'>);
    if (api === 'SyncGroup') {
      this.#synced(message as RequestOf<'syncGroup'>, answer as ResponseInitOf<'syncGroup'>);
    }
    if (api === 'OffsetCommit') {
      this.#commit(message as RequestOf<'offsetCommit'>, answer as ResponseInitOf<'offsetCommit'>);
    }
  }

  /** Whether the member may hand on records of the partition. */
  owns(memberId: string, generationId: number, partition: TopicPartition): boolean {
    return this.#dealt.get(`${memberId} ${generationId}`)?.has(nameOf(partition)) ?? false;
  }

  #joined({ errorCode, memberId, generationId, members }: ResponseInitOf<'joinGroup'>): void {
    if (errorCode !== 0 || members.length === 0) return;
    const claims = new Map(
      members.map(({ memberId: id, metadata }) => {
        const { ownedPartitions } = decodeSubscription(id, null, metadata as Buffer);
        return [id, new Set(ownedPartitions.map(nameOf))];
      }),
    );
    this.#claims.set(`${memberId} ${generationId}`, claims);
  }

  #synced(request: RequestOf<'syncGroup'>, answer: ResponseInitOf<'syncGroup'>): void {
    if (answer.errorCode !== 0) return;
    const { memberId, generationId, assignments } = request;
    const dealt = decodeAssignment(answer.assignment as Buffer).map(nameOf);
    this.#dealt.set(`${memberId} ${generationId}`, new Set(dealt));
    const claims = this.#claims.get(`${memberId} ${generationId}`);
    if (assignments.length === 0 || claims === undefined) return;
    const owners = new Map<string, string>();
    for (const { memberId: to, assignment } of assignments) {
      for (const name of decodeAssignment(assignment).map(nameOf)) {
        const where = `generation ${generationId}: ${name} is dealt to ${to}`;
        if (owners.has(name)) this.faults.push(`${where} and to ${owners.get(name)}`);
        owners.set(name, to);
        for (const [other, owned] of claims) {
          if (this.cooperative && other !== to && owned.has(name) && !claims.get(to)!.has(name)) {
            this.faults.push(`${where} while ${other} has it`);
          }
        }
      }
    }
  }

  #commit(request: RequestOf<'offsetCommit'>, answer: ResponseInitOf<'offsetCommit'>): void {
    const { memberId, generationIdOrMemberEpoch: generationId, topics } = request;
    const topic = this.#topic;
    for (const [t, { partitions }] of topics.entries()) {
      for (const [p, { partitionIndex: partition, committedOffset }] of partitions.entries()) {
        const name = nameOf({ topic, partition });
        const where = `${memberId} in generation ${generationId} commits ${name} at ${committedOffset}`;
        if (generationId <= 0 || memberId === '') this.faults.push(where);
        if (answer.topics![t]!.partitions![p]!.errorCode !== 0) continue;
        const before = this.#committed.get(name) ?? 0;
        if (committedOffset < before) this.faults.push(`${where} after ${before}`);
        // A cooperative member commits what it revokes under the generation that takes it away.
        if (!this.cooperative && !this.owns(memberId, generationId, { topic, partition })) {
          this.faults.push(`${where}, which is not its own`);
        }
        this.#committed.set(name, committedOffset);
      }
    }
  }
}

interface Member {
  readonly client: KafkaClient;
  readonly consumer: Consumer;
  readonly done: Map<string, TopicPartitionOffset>;
  /** Commits that nobody waited for. */
  readonly behind: Promise<void>[];
}

/** Runs a history; resolves with how often each record was handed on. Throws where something does not hold. */
export async function runGroup<Fault>(
  world: GroupWorld<Fault>,
  { events, cooperative }: History<Fault>,
  record: CoordinatorRecord,
): Promise<ReadonlyMap<string, number>> {
  const read = new Map<string, number>();
  const members = new Map<number, Member>();
  const commit = async (consumer: Consumer, offsets: readonly TopicPartitionOffset[]): Promise<boolean> => {
    try {
      await consumer.commit(offsets);
      return true;
    } catch (error) {
      if (!(error instanceof CommitRefused)) expect(error).toMatchObject({ retryable: true });
      return false;
    }
  };
  const join = (n: number): void => {
    if (members.has(n)) return;
    const done = new Map<string, TopicPartitionOffset>();
    const forget = (list: readonly TopicPartition[]): void => {
      for (const partition of list) done.delete(nameOf(partition));
    };
    const client = world.newClient();
    const consumer: Consumer = new Consumer(client, {
      ...{ groupId: world.groupId, topics: [world.topic] },
      ...world.consumerOptions,
      ...(cooperative ? { assignors: ['cooperative-sticky'] as const } : {}),
      onRevoked: async (list) => {
        await commit(consumer, [...done.values()]);
        forget(list);
      },
      onLost: forget,
    });
    members.set(n, { client, consumer, done, behind: [] });
  };
  const poll = async (n: number): Promise<void> => {
    const member = members.get(n);
    if (member === undefined) return;
    const { consumer, done } = member;
    // A poll tells what keeps it from the cluster; the next one tries again.
    const fetched = await consumer.poll(4).catch((error: unknown) => {
      expect(error).toMatchObject({ retryable: true });
      return [];
    });
    for (const { topic, partition, nextOffset, batch } of fetched) {
      const { memberId, generationId } = consumer;
      const where = `${topic}-${partition} handed on by ${memberId} in generation ${generationId}`;
      if (!record.owns(memberId, generationId, { topic, partition })) record.faults.push(where);
      for (const { body } of batch) read.set(body.toString(), (read.get(body.toString()) ?? 0) + 1);
      done.set(nameOf({ topic, partition }), { topic, partition, offset: nextOffset });
    }
  };
  /** Commits what it has read before it goes, if it can: others have to take part in a rebalance that is under way. */
  const leave = async (n: number): Promise<void> => {
    const member = members.get(n);
    if (member === undefined) return;
    for (let tries = 0; tries < 100 && !(await commit(member.consumer, [...member.done.values()])); tries++) {
      await pollAll();
    }
    await Promise.all(member.behind);
    await member.consumer.close();
    members.delete(n);
  };
  const crash = async (n: number): Promise<void> => {
    const member = members.get(n);
    if (member === undefined) return;
    members.delete(n);
    await member.client.close();
    await member.consumer.close();
    await Promise.all(member.behind);
  };

  let wanted = 0;
  const produce = async (): Promise<void> => {
    await world.produce();
    wanted += world.partitions;
  };
  const pollAll = async (): Promise<void> => {
    await Promise.all([...members.keys()].map(poll));
  };
  await produce();
  join(0);
  join(1);
  for (const event of events) {
    if (event.do === 'poll') await poll(event.who);
    else if (event.do === 'pollAll') await pollAll();
    else if (event.do === 'produce') await produce();
    else if (event.do === 'join') join(event.who);
    else if (event.do === 'leave') await leave(event.who);
    else if (event.do === 'crash') await crash(event.who);
    else if (event.do === 'moveLeader') world.moveLeader(event.who % world.partitions);
    else if (event.do === 'moveCoordinator') world.moveCoordinator();
    else if (event.do === 'mishap') world.mishap(event);
    else if ('who' in event) {
      const member = members.get(event.who);
      if (member === undefined) continue;
      const { consumer, done, behind } = member;
      if (event.do === 'commit') await commit(consumer, [...done.values()]);
      else if (event.do === 'commitBehind') behind.push(commit(consumer, [...done.values()]).then(() => {}));
      else if (consumer.memberId !== '') await world.expel(consumer.memberId);
    }
  }
  world.heal();
  join(0);
  for (let i = 0; i < 1500 && read.size < wanted; i++) await pollAll();
  for (const n of [...members.keys()]) await leave(n);
  expect(read.size, 'records that were handed on').toBe(wanted);
  expect(record.faults).toEqual([]);
  return read;
}
