/** Time that passes as fast as the program has nothing to do: for waits of a minute in a test of milliseconds. */
import { vi } from 'vitest';

const realTimeout = setTimeout;

/** Clocks and timers of this test are virtual until the end of its block; immediates and I/O are not. */
export function virtualTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  return {
    /** Lets so much time pass. */
    async pass(ms: number, stepMs = 10): Promise<void> {
      for (let at = 0; at < ms; at += stepMs) await turn(Math.min(stepMs, ms - at));
    },
    /** Lets time pass until the work ends; how much that was. */
    async until(work: Promise<unknown>, mostMs = 3_600_000, stepMs = 10): Promise<number> {
      let done = false;
      const end = work.finally(() => {
        done = true;
      });
      end.catch(() => {});
      const began = performance.now();
      while (!done) {
        if (performance.now() - began > mostMs)
          throw new Error(`it has not ended after ${mostMs} virtual ms`);
        await turn(stepMs);
      }
      await end;
      return performance.now() - began;
    },
    /** Waits by the clock on the wall: for a device. */
    really: (ms: number): Promise<void> => new Promise((resolve) => void realTimeout(resolve, ms)),
    [Symbol.dispose]: () => void vi.useRealTimers(),
  };
}

async function turn(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  // Promises that wait for immediates or files get their turn before the clock goes on.
  await new Promise((resolve) => setImmediate(resolve));
}
