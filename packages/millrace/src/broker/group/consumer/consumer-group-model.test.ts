/** Drawn histories: whatever happens, no partition has two owners, and when it is over, each has one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestGroup } from '../../../../../testkit/src/kafka/consumer-group-bench.ts';
import { ErrorCode } from '../../core/error-code.ts';
import { isFault } from '../../core/fault.ts';
import type { HeartbeatAnswer, HeartbeatInput } from './heartbeat-types.ts';
import { put, type TopicPartitions } from './partitions.ts';

const topicNames = ['a', 'b', 'c.1', 'c.2'];
const subscriptions: readonly Partial<HeartbeatInput>[] = [
  { topicNames: ['a'], topicRegex: '' },
  { topicNames: ['a', 'b'], topicRegex: '' },
  { topicNames: ['a', 'b', 'c.1', 'c.2'], topicRegex: '' },
  { topicNames: [], topicRegex: 'c\\..*' },
  { topicNames: ['b'], topicRegex: 'c\\.1|a' },
];

type Event =
  | {
      readonly do: 'join' | 'subscribe';
      readonly who: number;
      readonly what: number;
      readonly assignor: number;
    }
  | { readonly do: 'beat' | 'lostAnswer' | 'slowBeat' | 'leave' | 'away' | 'crash'; readonly who: number }
  | { readonly do: 'topic'; readonly which: number; readonly partitions: number }
  | { readonly do: 'delete'; readonly which: number }
  | { readonly do: 'restart'; readonly compacted: boolean }
  | { readonly do: 'wait'; readonly ms: number };

const who = fc.nat(4);
const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('join' as const), who, what: fc.nat(4), assignor: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      who,
      what: fc.nat(4),
      assignor: fc.nat(2),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('beat' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('lostAnswer' as const, 'slowBeat' as const), who }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'away' as const, 'crash' as const), who }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('topic' as const), which: fc.nat(3), partitions: fc.nat(6) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), compacted: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
);

let ids = 0;

/** A client as those of KIP-848 are: it reads what it is told, and says when it has given something up. */
class Client {
  readonly instanceId: string | null;
  readonly group: TestGroup;
  memberId = `m${ids++}`;
  epoch = 0;
  subscription: Partial<HeartbeatInput> = {};
  /** What it reads. */
  owned = new Map<string, Set<number>>();
  /** What it was told last, and has not come to. */
  told: HeartbeatAnswer | null = null;
  isIn = false;
  saysAll = false;
  #refused = 0;

  constructor(group: TestGroup, instanceId: string | null) {
    this.group = group;
    this.instanceId = instanceId;
  }

  join(subscription: Partial<HeartbeatInput>): void {
    if (this.isIn) return;
    this.memberId = `m${ids++}`;
    this.subscription = subscription;
    this.isIn = true;
    this.#begin();
  }

  /** `hears`: 'all' does at once what it was told; 'nothing' does not get the answer; 'late' does it before the next. */
  beat(hears: 'all' | 'nothing' | 'late'): void {
    if (!this.isIn) return;
    this.#come();
    const { memberId, instanceId, epoch: memberEpoch } = this;
    const isJoin = memberEpoch === 0;
    const owned: TopicPartitions[] = Array.from(this.owned, ([topicId, each]) => ({
      topicId,
      partitions: [...each],
    }));
    const all = { rebalanceTimeoutMs: 60_000, ...this.subscription };
    const says = isJoin || this.saysAll ? all : {};
    const answer = this.group.send({
      memberId,
      memberEpoch,
      instanceId,
      ...says,
      owned: isJoin ? [] : owned,
    });
    this.saysAll = hears === 'nothing';
    if (isFault(answer)) {
      if (answer.errorCode === ErrorCode.UNRELEASED_INSTANCE_ID) {
        // Thrown out, it can't come back under its name before the session of its former self ends.
        if (++this.#refused % 3 === 0)
          this.group.expel(this.group.group.instance(this.instanceId!)!.memberId);
        return;
      }
      expect([ErrorCode.FENCED_MEMBER_EPOCH, ErrorCode.UNKNOWN_MEMBER_ID]).toContain(answer.errorCode);
      this.#begin();
      return;
    }
    if (hears === 'nothing') return;
    this.epoch = answer.memberEpoch;
    this.told = answer.assignment === null ? this.told : answer;
    if (hears === 'all') this.#come();
  }

  #begin(): void {
    this.epoch = 0;
    this.owned = new Map();
    this.told = null;
  }

  #come(): void {
    if (this.told === null) return;
    this.owned = new Map();
    for (const { topicId, partitions } of this.told.assignment!)
      for (const partition of partitions) put(this.owned, topicId, partition);
    this.told = null;
  }

  leave(memberEpoch: -1 | -2): void {
    if (!this.isIn || this.epoch === 0) return;
    const { memberId, instanceId } = this;
    this.group.send({ memberId, memberEpoch, instanceId });
    this.isIn = false;
    this.#begin();
  }

  crash(): void {
    if (!this.isIn) return;
    this.isIn = false;
    this.group.expel(this.memberId);
    this.#begin();
  }
}

function onlyOneOwner(clients: readonly Client[]): void {
  const owners = new Map<string, string>();
  for (const { memberId, owned, isIn } of clients) {
    if (!isIn) continue;
    for (const [topicId, partitions] of owned) {
      for (const partition of partitions) {
        const key = `${topicId}-${partition}`;
        expect(owners.get(key) ?? memberId, `${key} of ${memberId}`).toBe(memberId);
        owners.set(key, memberId);
      }
    }
  }
}

function run(group: TestGroup, clients: readonly Client[], event: Event): void {
  const client = 'who' in event ? clients[event.who]! : clients[0]!;
  switch (event.do) {
    case 'join':
    case 'subscribe': {
      const serverAssignor = [null, 'uniform', 'range'][event.assignor]!;
      const subscription = { ...subscriptions[event.what]!, serverAssignor };
      if (event.do === 'join') client.join(subscription);
      else {
        client.subscription = subscription;
        client.saysAll = true;
      }
      client.beat('all');
      return;
    }
    case 'beat':
      client.beat('all');
      return;
    case 'lostAnswer':
      client.beat('nothing');
      return;
    case 'slowBeat':
      client.beat('late');
      return;
    case 'leave':
      client.leave(-1);
      return;
    case 'away':
      client.leave(client.instanceId === null ? -1 : -2);
      return;
    case 'crash':
      client.crash();
      return;
    case 'topic': {
      const name = topicNames[event.which]!;
      group.topics.put(name, Math.max(event.partitions + 1, group.topics.find(name)?.partitions ?? 0));
      return;
    }
    case 'delete':
      group.topics.delete(topicNames[event.which]!);
      return;
    case 'restart':
      group.restart(event.compacted);
      return;
    case 'wait':
      group.now += event.ms;
  }
}

/** What each client could be given, by the topics that it is subscribed to. */
function wanted(group: TestGroup, { subscription }: Client): Set<string> {
  const { topicNames: names, topicRegex } = subscription;
  const regex = topicRegex === '' || topicRegex == null ? null : new RegExp(`^(?:${topicRegex})$`);
  const found = [...group.topics.names()].filter(
    (name) => names!.includes(name) || regex?.test(name) === true,
  );
  return new Set(found.map((name) => group.topics.find(name)!.id));
}

function settles(group: TestGroup, clients: readonly Client[]): void {
  // Static members that went away are not waited for.
  for (const { memberId } of group.group.members.values())
    if (!clients.some((client) => client.isIn && client.memberId === memberId)) group.expel(memberId);
  const members = clients.filter((client) => client.isIn);
  for (const client of members) client.saysAll = true;
  for (let round = 0; round < 12; round++) {
    group.now += 1_000;
    for (const client of members) {
      client.beat('all');
      onlyOneOwner(clients);
    }
  }
  if (members.length === 0) {
    expect(group.group.state).toBe('Empty');
    return;
  }
  expect(group.group.state).toBe('Stable');
  const owned = new Map<string, number>();
  for (const client of members) {
    const wants = wanted(group, client);
    for (const [topicId, partitions] of client.owned) {
      expect(wants).toContain(topicId);
      owned.set(topicId, (owned.get(topicId) ?? 0) + partitions.size);
    }
  }
  for (const name of group.topics.names()) {
    const { id, partitions } = group.topics.find(name)!;
    const isWanted = members.some((client) => wanted(group, client).has(id));
    expect(owned.get(id) ?? 0, name).toBe(isWanted ? partitions : 0);
  }
  const before = group.log.length;
  for (const client of members) client.beat('all');
  expect(group.log).toHaveLength(before);
}

const histories = fc.record({
  interval: fc.constantFrom(0, 1_000),
  events: fc.array(events, { minLength: 20, maxLength: 80, size: 'max' }),
});

test('no partition has two owners, and in the end each has one', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(histories, ({ interval, events: drawn }) => {
      const group = new TestGroup();
      group.assignmentIntervalMs = interval;
      group.topics.put('a', 4);
      group.topics.put('c.1', 3);
      const clients = [null, null, null, 'static-1', 'static-2'].map((id) => new Client(group, id));
      for (const event of drawn) {
        run(group, clients, event);
        onlyOneOwner(clients);
      }
      settles(group, clients);
    }),
    { numRuns: 300 },
  );
});
