import type { EventBatch } from '../records/event-batch.ts';

export interface InterceptOptions {
  /** Aborts when the put is not waited for any longer: an interceptor that waits for something ends then, by throwing. */
  readonly signal: AbortSignal;
}

/**
 * Looks at or changes the events of a batch between source and selector. Works on whole batches, which are immutable:
 * `editEvents`, `HeaderSetter` and their like make another one.
 *
 * Of one source's interceptors none is called while a call of it or of one before or behind it has not ended: where all
 * answer at once nothing waits, else puts wait for one another.
 */
export interface Interceptor {
  /** Before its source starts, each time; one that rejects keeps the source from starting, which is tried again. */
  start?(signal: AbortSignal): Promise<void> | void;
  /**
   * The batch to go on with: the same, another one with fewer events, or with more (events may be split or added; what
   * is more than a channel takes at once goes in several transactions). Null, or a count of 0: nothing is left.
   *
   * Called once for a batch that is put, however often its put is tried again. What it throws rejects the put: nothing
   * of the batch is in a channel, the source tries again or tells its peer, and the interceptor sees the batch anew. So
   * an event that can never be worked on is to be taken out and handed to `context.refused` (`stage: 'intercept'`),
   * and the rest goes on; the promise that takes is answered then.
   */
  intercept(batch: EventBatch, options: InterceptOptions): EventBatch | null | Promise<EventBatch | null>;
  /** When its source has ended for good. May come when no start has worked, and more than once. */
  close?(): Promise<void> | void;
}
