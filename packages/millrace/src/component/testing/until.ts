import { pause } from '../../runtime/timers.ts';

/** How long a component may take for what it has to do; not a measure of its speed. */
const patienceMs = 20_000;

/** Waits until something is so; throws with what was waited for. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`${what}: still not there after ${patienceMs / 1000} s`);
    await pause(2);
  }
}
