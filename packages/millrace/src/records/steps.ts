import { nextTurn } from '../runtime/timers.ts';

/** How long work in steps keeps the event loop before others have their turn. */
const turnMs = 2;

/** Does all steps at once. */
export function finishSteps<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does the steps in turns of the event loop of a few ms (a long step is one turn), with others in between. */
export async function finishStepsInTurns<T>(steps: Generator<void, T>): Promise<T> {
  let turnEnd = performance.now() + turnMs;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < turnEnd) continue;
    await nextTurn();
    turnEnd = performance.now() + turnMs;
  }
}

/** Puts parts together, a part a step; each is let go as soon as it is copied. */
export function* joinSteps(parts: Buffer[], totalBytes: number): Generator<void, Buffer> {
  if (parts.length === 1) return parts[0]!;
  const whole = Buffer.allocUnsafeSlow(totalBytes);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    at += parts[i]!.copy(whole, at);
    parts[i] = nothing;
    yield;
  }
  return whole;
}

const nothing = Buffer.alloc(0);
