/** Until the first answer says how often. */
const firstIntervalMs = 3000;

/** When a member's next heartbeat is due (KIP-848). */
export class HeartbeatPace {
  readonly #retryBackoffMs: number;
  readonly #retryBackoffMaxMs: number;
  #intervalMs = firstIntervalMs;
  /** Heartbeats without an answer that could be used, since the last with one. */
  #failures = 0;
  /** Answers since the join while the member has nothing; null: it has been given something. */
  #idle: number | null = 0;

  constructor(options: { readonly retryBackoffMs: number; readonly retryBackoffMaxMs: number }) {
    this.#retryBackoffMs = options.retryBackoffMs;
    this.#retryBackoffMaxMs = options.retryBackoffMaxMs;
  }

  get nextMs(): number {
    return Math.min(this.#intervalMs, this.#wantedMs());
  }

  #wantedMs(): number {
    // Others may wait for what the last one said.
    if (this.#failures > 0) return this.backoffMs(this.#failures - 1);
    // A coordinator deals a second after it has dealt last, and may not have heard of a new topic when the member joins
    // (group.consumer.assignment.interval.ms of Kafka 4.3): to ask at the usual pace would be to wait for seconds.
    return this.#idle === null ? this.#intervalMs : this.#retryBackoffMs * 2 ** Math.min(this.#idle, 20);
  }

  backoffMs(attempt: number): number {
    return Math.min(this.#retryBackoffMaxMs, this.#retryBackoffMs * 2 ** Math.min(attempt, 10));
  }

  joins(): void {
    this.#failures = 0;
    this.#idle = 0;
  }

  failed(): void {
    this.#failures++;
  }

  /** `isGiven`: the answer had partitions in it. */
  answered(intervalMs: number, isGiven: boolean): void {
    this.#intervalMs = intervalMs;
    this.#failures = 0;
    if (this.#idle !== null) this.#idle = isGiven ? null : this.#idle + 1;
  }
}
