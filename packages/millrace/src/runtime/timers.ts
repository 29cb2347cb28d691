/** Waits `ms`, or until the signal aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Wakes everybody who waits for a change. Whoever wakes looks again for himself. */
export class Bell {
  readonly #waiters = new Set<() => void>();

  ring(): void {
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }

  /** Resolves at the next ring, at the latest after `maxMs`, and when the signal aborts; never rejects. */
  wait(maxMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || maxMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, maxMs);
      this.#waiters.add(wake);
      signal?.addEventListener('abort', wake);
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
