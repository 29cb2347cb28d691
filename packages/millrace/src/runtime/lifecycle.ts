import type { Deadline } from './deadline.ts';
import { MillraceError } from './errors.ts';

export type LifecycleStatus = 'idle' | 'starting' | 'started' | 'stopping' | 'stopped' | 'failed';

/**
 * The base of everything that opens and closes. Transitions are serialised: a `stop()` during `start()` aborts the
 * signal that `open` got and waits for it,
 * a second `start()` while started returns at once. Subclasses implement `open` and `close`; `close` must cope with
 * a half-finished `open`. `Stop`: what a stop is given.
 */
export abstract class Lifecycle<Stop = { readonly deadline: Deadline }> implements AsyncDisposable {
  #status: LifecycleStatus = 'idle';
  #chain: Promise<void> = Promise.resolve();
  /** Of the start that is under way. */
  #starting: AbortController | null = null;

  get status(): LifecycleStatus {
    return this.#status;
  }

  /** The signal aborts when the start is no longer wanted; what has been opened by then is closed. */
  protected abstract open(signal?: AbortSignal): Promise<void>;
  protected abstract close(options?: Stop): Promise<void>;

  start(signal?: AbortSignal): Promise<void> {
    return this.#then(async () => {
      if (this.#status === 'started') return;
      this.#status = 'starting';
      const starting = new AbortController();
      this.#starting = starting;
      try {
        await this.open(signal === undefined ? starting.signal : AbortSignal.any([signal, starting.signal]));
        this.#status = 'started';
      } catch (error) {
        this.#status = 'failed';
        await this.close().catch(() => {});
        throw error;
      }
    });
  }

  stop(options?: Stop): Promise<void> {
    this.#starting?.abort();
    return this.#then(async () => {
      if (this.#status === 'idle' || this.#status === 'stopped') {
        this.#status = 'stopped';
        return;
      }
      this.#status = 'stopping';
      try {
        await this.close(options);
      } finally {
        this.#status = 'stopped';
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Throws `CHANNEL_CLOSED` with the given name unless started. */
  protected assertStarted(name: string): void {
    if (this.#status !== 'started') {
      throw new MillraceError('CHANNEL_CLOSED', `${name} is ${this.#status}, not started`);
    }
  }

  #then(step: () => Promise<void>): Promise<void> {
    const next = this.#chain.then(step, step);
    this.#chain = next.catch(() => {});
    return next;
  }
}
