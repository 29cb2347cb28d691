import { setTimeout as sleep } from 'node:timers/promises';
import { Misconfigured } from './row.ts';

/** When events began to arrive and when the last one had. Times are `performance.now()`. */
export interface Arrival {
  readonly firstSeenAtMs: number;
  /** How many were there when the first look found any. */
  readonly firstSeenCount: number;
  readonly lastAtMs: number;
  /** How many were there then. */
  readonly lastCount: number;
}

export interface CountWatch {
  /** How many have arrived by now; a look that fails finds none. */
  readonly count: () => number | Promise<number>;
  readonly events: number;
  readonly everyMs?: number;
  /** A program that has moved nothing for so long has lost what is missing. */
  readonly stallMs?: number;
  /** Called at every look that does not end it; a contender that has died is found out here. */
  readonly onLook?: () => void;
  /** Called once, when the first look finds any. */
  readonly onFirst?: () => void;
}

/** Looks until `events` have arrived, wherever they are counted. */
export async function watchCount(watch: CountWatch): Promise<Arrival> {
  const { events, everyMs = 20, stallMs = 120_000 } = watch;
  let first: { atMs: number; count: number } | null = null;
  let last = { atMs: performance.now(), count: 0 };
  for (;;) {
    const count = await watch.count();
    const atMs = performance.now();
    if (count > 0 && first === null) {
      first = { atMs, count };
      watch.onFirst?.();
    }
    if (count >= events)
      return {
        ...{ firstSeenAtMs: first!.atMs, firstSeenCount: first!.count },
        ...{ lastAtMs: atMs, lastCount: count },
      };
    watch.onLook?.();
    if (count > last.count) last = { atMs, count };
    if (atMs > last.atMs + stallMs)
      throw new Misconfigured(`${count} of ${events} events arrived, and no more within ${stallMs / 1000} s`);
    await sleep(everyMs);
  }
}

/** Events per second between the first look that found any and the last event. */
export function rateOf({ firstSeenAtMs, firstSeenCount, lastAtMs, lastCount }: Arrival): number {
  const seconds = (lastAtMs - firstSeenAtMs) / 1000;
  const moved = lastCount - firstSeenCount;
  if (moved <= 0 || seconds <= 0) {
    throw new Misconfigured('all events arrived between two looks: take more events for a rate');
  }
  return moved / seconds;
}
