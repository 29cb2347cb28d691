import type { EventBatch } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { Transaction } from './channel.ts';

type State = 'open' | 'committing' | 'committed' | 'rolled back';

/**
 * The states of a transaction, for channels to build on: the public methods check, the `do…` methods work. A commit
 * that fails leaves the transaction open, so that it can be rolled back or committed again (Flume's
 * BasicTransactionSemantics).
 */
export abstract class BasicTransaction implements Transaction {
  readonly #channelName: string;
  #state: State = 'open';

  constructor(channelName: string) {
    this.#channelName = channelName;
  }

  protected abstract doPut(batch: EventBatch): Promise<void>;
  protected abstract doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null>;
  protected abstract doCommit(): Promise<void>;
  /** Must not throw. */
  protected abstract doRollback(): Promise<void>;

  async put(batch: EventBatch): Promise<void> {
    this.#assertOpen('put');
    if (batch.count > 0) await this.doPut(batch);
  }

  async take(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    this.#assertOpen('take');
    return await this.doTake(maxEvents, signal);
  }

  async commit(): Promise<void> {
    this.#assertOpen('commit');
    this.#state = 'committing';
    try {
      await this.doCommit();
      this.#state = 'committed';
    } catch (error) {
      this.#state = 'open';
      throw error;
    }
  }

  async rollback(): Promise<void> {
    this.#assertOpen('rollback');
    this.#state = 'rolled back';
    await this.doRollback();
  }

  #assertOpen(what: string): void {
    if (this.#state === 'open') return;
    throw new MillraceError(
      'TRANSACTION_STATE',
      `channel ${this.#channelName}: ${what} in a transaction that is ${this.#state}`,
    );
  }
}
