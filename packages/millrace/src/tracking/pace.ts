import { Breather } from '../runtime/timers.ts';

/** Most files that are handled between two turns of the event loop: each costs a few calls to the system. */
export const mostFilesATurn = 32;

/** Shares the event loop with everything else: work on many files is cut into turns, by its amount and by its time. */
export class Pace {
  readonly #breather = new Breather();
  #files = 0;

  /** One more file is about to be handled; true when the loop must have its turn before (`await breath()`). */
  due(): boolean {
    this.#files += 1;
    return this.#files > mostFilesATurn || this.#breather.due;
  }

  async breath(): Promise<void> {
    await this.#breather.breath();
    this.#files = 1;
  }
}
