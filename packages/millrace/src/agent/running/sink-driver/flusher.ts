import type { FlushOptions, Sink } from '../../../component/sink.ts';

/** Hurries what is under way in a sink; one flush at a time, and another behind it for what came meanwhile. */
export class Flusher {
  readonly #sink: Sink;
  readonly #isBusy: () => boolean;
  #running = false;
  /** What is asked for; null: nothing. */
  #wanted: FlushOptions | null = null;

  /** `isBusy`: whether anything is under way. */
  constructor(sink: Sink, isBusy: () => boolean) {
    this.#sink = sink;
    this.#isBusy = isBusy;
  }

  async flush(options: FlushOptions = {}): Promise<void> {
    this.#wanted = this.#wanted === null ? options : both(this.#wanted, options);
    if (this.#running) return;
    this.#running = true;
    while (this.#wanted !== null && this.#isBusy()) {
      const wanted: FlushOptions = this.#wanted;
      this.#wanted = null;
      try {
        await this.#sink.flush?.(wanted);
      } catch {
        // What failed is told by the deliveries.
      }
    }
    this.#wanted = null;
    this.#running = false;
  }
}

/** One flush for two: idle only where both are. */
function both(a: FlushOptions, b: FlushOptions): FlushOptions {
  const { deadline = a.deadline } = b;
  return { idle: a.idle === true && b.idle === true, ...(deadline === undefined ? {} : { deadline }) };
}
