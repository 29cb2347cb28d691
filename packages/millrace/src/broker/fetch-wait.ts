import type { Partition, PartitionWatcher } from './partition.ts';

/**
 * Waits until the partitions have `needBytes` more to read, at most `maxWaitMs`, and no longer than the connection
 * lives. Appends of one turn of the event loop wake it once.
 */
export class FetchWait implements PartitionWatcher {
  readonly #partitions: readonly Partition[];
  readonly done: Promise<void>;
  #missingBytes: number;
  #timer: NodeJS.Timeout;
  #resolve: () => void = () => {};
  #isDone = false;

  constructor(partitions: readonly Partition[], needBytes: number, maxWaitMs: number) {
    this.#partitions = partitions;
    this.#missingBytes = needBytes;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.end(), Math.min(maxWaitMs, 0x7fff_ffff));
    for (const partition of partitions) partition.watch(this);
  }

  advanced(partition: Partition, bytes: number): void {
    this.#missingBytes -= bytes;
    if ((this.#missingBytes <= 0 && bytes > 0) || partition.isClosed) setImmediate(() => this.end());
  }

  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    for (const partition of this.#partitions) partition.unwatch(this);
    this.#resolve();
  }
}
