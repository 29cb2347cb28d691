import { errorText } from '../runtime/errors.ts';
import { shownText, Wait, type WaitKind, type WaitReport, waitReport } from '../runtime/wait.ts';

/**
 * Where a component says what it waits for; the agent adds what it sees itself (state, last error, puts that found no
 * room). `/readyz`, metrics, SIGQUIT and `Agent.state()` show the same.
 *
 * It is a description of now, not a log: nothing is kept of waits that are over, and their number is that of the calls
 * here, made while the component is made. What an event costs stays what it was.
 */
export interface StateTeller {
  /** Something that the component may wait for. */
  wait(kind: WaitKind): Wait;
  /** Waits that others keep for it, such as a client of another system: asked for when somebody looks. */
  include(waits: () => readonly WaitReport[]): void;
}

/** What went wrong last, also when it is mended. */
export interface LastFailure {
  readonly error: string;
  /** Unix ms. */
  readonly at: number;
}

const mostShown = 20;

/** What one component says of itself, and its looks. */
export class StateBoard implements StateTeller {
  readonly #waits: Wait[] = [];
  readonly #included: (() => readonly WaitReport[])[] = [];
  readonly #work = new Wait('fault');
  #lastFailure: LastFailure | null = null;

  /** Null: nothing has failed yet. */
  get lastFailure(): LastFailure | null {
    return this.#lastFailure;
  }

  /** Its work fails, though it is up: with what, and since when; null: it does not, as far as is known. */
  get failure(): WaitReport | null {
    return this.#work.report();
  }

  // For the agent

  /** A start is tried: what was waited for before is over. */
  begin(): void {
    this.#work.end();
    for (const wait of this.#waits) wait.end();
  }

  /** A start or work in the background has failed. Kept as text, so that it holds nothing. */
  failed(error: unknown): void {
    this.#lastFailure = { error: shownText(errorText(error)), at: Date.now() };
  }

  /** A turn of its work has failed. */
  failing(error: unknown): void {
    this.failed(error);
    this.#work.begin(this.#lastFailure?.error ?? '');
  }

  /** A turn of its work has worked. */
  works(): void {
    this.#work.end();
  }

  wait(kind: WaitKind): Wait {
    const wait = new Wait(kind);
    this.#waits.push(wait);
    return wait;
  }

  include(waits: () => readonly WaitReport[]): void {
    this.#included.push(waits);
  }

  /** Those that are on, faults first. Never throws. */
  waits(): readonly WaitReport[] {
    const reports = [
      ...this.#waits.flatMap((wait) => askSafely(() => [wait.report()])),
      ...this.#included.flatMap((waits) => askSafely(waits)),
    ];
    return reports
      .filter((report) => report !== null)
      .toSorted((a, b) => order[a.kind] - order[b.kind] || a.since - b.since)
      .slice(0, mostShown)
      .map(({ kind, what, since }) => waitReport(kind, what, since));
  }
}

const order: Readonly<Record<WaitKind, number>> = { fault: 0, held: 1, idle: 2 };

/** A component that can't say what it waits for is no reason not to show the others. */
function askSafely(ask: () => readonly (WaitReport | null)[]): readonly (WaitReport | null)[] {
  try {
    return ask();
  } catch {
    return [];
  }
}
