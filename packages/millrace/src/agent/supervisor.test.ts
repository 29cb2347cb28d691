import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingLogger } from '../component/testing/context.ts';
import { Supervisor, stopInTime } from './supervisor.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
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
    await supervisor.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toEqual(['start', 'stop']);
  });

  it('logs a stop that fails', async () => {
    const log = recordingLogger();
    await stopInTime('Sink k1', () => Promise.reject(new Error('stuck')), log);
    expect(log.lines).toEqual(['error Unable to stop Sink k1: stuck']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on without a component that does not stop within 30 s', async () => {
    const log = recordingLogger();
    const stopping = stopInTime('Sink k1', () => new Promise(() => {}), log);
    await vi.advanceTimersByTimeAsync(30_000);
    await stopping;
    expect(log.lines).toEqual(['error Sink k1 has not stopped within 30 s; going on without it']);
  });
});

it('a folder that may not be made is told with its path and what to do', async () => {
  const log = recordingLogger();
  const denied = Object.assign(new Error('EACCES: mkdir'), { code: 'EACCES', path: '/data/cp' });
  const stop = async () => {};
  const supervisor = new Supervisor({ label: 'Channel c1', start: () => Promise.reject(denied), stop }, log);
  await supervisor.start();
  expect(log.lines.at(-1)).toContain("Unable to start Channel c1: can't use /data/cp: permission denied;");
  await supervisor.stop();
});
