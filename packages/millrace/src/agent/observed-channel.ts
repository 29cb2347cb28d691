import type { Channel, Transaction } from '../component/channel.ts';
import type { EventBatch } from '../records/event-batch.ts';

/**
 * A channel as one sink sees it. It notes whether the sink's turn met any event, so that the runner knows what
 * `backoff` meant (nothing there: wake with the next event; a destination that refuses: sleep), and it ends the waits
 * of open takes when the runner stops.
 */
export class ObservedChannel implements Channel {
  #tookEvents = false;
  #foundNone = false;
  /** The channel's own; absent where it has none. */
  readonly waitForEvents?: NonNullable<Channel['waitForEvents']>;
  readonly #channel: Channel;
  #stop: AbortSignal | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    if (channel.waitForEvents !== undefined) {
      this.waitForEvents = (maxMs, signal) => channel.waitForEvents!(maxMs, signal);
    }
  }

  /** Before a turn of the sink. */
  forgetTakes(): void {
    this.#tookEvents = false;
    this.#foundNone = false;
  }

  /** Whether the sink asked for events in its turn and there were none. */
  get wasEmpty(): boolean {
    return this.#foundNone && !this.#tookEvents;
  }

  /** The signal that ends waiting takes; given by the runner. */
  stopOn(signal: AbortSignal): void {
    this.#stop = signal;
  }

  get name(): string {
    return this.#channel.name;
  }
  get counter() {
    return this.#channel.counter;
  }
  get transactionCapacity(): number {
    return this.#channel.transactionCapacity;
  }
  get durable(): boolean {
    return this.#channel.durable ?? false;
  }
  /** The channel itself, for telling whether two sinks share it. */
  get inner(): Channel {
    return this.#channel;
  }

  begin(): Transaction {
    const transaction = this.#channel.begin();
    return {
      put: (batch, onFate) => transaction.put(batch, onFate),
      take: (maxEvents, signal) => this.#take(transaction, maxEvents, signal),
      commit: () => transaction.commit(),
      rollback: () => transaction.rollback(),
    };
  }

  async #take(transaction: Transaction, maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    const batch = await transaction.take(maxEvents, signal ?? this.#stop);
    if (batch === null) this.#foundNone = true;
    else this.#tookEvents = true;
    return batch;
  }

  // The agent starts and stops the channel, not its sinks.
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
