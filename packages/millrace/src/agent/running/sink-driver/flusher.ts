import type { StopOptions } from '../../../component/lifetime.ts';
import type { Sink } from '../../../component/sink.ts';

/** Hurries what is under way in a sink; one flush at a time, and another behind it for what came meanwhile. */
export class Flusher {
  readonly #sink: Sink;
  readonly #isBusy: () => boolean;
  #running = false;
  #wanted = false;

  /** `isBusy`: whether anything is under way. */
  constructor(sink: Sink, isBusy: () => boolean) {
    this.#sink = sink;
    this.#isBusy = isBusy;
  }

  async flush(options: Partial<StopOptions> = {}): Promise<void> {
    this.#wanted = true;
    if (this.#running) return;
    this.#running = true;
    while (this.#wanted && this.#isBusy()) {
      this.#wanted = false;
      try {
        await this.#sink.flush?.(options);
      } catch {
        // What failed is told by the deliveries.
      }
    }
    this.#running = false;
  }
}
