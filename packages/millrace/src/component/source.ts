import type { EventBatch } from '../records/event-batch.ts';
import type { SourceCounter } from './counters.ts';

/** What a poll or a sink's turn came to: `ready` = call again now; `backoff` = nothing to do, wait longer each time. */
export type ProcessStatus = 'ready' | 'backoff';

/**
 * A source: turns something outside into batches and puts them into its channels.
 *
 * It forgets an event (moves a position, answers 200, commits an offset) only after `channels.put` resolved. When
 * `put` rejects, nothing may be forgotten: try the same events again, or tell the peer.
 * `start` that throws is retried by the supervisor every 3 s. `stop` ends reading, finishes the put in hand, saves
 * positions; it may come when no start has worked.
 */
export interface Source {
  readonly counter?: SourceCounter;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A source that is driven: `process` is called again and again by the runner (Flume's PollableSource). */
export interface PollableSource extends Source {
  /** Reads and puts one batch (or a few). The signal aborts when the source is to stop. */
  process(signal: AbortSignal): Promise<ProcessStatus>;
}

/** The way from a source into its channels: interceptors, selector, one transaction per channel. */
export interface ChannelProcessor {
  /**
   * Most events that one put may have: the least `transactionCapacity` of the source's channels. A source whose
   * batches come from outside (lines that a peer sent at once) cuts them to it; absent: no limit is known.
   */
  readonly transactionCapacity?: number;
  /**
   * Resolves when every required channel has committed the batch. Rejects with the channel's error; required channels
   * that had committed before keep the batch (as in Flume: a retry gives them doubles).
   */
  put(batch: EventBatch): Promise<void>;
}
