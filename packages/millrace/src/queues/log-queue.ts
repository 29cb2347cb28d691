import type { EventBatch } from '../records/event-batch.ts';
import type { EventLog, StoredBatch } from './event-log.ts';

/** A run of events that a transaction has taken. */
export interface TakenRun {
  readonly batch: EventBatch;
  /** Where the channel would go on reading if just this run came back. */
  readonly from: number;
  readonly to: number;
  readonly transactionStart: number;
}

/** Batches that were put lately and are not yet taken stay in memory up to so many bytes: a sink that keeps up reads no file. */
const recentBytes = 16 << 20;

/**
 * The order of events in an `EventLog`: where reading stands, which runs are out with transactions, which came back.
 * The lowest of them is the consumed position.
 */
export class LogQueue {
  readonly #store: EventLog;
  /** The batch that takes are cut from, and its next event. */
  #current: StoredBatch | null = null;
  #currentAt = 0;
  /** Offset behind `#current`. */
  #cursor: number;
  #cursorTransaction: number;
  /** First event that is wanted of the first batch after a start. */
  #skipTo: number;
  /** Runs that came back, by offset. */
  readonly #returned: TakenRun[] = [];
  /** Runs that are out, by offset. */
  readonly #taken: TakenRun[] = [];
  #recent: (StoredBatch | undefined)[] = [];
  /** Where `#recent` begins: shifting a long array costs its length. */
  #recentHead = 0;
  #recentSize = 0;

  constructor(store: EventLog) {
    this.#store = store;
    this.#cursor = store.consumedTransaction;
    this.#cursorTransaction = store.consumedTransaction;
    this.#skipTo = store.consumed;
  }

  /** Remembers what was just appended. */
  remember(stored: readonly StoredBatch[]): void {
    for (const entry of stored) {
      this.#recent.push(entry);
      this.#recentSize += entry.batch.retainedBytes;
    }
    while (this.#recentSize > recentBytes) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#recent[this.#recentHead];
    if (oldest === undefined) return;
    this.#recentSize -= oldest.batch.retainedBytes;
    this.#recent[this.#recentHead++] = undefined;
    if (this.#recentHead < 1024 && this.#recentHead < this.#recent.length) return;
    this.#recent = this.#recent.slice(this.#recentHead);
    this.#recentHead = 0;
  }

  /** Whether a take may find something. */
  get hasEvents(): boolean {
    return this.#returned.length > 0 || this.#current !== null || this.#cursor < this.#store.visibleEnd;
  }

  /** Whether a take of events before this offset may find something. */
  hasEventsBefore(offset: number): boolean {
    const [returned] = this.#returned;
    if (returned !== undefined) return firstOf(returned) < offset;
    if (this.#current !== null) return this.#current.baseOffset + this.#currentAt < offset;
    return this.#cursor < Math.min(offset, this.#store.visibleEnd);
  }

  /**
   * The next run of at most `maxEvents` that begins before offset `before`; null when there is none. Throws what the
   * store's `read` throws.
   */
  take(maxEvents: number, before = Number.POSITIVE_INFINITY): TakenRun | null {
    if (!this.hasEventsBefore(before)) return null;
    const run = this.#returned.length > 0 ? this.#takeReturned(maxEvents) : this.#takeNext(maxEvents, before);
    if (run !== null) insert(this.#taken, run);
    return run;
  }

  #takeReturned(maxEvents: number): TakenRun {
    const first = this.#returned[0]!;
    const { count } = first.batch;
    if (count <= maxEvents) {
      this.#returned.shift();
      return first;
    }
    const middle = first.to - (count - maxEvents);
    const { transactionStart } = first;
    this.#returned[0] = {
      batch: first.batch.slice(maxEvents, count),
      from: middle,
      to: first.to,
      transactionStart,
    };
    return { batch: first.batch.slice(0, maxEvents), from: first.from, to: middle, transactionStart };
  }

  #takeNext(maxEvents: number, before: number): TakenRun | null {
    if (this.#current === null && !this.#advance()) return null;
    const current = this.#current!;
    if (current.baseOffset + this.#currentAt >= before) return null;
    const { batch, baseOffset, transactionStart } = current;
    const at = this.#currentAt;
    const end = Math.min(batch.count, at + maxEvents);
    const from = at === 0 ? current.from : baseOffset + at;
    const to = end === batch.count ? current.to : baseOffset + end;
    if (end === batch.count) this.#current = null;
    this.#currentAt = end;
    return { batch: batch.slice(at, end), from, to, transactionStart };
  }

  /** Makes the next batch the current one, from memory where it is there. */
  #advance(): boolean {
    while (this.#cursor < this.#store.visibleEnd) {
      const next = this.#fromMemory() ?? this.#store.read(this.#cursor);
      if (next === null) {
        if (this.#store.emptyUntil > this.#cursor)
          this.#cursor = this.#cursorTransaction = this.#store.emptyUntil;
        return false;
      }
      this.#cursor = next.to;
      this.#cursorTransaction = next.transactionStart;
      if (next.to <= this.#skipTo) continue;
      this.#current = next;
      this.#currentAt = Math.max(0, this.#skipTo - next.baseOffset);
      return true;
    }
    return false;
  }

  get #oldest(): StoredBatch | undefined {
    return this.#recent[this.#recentHead];
  }

  #fromMemory(): StoredBatch | null {
    for (let first = this.#oldest; first !== undefined; first = this.#oldest) {
      if (first.from > this.#cursor) return null;
      if (first.from === this.#cursor) {
        if (first.to > this.#store.visibleEnd) return null;
        this.#forgetOldest();
        return first;
      }
      this.#forgetOldest();
    }
    return null;
  }

  /** The run is done with. */
  commit(run: TakenRun): void {
    this.#taken.splice(this.#taken.indexOf(run), 1);
  }

  /** The run comes back to its place. */
  giveBack(run: TakenRun): void {
    this.#taken.splice(this.#taken.indexOf(run), 1);
    insert(this.#returned, run);
  }

  /** Whether nothing is out, nothing came back and all that can be read was read. */
  get isIdle(): boolean {
    return this.#taken.length === 0 && !this.hasEvents;
  }

  /** Where reading stands before damage that `repair` sets aside. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Everything below is done with; and the offset from which on the log is needed to read what is not. */
  get consumed(): { readonly offset: number; readonly transaction: number } {
    const lowest = lower(this.#taken[0], this.#returned[0]);
    if (lowest !== undefined)
      return { offset: lowest.from, transaction: Math.min(lowest.transactionStart, lowest.from) };
    const { baseOffset = 0, transactionStart = 0 } = this.#current ?? {};
    if (this.#current !== null)
      return { offset: baseOffset + this.#currentAt, transaction: transactionStart };
    return { offset: this.#cursor, transaction: this.#cursorTransaction };
  }
}

/** Offset of a run's first event; `from` may be lower. */
function firstOf(run: TakenRun): number {
  return run.to - run.batch.count;
}

function insert(runs: TakenRun[], run: TakenRun): void {
  let at = runs.length;
  while (at > 0 && runs[at - 1]!.from > run.from) at--;
  runs.splice(at, 0, run);
}

function lower(a: TakenRun | undefined, b: TakenRun | undefined): TakenRun | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.from < b.from ? a : b;
}
