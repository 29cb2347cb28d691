import { errorText } from '../../runtime/errors.ts';
import { type WaitReport, waitReport } from '../../runtime/wait.ts';

interface Silence {
  readonly sinceMs: number;
  triedMs: number;
  why: string;
}

/** What was not tried for so long says nothing about now: another broker answers, or nobody asks. */
const freshMs = 120_000;
const mostKept = 100;
const mostShown = 5;

/** Which brokers don't answer, for whoever looks. */
export class Reachability {
  readonly #silent = new Map<string, Silence>();

  /** `address`: `host:port`. */
  failed(address: string, error: unknown): void {
    const now = Date.now();
    const known = this.#silent.get(address);
    const why = errorText(error);
    if (known !== undefined) {
      known.triedMs = now;
      known.why = why;
      return;
    }
    if (this.#silent.size >= mostKept) this.#silent.delete(this.#silent.keys().next().value!);
    this.#silent.set(address, { sinceMs: now, triedMs: now, why });
  }

  answered(address: string): void {
    if (this.#silent.size > 0) this.#silent.delete(address);
  }

  /** `isCutOff`: no broker answers at all; else work goes on with others. */
  waits(isCutOff: boolean): readonly WaitReport[] {
    const fresh = [...this.#silent].filter(([, { triedMs }]) => Date.now() - triedMs < freshMs);
    return fresh
      .slice(0, mostShown)
      .map(([address, { sinceMs, why }]) =>
        waitReport(isCutOff ? 'fault' : 'held', `broker ${address} to answer: ${why}`, sinceMs),
      );
  }
}
