import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingLogger } from '../../component/testing/context.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A component whose first starts fail. */
function component(failures: number) {
  const calls: string[] = [];
  let left = failures;
  const target = {
    label: 'Source r1',
    start: async () => {
      calls.push('start');
      if (left-- > 0) throw new Error('no port');
    },
    started: () => void calls.push('started'),
    stop: async () => void calls.push('stop'),
  };
  const log = recordingLogger();
  return { calls, log, supervisor: new Supervisor(target, log) };
}

describe('the supervisor', () => {
  it('tries a start again every 3 s until it works', async () => {
    const { calls, log, supervisor } = component(2);
    await supervisor.start();
    expect(supervisor.started).toBe(false);
    await vi.advanceTimersByTimeAsync(2999);
    expect(calls).toEqual(['start']);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual(['start', 'start']);
    await vi.advanceTimersByTimeAsync(3000);
    expect(calls).toEqual(['start', 'start', 'start', 'started']);
    expect(supervisor.started).toBe(true);
    expect(log.lines).toEqual([
      'info Starting Source r1',
      'error Unable to start Source r1: no port; it is tried again in 3 s',
      'error Unable to start Source r1: no port; it is tried again in 3 s',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up trying when it is stopped, and stops what was half started', async () => {
    const { calls, supervisor } = component(1);
    await supervisor.start();
    await supervisor.stop(Deadline.in(1000));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toEqual(['start', 'stop']);
  });

  it('has a component that fails in its background stopped, and started again', async () => {
    const { calls, log, supervisor } = component(0);
    await supervisor.start();
    for (let round = 1; round <= 3; round++) {
      supervisor.fail('writing positions', new Error('no space'));
      supervisor.fail('another thing', new Error('late'));
      expect([supervisor.started, supervisor.state]).toEqual([false, 'failing']);
      await vi.advanceTimersByTimeAsync(2999);
      expect(calls.slice(-1)).toEqual(['stop']);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls.slice(-2)).toEqual(['start', 'started']);
      expect(supervisor.lastError).toBe(null);
    }
    expect(log.lines.slice(1)).toEqual(
      Array.from(
        { length: 3 },
        () => 'error Source r1 failed: writing positions: no space; it is started again',
      ),
    );
    await supervisor.stop(Deadline.in(1000));
    supervisor.fail('afterwards', new Error('x'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls.slice(-2)).toEqual(['started', 'stop']);
  });

  it('neither waits long for a start that never settles nor for its end at the stop', async () => {
    const log = recordingLogger();
    let stops = 0;
    const target = {
      label: 'Source r1',
      start: () => new Promise<void>(() => {}),
      stop: async () => void stops++,
    };
    const supervisor = new Supervisor(target, log);
    const starting = supervisor.start();
    await vi.advanceTimersByTimeAsync(5000);
    await starting;
    expect(supervisor.state).toBe('starting');
    const stopping = supervisor.stop(Deadline.in(10_000));
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect([stops, supervisor.state]).toEqual([1, 'stopped']);
  });

  it('aborts the signal of a start under way, and stops what it still brings up', async () => {
    const log = recordingLogger();
    const calls: string[] = [];
    const started = Promise.withResolvers<void>();
    const target = {
      label: 'Source r1',
      start: async (signal: AbortSignal) => {
        signal.addEventListener('abort', () => calls.push('aborted'));
        await started.promise;
        calls.push('start ends');
      },
      stop: async () => void calls.push('stop'),
    };
    const supervisor = new Supervisor(target, log);
    void supervisor.start();
    const stopping = supervisor.stop(Deadline.in(8000));
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect(calls).toEqual(['aborted', 'stop']);
    started.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual(['aborted', 'stop', 'start ends', 'stop']);
  });

  it('logs a stop that fails', async () => {
    const log = recordingLogger();
    await stopInTime('Sink k1', () => Promise.reject(new Error('stuck')), Deadline.in(1000), log);
    expect(log.lines).toEqual(['error Unable to stop Sink k1: stuck']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on without a component that does not stop in time', async () => {
    const log = recordingLogger();
    const stopping = stopInTime('Sink k1', () => new Promise(() => {}), Deadline.in(30_000), log);
    await vi.advanceTimersByTimeAsync(30_000);
    await stopping;
    expect(log.lines).toEqual(['error Sink k1 has not stopped in time; going on without it']);
  });
});

it('a folder that may not be made is told with its path and what to do', async () => {
  const log = recordingLogger();
  const denied = Object.assign(new Error('EACCES: mkdir'), { code: 'EACCES', path: '/data/cp' });
  const stop = async () => {};
  const supervisor = new Supervisor({ label: 'Channel c1', start: () => Promise.reject(denied), stop }, log);
  await supervisor.start();
  expect(log.lines.at(-1)).toContain("Unable to start Channel c1: can't use /data/cp: permission denied;");
  await supervisor.stop(Deadline.in(1000));
});
