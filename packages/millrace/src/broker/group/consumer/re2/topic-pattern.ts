import { charCount, isWordChar } from './char-set.ts';
import { compile, type Program } from './program.ts';
import { parsePattern } from './re2-parser.ts';

/** What is before the place: nothing, a character of words, another. */
const before = { nothing: 0, word: 1, other: 2 } as const;
const atEnd = -1;
/** States that are kept; beyond, the machine begins anew. */
const mostStates = 1000;

interface State {
  readonly places: readonly number[];
  readonly before: number;
  readonly nexts: (State | undefined)[];
  isMatch: boolean | undefined;
}

/**
 * A pattern in RE2's syntax that matches names of topics as a whole. The time that a match takes grows with the length
 * of the name alone: what can hold at a place is one state, made once and kept.
 */
export class TopicPattern {
  readonly #program: Program;
  readonly #states = new Map<string, State>();

  /** Throws `PatternFault`. */
  constructor(pattern: string) {
    this.#program = compile(parsePattern(pattern));
  }

  matches(name: string): boolean {
    if (this.#states.size > mostStates) this.#states.clear();
    let state = this.#state([this.#program.start], before.nothing);
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (code >= charCount || state.places.length === 0) return false;
      state = state.nexts[code] ??= this.#step(state, code);
    }
    state.isMatch ??= this.#closure(state, atEnd).some(
      (place) => this.#program.steps[place]!.kind === 'match',
    );
    return state.isMatch;
  }

  #step(state: State, code: number): State {
    const places: number[] = [];
    for (const place of this.#closure(state, code)) {
      const step = this.#program.steps[place]!;
      if (step.kind === 'chars' && step.set[code] === 1) places.push(step.next);
    }
    return this.#state(places, isWordChar(code) ? before.word : before.other);
  }

  #state(places: readonly number[], what: number): State {
    const sorted = [...new Set(places)].sort((a, b) => a - b);
    const key = `${what}:${sorted.join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      state = {
        places: sorted,
        before: what,
        nexts: new Array(charCount).fill(undefined),
        isMatch: undefined,
      };
      this.#states.set(key, state);
    }
    return state;
  }

  /** The places that can be reached without a character, when `code` comes next. */
  #closure(
    state: State,
    code: number,
  ): Iterable<number> & { some(test: (place: number) => boolean): boolean } {
    const seen = new Set(state.places);
    const { steps } = this.#program;
    const isBoundary = (state.before === before.word) !== (code !== atEnd && isWordChar(code));
    for (const place of seen) {
      const step = steps[place]!;
      if (step.kind === 'fork') seen.add(step.next).add(step.other);
      else if (step.kind === 'begin' && state.before === before.nothing) seen.add(step.next);
      else if (step.kind === 'end' && code === atEnd) seen.add(step.next);
      else if (step.kind === 'word-boundary' && isBoundary) seen.add(step.next);
      else if (step.kind === 'no-word-boundary' && !isBoundary) seen.add(step.next);
    }
    return [...seen];
  }
}
