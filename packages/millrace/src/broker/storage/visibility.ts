import type { Log } from '../../log/log.ts';
import type { PartitionTransactions } from './partition-transactions.ts';

/** Told when more of a partition can be read, with how many bytes, and when nothing can be any more (`bytes` 0). */
export interface Watcher {
  /** Whether it waits for what transactions have decided; else for all that can be seen. */
  readonly readsCommitted: boolean;
  advanced(bytes: number): void;
}

/** Bytes are not counted where transactions held them back: whoever waits looks for himself. */
const someBytes = Number.MAX_SAFE_INTEGER;

/**
 * How far a partition's log reaches, for whom: its end, for producers; the high watermark, below which consumers see,
 * and which is what the device has where durability is promised; the last stable offset. Whoever waits for more is
 * told of exactly the bytes that became visible, when they do.
 */
export class Visibility {
  readonly #log: Log;
  readonly #transactions: PartitionTransactions;
  readonly #hidesUntilDurable: boolean;
  readonly #watchers: Set<Watcher>;
  /** Appends that are not visible yet: the offset behind each, and its size. */
  #ends: number[] = [];
  #sizes: number[] = [];
  #first = 0;
  #toldWatermark: number;
  #toldStable: number;

  /** The watchers outlive the log: they may have come before it could be opened. */
  constructor(
    log: Log,
    transactions: PartitionTransactions,
    hidesUntilDurable: boolean,
    watchers: Set<Watcher>,
  ) {
    this.#log = log;
    this.#transactions = transactions;
    this.#hidesUntilDurable = hidesUntilDurable;
    this.#watchers = watchers;
    this.#toldWatermark = this.highWatermark;
    this.#toldStable = this.lastStableOffset;
  }

  get highWatermark(): number {
    return this.#hidesUntilDurable ? this.#log.durableEndOffset : this.#log.endOffset;
  }

  /** Where the first transaction that is not decided begins, else the high watermark. */
  get lastStableOffset(): number {
    return this.#transactions.stableOffset(this.highWatermark, this.#log.startOffset);
  }

  /** Whether something was appended that consumers do not see yet. */
  get isBehind(): boolean {
    return this.highWatermark < this.#log.endOffset;
  }

  appended(sizeBytes: number): void {
    this.#ends.push(this.#log.endOffset);
    this.#sizes.push(sizeBytes);
    if (!this.#hidesUntilDurable) this.announce();
  }

  /** The log lost its records from `firstLostOffset` on: they never become visible. */
  cut(firstLostOffset: number): void {
    while (this.#ends.length > this.#first && this.#ends.at(-1)! > firstLostOffset) {
      this.#ends.pop();
      this.#sizes.pop();
    }
  }

  /** Tells the watchers of what has become visible since the last call. */
  announce(): void {
    const limit = this.highWatermark;
    let bytes = 0;
    while (this.#first < this.#ends.length && this.#ends[this.#first]! <= limit)
      bytes += this.#sizes[this.#first++]!;
    if (this.#first === this.#ends.length) {
      this.#ends.length = 0;
      this.#sizes.length = 0;
      this.#first = 0;
    } else if (this.#first > 1024) {
      this.#ends = this.#ends.slice(this.#first);
      this.#sizes = this.#sizes.slice(this.#first);
      this.#first = 0;
    }
    const stable = this.lastStableOffset;
    const stableBytes = this.#stableBytes(bytes, limit, stable);
    this.#toldWatermark = limit;
    this.#toldStable = stable;
    if (this.#watchers.size === 0) return;
    for (const watcher of [...this.#watchers]) {
      const more = watcher.readsCommitted ? stableBytes : bytes;
      if (more > 0) watcher.advanced(more);
    }
  }

  /** How much more of what is decided there is, where `bytes` have become visible. */
  #stableBytes(bytes: number, watermark: number, stable: number): number {
    if (stable === watermark && this.#toldStable === this.#toldWatermark) return bytes;
    return stable > this.#toldStable ? someBytes : 0;
  }
}
