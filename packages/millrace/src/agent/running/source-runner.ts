import type { PollableSource, Source } from '../../component/source.ts';
import { StateBoard } from '../../component/state.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Breather, pause } from '../../runtime/timers.ts';
import type { PollingModel } from '../model.ts';

export function isPollable(source: Source | PollableSource): source is PollableSource {
  return 'process' in source;
}

/**
 * Drives a polled source (Flume's PollableSourceRunner): `backoff` sleeps min(consecutive × increment, max); a delivery
 * failure is logged and tried again at once; any other error sleeps the longest time.
 */
export class PollableSourceRunner {
  readonly #source: PollableSource;
  readonly #polling: PollingModel;
  readonly #log: Logger;
  readonly #board: StateBoard;
  #abort = new AbortController();
  #running: Promise<void> | null = null;

  /** `board`: of the source. */
  constructor(source: PollableSource, polling: PollingModel, log: Logger, board = new StateBoard()) {
    this.#source = source;
    this.#board = board;
    this.#polling = polling;
    this.#log = log;
  }

  start(): void {
    if (this.#running !== null) return;
    this.#abort = new AbortController();
    this.#running = this.#run(this.#abort.signal);
  }

  /** Resolves when the turn in hand is over. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#running = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { backoffSleepIncrementMs, maxBackoffSleepMs } = this.#polling;
    const breather = new Breather();
    let backoffs = 0;
    while (!signal.aborted) {
      try {
        const status = await this.#source.process(signal);
        this.#board.works();
        if (status === 'ready') {
          backoffs = 0;
        } else {
          backoffs++;
          await pause(Math.min(backoffs * backoffSleepIncrementMs, maxBackoffSleepMs), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#board.failing(error);
        if (error instanceof MillraceError && error.code === 'DELIVERY_FAILED') {
          this.#log.error(`Unable to deliver event. Exception follows. ${errorText(error)}`, { error });
        } else {
          this.#log.error(
            `Unhandled exception, logging and sleeping for ${maxBackoffSleepMs}ms: ${errorText(error)}`,
            {
              error,
            },
          );
          await pause(maxBackoffSleepMs, signal);
        }
      }
      if (breather.due) await breather.breath();
    }
  }
}
