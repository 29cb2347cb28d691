import type { Fate, FateListener } from './lifetime.ts';

/** What became of one committed put, told once to whoever asked: for channels that hold its events in the process. */
export class PutFate {
  readonly #listener: FateListener;
  #left: number;
  #told = false;

  /** `events`: how many the put has. */
  constructor(events: number, listener: FateListener) {
    this.#left = events;
    this.#listener = listener;
  }

  get told(): boolean {
    return this.#told;
  }

  /** So many of its events were taken, and the take has committed. */
  delivered(events: number): void {
    this.#left -= events;
    if (this.#left <= 0) this.tell('delivered');
  }

  tell(fate: Fate): void {
    if (this.#told) return;
    this.#told = true;
    this.#listener(fate);
  }
}
