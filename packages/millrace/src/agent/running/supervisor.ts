import { StateBoard } from '../../component/state.ts';
import { Deadline, late } from '../../runtime/deadline.ts';
import { errorText, explainFileError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/timers.ts';

const retryMs = 3000;
/** The others do not wait longer for a component's first start. */
const patienceMs = 5000;
/** How long a stop waits, of the time that it has, for a start under way to end by its signal. */
const startEndMs = 1000;
/** What a component has for its stop when it is to be started again. */
const restartStopMs = 10_000;

/** How a supervised component is stopped. */
export interface StopWork {
  readonly deadline: Deadline;
  /** It will be started again, after a failure. */
  readonly restarts: boolean;
}

/** What is supervised: a component with what drives it. */
export interface Supervisable {
  /** For the log: `Channel c1`. */
  readonly label: string;
  start(signal: AbortSignal): Promise<void>;
  /** Called each time a start has worked. */
  started?(): void;
  stop(work: StopWork): Promise<void>;
}

export type SupervisedState = 'idle' | 'starting' | 'started' | 'failing' | 'stopped';

/**
 * Keeps one component up, apart from all others: a start that throws is tried again every 3 s, for ever (Flume's
 * AlwaysRestart policy), and what fails in its background has it stopped and started again.
 */
export class Supervisor {
  readonly #target: Supervisable;
  readonly #log: Logger;
  readonly #board: StateBoard;
  #abort = new AbortController();
  #keeping: Promise<void> = Promise.resolve();
  #state: SupervisedState = 'idle';
  #sinceMs = Date.now();
  #lastError: unknown = null;
  #isTrying = false;
  /** What failed in the background before the start was over. */
  #failedMeanwhile: { readonly what: string; readonly error: unknown } | null = null;
  #tried = Promise.withResolvers<void>();
  /** Ends the time in which the component is up. */
  #fallen = Promise.withResolvers<void>();

  /** `board`: of the component. */
  constructor(target: Supervisable, log: Logger, board = new StateBoard()) {
    this.#target = target;
    this.#log = log;
    this.#board = board;
  }

  get label(): string {
    return this.#target.label;
  }

  get started(): boolean {
    return this.#state === 'started';
  }

  get state(): SupervisedState {
    return this.#state;
  }

  /** Since when it is in its state, Unix ms. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** What the last start or the background failed with; null once it is up again. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Resolves when its first try is over, whether it worked or not, however long that takes; or with a stop. */
  get firstTry(): Promise<void> {
    return this.#tried.promise;
  }

  /** Resolves after the first try, whether it worked or not, at the latest after 5 s; never rejects. */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#log.info(`Starting ${this.label}`);
    this.#become('starting');
    this.#tried = Promise.withResolvers<void>();
    this.#keeping = this.#keepUp(signal, this.#tried.resolve);
    if ((await Deadline.in(patienceMs).race(this.firstTry)) !== late || signal.aborted) return;
    this.#log.warn(`${this.label} has not started after ${patienceMs / 1000} s; the others go on without it`);
  }

  /** Something failed in the component's background: it is stopped, and started again after 3 s. */
  fail(what: string, error: unknown): void {
    if (this.#isTrying) this.#failedMeanwhile = { what, error };
    if (!this.started) return;
    this.#log.error(`${this.label} failed: ${what}: ${errorText(error)}; it is started again`, { error });
    this.#lastError = error;
    this.#board.failed(error);
    this.#become('failing');
    this.#fallen.resolve();
  }

  /** Never rejects, and is over by the deadline. */
  async stop(deadline: Deadline): Promise<void> {
    this.#abort.abort();
    this.#tried.resolve();
    this.#fallen.resolve();
    // A start that does not hear the signal is not waited for: what comes of it is stopped when it ends.
    await deadline.within(Math.min(startEndMs, deadline.leftMs / 4)).race(this.#keeping);
    this.#log.info(`Stopping ${this.label}`);
    await stopInTime(this.label, () => this.#target.stop({ deadline, restarts: false }), deadline, this.#log);
    this.#become('stopped');
  }

  async #keepUp(signal: AbortSignal, tried: () => void): Promise<void> {
    while (!signal.aborted) {
      this.#fallen = Promise.withResolvers<void>();
      const isUp = await this.#try(signal);
      tried();
      if (isUp) {
        await this.#fallen.promise;
        if (signal.aborted) return;
        const deadline = Deadline.in(restartStopMs);
        await stopInTime(
          this.label,
          () => this.#target.stop({ deadline, restarts: true }),
          deadline,
          this.#log,
        );
      }
      await pause(retryMs, signal);
    }
  }

  async #try(signal: AbortSignal): Promise<boolean> {
    this.#isTrying = true;
    this.#failedMeanwhile = null;
    this.#board.begin();
    try {
      await this.#target.start(signal);
    } catch (thrown) {
      if (signal.aborted) return false;
      const error = explainFileError(thrown);
      this.#lastError = error;
      this.#board.failed(error);
      this.#become('failing');
      this.#log.error(
        `Unable to start ${this.label}: ${errorText(error)}; it is tried again in ${retryMs / 1000} s`,
        { error },
      );
      return false;
    } finally {
      this.#isTrying = false;
    }
    if (this.#state === 'stopped') {
      const deadline = Deadline.in(restartStopMs);
      await stopInTime(
        this.label,
        () => this.#target.stop({ deadline, restarts: false }),
        deadline,
        this.#log,
      );
      return false;
    }
    if (signal.aborted) return true;
    this.#lastError = null;
    this.#become('started');
    this.#target.started?.();
    this.#tellMeanwhile();
    return true;
  }

  #tellMeanwhile(): void {
    if (this.#failedMeanwhile !== null) this.fail(this.#failedMeanwhile.what, this.#failedMeanwhile.error);
  }

  #become(state: SupervisedState): void {
    this.#state = state;
    this.#sinceMs = Date.now();
  }
}

/** Stops something; an error is logged, and after the deadline the others go on without it. Never rejects. */
export async function stopInTime(
  label: string,
  stop: () => Promise<void>,
  deadline: Deadline,
  log: Logger,
): Promise<void> {
  const stopping = async (): Promise<void> => {
    try {
      await stop();
    } catch (error) {
      log.error(`Unable to stop ${label}: ${errorText(error)}`, { error });
    }
  };
  if ((await deadline.race(stopping())) === late) {
    log.error(`${label} has not stopped in time; going on without it`);
  }
}
