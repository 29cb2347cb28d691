import type { Channel } from './channel.ts';
import type { SinkCounter } from './counters.ts';
import type { StopOptions } from './lifetime.ts';
import type { ProcessStatus } from './source.ts';

/**
 * A sink: takes events from its channel and gives them to a destination. It commits the take only when the
 * destination has acknowledged; on failure it rolls back and throws (`DELIVERY_FAILED`), and the runner waits 5 s.
 *
 * A sink may keep several takes in flight between calls of `process` (pipelining), as long as order is kept and a
 * failure rolls all of them back, the latest first. `stop` finishes or rolls back what is in flight; it may come when
 * no start has worked.
 */
export interface Sink {
  readonly counter?: SinkCounter;
  start(signal?: AbortSignal): Promise<void>;
  stop(options?: StopOptions): Promise<void>;
  process(signal: AbortSignal): Promise<ProcessStatus>;
}

export type { Channel, ProcessStatus };
