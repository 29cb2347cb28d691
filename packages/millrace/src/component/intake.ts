import type { EventBatch } from '../records/event-batch.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { pause } from '../runtime/timers.ts';
import type { SourceCounter } from './counters.ts';
import { putUntilTaken } from './put-until-taken.ts';
import type { RefusedEvents } from './refused.ts';
import type { ChannelProcessor } from './source.ts';

/** Why events that a peer sent are not in the channels; each protocol has its own way of saying so. */
export interface NotTaken {
  /** `full`: the same may be taken later; `never`: it will not. */
  readonly kind: 'full' | 'never';
  /** On one line, for the peer. */
  readonly reason: string;
  readonly error: unknown;
}

export interface IntakeOptions {
  readonly channels: ChannelProcessor;
  readonly log: Logger;
  /** Absent: Flume's source has none. */
  readonly counter?: SourceCounter;
  /** While `insist` waits, for its message. Default `the peer waits`. */
  readonly whoWaits?: string;
}

const firstRetryMs = 250;
const mostRetryMs = 5000;

/**
 * What a source that is a server does with what it got: offers it to the channels, and says what became of it. Counts
 * what came, what was taken and what was not, as Flume's sources do.
 */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Events that one offer may have. */
  get mostEvents(): number {
    return Math.max(1, this.#options.channels.transactionCapacity ?? Number.POSITIVE_INFINITY);
  }

  /**
   * One put. Answers null when all of it is in the channels. Never rejects. `batch` null: what the peer sent holds no
   * event; it counts as taken. `signal`: ends a wait for room. `as`: what the peer calls it, for counters: a single
   * event that came by a call of its own is no batch.
   */
  async offer(
    batch: EventBatch | null,
    signal: AbortSignal,
    as: 'append' | 'appendBatch' = 'appendBatch',
  ): Promise<NotTaken | null> {
    if (batch === null) {
      this.#count('Received', 0);
      this.#count('Accepted', 0);
      return null;
    }
    this.#count('Received', batch.count, as);
    return await this.#put(batch, signal, as);
  }

  /**
   * Puts until it is taken, for peers that are not told: they wait meanwhile, as nothing more is read of them. What the
   * channels will never take is set aside event by event. False: the signal aborted before that. Never rejects.
   */
  async insist(batch: EventBatch, signal: AbortSignal, refused: RefusedEvents): Promise<boolean> {
    this.#count('Received', batch.count);
    if (signal.aborted) return false;
    const { log, whoWaits = 'the peer waits' } = this.#options;
    const failure = await this.#untilTaken(batch, signal, ({ reason }, delayMs) =>
      log.warn(`Error writing to channel; ${whoWaits} ${delayMs} ms: ${reason}`),
    );
    if (failure === null) return true;
    return failure.kind === 'never' && (await this.#insistOnEach(batch, signal, refused, failure));
  }

  async #insistOnEach(
    batch: EventBatch,
    signal: AbortSignal,
    refused: RefusedEvents,
    failure: NotTaken,
  ): Promise<boolean> {
    if (batch.count === 1) return this.#setAside(batch, signal, refused, failure);
    for (let i = 0; i < batch.count; i++) {
      const single = batch.slice(i, i + 1);
      const why = await this.#untilTaken(single, signal);
      if (why === null) continue;
      if (why.kind === 'full' || !(await this.#setAside(single, signal, refused, why))) return false;
    }
    return true;
  }

  /** Null: taken; `full`: the signal aborted before that. */
  async #untilTaken(
    batch: EventBatch,
    signal: AbortSignal,
    waits?: (failure: NotTaken, delayMs: number) => void,
  ): Promise<NotTaken | null> {
    try {
      await putUntilTaken({ put: (part) => this.#putOrThrow(part, signal) }, batch, {
        signal,
        firstDelayMs: firstRetryMs,
        mostDelayMs: mostRetryMs,
        isWorthAnother: (error) => notTaken(error).kind === 'full',
        rejected: (error, delayMs) => waits?.(notTaken(error), delayMs),
      });
      return null;
    } catch (error) {
      return notTaken(error);
    }
  }

  async #setAside(
    batch: EventBatch,
    signal: AbortSignal,
    refused: RefusedEvents,
    { reason }: NotTaken,
  ): Promise<boolean> {
    for (let delayMs = firstRetryMs; ; delayMs = Math.min(mostRetryMs, delayMs * 2)) {
      try {
        await refused.setAside([{ batch, index: 0, reason, stage: 'put' }]);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        this.#options.log.error(`An event that no channel takes can't be set aside: ${errorText(error)}`);
        await pause(delayMs, signal);
      }
    }
  }

  #count(what: 'Received' | 'Accepted', events: number, as: 'append' | 'appendBatch' = 'appendBatch'): void {
    const { counter } = this.#options;
    if (counter === undefined) return;
    counter[`event${what}`] += events;
    counter[`${as}${what}`] += 1;
  }

  async #put(batch: EventBatch, signal: AbortSignal, as: 'append' | 'appendBatch'): Promise<NotTaken | null> {
    try {
      await this.#putOrThrow(batch, signal, as);
      return null;
    } catch (error) {
      return notTaken(error);
    }
  }

  async #putOrThrow(
    batch: EventBatch,
    signal: AbortSignal,
    as: 'append' | 'appendBatch' = 'appendBatch',
  ): Promise<void> {
    const { channels, counter } = this.#options;
    try {
      await channels.put(batch, { signal });
    } catch (error) {
      if (counter !== undefined) counter.channelWriteFail += 1;
      throw error;
    }
    this.#count('Accepted', batch.count, as);
  }
}

function notTaken(error: unknown): NotTaken {
  const kind = error instanceof MillraceError && !error.retryable ? 'never' : 'full';
  return { kind, reason: errorText(error).replaceAll('\n', ' '), error };
}
