import type { SinkProcessor } from '../../component/processor.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Breather, pause } from '../../runtime/timers.ts';
import { RetryBackoff } from './sink-driver/retry-backoff.ts';
import type { SinkDriver } from './sink-driver/sink-driver.ts';

const backoffIncrementMs = 1000;
const maxBackoffMs = 5000;

/** What the runner looks at of a sink. */
export type LookingSink = Pick<SinkDriver, 'channel' | 'foundNone'>;

/**
 * Drives a sink or a sink group, as Flume's SinkRunner: no events wait min(consecutive × 1 s, 5 s), but unlike Flume's
 * it wakes with the first event; an error is logged and waits by `RetryBackoff`.
 */
export class SinkRunner {
  readonly #processor: SinkProcessor;
  readonly #sinks: readonly LookingSink[];
  readonly #log: Logger;
  readonly #backoff: RetryBackoff;
  /** Called when a turn has failed. */
  noteFailure: () => void = () => {};
  #abort = new AbortController();
  /** Ends a wait after a failure. */
  #hurry = new AbortController();
  #running: Promise<void> | null = null;

  /** `sinks`: those of the processor. */
  constructor(
    processor: SinkProcessor,
    sinks: readonly LookingSink[],
    log: Logger,
    backoff = new RetryBackoff(),
  ) {
    this.#processor = processor;
    this.#sinks = sinks;
    this.#log = log;
    this.#backoff = backoff;
  }

  /** Failures since something was acknowledged. */
  get failures(): number {
    return this.#backoff.failures;
  }

  /** Events were acknowledged. */
  noteAcknowledged(): void {
    if (this.#backoff.failures > 0) this.#backoff.reset();
  }

  start(): void {
    if (this.#running !== null) return;
    this.#abort = new AbortController();
    this.#running = this.#run(this.#abort.signal);
  }

  /** Tries again at once where it waits after a failure, also sinks that are left out for a while. */
  hurry(): void {
    this.#processor.forgive?.();
    this.#hurry.abort();
  }

  /** Ends takes and waits; deliveries go on. */
  abort(): void {
    this.#abort.abort();
  }

  /** Resolves when the turn in hand is over. */
  async stop(): Promise<void> {
    this.abort();
    await this.#running;
    this.#running = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const breather = new Breather();
    let backoffs = 0;
    while (!signal.aborted) {
      for (const sink of this.#sinks) sink.foundNone = false;
      try {
        if ((await this.#processor.process(signal)) === 'ready') {
          backoffs = 0;
        } else {
          backoffs++;
          await this.#waitForEvents(Math.min(backoffs * backoffIncrementMs, maxBackoffMs), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log.error(`Unable to deliver event. Exception follows. ${errorText(error)}`, { error });
        this.noteFailure();
        this.#hurry = new AbortController();
        await pause(this.#backoff.next(), AbortSignal.any([signal, this.#hurry.signal]));
      }
      if (breather.due) await breather.breath();
    }
  }

  async #waitForEvents(ms: number, signal: AbortSignal): Promise<void> {
    // In a group only one of the sinks may have looked; the others say nothing about the channel.
    const empty = this.#sinks.filter(({ foundNone }) => foundNone).map(({ channel }) => channel);
    const canWake = empty.length > 0 && empty.every((channel) => channel.waitForEvents !== undefined);
    if (!canWake) {
      await pause(ms, signal);
      return;
    }
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    await Promise.race(empty.map((channel) => channel.waitForEvents!(ms, either)));
    done.abort();
  }
}
