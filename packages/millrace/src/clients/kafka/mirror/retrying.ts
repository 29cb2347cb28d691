import { MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';

const backoffMs = 100;
const backoffMaxMs = 2000;
const forMs = 60_000;

/** Tries again for a minute what fails for a reason that passes: coordinators that load, leaders that move. */
export async function retrying<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = performance.now() + forMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof MillraceError && error.retryable;
      if (!passes || signal.aborted || performance.now() >= until) throw error;
      await pause(Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempt, 10)), signal);
    }
  }
}
