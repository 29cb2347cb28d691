import type { Deadline } from '../runtime/deadline.ts';

/** What a stop is given: by when it must have ended. What is not done by then is given up, and told. */
export interface StopOptions {
  readonly deadline: Deadline;
}

/**
 * What became of the events of one committed put: `delivered` to a destination (their takes were committed), `held` by
 * a channel that keeps them beyond the end of the process, or `lost` with a channel that does not.
 */
export type Fate = 'delivered' | 'held' | 'lost';

/** Called once, synchronously, when the fate is known; must not throw. */
export type FateListener = (fate: Fate) => void;
