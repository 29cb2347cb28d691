import type { SinkCounter } from './counters.ts';
import type { Delivery, DeliveryOutcome, RefusedInDelivery } from './delivery.ts';
import type { StopOptions } from './lifetime.ts';

/** How much a sink is given at once. */
export interface SinkBatch {
  /** Most events of one delivery. */
  readonly events: number;
  /** Bytes of events that are enough for a delivery; a batch that reaches beyond them still goes along whole. */
  readonly bytes?: number;
}

/** How much may be under way in a sink at once. */
export interface SinkWindow {
  readonly deliveries: number;
  readonly bytes: number;
}

export interface FlushOptions extends Partial<StopOptions> {
  /**
   * There is nothing more to deliver for now, and nobody waits: what the destination acknowledges by itself before long
   * may be left to it.
   */
  readonly idle?: boolean;
}

export interface DeliverOptions {
  /** Aborts when the agent does not wait any longer: the delivery is to end then, well or badly. */
  readonly signal: AbortSignal;
  /**
   * For a sink that is `transactional`: sees to the events that the destination refuses **before** the rest is committed,
   * so that none is lost in between; they are not to be named in the outcome again. Throws where they can't be set aside,
   * or are to be tried again: then the delivery fails.
   */
  readonly setAside?: (refused: readonly RefusedInDelivery[]) => Promise<void>;
}

/**
 * A sink: gives events to a destination, and says what became of each. It knows nothing of channels: the agent's sink
 * driver takes the events, commits them once they are acknowledged, tries again what is pending, and sets aside what is
 * refused.
 */
export interface Sink {
  readonly counter?: SinkCounter;
  /** It counts attempts and drained events by itself. Absent: the driver does, by deliveries and what came of them. */
  readonly countsDrain?: boolean;
  readonly batch: SinkBatch;
  /**
   * Absent: one delivery at a time. A sink with a larger one gets `deliver` called again before earlier deliveries have
   * ended, and keeps their order at the destination as well as it can.
   */
  readonly window?: SinkWindow;
  /**
   * Its deliveries take effect as a whole or not at all, and it may keep their positions in the same step
   * (`positions.ts`). It then has one delivery at a time, of takes that have their channel for themselves; a delivery
   * either works for all events but those it gave to `setAside`, or rejects, and nothing of it counts, as far as the sink
   * knows: after a rejection the channel finds out by itself what is committed.
   */
  readonly transactional?: boolean;
  /**
   * What the destination failed with since it last acknowledged something, where the sink tries again by itself and its
   * deliveries go on meanwhile; null or absent: nothing. A stop does not wait long for such a destination.
   */
  readonly trouble?: unknown;
  start(signal?: AbortSignal): Promise<void>;
  /** May come when no start has worked. What is still under way ends with it, well or badly. */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Called before events are taken; throws when the destination can't be had now. For sinks that have to open or roll
   * something also while there are no events.
   */
  prepare?(): Promise<void>;
  /**
   * Resolves when the destination has acknowledged the events, or with those that it has not. Rejects when nothing of
   * them may be taken as acknowledged. It may resolve as late as the destination does (at a flush, a close, a rename);
   * then `flush` must hurry it.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most sinks acknowledge all or throw.
  deliver(delivery: Delivery, options: DeliverOptions): Promise<DeliveryOutcome | void>;
  /**
   * Has everything that is under way acknowledged soon, in whatever way the destination does that. Called when the
   * window is full, when there is nothing more to deliver for now (`idle`), and before a stop. Need not wait for it.
   */
  flush?(options?: FlushOptions): Promise<void>;
  /** What was taken for a delivery, for sinks whose counters show it; 0 events: there were none. */
  onTaken?(events: number, full: boolean): void;
}
