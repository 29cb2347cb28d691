import { explainFileError } from '../runtime/errors.ts';
import { StateBoard } from './state.ts';

/**
 * Work that a component lets run beside its calls (a timer's action, a child process, a compression). What fails there
 * is the component's failure: it is stopped and started again, nothing else notices.
 */
export type Spawn = (what: string, work: Promise<unknown> | (() => unknown)) => void;

/** The background work of one component, who hears of its failures, and what it says of itself. */
export class BackgroundWork {
  readonly state = new StateBoard();
  /** Called with what failed; must not throw. */
  onFailure: (what: string, error: unknown) => void = () => {};

  readonly spawn: Spawn = (what, work) => {
    void this.#run(what, work);
  };

  async #run(what: string, work: Promise<unknown> | (() => unknown)): Promise<void> {
    try {
      await (typeof work === 'function' ? work() : work);
    } catch (error) {
      this.onFailure(what, explainFileError(error));
    }
  }
}
