import { Bell } from '../../runtime/timers.ts';

/** Bytes that are held for others, against a limit. Taking is never refused; whoever may wait asks `isSpent` first. */
export class ByteBudget {
  readonly #limit: number;
  readonly #bell: Bell = new Bell();
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get used(): number {
    return this.#used;
  }

  /** What may still be taken; 0 when spent. */
  get left(): number {
    return Math.max(0, this.#limit - this.#used);
  }

  get isSpent(): boolean {
    return this.#used >= this.#limit;
  }

  /** Twice the limit: what those took who could not wait. */
  get isOverdrawn(): boolean {
    return this.#used >= 2 * this.#limit;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    const wasSpent = this.isSpent;
    this.#used -= bytes;
    if (wasSpent && !this.isSpent) this.#bell.ring();
  }

  /** Resolves when there is something left again, at the latest after `maxMs`. */
  async whenLeft(maxMs: number): Promise<void> {
    if (this.isSpent) await this.#bell.wait(maxMs);
  }
}
