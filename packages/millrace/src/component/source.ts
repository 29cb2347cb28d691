import type { EventBatch } from '../records/event-batch.ts';
import type { SourceCounter } from './counters.ts';
import type { FateListener, StopOptions } from './lifetime.ts';

/** What a poll or a sink's turn came to: `ready` = call again now; `backoff` = nothing to do, wait longer each time. */
export type ProcessStatus = 'ready' | 'backoff';

/**
 * A source: turns something outside into batches and puts them into its channels.
 *
 * It forgets an event (moves a position, answers 200, commits an offset) only after `channels.put` resolved. When
 * `put` rejects, nothing may be forgotten: try the same events again, or tell the peer.
 * `start` that throws is retried by the supervisor every 3 s. `stop` ends reading, finishes the put in hand, saves
 * positions; it may come when no start has worked. Both end by their signal or deadline, done or not.
 */
export interface Source {
  readonly counter?: SourceCounter;
  start(signal?: AbortSignal): Promise<void>;
  stop(options?: StopOptions): Promise<void>;
  /**
   * Called once after `stop`, when sinks and channels have ended too, so that every fate is known: a source that keeps
   * positions takes back those of events that were lost, and lets go of what it needs for that.
   */
  settle?(options?: StopOptions): Promise<void>;
}

/** A source that is driven: `process` is called again and again by the runner (Flume's PollableSource). */
export interface PollableSource extends Source {
  /** Reads and puts one batch (or a few). The signal aborts when the source is to stop. */
  process(signal: AbortSignal): Promise<ProcessStatus>;
}

export interface PutOptions {
  /** Ends a wait for room; the put then rejects. */
  readonly signal?: AbortSignal;
  /**
   * What became of the batch in all required channels together, the worst of them: `lost` before `held` before
   * `delivered`. Called once after a put that resolved; at once with `delivered` when interceptors left nothing of it.
   */
  readonly onFate?: FateListener;
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
   * that had committed before keep the batch. A retry is to put the same batch (the same object): it goes on where the
   * rejected put ended, so that no channel gets it twice and interceptors see it once.
   */
  put(batch: EventBatch, options?: PutOptions): Promise<void>;
}
