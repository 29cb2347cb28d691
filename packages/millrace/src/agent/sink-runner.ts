import type { ProcessStatus } from '../component/source.ts';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { Breather, pause } from '../runtime/timers.ts';
import type { ObservedChannel } from './observed-channel.ts';

const backoffIncrementMs = 1000;
const maxBackoffMs = 5000;
const errorPauseMs = 5000;

/** What a sink runner drives: one sink, or a group under its processor. */
export interface SinkProcessor {
  process(signal: AbortSignal): Promise<ProcessStatus>;
}

/**
 * Drives a sink or a sink group (Flume's SinkRunner): `backoff` waits min(consecutive × 1 s, 5 s), an error is logged
 * and waits 5 s. Unlike Flume's, it wakes with the first event when the wait was for want of events.
 */
export class SinkRunner {
  readonly #processor: SinkProcessor;
  readonly #channels: readonly ObservedChannel[];
  readonly #log: Logger;
  #abort = new AbortController();
  #running: Promise<void> | null = null;

  /** `channels`: what the sinks of the processor take from, each sink's view of it. */
  constructor(processor: SinkProcessor, channels: readonly ObservedChannel[], log: Logger) {
    this.#processor = processor;
    this.#channels = channels;
    this.#log = log;
  }

  start(): void {
    if (this.#running !== null) return;
    this.#abort = new AbortController();
    for (const channel of this.#channels) channel.stopOn(this.#abort.signal);
    this.#running = this.#run(this.#abort.signal);
  }

  /** Resolves when the turn in hand is over. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.#running = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const breather = new Breather();
    let backoffs = 0;
    while (!signal.aborted) {
      for (const channel of this.#channels) channel.forgetTakes();
      try {
        if ((await this.#processor.process(signal)) === 'ready') {
          backoffs = 0;
        } else {
          backoffs++;
          await this.#wait(Math.min(backoffs * backoffIncrementMs, maxBackoffMs), signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log.error(`Unable to deliver event. Exception follows. ${errorText(error)}`, { error });
        await pause(errorPauseMs, signal);
      }
      if (breather.due) await breather.breath();
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    // In a group only one of the sinks may have looked; the others say nothing about the channel.
    const empty = this.#channels.filter((channel) => channel.wasEmpty).map((channel) => channel.inner);
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
