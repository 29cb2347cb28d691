import type { EventBatch } from '../records/event-batch.ts';

/**
 * Looks at or changes the events of a batch between source and selector. Works on whole batches: `host`, `static` and
 * `timestamp` only touch shared headers where no event has headers of its own.
 */
export interface Interceptor {
  /** The batch to go on with: the same, another, or one with fewer events; null (or count 0) = all filtered. */
  intercept(batch: EventBatch): EventBatch | null;
  close?(): void;
}
