import { MillraceError } from '../runtime/errors.ts';
import type { EventBatch, EventView } from './event-batch.ts';

/** What `mapEvents` makes of an event; what is absent stays as it was. */
export interface EventChange {
  body?: Uint8Array | string;
  /** All headers that the event shall carry itself; the batch's shared headers stay shared. */
  headers?: Iterable<readonly [string, string]>;
  key?: Uint8Array | string | null;
  timestampMs?: number;
}

/** The same events with offset deltas 0, 1, 2 …; the batch itself where they already are. */
export function renumber(_batch: EventBatch): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'renumber is being built');
}

/** One batch of all events in order. Shared headers that differ between the batches go into the records. */
export function concatBatches(_batches: readonly EventBatch[]): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'concatBatches is being built');
}

/** The events for which `keep` is true; null when none is left, the batch itself when all are. */
export function filterEvents(
  _batch: EventBatch,
  _keep: (event: EventView, i: number) => boolean,
): EventBatch | null {
  throw new MillraceError('BATCH_CORRUPT', 'filterEvents is being built');
}

/** Each event changed by `change`; null drops it, undefined keeps it as it is. Null when no event is left. */
export function mapEvents(
  _batch: EventBatch,
  _change: (event: EventView, i: number) => EventChange | null | undefined,
): EventBatch | null {
  throw new MillraceError('BATCH_CORRUPT', 'mapEvents is being built');
}

/** The bodies alone: no keys, no headers (shared ones neither). What Flume's Kafka sink sends. */
export function stripToBodies(_batch: EventBatch): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'stripToBodies is being built');
}
