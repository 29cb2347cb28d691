import { after, type Timer } from '../runtime/timers.ts';

/** A put that waits for room. */
interface Waiter {
  readonly events: number;
  readonly slots: number;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly full: () => Error;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/** Signals that are listened to between waits: those of sources, which pass the same one with each put. */
const mostHeard = 16;

/** What puts wait for. */
export interface Room {
  fits(events: number, slots: number): boolean;
  hold(events: number, slots: number): void;
}

/**
 * Puts that wait for room, served in their order. With a small channel every put waits for the take before it, so a
 * wait costs no timer and no listener of its own: one timer rings for the first that is out of time, one listener serves
 * all waits under a signal.
 */
export class WaitingPuts {
  readonly #room: Room;
  readonly #waiters: Waiter[] = [];
  #patience: { readonly timer: Timer; readonly atMs: number } | null = null;
  readonly #heard = new Map<AbortSignal, () => void>();

  constructor(room: Room) {
    this.#room = room;
  }

  get count(): number {
    return this.#waiters.length;
  }

  /** Resolves once there was room, which is taken then; rejects with `full()` when there was none in time, or by an abort. */
  wait(
    events: number,
    slots: number,
    { waitMs, signal, full }: { waitMs: number; signal: AbortSignal | undefined; full: () => Error },
  ): Promise<void> {
    if (signal !== undefined) this.#hear(signal);
    return new Promise((resolve, reject) => {
      const remove = (): void => {
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
      };
      const waiter: Waiter = {
        ...{ events, slots, signal, full, deadlineMs: performance.now() + waitMs },
        admit: () => {
          remove();
          this.#room.hold(events, slots);
          resolve();
        },
        refuse: (error) => {
          remove();
          reject(error);
          this.admit();
        },
      };
      this.#waiters.push(waiter);
      this.#watch(waiter.deadlineMs);
    });
  }

  /** Lets in what fits, as long as the first does. */
  admit(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      if (!this.#room.fits(first.events, first.slots)) return;
      first.admit();
    }
  }

  /** Nobody waits any longer. */
  refuseAll(errorOf: () => Error): void {
    for (const waiter of [...this.#waiters]) waiter.refuse(errorOf());
    this.#patience?.timer.cancel();
    this.#patience = null;
  }

  #refuseThose(which: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters.filter(which)) waiter.refuse(waiter.full());
  }

  /** Looks for who is out of time at `atMs`, or earlier. */
  #watch(atMs: number): void {
    if (this.#patience !== null) {
      if (this.#patience.atMs <= atMs) return;
      this.#patience.timer.cancel();
    }
    const timer = after(Math.max(0, atMs - performance.now()), () => {
      this.#patience = null;
      const now = performance.now();
      // Node's timers may ring part of a millisecond early.
      this.#refuseThose(({ deadlineMs }) => deadlineMs <= now + 1);
      if (this.#waiters.length > 0)
        this.#watch(Math.min(...this.#waiters.map(({ deadlineMs }) => deadlineMs)));
    });
    this.#patience = { timer, atMs };
  }

  #hear(signal: AbortSignal): void {
    if (this.#heard.has(signal)) return;
    const listener = (): void => {
      this.#heard.delete(signal);
      this.#refuseThose((waiter) => waiter.signal === signal);
    };
    signal.addEventListener('abort', listener, { once: true });
    this.#heard.set(signal, listener);
    if (this.#heard.size > mostHeard) this.#forgetSignals();
  }

  /** Stops listening to signals under which nobody waits: a new one with each put would add up. */
  #forgetSignals(): void {
    for (const [signal, listener] of this.#heard) {
      if (this.#waiters.some((waiter) => waiter.signal === signal)) continue;
      signal.removeEventListener('abort', listener);
      this.#heard.delete(signal);
    }
  }
}
