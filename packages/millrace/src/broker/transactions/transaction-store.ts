import type { CoordinatorState, ProducerStamp } from '../group/coordinator-runtime.ts';
import type { Transaction } from './transaction.ts';
import type { TransactionRecord } from './transaction-records.ts';

/** Transactional ids as the records of `__transaction_state` make them. */
export class TransactionStore implements CoordinatorState<TransactionRecord> {
  readonly #byId = new Map<string, Transaction>();
  readonly #onLoaded: () => void;

  constructor(onLoaded: () => void) {
    this.#onLoaded = onLoaded;
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#byId.get(transactionalId);
  }

  all(): Iterable<Transaction> {
    return this.#byId.values();
  }

  apply({ transactionalId, value }: TransactionRecord): void {
    if (value === null) this.#byId.delete(transactionalId);
    else this.#byId.set(transactionalId, value);
  }

  *live(): Generator<TransactionRecord> {
    for (const value of this.#byId.values()) yield { transactionalId: value.transactionalId, value };
  }

  clear(): void {
    this.#byId.clear();
  }

  loaded(): void {
    this.#onLoaded();
  }

  // Its own records belong to no transaction.
  ended(): void {}
  closing(): TransactionRecord[] {
    return [];
  }
  open(): { stamp: ProducerStamp; records: TransactionRecord[] }[] {
    return [];
  }
}
