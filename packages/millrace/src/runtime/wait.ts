import { printable } from './diagnostics.ts';

/**
 * What kind of wait it is. `idle`: there is nothing to do, all is well (no file matches). `held`: others are not ready to
 * take or give (a channel is full). `fault`: something outside is not as it should be, and until it is the work does not
 * go on (no broker answers, a disk is full); whoever waits so is not ready.
 */
export type WaitKind = 'idle' | 'held' | 'fault';

/** A wait as it is shown. */
export interface WaitReport {
  readonly kind: WaitKind;
  /** Goes on after `waits: `; one line, without secrets. */
  readonly what: string;
  /** Unix ms. */
  readonly since: number;
}

const mostChars = 400;

/**
 * One thing that somebody may wait for. Made once and kept: to begin and to end it costs a comparison, and its text is
 * made when somebody looks.
 */
export class Wait {
  readonly #kind: WaitKind;
  #what: string | (() => string) | null = null;
  #sinceMs = 0;

  constructor(kind: WaitKind) {
    this.#kind = kind;
  }

  get isOn(): boolean {
    return this.#what !== null;
  }

  /** The wait is on from now; one that is on already keeps its beginning, and gets the new text. */
  begin(what: string | (() => string)): void {
    if (this.#what === null) this.#sinceMs = Date.now();
    this.#what = what;
  }

  end(): void {
    this.#what = null;
  }

  /** Null: it is not on. */
  report(): WaitReport | null {
    const what = this.#what;
    if (what === null) return null;
    return waitReport(this.#kind, typeof what === 'string' ? what : what(), this.#sinceMs);
  }
}

/** A wait for whoever looks: its text on one line and of bounded length, without what gives access to something. */
export function waitReport(kind: WaitKind, what: string, since: number): WaitReport {
  return { kind, what: shownText(what), since };
}

/** Text of an error or of a wait, as strangers may see it. */
export function shownText(text: string): string {
  const line = printable(text.replaceAll(/\s*\n\s*/g, ' '))
    .replaceAll(/:\/\/[^/\s@]*@/g, '://***@')
    .replaceAll(
      /((?:password|passwd|secret|token|api[-_.]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
      '$1***',
    );
  return line.length <= mostChars ? line : `${line.slice(0, mostChars - 1)}…`;
}
