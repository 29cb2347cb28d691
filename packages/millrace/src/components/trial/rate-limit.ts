import { pause } from '../../runtime/timers.ts';

/**
 * So many events a second on the average, as Guava's RateLimiter: who takes some is let through at once and the next one
 * waits for them, and what was not taken for up to a second may be taken at once afterwards.
 */
export class RateLimit {
  readonly #perMs: number;
  readonly #most: number;
  readonly #now: () => number;
  readonly #pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  #stored = 0;
  /** As `now` counts: when those that were taken are paid for. */
  #freeAt: number;

  constructor(
    perSecond: number,
    clock: { now?(): number; pause?(ms: number, signal?: AbortSignal): Promise<void> } = {},
  ) {
    this.#perMs = perSecond / 1000;
    this.#most = perSecond;
    this.#now = clock.now ?? (() => performance.now());
    this.#pause = clock.pause ?? pause;
    this.#freeAt = this.#now();
  }

  /** Waits until `count` may go. False: the signal aborted before. */
  async take(count: number, signal?: AbortSignal): Promise<boolean> {
    const now = this.#now();
    if (now > this.#freeAt) {
      this.#stored = Math.min(this.#most, this.#stored + (now - this.#freeAt) * this.#perMs);
      this.#freeAt = now;
    }
    const waitMs = this.#freeAt - now;
    const fromStored = Math.min(count, this.#stored);
    this.#stored -= fromStored;
    this.#freeAt += (count - fromStored) / this.#perMs;
    if (waitMs > 0) await this.#pause(waitMs, signal);
    return signal?.aborted !== true;
  }
}
