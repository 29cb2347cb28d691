import type { OptionFinding } from '../config/options.ts';
import type { ProcessStatus } from './source.ts';

/** One sink of a group, as its processor sees it: what it tells is of events that the destination has acknowledged. */
export interface GroupMember {
  readonly name: string;
  /**
   * A turn that ends with nothing under way. `ready`: events were acknowledged; `backoff`: there were none. Rejects when
   * a delivery failed, also while the sink is not started.
   */
  turn(signal: AbortSignal): Promise<ProcessStatus>;
  /** A turn that may leave deliveries under way, to be followed by others: what fails there rejects a later one. */
  flow(signal: AbortSignal): Promise<ProcessStatus>;
  /** Ends what `flow` left under way; to be called before another member works. Rejects when some of it failed. */
  land(signal: AbortSignal): Promise<void>;
}

/** Decides which sink of a group works next; a runner calls it again and again. */
export interface SinkProcessor {
  /** One turn. `ready`: events were acknowledged; `backoff`: there were none. Rejects when no sink could take any. */
  process(signal: AbortSignal): Promise<ProcessStatus>;
  /** Sinks that are left out for a while because they have failed are tried again at once. */
  forgive?(): void;
}

/** A finding about a group's sinks; its `key` is relative to `processor.`. */
export interface SeatingFinding extends OptionFinding {
  /** What Flume logs of it, as a warning of the processor's class. */
  readonly flumeLog?: string;
  /** There are too few sinks; where one was dropped, that is why. */
  readonly needsMore?: true;
}

/** What a processor makes of the sinks of its group, before anything runs. */
export interface Seating {
  /** Those that take part, in the order in which the processor gets them. */
  readonly sinks: readonly string[];
  /** The one that works alone as long as it can. Absent: all work. */
  readonly only?: string;
  /** One whose code is an error keeps the group from being had. */
  readonly findings: readonly SeatingFinding[];
}
