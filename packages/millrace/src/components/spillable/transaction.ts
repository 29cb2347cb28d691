import type { FateListener } from '../../component/lifetime.ts';
import type { PutFate } from '../../component/put-fate.ts';
import { BasicTransaction } from '../../component/transaction.ts';
import type { SpilledRun } from '../../queues/spilling-queue.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { SpillableChannel } from './channel.ts';

/** A run that a take has. */
export type Run = SpilledRun<PutFate | undefined>;

/** A batch that waits for the commit of its put. */
export interface WaitingPut {
  readonly batch: EventBatch;
  readonly slots: number;
  readonly onFate: FateListener | undefined;
}

/** One transaction of a spillable channel: either puts or takes, never both; takes may come from memory and files. */
export class SpillableTransaction extends BasicTransaction {
  readonly #channel: SpillableChannel;
  readonly #signal: AbortSignal | undefined;
  #puts: WaitingPut[] = [];
  #putCount = 0;
  #takes: Run[] = [];
  #takeCount = 0;
  #isCutOff = false;

  constructor(channel: SpillableChannel, signal: AbortSignal | undefined) {
    super(channel.name);
    this.#channel = channel;
    this.#signal = signal;
  }

  /** The channel is stopped: what this transaction has taken is the channel's again, and its commit fails. */
  cutOff(): readonly Run[] {
    this.#isCutOff = true;
    return this.#takes.splice(0);
  }

  /** A run is with this transaction: told by the channel in the same turn in which it left the queue. */
  has(run: Run): void {
    this.#takes.push(run);
    this.#takeCount += run.batch.count;
  }

  protected override async doPut(batch: EventBatch, onFate?: FateListener): Promise<void> {
    const { counter, transactionCapacity, name } = this.#channel;
    counter.eventPutAttempt += batch.count;
    if (this.#takeCount > 0) throw this.mixed('a put', 'takes');
    if (this.#putCount + batch.count > transactionCapacity) {
      throw new MillraceError(
        'TRANSACTION_TOO_BIG',
        `Put queue in ${name} channel's Transaction having capacity ${transactionCapacity} full, consider reducing batch size of sources`,
        { details: { channel: name, transactionCapacity } },
      );
    }
    const slots = this.#channel.slotsOf(batch);
    this.#puts.push({ batch: batch.compact(), slots, onFate });
    this.#putCount += batch.count;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    const { counter, transactionCapacity } = this.#channel;
    if (this.#putCount > 0) throw this.mixed('a take', 'puts');
    const most = Math.min(maxEvents, transactionCapacity - this.#takeCount);
    if (most <= 0) return null;
    const run = await this.#channel.takeRun(this, most, this.#takeCount === 0, signal);
    counter.eventTakeAttempt += run === null ? 1 : run.batch.count;
    return run?.batch ?? null;
  }

  protected override async doCommit(): Promise<void> {
    if (this.#isCutOff) throw this.#channel.closedError();
    if (this.#puts.length > 0) {
      await this.#channel.store(this.#puts, this.#putCount, this.#signal);
      this.#puts = [];
    } else if (this.#takes.length > 0) {
      this.#channel.consume(this.#takes, this.#takeCount);
      this.#takes = [];
    }
    this.#channel.ended(this);
  }

  protected override async doRollback(): Promise<void> {
    this.#channel.giveBack(this.#takes);
    this.#puts = [];
    this.#takes = [];
    this.#channel.ended(this);
  }
}
