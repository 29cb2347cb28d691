import type { MillraceProcess } from '../process/process.ts';
import type { NotReady, ThreadState } from '../process/threads.ts';
import { every, type Timer } from '../runtime/timers.ts';

/** How often a process that is not ready yet is asked again. */
const askEveryMs = 500;

/** `agent a1, source r1: its port is taken`, a line each. */
export function reasonLines(notReady: readonly NotReady[]): string {
  return notReady.map(({ component, reason }) => `  ${component}: ${reason}`).join('\n');
}

/** Calls `ready` once, when the process has become ready. Gives the way to stop asking. */
export function whenReady(process: MillraceProcess, state: ThreadState, ready: () => void): Timer {
  if (state.notReady.length === 0) {
    ready();
    return { cancel: () => {} };
  }
  let busy = false;
  const timer = every(
    askEveryMs,
    async () => {
      if (busy) return;
      busy = true;
      const { notReady } = await process.state();
      busy = false;
      if (notReady.length > 0 || process.status !== 'started') return;
      timer.cancel();
      ready();
    },
    { background: true },
  );
  return timer;
}
