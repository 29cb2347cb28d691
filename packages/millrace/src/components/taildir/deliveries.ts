import type { Fate } from '../../component/lifetime.ts';
import type { ContentMark } from '../../tracking/content-mark.ts';

/** A place in a file, and what stands before it. */
export interface FilePlace {
  readonly position: number;
  readonly mark: ContentMark;
}

interface Span {
  readonly from: FilePlace;
  readonly to: FilePlace;
  fate: Fate | null;
  /** Of what belongs to it in another file: told that it is lost, or delivered once all before it is. */
  readonly onFate?: ((fate: Fate) => void) | undefined;
}

/**
 * What became of the lines taken from one file, in their order: up to where all are delivered, and where the first lost
 * one stands. One entry per batch that is under way.
 */
export class Deliveries<F> {
  /** Whose lines these are: the file, or the copy that goes on in its place. */
  owner: F;
  #spans: Span[] = [];
  #first = 0;

  constructor(owner: F) {
    this.owner = owner;
  }

  /** A batch is put; `to` is where it ends. */
  begin(from: FilePlace, to: FilePlace, onFate?: (fate: Fate) => void): Span {
    const span: Span = { from, to, fate: null, onFate };
    this.#spans.push(span);
    return span;
  }

  /** The put was given up: its lines are read again. Only the last one can be. */
  giveUp(span: Span): void {
    if (this.#spans.at(-1) === span) this.#spans.pop();
  }

  /** The place up to which everything is delivered or held by now, where that has changed; else null. */
  settle(span: Span, fate: Fate): FilePlace | null {
    span.fate = fate;
    if (fate === 'lost') span.onFate?.(fate);
    let done: FilePlace | null = null;
    for (; this.#first < this.#spans.length; this.#first++) {
      const { fate: known, to, onFate } = this.#spans[this.#first]!;
      if (known !== 'delivered' && known !== 'held') break;
      done = to;
      onFate?.(known);
    }
    if (this.#first > 64 && this.#first * 2 > this.#spans.length) {
      this.#spans = this.#spans.slice(this.#first);
      this.#first = 0;
    }
    return done;
  }

  /** Where the first lost line stands; null where none is lost. */
  get firstLost(): FilePlace | null {
    for (let i = this.#first; i < this.#spans.length; i++) {
      if (this.#spans[i]!.fate === 'lost') return this.#spans[i]!.from;
    }
    return null;
  }

  /** Batches whose fate is not known yet, or that wait for one before them. */
  get count(): number {
    return this.#spans.length - this.#first;
  }
}

export type { Span };
