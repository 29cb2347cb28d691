import type { Segment } from './segment.ts';

/** Segments besides the active one whose file and indexes stay open. */
const maxOpenSegments = 8;
const maxHints = 16;

/**
 * The segments of a log in the order of their offsets, never none; the last is the active one. Keeps few of the others
 * open, and remembers where readers stand, so that who reads on needs no index.
 */
export class SegmentList implements Iterable<Segment> {
  readonly #segments: Segment[];
  /** Least recently read first. */
  readonly #open: Segment[] = [];
  /** Next offset of a reader → where its batch starts. */
  readonly #hints = new Map<number, { readonly segment: Segment; readonly position: number }>();
  /** Whether a segment must stay open although it was not read for long: a sync of it is due. */
  readonly #isBusy: (segment: Segment) => boolean;

  constructor(segments: readonly Segment[], isBusy: (segment: Segment) => boolean) {
    this.#segments = [...segments];
    this.#isBusy = isBusy;
  }

  get length(): number {
    return this.#segments.length;
  }

  get active(): Segment {
    return this.#segments[this.#segments.length - 1]!;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  /** Segment number `i`; undefined behind the end. */
  at(i: number): Segment | undefined {
    return this.#segments[i];
  }

  /** Goes through a copy of the list and marks each segment as read. */
  *[Symbol.iterator](): Generator<Segment> {
    for (const segment of [...this.#segments]) {
      this.touch(segment);
      yield segment;
    }
  }

  /** Number of the last segment whose base is at or below `offset`. */
  find(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Puts others in the place of a segment. */
  replace(segment: Segment, others: readonly Segment[]): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1, ...others);
    const open = this.#open.indexOf(segment);
    if (open >= 0) this.#open.splice(open, 1);
    this.#hints.clear();
  }

  /** Keeps the segment open, and closes the one that was not read for longest. */
  touch(segment: Segment): void {
    if (segment === this.active || segment === this.#open.at(-1)) return;
    const at = this.#open.indexOf(segment);
    if (at >= 0) this.#open.splice(at, 1);
    this.#open.push(segment);
    if (this.#open.length <= maxOpenSegments) return;
    const oldest = this.#open.shift()!;
    if (oldest !== this.active && !this.#isBusy(oldest)) oldest.release();
  }

  /** Where the first batch that ends at or after `offset` starts in the segment; its size when there is none. */
  locate(segment: Segment, offset: number): number {
    const hint = this.#hints.get(offset);
    if (hint?.segment !== segment) return segment.locate(offset);
    this.#hints.delete(offset);
    return hint.position;
  }

  /** Remembers where a reader goes on. */
  remember(nextOffset: number, segment: Segment, position: number): void {
    if (this.#hints.size >= maxHints) {
      for (const oldest of this.#hints.keys()) {
        this.#hints.delete(oldest);
        break;
      }
    }
    this.#hints.set(nextOffset, { segment, position });
  }

  /** Positions are not what they were: the log was cut. */
  forgetHints(): void {
    this.#hints.clear();
  }

  /** Closes all files. */
  release(): void {
    for (const segment of this.#segments) segment.release();
  }
}
