import { mostProgressLength, type Progress } from '../queues/progress.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { CommitOptions, Transaction } from './channel.ts';
import type { FateListener } from './lifetime.ts';

type State = 'open' | 'committing' | 'committed' | 'rolled back';

/**
 * The states of a transaction, for channels to build on: the public methods check, the `do…` methods work. A commit
 * that fails leaves the transaction open, so that it can be rolled back or committed again (Flume's
 * BasicTransactionSemantics).
 */
export abstract class BasicTransaction implements Transaction {
  /** Whether the channel keeps what was put beyond the process: the fate of a put is then `held` once it commits. */
  protected readonly heldAtCommit: boolean = false;
  /** Who is to be told at the commit. */
  #listeners: FateListener[] | null = null;
  readonly #channelName: string;
  #state: State = 'open';

  constructor(channelName: string) {
    this.#channelName = channelName;
  }

  /** `onFate` is for channels that hold the events in the process; absent where they are held at the commit. */
  protected abstract doPut(batch: EventBatch, onFate?: FateListener): Promise<void>;
  protected abstract doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null>;
  protected abstract doCommit(options?: CommitOptions): Promise<void>;
  /** Must not throw. */
  protected abstract doRollback(): Promise<void>;

  /** For channels that keep it: `progress` belongs to this transaction. Comes after `doPut` of its batch. */
  protected doProgress(_progress: Progress): void {}

  async put(batch: EventBatch, onFate?: FateListener, progress?: Progress): Promise<void> {
    this.#assertOpen('put');
    if (progress !== undefined && progress.key.length + progress.place.length > mostProgressLength)
      throw new RangeError(
        `progress of ${progress.key.slice(0, 80)} has more than ${mostProgressLength} characters`,
      );
    if (batch.count > 0) await this.doPut(batch, this.heldAtCommit ? undefined : onFate);
    if (progress !== undefined) this.doProgress(progress);
    if (onFate === undefined || (batch.count > 0 && !this.heldAtCommit)) return;
    this.#listeners ??= [];
    this.#listeners.push(onFate);
  }

  async take(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    this.#assertOpen('take');
    return await this.doTake(maxEvents, signal);
  }

  async commit(options?: CommitOptions): Promise<void> {
    this.#assertOpen('commit');
    this.#state = 'committing';
    try {
      await this.doCommit(options);
      this.#state = 'committed';
    } catch (error) {
      this.#state = 'open';
      throw error;
    }
    // Of a channel that is no `heldAtCommit` these are puts of nothing.
    for (const onFate of this.#listeners ?? []) onFate(this.heldAtCommit ? 'held' : 'delivered');
  }

  async rollback(): Promise<void> {
    this.#assertOpen('rollback');
    this.#state = 'rolled back';
    await this.doRollback();
  }

  /** For channels whose transactions either put or take. */
  protected mixed(what: string, others: string): MillraceError {
    return new MillraceError(
      'TRANSACTION_STATE',
      `channel ${this.#channelName}: ${what} in a transaction that already holds ${others}`,
    );
  }

  #assertOpen(what: string): void {
    if (this.#state === 'open') return;
    throw new MillraceError(
      'TRANSACTION_STATE',
      `channel ${this.#channelName}: ${what} in a transaction that is ${this.#state}`,
    );
  }
}
