import { errorText, explainFileError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { pause } from '../runtime/timers.ts';

const retryMs = 3000;
/** A component that ignores its stop does not keep the others from theirs. */
const stopLimitMs = 30_000;

/** What is supervised: a component with what drives it. */
export interface Supervisable {
  /** For the log: `Channel c1`. */
  readonly label: string;
  start(): Promise<void>;
  /** Called each time a start has worked. */
  started?(): void;
  stop(): Promise<void>;
}

/**
 * Keeps one component up, apart from all others: a start that throws is tried again every 3 s, for ever (Flume's
 * AlwaysRestart policy).
 */
export class Supervisor {
  readonly #target: Supervisable;
  readonly #log: Logger;
  #abort = new AbortController();
  #retrying: Promise<void> = Promise.resolve();
  #started = false;

  constructor(target: Supervisable, log: Logger) {
    this.#target = target;
    this.#log = log;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Resolves after the first try, whether it worked or not; never rejects. */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    this.#log.info(`Starting ${this.#target.label}`);
    if (await this.#try()) return;
    this.#retrying = this.#retry(this.#abort.signal);
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    const { label } = this.#target;
    this.#abort.abort();
    await this.#retrying;
    this.#log.info(`Stopping ${label}`);
    await stopInTime(label, () => this.#target.stop(), this.#log);
    this.#started = false;
  }

  async #retry(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(retryMs, signal);
      if (signal.aborted || (await this.#try())) return;
    }
  }

  async #try(): Promise<boolean> {
    try {
      await this.#target.start();
      this.#started = true;
      this.#target.started?.();
    } catch (thrown) {
      const error = explainFileError(thrown);
      this.#log.error(
        `Unable to start ${this.#target.label}: ${errorText(error)}; it is tried again in ${retryMs / 1000} s`,
        { error },
      );
    }
    return this.#started;
  }
}

/** Stops something; an error is logged, and after 30 s the others go on without it. Never rejects. */
export async function stopInTime(label: string, stop: () => Promise<void>, log: Logger): Promise<void> {
  const inTime = new AbortController();
  const late = pause(stopLimitMs, inTime.signal).then(() => !inTime.signal.aborted);
  const stopping = stop().then(
    () => false,
    (error) => {
      log.error(`Unable to stop ${label}: ${errorText(error)}`, { error });
      return false;
    },
  );
  if (await Promise.race([stopping, late])) {
    log.error(`${label} has not stopped within ${stopLimitMs / 1000} s; going on without it`);
  }
  inTime.abort();
}
