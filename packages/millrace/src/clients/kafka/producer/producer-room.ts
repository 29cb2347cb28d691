import { MillraceError } from '../../../runtime/errors.ts';
import { after, type Timer } from '../../../runtime/timers.ts';

interface Waiter {
  readonly sizeBytes: number;
  readonly admit: () => void;
  readonly refuse: (error: MillraceError) => void;
  readonly timer: Timer;
}

/**
 * The bound on what a producer holds (`buffer.memory`): who finds no room waits, first come first served, as in Kafka's
 * `BufferPool`. `admit` is called in the moment room is there, so that nobody who comes later gets in front.
 */
export class ProducerRoom {
  readonly #capacityBytes: number;
  readonly #maxWaitMs: number;
  readonly #waiting = new Set<Waiter>();
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
    return this.#waiting.size > 0;
  }

  /**
   * Takes room and calls `admit`, at once where there is room. `refuse` gets `TIMEOUT` when there was none in time, or
   * what `refuseAll` was given. What is larger than all room gets in alone.
   */
  take(sizeBytes: number, admit: () => void, refuse: (error: MillraceError) => void): void {
    if (this.#waiting.size === 0 && this.#fits(sizeBytes)) {
      this.#usedBytes += sizeBytes;
      admit();
      return;
    }
    const timer = after(this.#maxWaitMs, () => {
      this.#waiting.delete(waiter);
      const text = `no room in buffer.memory within ${this.#maxWaitMs} ms (max.block.ms)`;
      refuse(new MillraceError('TIMEOUT', text));
      this.#admitWaiting();
    });
    const waiter: Waiter = { sizeBytes, admit, refuse, timer };
    this.#waiting.add(waiter);
  }

  release(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
    this.#admitWaiting();
  }

  refuseAll(error: MillraceError): void {
    for (const waiter of [...this.#waiting]) {
      this.#waiting.delete(waiter);
      waiter.timer.cancel();
      waiter.refuse(error);
    }
  }

  #admitWaiting(): void {
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.sizeBytes)) return;
      this.#waiting.delete(waiter);
      waiter.timer.cancel();
      this.#usedBytes += waiter.sizeBytes;
      waiter.admit();
    }
  }

  #fits(sizeBytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + sizeBytes <= this.#capacityBytes;
  }
}
