import { longestTimerMs, pause } from './timers.ts';

/** What `Deadline.race` gives when the deadline came first. */
export const late: unique symbol = Symbol('late');

/**
 * A moment by which something must have ended. One is made where a stop or a start begins, and handed down: whoever
 * gets it may spend what is left and no more, so no two time limits work against one another. Monotonic: the wall
 * clock may jump.
 */
export class Deadline {
  /** As `performance.now()` counts; Infinity: never. */
  readonly atMs: number;
  #signal: AbortSignal | null = null;

  private constructor(atMs: number) {
    this.atMs = atMs;
  }

  /** `ms` from now; Infinity: never. */
  static in(ms: number): Deadline {
    return new Deadline(performance.now() + Math.max(0, ms));
  }

  static never(): Deadline {
    return new Deadline(Number.POSITIVE_INFINITY);
  }

  /** Milliseconds left, at least 0. */
  get leftMs(): number {
    return Math.max(0, this.atMs - performance.now());
  }

  get passed(): boolean {
    return this.leftMs <= 0;
  }

  /** Aborts at the deadline. Its timer does not keep the process alive. */
  get signal(): AbortSignal {
    if (this.#signal === null) {
      const ms = Math.ceil(this.leftMs);
      this.#signal = ms > longestTimerMs ? new AbortController().signal : AbortSignal.timeout(ms);
    }
    return this.#signal;
  }

  /** The sooner of this and `ms` from now: what a step may spend of the whole. */
  within(ms: number): Deadline {
    return new Deadline(Math.min(this.atMs, performance.now() + Math.max(0, ms)));
  }

  /** This deadline less `ms`, kept back for the steps that come after. Not before now. */
  reserve(ms: number): Deadline {
    return new Deadline(Math.max(performance.now(), this.atMs - ms));
  }

  /** What the promise gives, or `late` when the deadline comes first; the promise then goes on unheard. */
  async race<T>(promise: Promise<T>): Promise<T | typeof late> {
    const done = new AbortController();
    promise.catch(() => {}); // a failure after the deadline is nobody's any more
    try {
      return await Promise.race([promise, pause(this.leftMs, done.signal).then((): typeof late => late)]);
    } finally {
      done.abort();
    }
  }
}
