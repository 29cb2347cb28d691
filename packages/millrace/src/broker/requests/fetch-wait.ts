import { after, type Timer } from '../../runtime/timers.ts';
import type { Partition } from '../storage/partition.ts';
import type { Watcher } from '../storage/visibility.ts';

/**
 * Waits until the partitions have `needBytes` more to read, at most `maxWaitMs`, and no longer than the connection
 * lives. Appends of one turn of the event loop wake it once.
 */
export class FetchWait implements Watcher {
  readonly #partitions: readonly Partition[];
  readonly readsCommitted: boolean;
  readonly done: Promise<void>;
  #missingBytes: number;
  readonly #timer: Timer;
  #resolve: () => void = () => {};
  #isDone = false;

  constructor(
    partitions: readonly Partition[],
    needBytes: number,
    maxWaitMs: number,
    readsCommitted: boolean,
  ) {
    this.#partitions = partitions;
    this.readsCommitted = readsCommitted;
    this.#missingBytes = needBytes;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = after(maxWaitMs, () => this.end());
    for (const partition of partitions) partition.watch(this);
  }

  advanced(bytes: number): void {
    this.#missingBytes -= bytes;
    if (this.#missingBytes <= 0 || bytes === 0) setImmediate(() => this.end());
  }

  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#timer.cancel();
    for (const partition of this.#partitions) partition.unwatch(this);
    this.#resolve();
  }
}
