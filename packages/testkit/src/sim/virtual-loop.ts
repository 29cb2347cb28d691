/** What a timer of the virtual loop answers to; Node's own has more, nobody here asks for it. */
interface VirtualTimer {
  readonly atMs: number;
  readonly everyMs: number | null;
  readonly serial: number;
  readonly action: () => void;
}

const replaced = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
] as const;

/**
 * Timers, immediates and clocks of a program that runs inside a simulation: nothing fires by itself. `turn` runs the
 * next immediate, `advance` moves the clock and fires what is due, both in the order Node would. Between two steps the
 * caller awaits `settle`, so that promises and ticks have run out: then the same draws give the same history.
 */
export class VirtualLoop implements Disposable {
  readonly #real: Record<string, unknown> = {};
  readonly #realImmediate = setImmediate;
  readonly #realPerformanceNow = performance.now;
  readonly #realDateNow = Date.now;
  #immediates: { action: () => void }[] = [];
  #timers = new Set<VirtualTimer>();
  #serial = 0;
  /** Unix ms. */
  nowMs = 1_750_000_000_000;

  constructor() {
    const target = globalThis as unknown as Record<string, unknown>;
    for (const name of replaced) this.#real[name] = target[name];
    const arm = (action: (...args: unknown[]) => void, ms: number, everyMs: number | null, args: unknown[]) =>
      this.#arm(() => action(...args), ms, everyMs);
    target.setTimeout = (action: () => void, ms = 0, ...args: unknown[]) => arm(action, ms, null, args);
    target.setInterval = (action: () => void, ms = 0, ...args: unknown[]) => arm(action, ms, ms, args);
    target.clearTimeout = (timer: { stop?: () => void } | undefined) => timer?.stop?.();
    target.clearInterval = target.clearTimeout;
    target.setImmediate = (action: (...args: unknown[]) => void, ...args: unknown[]) => {
      const entry = { action: () => action(...args) };
      this.#immediates.push(entry);
      return { stop: () => void this.#immediates.splice(this.#immediates.indexOf(entry) >>> 0, 1) };
    };
    target.clearImmediate = target.clearTimeout;
    const startMs = this.nowMs;
    performance.now = () => this.nowMs - startMs + 1;
    Date.now = () => this.nowMs;
  }

  /** Everything is as it was; what waited is forgotten. */
  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realPerformanceNow;
    Date.now = this.#realDateNow;
    this.forget();
  }

  get immediates(): number {
    return this.#immediates.length;
  }

  /** When the next timer is due, in ms from now; Infinity when there is none. */
  get nextTimerMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) next = Math.min(next, timer.atMs - this.nowMs);
    return next;
  }

  /** The process is gone, and all that waited in it. */
  forget(): void {
    this.#immediates = [];
    this.#timers.clear();
  }

  /** Resolves when all promises and ticks have run out. */
  settle(): Promise<void> {
    return new Promise((resolve) => this.#realImmediate(resolve));
  }

  /** Runs the immediate that waits longest. What it throws would have ended the process. */
  turn(): void {
    this.#immediates.shift()?.action();
  }

  /** Moves the clock on by `ms` and fires what is due, earliest first, giving promises their turn in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + Math.max(0, ms); // overdue where the clock was moved by hand
    for (;;) {
      let next: VirtualTimer | null = null;
      for (const timer of this.#timers) {
        if (timer.atMs > untilMs) continue;
        if (
          next === null ||
          timer.atMs < next.atMs ||
          (timer.atMs === next.atMs && timer.serial < next.serial)
        )
          next = timer;
      }
      if (next === null) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#timers.delete(next);
      if (next.everyMs !== null) this.#rearm(next, next.everyMs);
      next.action();
      await this.settle();
    }
    this.nowMs = untilMs;
  }

  #arm(action: () => void, ms: number, everyMs: number | null): object {
    let current: VirtualTimer = {
      atMs: this.nowMs + (ms >= 1 ? ms : 1),
      everyMs: everyMs === null ? null : Math.max(1, everyMs),
      serial: this.#serial++,
      action,
    };
    this.#timers.add(current);
    const handle = {
      stop: () => void this.#timers.delete(current),
      unref: () => handle,
      ref: () => handle,
      hasRef: () => true,
      [Symbol.toPrimitive]: () => current.serial,
    };
    if (everyMs !== null) {
      this.#follow.set(current, (timer) => {
        current = timer;
      });
    }
    return handle;
  }

  readonly #follow = new WeakMap<VirtualTimer, (timer: VirtualTimer) => void>();

  #rearm(timer: VirtualTimer, everyMs: number): void {
    const again: VirtualTimer = { ...timer, atMs: timer.atMs + everyMs, serial: this.#serial++ };
    const follow = this.#follow.get(timer);
    if (follow !== undefined) {
      follow(again);
      this.#follow.set(again, follow);
    }
    this.#timers.add(again);
  }
}
