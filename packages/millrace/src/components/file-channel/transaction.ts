import { BasicTransaction } from '../../component/transaction.ts';
import type { TakenRun } from '../../queues/log-queue.ts';
import type { Progress } from '../../queues/progress.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { FileChannelCounter } from './counter.ts';

/** What a transaction asks of its channel. */
interface ChannelSide {
  readonly name: string;
  readonly counter: FileChannelCounter;
  readonly transactionCapacity: number;
  /** Waits for room; throws `CHANNEL_FULL`. */
  reserve(events: number, signal?: AbortSignal): Promise<void>;
  unreserve(events: number): void;
  /** Resolves when the batches are on the device. */
  store(batches: readonly EventBatch[], events: number, progress: readonly Progress[]): Promise<void>;
  /** Progress without events. */
  note(progress: readonly Progress[]): void;
  takeRun(maxEvents: number): Promise<TakenRun | null>;
  consume(runs: readonly TakenRun[], events: number): void;
  giveBack(runs: readonly TakenRun[]): void;
}

/** One transaction of a file channel: either puts or takes, never both (Flume's FileBackedTransaction). */
export class FileTransaction extends BasicTransaction {
  protected override readonly heldAtCommit = true;
  readonly #channel: ChannelSide;
  readonly #signal: AbortSignal | undefined;
  #puts: EventBatch[] = [];
  #putCount = 0;
  #progress: Progress[] = [];
  #takes: TakenRun[] = [];
  #takeCount = 0;

  /** The signal ends a put's wait for room. */
  constructor(channel: ChannelSide, signal?: AbortSignal) {
    super(channel.name);
    this.#signal = signal;
    this.#channel = channel;
  }

  protected override async doPut(batch: EventBatch): Promise<void> {
    const { counter, transactionCapacity, name } = this.#channel;
    counter.eventPutAttempt += batch.count;
    if (this.#takeCount > 0) throw this.mixed('a put', 'takes');
    if (this.#putCount + batch.count > transactionCapacity) {
      throw new MillraceError(
        'TRANSACTION_TOO_BIG',
        `Put queue for FileBackedTransaction of capacity ${transactionCapacity} full, consider committing more frequently, increasing capacity or increasing thread count. [channel=${name}]`,
        { details: { channel: name, transactionCapacity } },
      );
    }
    await this.#channel.reserve(batch.count, this.#signal);
    this.#puts.push(batch);
    this.#putCount += batch.count;
  }

  protected override doProgress(progress: Progress): void {
    this.#progress.push(progress);
  }

  protected override async doTake(maxEvents: number): Promise<EventBatch | null> {
    const { counter, transactionCapacity } = this.#channel;
    if (this.#putCount > 0) throw this.mixed('a take', 'puts');
    const most = Math.min(maxEvents, transactionCapacity - this.#takeCount);
    if (most <= 0) return null;
    const run = await this.#channel.takeRun(most);
    counter.eventTakeAttempt += run === null ? 1 : run.batch.count;
    if (run === null) return null;
    this.#takes.push(run);
    this.#takeCount += run.batch.count;
    return run.batch;
  }

  protected override async doCommit(): Promise<void> {
    if (this.#puts.length > 0) {
      await this.#channel.store(this.#puts, this.#putCount, this.#progress);
      this.#puts = [];
    } else if (this.#takes.length > 0) {
      this.#channel.consume(this.#takes, this.#takeCount);
      this.#takes = [];
    } else if (this.#progress.length > 0) this.#channel.note(this.#progress);
    this.#progress = [];
  }

  protected override async doRollback(): Promise<void> {
    if (this.#putCount > 0) this.#channel.unreserve(this.#putCount);
    if (this.#takes.length > 0) this.#channel.giveBack(this.#takes);
    this.#puts = [];
    this.#takes = [];
  }
}
