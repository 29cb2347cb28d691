import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bell, Breather, pause } from './timers.ts';

const settled = async (promise: Promise<void>): Promise<boolean> => {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  for (let i = 0; i < 5; i++) await Promise.resolve();
  return done;
};

describe('waiting', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('pauses for its time', async () => {
    const paused = pause(1000, new AbortController().signal);
    vi.advanceTimersByTime(999);
    expect(await settled(paused)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await settled(paused)).toBe(true);
  });

  it('ends a pause by its signal, before or during it, and leaves no timer', async () => {
    const abort = new AbortController();
    const paused = pause(1000, abort.signal);
    abort.abort();
    expect(await settled(paused)).toBe(true);
    expect(await settled(pause(1000, abort.signal))).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes all who wait for a bell, and nobody twice', async () => {
    const bell = new Bell();
    const waits = [bell.wait(1000), bell.wait(5000)];
    bell.ring();
    expect(await settled(waits[0]!)).toBe(true);
    expect(await settled(waits[1]!)).toBe(true);
    const next = bell.wait(1000);
    expect(await settled(next)).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(await settled(next)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets a signal end the wait for a bell', async () => {
    const bell = new Bell();
    const abort = new AbortController();
    const waiting = bell.wait(1000, abort.signal);
    abort.abort();
    expect(await settled(waiting)).toBe(true);
    expect(await settled(bell.wait(1000, abort.signal))).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('waits for a bell without end', () => {
  it('end with a ring or with their signal, whichever comes first, and each only once', async () => {
    const bell = new Bell();
    const [one, other] = [new AbortController(), new AbortController()];
    const rung = [bell.wait(Infinity, one.signal), bell.wait(Infinity, other.signal)];
    bell.ring();
    for (const wait of rung) expect(await settled(wait)).toBe(true);
    const waits = [
      bell.wait(Infinity, one.signal),
      bell.wait(Infinity, one.signal),
      bell.wait(Infinity, other.signal),
    ];
    one.abort();
    expect(await settled(waits[0]!)).toBe(true);
    expect(await settled(waits[1]!)).toBe(true);
    expect(await settled(waits[2]!)).toBe(false);
    expect(await settled(bell.wait(Infinity, one.signal))).toBe(true);
    bell.ring();
    expect(await settled(waits[2]!)).toBe(true);
  });

  it('listen once to a signal, however many there were', async () => {
    const bell = new Bell();
    const abort = new AbortController();
    for (let i = 0; i < 30; i++) {
      const wait = bell.wait(Infinity, abort.signal);
      bell.ring();
      await wait;
    }
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
  });
});

describe('breathing', () => {
  it('lets input and output have their turn', async () => {
    const breather = new Breather(0);
    expect(breather.due).toBe(true);
    let turn = false;
    setImmediate(() => {
      turn = true;
    });
    await breather.breath();
    expect(turn).toBe(true);
  });
});
