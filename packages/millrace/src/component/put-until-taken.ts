import type { EventBatch } from '../records/event-batch.ts';
import { pause as pauseReally } from '../runtime/timers.ts';
import type { ChannelProcessor, PutOptions } from './source.ts';

export interface PutUntilTakenOptions extends PutOptions {
  /** Ends a put that waits for room. */
  readonly signal: AbortSignal;
  /** Once it has aborted no further try is made, but one of a batch that some channels have; default `signal`. */
  readonly stop?: AbortSignal;
  /** Before the second try, ms, whatever the most is; each that follows waits twice as long. Default 1000. */
  readonly firstDelayMs?: number;
  /** The most of those that follow. Default 5000. */
  readonly mostDelayMs?: number;
  /** Whether to try again after this error; default: after any. */
  isWorthAnother?(error: unknown): boolean;
  /** Told of each rejection that is followed by another try. */
  rejected?(error: unknown, delayMs: number): void;
  /** How to wait; default `runtime/timers.ts`. */
  pause?(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Puts the batch, and where the channels reject it the same batch again, after waits that grow, until they have it. So a
 * source that can wait forgets nothing: its file, topic or pipe is not read meanwhile, and the put goes on where it
 * ended (`ChannelProcessor.put`). Rejects with the put's own error when it is to stop, or the error is not worth another
 * try; nothing may be forgotten then.
 *
 * There is no deadline besides the signal: a stop has one, and whoever stops turns it into the abort of this signal.
 */
export async function putUntilTaken(
  channels: ChannelProcessor,
  batch: EventBatch,
  options: PutUntilTakenOptions,
): Promise<void> {
  const { signal, stop = signal, firstDelayMs = 1000, mostDelayMs = 5000, pause = pauseReally } = options;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(mostDelayMs, delayMs * 2)) {
    try {
      await channels.put(batch, options);
      return;
    } catch (error) {
      if (stop.aborted || options.isWorthAnother?.(error) === false) throw error;
      options.rejected?.(error, delayMs);
      await pause(delayMs, stop);
      if (stop.aborted && channels.hasPart?.(batch) !== true) throw error;
    }
  }
}
