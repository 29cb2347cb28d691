import type { Interceptor } from '../../component/interceptor.ts';
import type { EventBatch } from '../../records/event-batch.ts';

/** A source's interceptors, one behind the other. */
export class InterceptorChain {
  readonly #interceptors: readonly Interceptor[];
  /** Ends when the batches that are under way are through; null while no interceptor waits for anything. */
  #busy: Promise<unknown> | null = null;

  constructor(interceptors: readonly Interceptor[]) {
    this.#interceptors = interceptors;
  }

  async start(signal: AbortSignal): Promise<void> {
    for (const interceptor of this.#interceptors) await interceptor.start?.(signal);
  }

  async close(): Promise<void> {
    for (const interceptor of this.#interceptors) await interceptor.close?.();
  }

  /**
   * What is left of the batch; null where that is nothing. A promise only where an interceptor answers one, or a batch
   * before this one still waits for one.
   */
  run(batch: EventBatch, signal: AbortSignal): EventBatch | null | Promise<EventBatch | null> {
    if (this.#busy === null) {
      const left = this.#from(0, batch, signal);
      return left instanceof Promise ? this.#follow(left) : left;
    }
    return this.#follow(this.#busy.then(() => this.#from(0, batch, signal)));
  }

  /** Keeps those that come later waiting until this one is through, however it ends. */
  #follow(run: Promise<EventBatch | null>): Promise<EventBatch | null> {
    const through = run.then(
      () => {},
      () => {},
    );
    this.#busy = through;
    void through.then(() => {
      if (this.#busy === through) this.#busy = null;
    });
    return run;
  }

  #from(
    first: number,
    batch: EventBatch,
    signal: AbortSignal,
  ): EventBatch | null | Promise<EventBatch | null> {
    let current = batch;
    for (let i = first; i < this.#interceptors.length; i++) {
      const next = this.#interceptors[i]!.intercept(current, { signal });
      if (next instanceof Promise) {
        return next.then((left) => (isNothing(left) ? null : this.#from(i + 1, left, signal)));
      }
      if (isNothing(next)) return null;
      current = next;
    }
    return current.count === 0 ? null : current;
  }
}

function isNothing(batch: EventBatch | null): batch is null {
  return batch === null || batch.count === 0;
}
