/** The first wait after a failure; each that follows is twice as long. */
const firstMs = 250;
/** Flume's SinkRunner waits so long after every failure. */
const longestMs = 5000;

/**
 * How long to wait after a failed delivery: 0.25 s, 0.5 s, … up to 5 s, each shortened by up to a half at random, so
 * that many sinks do not meet at a destination that comes back. There is no last attempt: what a destination refuses
 * for good it says so, and a destination that is away is waited for, its events staying in the channel.
 */
export class RetryBackoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Failures since the last `reset`. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failure; milliseconds to wait now. */
  next(): number {
    const most = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    return most * (1 - this.#random() / 2);
  }

  /** Something was acknowledged. */
  reset(): void {
    this.#failures = 0;
  }
}
