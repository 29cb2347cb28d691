import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { TestChannel } from '../../component/testing/test-channel.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { RetryBackoff } from './sink-driver/retry-backoff.ts';
import { SinkRunner } from './sink-runner.ts';
import { PollableSourceRunner } from './source-runner.ts';

/** Lets everything that is due happen, and I/O have its turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock; returns how many turns came. */
async function after(ms: number, turns: { count: number }): Promise<number> {
  const before = turns.count;
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
  return turns.count - before;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('the source runner', () => {
  const polling = { backoffSleepIncrementMs: 1000, maxBackoffSleepMs: 3000 };

  function run(step: (turn: number) => ProcessStatus) {
    const turns = { count: 0 };
    const source: PollableSource = {
      start: async () => {},
      stop: async () => {},
      process: async () => step(++turns.count),
    };
    const log = recordingLogger();
    const runner = new PollableSourceRunner(source, polling, log);
    runner.start();
    return { runner, turns, log };
  }

  it('sleeps longer with each backoff, up to the longest, and begins anew after ready', async () => {
    const { runner, turns } = run((turn) => (turn === 5 ? 'ready' : 'backoff'));
    await settle();
    expect(turns.count).toBe(1);
    const sleeps: number[] = [];
    for (const ms of [1000, 2000, 3000]) {
      expect(await after(ms - 1, turns)).toBe(0);
      sleeps.push(await after(1, turns));
    }
    expect(sleeps).toEqual([1, 1, 1]);
    expect(await after(3000, turns)).toBe(2); // the fifth is ready, so the sixth follows at once
    expect(await after(999, turns)).toBe(0);
    expect(await after(1, turns)).toBe(1);
    await runner.stop();
  });

  it('tries at once after a delivery failure, and sleeps the longest time after any other error', async () => {
    const { runner, turns, log } = run((turn) => {
      if (turn === 1) throw new MillraceError('DELIVERY_FAILED', 'not now');
      if (turn === 2) throw new Error('broken');
      return 'backoff';
    });
    await settle();
    expect(turns.count).toBe(2);
    expect(await after(2999, turns)).toBe(0);
    expect(await after(1, turns)).toBe(1);
    expect(log.lines).toEqual([
      'error Unable to deliver event. Exception follows. not now',
      'error Unhandled exception, logging and sleeping for 3000ms: broken',
    ]);
    await runner.stop();
  });

  it('ends its sleep at stop', async () => {
    const { runner, turns } = run(() => 'backoff');
    await settle();
    await runner.stop();
    expect(await after(60_000, turns)).toBe(0);
  });

  it('lets the event loop turn while a source is always ready', async () => {
    vi.useRealTimers();
    const { runner } = run(() => 'ready');
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 1);
    });
    await runner.stop();
  });
});

describe('the sink runner', () => {
  /** A runner over one sink that takes what is there, unless `turn` says otherwise. */
  function run(options: { wakes?: boolean; turn?: (turn: number) => void } = {}) {
    const channel = new TestChannel();
    if (options.wakes === false) Object.defineProperty(channel, 'waitForEvents', { value: undefined });
    const turns = { count: 0 };
    const got: number[] = [];
    const sink = { channel, foundNone: false };
    const process = async (): Promise<ProcessStatus> => {
      options.turn?.(++turns.count);
      if (options.turn === undefined) turns.count++;
      const transaction = channel.begin();
      const batch = await transaction.take(10);
      await transaction.commit();
      sink.foundNone = batch === null;
      if (batch !== null) got.push(batch.count);
      return batch === null ? 'backoff' : 'ready';
    };
    const log = recordingLogger();
    const runner = new SinkRunner({ process }, [sink], log, new RetryBackoff(() => 0));
    runner.start();
    return { runner, channel, turns, got, log };
  }

  it('wakes with the first event when the channel was empty', async () => {
    const { runner, channel, turns, got } = run();
    await settle();
    expect(turns.count).toBe(1);
    channel.add(batchOf('a', 'b'));
    await settle();
    expect(got).toEqual([2]);
    await runner.stop();
  });

  it('sleeps 1, 2, 3, 4, 5, 5 s when the channel stays empty', async () => {
    const { runner, turns } = run();
    await settle();
    for (const ms of [1000, 2000, 3000, 4000, 5000, 5000]) {
      expect(await after(ms - 1, turns)).toBe(0);
      expect(await after(1, turns)).toBe(1);
    }
    await runner.stop();
  });

  it('sleeps where the channel cannot wake it', async () => {
    const { runner, channel, got, turns } = run({ wakes: false });
    await settle();
    channel.add(batchOf('a'));
    expect(await after(999, turns)).toBe(0);
    await after(1, turns);
    expect(got).toEqual([1]);
    await runner.stop();
  });

  it('logs an error and sleeps longer with each, up to 5 s, until something is acknowledged', async () => {
    const { runner, turns, log } = run({
      turn: () => {
        throw new Error('no destination');
      },
    });
    await settle();
    expect(log.lines).toEqual(['error Unable to deliver event. Exception follows. no destination']);
    for (const ms of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      expect(await after(ms - 1, turns)).toBe(0);
      expect(await after(1, turns)).toBe(1);
    }
    expect(runner.failures).toBe(8);
    runner.noteAcknowledged();
    expect(runner.failures).toBe(0);
    expect(await after(5000, turns)).toBe(1);
    expect(await after(250, turns)).toBe(1);
    await runner.stop();
  });

  it('tries at once when it is hurried, and ends its wait at stop', async () => {
    const { runner, turns } = run({
      turn: () => {
        throw new Error('no destination');
      },
    });
    await settle();
    runner.hurry();
    await settle();
    expect(turns.count).toBe(2);
    await runner.stop();
    expect(await after(60_000, turns)).toBe(0);
  });
});

it('a back-off is shortened by chance by up to a half', () => {
  expect(new RetryBackoff(() => 0).next()).toBe(250);
  expect(new RetryBackoff(() => 0.999).next()).toBeCloseTo(125, 0);
});
