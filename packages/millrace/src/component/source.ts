import type { EventBatch } from '../records/event-batch.ts';
import type { Progress } from './channel.ts';
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
  /**
   * Where the source goes on once this batch is in: stored by the channels that keep progress, in one with the events.
   * When interceptors leave nothing of the batch it goes on all the same, and need not be durable at once.
   */
  readonly progress?: BatchProgress;
}

/**
 * How far a source has come, as it hands it on with a batch: after a kill it goes on exactly there, with no event twice
 * in a channel and none missing.
 */
export interface BatchProgress extends Progress {
  /**
   * Whether a channel that stands at `place` has this batch already; it does not get it again then. Given by a source
   * that goes on from before what one of its channels has: the others lack it. Such a source ends a batch wherever one
   * of its channels stands, so that each has a batch whole or not at all.
   */
  has?(place: string): boolean;
}

/** What the channels of a source keep of its progress. Keys are the source's own; two sources don't share theirs. */
export interface SourceProgress {
  /** Whether all of its required channels keep it. Where only some do, the source must still keep its place by itself. */
  readonly complete: boolean;
  /**
   * Where each channel that keeps progress stands with a key: one entry a channel, undefined where it knows nothing.
   * To be asked in `start`. Throws `CHANNEL_CLOSED` when a channel can't be asked now: nothing may be read then.
   */
  placesOf(key: string): readonly (string | undefined)[];
}

/** The way from a source into its channels: interceptors, selector, one transaction per channel. */
export interface ChannelProcessor {
  /**
   * Most events that one put may have: the least `transactionCapacity` of the source's channels. A source whose
   * batches come from outside (lines that a peer sent at once) cuts them to it; absent: no limit is known.
   */
  readonly transactionCapacity?: number;
  /**
   * Absent: no channel keeps progress, or which channel an event goes to depends on the event. Then a source's own
   * positions are all there is, and a kill may repeat what was under way.
   */
  readonly progress?: SourceProgress | undefined;
  /**
   * Resolves when every required channel has committed the batch. Rejects with the channel's error; required channels
   * that had committed before keep the batch. A retry is to put the same batch (the same object): it goes on where the
   * rejected put ended, so that no channel gets it twice and interceptors see it once.
   */
  put(batch: EventBatch, options?: PutOptions): Promise<void>;
  /**
   * Whether some channels have a batch whose put was rejected, and others lack it: they would get it twice where the
   * source brings it again after a stop, so it puts it once more before it ends. Absent: that is not known.
   */
  hasPart?(batch: EventBatch): boolean;
}
