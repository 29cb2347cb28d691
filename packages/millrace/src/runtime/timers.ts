/** The longest that Node's own timers wait; they fire at once when asked for more. */
export const longestTimerMs = 0x7fff_ffff;

/** A timer that may be cancelled; one that has fired or was cancelled is left alone. */
export interface Timer {
  cancel(): void;
}

/**
 * Calls `action` after `ms`, however long that is: waits beyond 2^31 ms are made of several, Infinity never ends. All
 * timers of the program come from this file, because a bare one fires at once when its time is too long. `background`:
 * it does not keep the process alive.
 */
export function after(ms: number, action: () => void, { background = false } = {}): Timer {
  const endMs = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const arm = (waitMs: number): void => {
    timer = setTimeout(() => {
      // Node's clock of timers is cut to whole milliseconds: what is left below one is nothing.
      const leftMs = endMs - performance.now();
      if (waitMs < longestTimerMs || leftMs < 1) action();
      else arm(Math.min(leftMs, longestTimerMs));
    }, waitMs);
    if (background) timer.unref();
  };
  arm(Math.min(Math.max(0, ms), longestTimerMs));
  return { cancel: () => clearTimeout(timer) };
}

/** Calls `action` every `ms`, the first time after `ms`. */
export function every(ms: number, action: () => void, options: { background?: boolean } = {}): Timer {
  let timer = after(ms, tick, options);
  function tick(): void {
    timer = after(ms, tick, options);
    action();
  }
  return { cancel: () => timer.cancel() };
}

const neverAborted = new AbortController().signal;

/** Waits `ms`, or until the signal aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal = neverAborted): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = after(ms, done);
    signal.addEventListener('abort', done);
  });
}

/** Resolves with the promise, or when the signal aborts. */
export async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake);
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', wake);
}

/** Resolves after the others have had their turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Wakes everybody who waits for a change. Whoever wakes looks again for himself. */
export class Bell {
  readonly #waiters = new Set<() => void>();
  /** Who waits without end, by the signal that ends it: one listener for all waits, as adding one costs more than a wait. */
  readonly #endless = new WeakMap<AbortSignal, Set<() => void>>();

  ring(): void {
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }

  /** Resolves at the next ring, at the latest after `maxMs`, and when the signal aborts; never rejects. */
  wait(maxMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || maxMs <= 0) return Promise.resolve();
    if (maxMs === Number.POSITIVE_INFINITY && signal !== undefined) return this.#waitEndlessly(signal);
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        this.#waiters.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = after(maxMs, wake);
      this.#waiters.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  #waitEndlessly(signal: AbortSignal): Promise<void> {
    let ofSignal = this.#endless.get(signal);
    if (ofSignal === undefined) {
      const added = new Set<() => void>();
      signal.addEventListener('abort', () => {
        for (const wake of [...added]) wake();
      });
      this.#endless.set(signal, added);
      ofSignal = added;
    }
    const waiting = ofSignal;
    return new Promise((resolve) => {
      const timer = after(Number.POSITIVE_INFINITY, () => {}); // keeps the process alive
      const wake = (): void => {
        timer.cancel();
        this.#waiters.delete(wake);
        waiting.delete(wake);
        resolve();
      };
      this.#waiters.add(wake);
      waiting.add(wake);
    });
  }
}

/** Gives the event loop its turn now and then: a loop that only awaits resolved promises would starve all I/O. */
export class Breather {
  readonly #everyMs: number;
  #last = performance.now();

  constructor(everyMs = 5) {
    this.#everyMs = everyMs;
  }

  /** True when the loop should `await breath()`; costs one clock reading. */
  get due(): boolean {
    return performance.now() - this.#last >= this.#everyMs;
  }

  breath(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#last = performance.now();
        resolve();
      });
    });
  }
}
