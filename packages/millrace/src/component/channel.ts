import type { Progress } from '../queues/progress.ts';
import type { EventBatch } from '../records/event-batch.ts';
import type { ChannelCounter } from './counters.ts';
import type { FateListener, StopOptions } from './lifetime.ts';
import type { TakenPositions } from './positions.ts';

export type { Progress } from '../queues/progress.ts';

/** What a channel knows of the progress of those who put into it. */
export interface ChannelProgress {
  /** The place that was stored last under a key; undefined: none, or one so old that it was let go. Throws `CHANNEL_CLOSED` unless the channel is started. */
  placeOf(key: string): string | undefined;
}

/** How a channel is stopped. */
export interface ChannelStopOptions extends StopOptions {
  /** The channel will be started again with what it holds (a reload keeps it): that is `held`, not `lost`. */
  readonly kept?: boolean;
}

/** How a transaction is begun. */
export interface BeginOptions {
  /**
   * It takes, and will be asked for its positions (a channel that has none ignores this). Such a take has the channel
   * for itself: none of another transaction begins while it is open, nor does it while another is; else its positions
   * would cover events that somebody else has not delivered.
   */
  readonly positions?: boolean;
}

export interface CommitOptions {
  /** The sink has committed the positions together with the events: the channel need not, and must not. */
  readonly by?: 'sink';
}

/**
 * A channel: holds events between sources and sinks until a sink's destination has them.
 *
 * Promises: events come out in the order their transactions committed; what a transaction took comes back, in place,
 * when it rolls back; `commit` of a put resolves only when the channel's durability holds (file: on the disk; Kafka:
 * acknowledged). Full is `CHANNEL_FULL` after `keep-alive`, never loss.
 */
export interface Channel {
  readonly name: string;
  readonly counter: ChannelCounter;
  /** Most events of one transaction; Infinity where the channel has no such limit. */
  readonly transactionCapacity: number;
  /** Whether all that is held survives the end of the process. A channel that does not say so is drained at stop. */
  readonly durable?: boolean;
  /** Events held: put and committed, and not yet out by a committed take. Absent where that is not known. */
  readonly eventCount?: number;
  /**
   * Of the events held, those that are gone with the process: a stop drains the channel until there are none, and what
   * is left after it has stopped is lost. Absent: all of them, or none where the channel is `durable`.
   */
  readonly volatileCount?: number;
  /** Where the channel keeps its files; what its sinks set aside goes below it. Absent: it has none. */
  readonly folder?: string;
  /**
   * That the channel stores progress with the events it is put with, all or nothing, so that both survive the end of
   * the process or neither does. It knows the place of the newest 10,000 keys at least. Absent: it keeps none.
   */
  readonly progress?: ChannelProgress;
  /** Throws when it can't be had now; tried again. The signal aborts when the start is no longer wanted. */
  start(signal?: AbortSignal): Promise<void>;
  stop(options?: ChannelStopOptions): Promise<void>;
  /**
   * Opens a transaction. Several may be open at once, also several takes: each take gets the next events in order,
   * and a rollback puts its events back at their place. The signal ends the transaction's waits for room: the put or
   * commit that waits then throws `CHANNEL_FULL`.
   */
  begin(signal?: AbortSignal, options?: BeginOptions): Transaction;
  /**
   * Resolves when a take may find events: at once when there are some, else with the next commit of a put or rollback
   * of a take; at the latest after `maxMs`, and when the signal aborts. Never rejects. An idle sink waits here instead
   * of sleeping, so that it reacts at once. A channel without it is polled.
   */
  waitForEvents?(maxMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * One unit of put or take. States: open → committed | rolled back. Any use after that, or a mix of put and take
 * where the channel forbids it, throws `TRANSACTION_STATE`.
 */
export interface Transaction {
  /**
   * Adds a batch. Throws `TRANSACTION_TOO_BIG` beyond `transactionCapacity`; may throw `CHANNEL_FULL` (file channel;
   * the memory channel says so at commit).
   *
   * `onFate` is called once after this put has committed: `delivered` when takes of all its events have committed,
   * `held` when the channel keeps them beyond the process (that may be at the commit), `lost` when the channel was
   * stopped with any of them inside. Never called for a put that did not commit.
   *
   * `progress` is stored with the batch where the channel keeps it. Progress with a batch of no events counts from the
   * commit on, but need not be durable before some seconds have passed: nothing has come that could come twice.
   * Throws a RangeError where key and place have more than 1,024 characters together.
   */
  put(batch: EventBatch, onFate?: FateListener, progress?: Progress): Promise<void>;
  /**
   * Takes up to `maxEvents` (at least 1 when any are there) as one batch, or null when there are none within the
   * channel's wait (memory: `keep-alive` seconds; file: at once). May return fewer than there are: a batch is never
   * glued together from two. Ask again for more: a transaction that already holds events does not wait for others.
   * The signal ends the wait early (null). Null, too, once the transaction holds `transactionCapacity` events.
   */
  take(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null>;
  /**
   * Where the events stood that it has taken so far; null: the channel has no positions, or they mean nothing any more.
   * Throws where they can't be committed now because the events may be somebody else's: it is to be rolled back. Once
   * told, a rollback does not give back what is in memory, as the sink may have committed the positions: the channel
   * reads on from what is committed. Absent: the channel has none.
   */
  positions?(): TakenPositions | null;
  commit(options?: CommitOptions): Promise<void>;
  /** Never throws for an open transaction. */
  rollback(): Promise<void>;
}
