import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../component/processor.ts';
import type { ProcessStatus } from '../../component/source.ts';
import { contextFor, recordingLogger } from '../../component/testing/context.ts';
import { defaultProcessor } from './default-processor.ts';
import { FailoverProcessor } from './failover-processor.ts';
import { LoadBalanceProcessor } from './load-balance-processor.ts';

/** A member that does what it is told and notes its turns in a list that all share. */
class TestMember implements GroupMember {
  readonly name: string;
  readonly #turns: string[];
  next: ProcessStatus | 'fail' = 'ready';
  failsToLand = false;
  landings = 0;

  constructor(name: string, turns: string[]) {
    this.name = name;
    this.#turns = turns;
  }

  async turn(): Promise<ProcessStatus> {
    this.#turns.push(this.name);
    if (this.next === 'fail') throw new Error(`${this.name} is down`);
    return this.next;
  }

  async flow(): Promise<ProcessStatus> {
    return await this.turn();
  }

  async land(): Promise<void> {
    this.landings++;
    if (this.failsToLand) throw new Error(`${this.name} is down`);
  }
}

const signal = new AbortController().signal;

function members(...names: string[]) {
  const turns: string[] = [];
  const list = names.map((name) => new TestMember(name, turns));
  return { turns, list, [Symbol.iterator]: () => list[Symbol.iterator]() };
}

describe('default', () => {
  it('gives each turn to its one sink', async () => {
    const { list, turns } = members('k1');
    expect(
      await defaultProcessor.create({ ...contextFor(defaultProcessor), members: list }).process(signal),
    ).toBe('ready');
    expect(turns).toEqual(['k1']);
  });
});

describe('failover', () => {
  function group(maxPenaltyMs = 30_000) {
    const { list, turns } = members('low', 'high', 'mid');
    const clock = { now: 1000 };
    const log = recordingLogger();
    const priorities = new Map([
      ['low', -1],
      ['high', 10],
      ['mid', 5],
    ]);
    const processor = new FailoverProcessor(list, { priorities, maxPenaltyMs }, log, () => clock.now);
    const [low, high, mid] = list as [TestMember, TestMember, TestMember];
    const turn = async () => {
      turns.length = 0;
      const status = await processor.process(signal).catch((error: Error) => error.message);
      return `${turns.join(' ')}: ${status}`;
    };
    return { low, high, mid, clock, log, turn };
  }

  it('prefers the largest priority, and takes the next when it fails', async () => {
    const { high, mid, log, turn } = group();
    expect(await turn()).toBe('high: ready');
    high.next = 'fail';
    mid.next = 'fail';
    expect(await turn()).toBe('high mid low: ready');
    expect(await turn()).toBe('low: ready');
    expect(log.lines).toEqual([
      'warn Sink high failed and has been sent to failover list: high is down',
      'warn Sink mid failed and has been sent to failover list: mid is down',
    ]);
  });

  it('leaves a failed sink out for 2, 4, 8 s, then it rejoins when it is ready', async () => {
    const { high, clock, turn } = group();
    high.next = 'fail';
    await turn();
    for (const penalty of [2000, 4000, 8000]) {
      clock.now += penalty - 1;
      expect(await turn()).toBe('mid: ready');
      clock.now += 1;
      expect(await turn()).toBe('high mid: ready');
    }
    high.next = 'ready';
    clock.now += 16_000;
    expect(await turn()).toBe('high: ready');
    expect(await turn()).toBe('high: ready');
  });

  it('caps the penalty at maxpenalty', async () => {
    const { high, clock, turn } = group(3000);
    high.next = 'fail';
    await turn();
    for (let i = 0; i < 40; i++) {
      clock.now += 3000;
      expect(await turn()).toBe('high mid: ready');
    }
  });

  it('lands what the live sink has under way before another gets a turn; a failure there is its own', async () => {
    const { high, mid, clock, turn } = group();
    high.next = 'fail';
    await turn();
    high.next = 'ready';
    expect(mid.landings).toBe(0);
    clock.now += 2000;
    expect(await turn()).toBe('high: ready');
    expect(mid.landings).toBe(1);
    high.next = 'fail';
    await turn();
    clock.now += 2000;
    mid.failsToLand = true;
    expect(await turn()).toBe('high low: ready');
  });

  it('keeps a failed sink on trial while it says backoff, without more penalty', async () => {
    const { high, clock, turn } = group();
    high.next = 'fail';
    await turn();
    clock.now += 2000;
    high.next = 'backoff';
    expect(await turn()).toBe('high: backoff');
    expect(await turn()).toBe('high: backoff');
    high.next = 'ready';
    expect(await turn()).toBe('high: ready');
  });

  it('passes backoff of the live sink on', async () => {
    const { high, turn } = group();
    high.next = 'backoff';
    expect(await turn()).toBe('high: backoff');
  });

  it('fails when none is left', async () => {
    const { low, high, mid, turn } = group();
    for (const sink of [low, high, mid]) sink.next = 'fail';
    expect(await turn()).toBe('high mid low: All sinks failed to process, nothing left to failover to');
    expect(await turn()).toBe(': All sinks failed to process, nothing left to failover to');
  });

  it('punishes nobody for a turn that was cut short by the stop', async () => {
    const { list } = members('k1', 'k2');
    const stop = new AbortController();
    const stopping: GroupMember = {
      name: 'k1',
      flow: async () => {
        stop.abort();
        throw new Error('stopped');
      },
      turn: async () => 'ready',
      land: async () => {},
    };
    const log = recordingLogger();
    const options = {
      priorities: new Map([
        ['k1', 2],
        ['k2', 1],
      ]),
      maxPenaltyMs: 1,
    };
    const processor = new FailoverProcessor([stopping, list[1]!], options, log);
    await expect(processor.process(stop.signal)).rejects.toThrow('stopped');
    expect(log.lines).toEqual([]);
  });
});

describe('load_balance', () => {
  function group(
    options: Partial<{ selector: 'round_robin' | 'random'; backoff: boolean; random: () => number }> = {},
  ) {
    const { list, turns } = members('k1', 'k2', 'k3');
    const clock = { now: 1_000_000 };
    const { selector = 'round_robin', backoff = false, random } = options;
    const processor = new LoadBalanceProcessor(
      list,
      { selector, backoff, maxTimeOutMs: 30_000 },
      recordingLogger(),
      () => clock.now,
      random,
    );
    const turn = async () => {
      turns.length = 0;
      const status = await processor.process(signal).catch((error: Error) => error.message);
      return `${turns.join(' ')}: ${status}`;
    };
    const [k1, k2, k3] = list as [TestMember, TestMember, TestMember];
    return { k1, k2, k3, clock, turn };
  }

  it('goes round', async () => {
    const { turn } = group();
    const order: string[] = [];
    for (let i = 0; i < 4; i++) order.push(await turn());
    expect(order).toEqual(['k1: ready', 'k2: ready', 'k3: ready', 'k1: ready']);
  });

  it('tries the following sinks at once when one fails, and each again in its turn', async () => {
    const { k2, turn } = group();
    k2.next = 'fail';
    const order: string[] = [];
    for (let i = 0; i < 5; i++) order.push(await turn());
    expect(order).toEqual(['k1: ready', 'k2 k3: ready', 'k3: ready', 'k1: ready', 'k2 k3: ready']);
  });

  it('takes backoff as no failure', async () => {
    const { k1, turn } = group();
    k1.next = 'backoff';
    expect(await turn()).toBe('k1: backoff');
    expect(await turn()).toBe('k2: ready');
  });

  it('with backoff leaves a failed sink out, longer with each failure, and forgets after an hour', async () => {
    const { k2, clock, turn } = group({ backoff: true });
    k2.next = 'fail';
    /** Whether k2 gets one of the next three turns; it fails then. */
    const isTried = async () => [await turn(), await turn(), await turn()].join().includes('k2');
    expect(await isTried()).toBe(true);
    for (const penalty of [2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      clock.now += penalty - 1;
      expect(await isTried()).toBe(false);
      clock.now += 1;
      expect(await isTried()).toBe(true);
    }
    clock.now += 3_600_000 + 30_001;
    expect(await isTried()).toBe(true);
    clock.now += 2000;
    expect(await isTried()).toBe(true);
  });

  it('fails when all have failed, also when all are left out', async () => {
    const { k1, k2, k3, turn } = group({ backoff: true });
    for (const sink of [k1, k2, k3]) sink.next = 'fail';
    expect(await turn()).toBe('k1 k2 k3: All configured sinks have failed');
    expect(await turn()).toBe(': All configured sinks have failed');
  });

  it('random: every order comes, and all sinks are tried', async () => {
    const draws = [0, 0, 0.99, 0.99, 0.5, 0];
    const { k1, k2, k3, turn } = group({ selector: 'random', random: () => draws.shift() ?? 0 });
    for (const sink of [k1, k2, k3]) sink.next = 'fail';
    const orders = [await turn(), await turn(), await turn()];
    expect(new Set(orders).size).toBe(3);
    for (const order of orders) expect(order.split(':')[0]!.split(' ').sort()).toEqual(['k1', 'k2', 'k3']);
  });
});
