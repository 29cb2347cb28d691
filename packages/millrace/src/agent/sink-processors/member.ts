import type { ProcessStatus } from '../../component/source.ts';

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
