import type { FileStore } from '../../clients/file-store/file-store.ts';
import { StoreError } from '../../clients/file-store/store-error.ts';
import type { Bucket } from './bucket-path.ts';
import type { PositionedRun } from './event-positions.ts';
import type { OffsetSpan, RollingFile } from './rolling-file.ts';

/** Events `from` to `to` (exclusive) of a batch: not written yet, on their way in a file, or in the store. */
export interface OffsetPiece {
  readonly from: number;
  readonly to: number;
  readonly by: 'none' | 'store' | RollingFile;
}

/** Of places that are left out so many are kept apart. */
const mostLeftOut = 100;
/** As Kafka Connect writes offsets into names, so that they sort as long as they have no more digits. */
const offsetDigits = 10;
const offsetText = (offset: number) => String(offset).padStart(offsetDigits, '0');

/** The bucket of one partition's events: its files hold no others. */
export function partitionBucket({ folder, prefix }: Bucket, topic: string, partition: number): Bucket {
  const own = `${prefix === '' ? '' : `${prefix}.`}${topic}+${partition}`;
  return { folder, prefix: own, key: `${folder}/${own}` };
}

/** `FOLDER/PREFIX.TOPIC+PARTITION+FIRST+LAST[SUFFIX]`. */
export function spanName({ folder, prefix }: Bucket, { first, last }: OffsetSpan, suffix: string): string {
  const name = `${prefix}+${offsetText(first)}+${offsetText(last)}${suffix}`;
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * Which offsets of one partition are in one bucket. A file's name says from which to which: all events of the partition
 * that belong to the bucket and lie between are in it, so what is read again is known by its offset. For that a file
 * never goes on over a gap in which something is that is not safe yet, nor over another file.
 */
export class CoveredOffsets {
  readonly #bucket: Bucket;
  readonly #store: FileStore;
  /** Of files in the store. */
  #stored: OffsetSpan[] = [];
  readonly #own = new Set<RollingFile>();
  /** Where events come again: their file has failed, or they got into none. */
  #leftOut: OffsetSpan[] = [];
  /** What is in the store is known as far as it matters. */
  #isFresh = false;
  #lastSeen = -1;
  /** Events of the last run were there already. */
  wasCovered = false;

  constructor(bucket: Bucket, store: FileStore) {
    this.#bucket = bucket;
    this.#store = store;
  }

  get isIdle(): boolean {
    return this.#own.size === 0 && this.#leftOut.length === 0;
  }

  /** Looks into the store where it may hold what is not known here; has to come before `pieces`. */
  async look(first: number, last: number): Promise<void> {
    if (!this.#isFresh || first <= this.#lastSeen) {
      this.#stored = await this.#list((span) => span.last >= first);
      this.#isFresh = true;
    }
    this.#lastSeen = last;
  }

  *pieces({ from, to, offsetAt }: PositionedRun): Iterable<OffsetPiece> {
    for (let at = from; at < to; ) {
      const offset = offsetAt(at);
      const { by, until } = this.#at(offset);
      const end = until === null ? to : firstAtLeast(until, at + 1, to, offsetAt);
      yield { from: at, to: end, by };
      at = end;
    }
  }

  /** Whether the file may take an event with this offset next. */
  mayExtend(file: RollingFile, offset: number): boolean {
    const { span } = file;
    if (span === null) return true;
    if (offset <= span.last) return false;
    const isBetween = (other: OffsetSpan) => other.first < offset && other.last > span.last;
    for (const { span: own } of this.#own) if (own !== null && own !== span && isBetween(own)) return false;
    const isLeftOut = ({ first, last }: OffsetSpan) =>
      Math.max(first, span.last + 1) <= Math.min(last, offset - 1);
    return !this.#stored.some(isBetween) && !this.#leftOut.some(isLeftOut);
  }

  /** Events of these offsets will come again: until they do, no file may go on over them. */
  leaveOut(span: OffsetSpan): void {
    this.come(span);
    this.#leftOut.push(span);
    if (this.#leftOut.length <= mostLeftOut) return;
    const first = Math.min(...this.#leftOut.map((each) => each.first));
    const last = Math.max(...this.#leftOut.map((each) => each.last));
    this.#leftOut = [{ first, last }];
  }

  /** Here they are; no event between the two is still to come. */
  come({ first, last }: OffsetSpan): void {
    if (this.#leftOut.length === 0) return;
    this.#leftOut = this.#leftOut.flatMap((each) =>
      [
        { first: each.first, last: Math.min(each.last, first - 1) },
        { first: Math.max(each.first, last + 1), last: each.last },
      ].filter((rest) => rest.first <= rest.last),
    );
  }

  /** Events were written to the file. */
  note(file: RollingFile): void {
    if (this.#own.has(file)) return;
    this.#own.add(file);
    const over = () => {
      this.#own.delete(file);
      this.#isFresh = false;
    };
    file.done.then(
      () => {
        this.#stored.push(file.span!); // until the next look
        over();
      },
      () => {
        this.leaveOut(file.span!);
        over();
      },
    );
  }

  /** Rejects where somebody else has written some of these offsets meanwhile. */
  async assertFree(span: OffsetSpan): Promise<void> {
    const [other] = await this.#list(({ first, last }) => first <= span.last && last >= span.first);
    if (other === undefined) return;
    this.#isFresh = false;
    const name = spanName(this.#bucket, other, '');
    throw new StoreError(
      'transient',
      `${this.#store.url}: ${name} has these events already; another process wrote it`,
    );
  }

  #at(offset: number): { by: OffsetPiece['by']; until: number | null } {
    let next: number | null = null;
    const see = (span: OffsetSpan): boolean => {
      if (span.first <= offset && offset <= span.last) return true;
      if (span.first > offset && (next === null || span.first < next)) next = span.first;
      return false;
    };
    for (const span of this.#stored) if (see(span)) return { by: 'store', until: span.last + 1 };
    for (const file of this.#own)
      if (file.span !== null && see(file.span)) return { by: file, until: file.span.last + 1 };
    return { by: 'none', until: next };
  }

  async #list(matters: (span: OffsetSpan) => boolean): Promise<OffsetSpan[]> {
    const { folder, prefix } = this.#bucket;
    const startingWith = `${prefix}+`;
    const start = (folder === '' ? '' : `${folder}/`) + startingWith;
    const spans: OffsetSpan[] = [];
    for await (const { name } of this.#store.list(folder, { startingWith })) {
      if (!name.startsWith(start)) continue;
      const [, first, last] = /^(\d{10,16})\+(\d{10,16})(?:\.|$)/.exec(name.slice(start.length)) ?? [];
      if (first === undefined) continue;
      const span = { first: Number(first), last: Number(last) };
      if (matters(span)) spans.push(span);
    }
    return spans;
  }
}

/** The first place from `from` on whose offset is at least so much; `to` where there is none. */
function firstAtLeast(offset: number, from: number, to: number, offsetAt: (i: number) => number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsetAt(middle) >= offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
