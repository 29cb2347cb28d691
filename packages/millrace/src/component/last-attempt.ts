import { Deadline } from '../runtime/deadline.ts';

/**
 * A destination that is known to be down when a stop comes gets one more attempt, and so long for it (ms), however long
 * the stop may take.
 */
export const lastAttemptMs = 1000;

/**
 * The one attempt that a destination gets at a stop, from the moment in which it is seen to be down. One that takes
 * something meanwhile is down no more, and gets another when it is down again.
 */
export class LastAttempt {
  readonly #deadline: Deadline;
  #until: Deadline | null = null;
  #failures = 0;
  #successes = 0;

  /** `deadline`: that of the stop; no attempt goes beyond it. */
  constructor(deadline: Deadline = Deadline.never()) {
    this.#deadline = deadline;
  }

  /** Whether it has begun. */
  get isOn(): boolean {
    return this.#until !== null;
  }

  /**
   * Notes what the destination is like now; true when it has had its attempt. `failures`, `successes`: counted since
   * ever, where they are: between two looks it may have failed again, or taken something and be down again.
   */
  isOver(isDown: boolean, failures = 0, successes = 0): boolean {
    if (!isDown) {
      this.#until = null;
      return false;
    }
    if (this.#until === null || successes > this.#successes) {
      this.#until = this.#deadline.within(lastAttemptMs);
      this.#failures = failures;
      this.#successes = successes;
    }
    return failures > this.#failures || this.#until.passed;
  }
}
