import { AbortedTransactions } from './aborted-transactions.ts';
import type { EndedTransaction, ProducerStates } from './producer-state.ts';

/**
 * The transactions of a partition as its log shows them: up to where all of them are decided (the last stable offset),
 * and which were aborted. One counts as undecided until consumers can see its marker, as in Kafka.
 */
export class PartitionTransactions {
  readonly aborted: AbortedTransactions = new AbortedTransactions();
  readonly #producers: ProducerStates;
  /** Ended by markers that consumers may not see yet, in the order of the markers. */
  #ended: EndedTransaction[] = [];

  constructor(producers: ProducerStates) {
    this.#producers = producers;
  }

  /** A marker of a transaction with records was appended. */
  ended(transaction: EndedTransaction): void {
    this.#ended.push(transaction);
    this.replayed(transaction);
  }

  /** The same for a marker that is read back: consumers have seen it. */
  replayed(transaction: EndedTransaction): void {
    if (transaction.committed) return;
    const { producerId, firstOffset, lastOffset } = transaction;
    const lastStableOffset = this.#producers.firstOpenOffset(producerId) ?? lastOffset + 1;
    this.aborted.add({ producerId, firstOffset, lastOffset, lastStableOffset });
  }

  /** Below it everything is decided; never above what consumers see. */
  stableOffset(highWatermark: number, startOffset: number): number {
    while (this.#ended.length > 0 && this.#ended[0]!.lastOffset < highWatermark) this.#ended.shift();
    let stable = this.#producers.firstOpenOffset() ?? highWatermark;
    for (const { firstOffset } of this.#ended) stable = Math.min(stable, firstOffset);
    return Math.min(highWatermark, Math.max(stable, startOffset));
  }

  /** The log lost what it held from `offset` on. */
  cut(offset: number): void {
    const reopened = this.#ended.filter(({ lastOffset }) => lastOffset >= offset);
    this.#ended = this.#ended.filter(({ lastOffset }) => lastOffset < offset);
    this.aborted.dropFrom(offset);
    this.#producers.forgetFrom(offset, reopened);
  }

  clear(): void {
    this.#ended = [];
    this.aborted.clear();
  }
}
