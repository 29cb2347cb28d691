import { beforeEach, describe, expect, test } from 'vitest';
import { ErrorCode } from '../core/error-code.ts';
import { ClassicGroup } from './classic-group.ts';
import type { JoinAnswer, JoinInput, SyncAnswer } from './group-types.ts';
import { PendingBudget } from './pending-members.ts';

const range = [{ name: 'range', metadata: Buffer.from('r') }];
const both = [
  { name: 'sticky', metadata: Buffer.from('s') },
  { name: 'range', metadata: Buffer.from('r') },
];

/** A group with a clock that the test moves, and the answers by ticket. */
class Bench {
  now = 0;
  #ids = 0;
  #tickets = 0;
  readonly joins = new Map<number, JoinAnswer>();
  readonly syncs = new Map<number, SyncAnswer>();
  saves: number[] = [];
  readonly group: ClassicGroup;

  constructor(initialRebalanceDelayMs = 0) {
    this.group = new ClassicGroup(
      'g',
      { initialRebalanceDelayMs, maxSize: 3 },
      () => this.now,
      () => `id${++this.#ids}`,
    );
  }

  collect(): void {
    for (const effect of this.group.takeEffects()) {
      if (effect.kind === 'join-answer') this.joins.set(effect.ticket, effect.answer);
      else if (effect.kind === 'sync-answer') this.syncs.set(effect.ticket, effect.answer);
      else this.saves.push(effect.saveId);
    }
  }

  /** Sends a join, returns its ticket. */
  join(memberId: string, input: Partial<JoinInput> = {}): number {
    const ticket = ++this.#tickets;
    const base = {
      memberId,
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/127.0.0.1',
      protocolType: 'consumer',
    };
    const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000 };
    this.group.join(
      this.now,
      { ...base, ...times, protocols: range, requireKnownMemberId: false, ...input },
      ticket,
    );
    this.collect();
    return ticket;
  }

  sync(
    memberId: string,
    generationId: number,
    assignments: Record<string, string> = {},
    groupInstanceId: string | null = null,
  ) {
    const ticket = ++this.#tickets;
    const map = new Map(Object.entries(assignments).map(([id, text]) => [id, Buffer.from(text)]));
    const input = {
      memberId,
      groupInstanceId,
      generationId,
      protocolType: null,
      protocolName: null,
      assignments: map,
    };
    this.group.sync(this.now, input, ticket);
    this.collect();
    return ticket;
  }

  saved(errorCode = 0): void {
    this.group.saved(this.now, this.saves.at(-1)!, errorCode);
    this.collect();
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (let next = this.group.nextDeadline(); next <= end; next = this.group.nextDeadline()) {
      this.now = Math.max(this.now, next);
      this.group.expire(this.now);
      this.collect();
    }
    this.now = end;
  }

  /** One member, stable, as generation 1; returns its id. */
  stable(input: Partial<JoinInput> = {}): string {
    const { memberId } = this.joins.get(this.join('', input))!;
    this.sync(memberId, 1, { [memberId]: 'all' }, input.groupInstanceId ?? null);
    this.saved();
    return memberId;
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('joining', () => {
  test('one member becomes leader, syncs, is stable', () => {
    const answer = bench.joins.get(bench.join(''))!;
    expect(answer).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: 'c-id1',
      memberId: 'c-id1',
      protocolName: 'range',
    });
    expect(answer.members).toEqual([
      { memberId: 'c-id1', groupInstanceId: null, metadata: Buffer.from('r') },
    ]);
    expect(bench.group.state).toBe('CompletingRebalance');
    const sync = bench.sync('c-id1', 1, { 'c-id1': 'mine' });
    expect(bench.syncs.has(sync)).toBe(false);
    bench.saved();
    expect(bench.syncs.get(sync)!.assignment.toString()).toBe('mine');
    expect(bench.group.state).toBe('Stable');
  });

  test('from version 4 on a member gets an id first and must bring it back', () => {
    const first = bench.joins.get(bench.join('', { requireKnownMemberId: true }))!;
    expect(first).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'c-id1' });
    expect(bench.group.members.size).toBe(0);
    expect(bench.joins.get(bench.join('c-id1', { requireKnownMemberId: true }))).toMatchObject({
      errorCode: 0,
    });
    expect(bench.joins.get(bench.join('made-up'))!.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('an id that nobody brings back is forgotten after the session timeout', () => {
    bench.join('', { requireKnownMemberId: true });
    bench.advance(10_000);
    expect(bench.joins.get(bench.join('c-id1'))!.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('an empty group waits the initial delay, longer while others come, at most the rebalance timeout', () => {
    bench = new Bench(3000);
    const first = bench.join('');
    bench.advance(2000);
    expect(bench.joins.has(first)).toBe(false);
    const second = bench.join('');
    bench.advance(1000);
    expect(bench.joins.has(first)).toBe(false);
    bench.advance(2999);
    expect(bench.joins.has(first)).toBe(false);
    bench.advance(1);
    expect(bench.joins.get(first)!.members).toHaveLength(2);
    expect(bench.joins.get(second)!.members).toHaveLength(0);
  });

  test('the initial delay is not cut short by a pending id that runs out', () => {
    bench = new Bench(3000);
    bench.join('', { requireKnownMemberId: true, sessionTimeoutMs: 6000 });
    bench.advance(5000);
    const joined = bench.join('');
    bench.advance(1000);
    expect(bench.joins.has(joined)).toBe(false);
    bench.advance(2000);
    expect(bench.joins.has(joined)).toBe(true);
  });

  test('a second member makes the first rejoin; the common protocol wins', () => {
    const leader = bench.stable({ protocols: both });
    const second = bench.join('', { protocols: range });
    expect(bench.joins.has(second)).toBe(false);
    expect(bench.group.heartbeat(bench.now, leader, null, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    const again = bench.join(leader, { protocols: both });
    expect(bench.joins.get(again)).toMatchObject({ generationId: 2, leader, protocolName: 'range' });
    expect(bench.joins.get(second)).toMatchObject({ generationId: 2, leader });
  });

  test('no common protocol, another protocol type, no protocol: error 23; too many: 81', () => {
    bench.stable();
    const foreign = [{ name: 'sticky', metadata: Buffer.alloc(0) }];
    expect(bench.joins.get(bench.join('', { protocols: foreign }))!.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(bench.joins.get(bench.join('', { protocolType: 'connect' }))!.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(bench.joins.get(bench.join('', { protocols: [] }))!.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    );
    bench.join('');
    bench.join('');
    expect(bench.joins.get(bench.join(''))!.errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
  });

  test('a follower that rejoins unchanged gets the current generation; the leader starts a rebalance', () => {
    const leader = bench.stable();
    const follower = bench.join('');
    bench.join(leader);
    const followerId = bench.joins.get(follower)!.memberId;
    bench.sync(leader, 2);
    bench.saved();
    expect(bench.joins.get(bench.join(followerId))).toMatchObject({
      errorCode: 0,
      generationId: 2,
      members: [],
    });
    expect(bench.group.state).toBe('Stable');
    bench.join(leader);
    expect(bench.group.state).toBe('PreparingRebalance');
  });

  test('a member that does not rejoin in time is put out', () => {
    const slow = bench.stable({ rebalanceTimeoutMs: 5000, sessionTimeoutMs: 30_000 });
    const second = bench.join('', { rebalanceTimeoutMs: 5000 });
    bench.advance(4999);
    expect(bench.joins.has(second)).toBe(false);
    bench.advance(1);
    expect(bench.joins.get(second)).toMatchObject({
      generationId: 2,
      leader: bench.joins.get(second)!.memberId,
    });
    expect(bench.group.members.has(slow)).toBe(false);
  });
});

describe('syncing', () => {
  test('followers wait for the leader; a failed save is told to all and the group rebalances', () => {
    const leader = bench.stable();
    const second = bench.join('');
    bench.join(leader);
    const followerId = bench.joins.get(second)!.memberId;
    const followerSync = bench.sync(followerId, 2);
    expect(bench.syncs.has(followerSync)).toBe(false);
    const leaderSync = bench.sync(leader, 2, { [followerId]: 'x', [leader]: 'y' });
    bench.saved(ErrorCode.KAFKA_STORAGE_ERROR);
    expect(bench.syncs.get(followerSync)!.errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR);
    expect(bench.syncs.get(leaderSync)!.errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR);
    expect(bench.group.state).toBe('PreparingRebalance');
  });

  test('wrong generation 22, unknown member 25, during a rebalance 27, wrong protocol 23', () => {
    const leader = bench.stable();
    expect(bench.syncs.get(bench.sync(leader, 9))!.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(bench.syncs.get(bench.sync('nobody', 1))!.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const input = {
      memberId: leader,
      groupInstanceId: null,
      generationId: 1,
      protocolType: 'consumer',
      assignments: new Map(),
    };
    bench.group.sync(0, { ...input, protocolName: 'sticky' }, 999);
    bench.collect();
    expect(bench.syncs.get(999)!.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    bench.join('');
    expect(bench.syncs.get(bench.sync(leader, 1))!.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test('who joins but never syncs is put out after the rebalance timeout', () => {
    const leader = bench.stable({ rebalanceTimeoutMs: 5000 });
    const second = bench.join('', { rebalanceTimeoutMs: 5000 });
    bench.join(leader, { rebalanceTimeoutMs: 5000, sessionTimeoutMs: 30_000 });
    const followerSync = bench.sync(bench.joins.get(second)!.memberId, 2);
    bench.advance(5000);
    expect(bench.syncs.get(followerSync)!.errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(bench.group.members.has(leader)).toBe(false);
  });
});

describe('sessions', () => {
  test('a silent member is put out, a beating one stays', () => {
    const memberId = bench.stable();
    bench.advance(9000);
    expect(bench.group.heartbeat(bench.now, memberId, null, 1)).toBe(0);
    bench.advance(9999);
    expect(bench.group.members.size).toBe(1);
    bench.advance(1);
    expect(bench.group.members.size).toBe(0);
    expect(bench.group.state).toBe('Empty');
    expect(bench.group.heartbeat(bench.now, memberId, null, 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('the session runs from the answer of the join and of the sync on, without any heartbeat', () => {
    const silent = bench.joins.get(bench.join(''))!.memberId;
    expect(bench.group.nextDeadline()).toBe(10_000);
    bench.advance(5000);
    bench.sync(silent, 1);
    bench.saved();
    expect(bench.group.nextDeadline()).toBe(15_000);
    bench.advance(10_000);
    expect(bench.group.state).toBe('Empty');
  });

  test('heartbeats: wrong generation 22; between join and sync they are fine', () => {
    const { memberId } = bench.joins.get(bench.join(''))!;
    expect(bench.group.heartbeat(0, memberId, null, 1)).toBe(0);
    expect(bench.group.heartbeat(0, memberId, null, 0)).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  test('leaving starts a rebalance of the others, the last one leaves an empty group', () => {
    const leader = bench.stable();
    const second = bench.join('');
    bench.join(leader);
    const follower = bench.joins.get(second)!.memberId;
    bench.sync(leader, 2);
    bench.saved();
    expect(bench.group.leave(0, leader, null)).toBe(0);
    expect(bench.group.leave(0, leader, null)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(bench.group.heartbeat(0, follower, null, 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(bench.group.leave(0, follower, null)).toBe(0);
    expect(bench.group.state).toBe('Empty');
    expect(bench.group.generationId).toBe(3);
  });
});

describe('static members', () => {
  const instance = { groupInstanceId: 'box-1' };

  test('coming back under the same instance id keeps a stable group stable and fences the old id', () => {
    const old = bench.stable(instance);
    const ticket = bench.join('', instance);
    bench.saved();
    const back = bench.joins.get(ticket)!;
    expect(back).toMatchObject({
      errorCode: 0,
      generationId: 1,
      memberId: 'box-1-id2',
      skipAssignment: true,
    });
    expect(bench.group.state).toBe('Stable');
    expect(bench.group.heartbeat(0, old, 'box-1', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(bench.joins.get(bench.join(old, instance))!.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(bench.group.checkCommit(0, old, 'box-1', 1)).toBe(ErrorCode.FENCED_INSTANCE_ID);
    const sync = bench.sync(back.memberId, 1, {}, 'box-1');
    expect(bench.syncs.get(sync)!.assignment.toString()).toBe('all');
  });

  test('a duplicate instance while the first is joining: the first is fenced', () => {
    bench = new Bench(3000);
    const first = bench.join('', instance);
    bench.join('', instance);
    expect(bench.joins.get(first)!.errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
  });

  test('may be removed by instance id alone', () => {
    bench.stable(instance);
    expect(bench.group.leave(0, '', 'box-2')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(bench.group.leave(0, 'other', 'box-1')).toBe(ErrorCode.FENCED_INSTANCE_ID);
    expect(bench.group.leave(0, '', 'box-1')).toBe(0);
    expect(bench.group.state).toBe('Empty');
  });

  test('coming back is answered when it is stored, and undone when that fails', () => {
    const old = bench.stable(instance);
    const lost = bench.join('', instance);
    expect(bench.joins.has(lost)).toBe(false);
    bench.saved(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(bench.joins.get(lost)!.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(bench.group.heartbeat(0, old, 'box-1', 1)).toBe(0);
    expect(bench.group.leaderId).toBe(old);
    const kept = bench.join('', instance);
    bench.saved();
    expect(bench.joins.get(kept)).toMatchObject({ errorCode: 0, skipAssignment: true });
  });

  test('coming back while a rebalance begins joins it once it is stored', () => {
    bench.stable(instance);
    const ticket = bench.join('', instance);
    const second = bench.join('');
    expect(bench.group.state).toBe('PreparingRebalance');
    bench.saved();
    expect(bench.joins.get(ticket)).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(bench.joins.get(second)).toMatchObject({ errorCode: 0, generationId: 2 });
  });

  test('is kept through a rebalance that it misses, and put out with those who do not sync (Kafka: pending sync)', () => {
    const fixed = bench.stable({ ...instance, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 5000 });
    const second = bench.join('', { rebalanceTimeoutMs: 5000, sessionTimeoutMs: 60_000 });
    bench.advance(5000);
    const { memberId, generationId } = bench.joins.get(second)!;
    bench.sync(memberId, generationId, {});
    bench.saved();
    bench.advance(4999);
    expect(bench.group.members.has(fixed)).toBe(true);
    bench.advance(1);
    expect(bench.group.members.has(fixed)).toBe(false);
    expect(bench.group.members.has(memberId)).toBe(true);
  });
});

describe('a member that never syncs', () => {
  test.each([2, 3])(
    'is put out after the rebalance timeout although the group is stable: of %i members',
    (count) => {
      bench = new Bench(1);
      const tickets = Array.from({ length: count }, () => bench.join('', { rebalanceTimeoutMs: 7000 }));
      bench.advance(1);
      bench.advance(1);
      const [leader, ...others] = tickets.map((ticket) => bench.joins.get(ticket)!.memberId) as [
        string,
        ...string[],
      ];
      const silent = others.at(-1)!;
      bench.sync(leader, 1, {});
      for (const other of others.slice(0, -1)) bench.sync(other, 1);
      bench.saved();
      expect(bench.group.state).toBe('Stable');
      for (let i = 0; i < 7; i++) {
        expect(bench.group.heartbeat(bench.now, silent, null, 1)).toBe(0);
        expect(bench.group.heartbeat(bench.now, leader, null, 1)).toBe(0);
        bench.advance(1000);
      }
      expect(bench.group.members.has(silent)).toBe(false);
      expect(bench.group.heartbeat(bench.now, leader, null, 1)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    },
  );
});

describe('members that never come back with their id', () => {
  test('are as many as the limit says, for one group and for all, and make room when their time is over', () => {
    const budget = new PendingBudget(5);
    const settings = { initialRebalanceDelayMs: 0, maxSize: 100, maxPending: 3, pendingBudget: budget };
    let ids = 0;
    const groups = ['a', 'b'].map(
      (name) =>
        new ClassicGroup(
          name,
          settings,
          () => 0,
          () => `id${++ids}`,
        ),
    );
    const ask = (group: ClassicGroup, now: number, sessionTimeoutMs: number) => {
      const input = {
        memberId: '',
        groupInstanceId: null,
        clientId: 'c',
        clientHost: '/h',
        protocolType: 'consumer',
      };
      const times = { sessionTimeoutMs, rebalanceTimeoutMs: 1 };
      group.join(now, { ...input, ...times, protocols: range, requireKnownMemberId: true }, 1);
      const [effect] = group.takeEffects();
      return effect!.kind === 'join-answer' ? effect!.answer.errorCode : -1;
    };
    const [a, b] = groups as [ClassicGroup, ClassicGroup];
    const full = ErrorCode.GROUP_MAX_SIZE_REACHED;
    const known = ErrorCode.MEMBER_ID_REQUIRED;
    expect([30, 10, 20, 40].map((ms) => ask(a, 0, ms))).toEqual([known, known, known, full]);
    expect([10, 10, 10].map((ms) => ask(b, 0, ms))).toEqual([known, known, full]);
    expect(a.nextDeadline()).toBe(10);
    a.expire(10);
    expect(a.nextDeadline()).toBe(20);
    expect([5, 5].map((ms) => ask(a, 10, ms))).toEqual([known, full]);
    b.markDead();
    expect(budget.left).toBe(2);
  });
});

describe('commits', () => {
  test('an empty group takes commits without a generation, a living one only from its members', () => {
    expect(bench.group.checkCommit(0, '', null, -1)).toBe(0);
    const memberId = bench.stable();
    expect(bench.group.checkCommit(0, '', null, -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(bench.group.checkCommit(0, memberId, null, 1)).toBe(0);
    expect(bench.group.checkCommit(0, memberId, null, 2)).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(bench.group.checkCommit(0, 'other', null, 1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('during a rebalance the old generation may still commit, between join and sync nobody', () => {
    const memberId = bench.stable();
    bench.join('');
    expect(bench.group.checkCommit(0, memberId, null, 1)).toBe(0);
    bench.join(memberId);
    expect(bench.group.checkCommit(0, memberId, null, 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });
});

test('a restored group goes on as it was', () => {
  const memberId = bench.stable();
  const stored = bench.group.members.get(memberId)!;
  const next = new ClassicGroup(
    'g',
    { initialRebalanceDelayMs: 0, maxSize: 3 },
    () => 50_000,
    () => 'x',
  );
  const { generationId, protocolType, protocolName, leaderId, stateSince } = bench.group;
  next.restore(50_000, { generationId, protocolType, protocolName, leaderId, stateSince, members: [stored] });
  expect(next.state).toBe('Stable');
  expect(next.heartbeat(59_999, memberId, null, 1)).toBe(0);
  expect(next.nextDeadline()).toBe(69_999);
  next.markDead();
  expect(next.heartbeat(60_001, memberId, null, 1)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
});
