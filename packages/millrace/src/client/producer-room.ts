import { MillraceError } from '../runtime/errors.ts';

/** The bound on what a producer holds (`buffer.memory`): who finds no room waits, first come first served. */
export class ProducerRoom {
  readonly #capacityBytes: number;
  readonly #maxWaitMs: number;
  readonly #waiting: { readonly sizeBytes: number; admit(): void }[] = [];
  #usedBytes = 0;

  constructor(capacityBytes: number, maxWaitMs: number) {
    this.#capacityBytes = capacityBytes;
    this.#maxWaitMs = maxWaitMs;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Somebody waits. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Takes room. Null: it was there; else a promise that resolves when it is, and rejects with `TIMEOUT` when it is not
   * in time. What is larger than all room gets in alone.
   */
  take(sizeBytes: number): Promise<void> | null {
    if (this.#waiting.length > 0 || !this.#fits(sizeBytes)) return this.#wait(sizeBytes);
    this.#usedBytes += sizeBytes;
    return null;
  }

  release(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#fits(next.sizeBytes);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#usedBytes += next.sizeBytes;
      next.admit();
    }
  }

  #fits(sizeBytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + sizeBytes <= this.#capacityBytes;
  }

  #wait(sizeBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        sizeBytes,
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(
          new MillraceError(
            'TIMEOUT',
            `no room in buffer.memory within ${this.#maxWaitMs} ms (max.block.ms)`,
          ),
        );
      }, this.#maxWaitMs);
      this.#waiting.push(waiter);
    });
  }
}
