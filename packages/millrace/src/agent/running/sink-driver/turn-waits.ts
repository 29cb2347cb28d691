import type { Channel } from '../../../component/channel.ts';

/** What the turns of a driver wait for, events of its channel and arrivals, and what ends such waits. */
export class TurnWaits {
  readonly #channel: Channel;
  /** Ends waits of takes when something under way has failed, or the sink is to stop. */
  #interrupt = new AbortController();
  /** Aborts when the sink stops. */
  #closed = new AbortController();
  /** A wait for events of the channel. */
  #events: Promise<void> | null = null;
  #wake: { readonly of: AbortSignal; readonly either: AbortSignal } | null = null;
  /** Ends a wait for arrivals or events. */
  #look: () => void = () => {};

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** The sink has started. */
  open(): void {
    this.#closed = new AbortController();
    this.reset();
  }

  /** No wait is ended any longer by what has failed before. */
  reset(): void {
    this.#interrupt = new AbortController();
    this.#wake = null;
  }

  /** Ends waits, those that begin later, too, until `reset`. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** The sink stops. */
  close(): void {
    this.#interrupt.abort();
    this.#closed.abort();
  }

  /** Aborts with the runner's signal, and with `interrupt`. */
  wakeSignal(signal: AbortSignal): AbortSignal {
    if (this.#wake?.of !== signal) {
      const either = AbortSignal.any([signal, this.#interrupt.signal]);
      // One listener for all waits: adding and removing one costs more than the rest of a wait.
      either.addEventListener('abort', () => this.#look());
      this.#wake = { of: signal, either };
    }
    return this.#wake.either;
  }

  /** Resolves when `landed` does, when there are events, or when the wake signal aborts. */
  async arrivalsOrEvents(landed: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const events = this.#nextEvents();
    const arrivals = landed();
    if (this.wakeSignal(signal).aborted) return;
    await new Promise<void>((resolve) => {
      this.#look = resolve;
      void arrivals.then(resolve);
      void events?.then(resolve);
    });
  }

  /**
   * Resolves when events have come to the channel since the first call after the last time it did; null where the
   * channel can't tell. One wait serves many turns: a wait of its own for each would be ended by an exception each time.
   */
  #nextEvents(): Promise<void> | null {
    const channel = this.#channel;
    if (channel.waitForEvents === undefined) return null;
    this.#events ??= channel.waitForEvents(Number.POSITIVE_INFINITY, this.#closed.signal).then(() => {
      this.#events = null;
    });
    return this.#events;
  }
}
