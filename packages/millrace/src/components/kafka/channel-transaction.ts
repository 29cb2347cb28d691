import type { CommitOptions } from '../../component/channel.ts';
import type { TakenPositions } from '../../component/positions.ts';
import { BasicTransaction } from '../../component/transaction.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { ChannelReader } from './channel-reader.ts';
import type { TakePiece } from './channel-takes.ts';
import type { KafkaChannelCounter } from './counters.ts';

/** What a transaction works on. */
export interface ChannelWays {
  readonly name: string;
  readonly counter: KafkaChannelCounter;
  readonly reader: ChannelReader;
  /** Resolves when all events are acknowledged or set aside; gives how many were set aside. */
  send(batches: readonly EventBatch[], signal?: AbortSignal): Promise<number>;
}

/** Puts, or takes; not both. */
export class KafkaTransaction extends BasicTransaction {
  protected override readonly heldAtCommit = true;
  readonly #channel: ChannelWays;
  readonly #signal: AbortSignal | undefined;
  readonly #puts: EventBatch[] = [];
  readonly #taken: TakePiece[] = [];
  /** Records of the pieces without those that are no events. */
  #takenEvents = 0;

  /** Its positions will be asked for: nobody else takes meanwhile. */
  readonly isAlone: boolean;
  #told = false;

  constructor(channel: ChannelWays, signal: AbortSignal | undefined, isAlone: boolean) {
    super(channel.name);
    this.#channel = channel;
    this.#signal = signal;
    this.isAlone = isAlone;
  }

  positions(): TakenPositions | null {
    this.#told = true;
    return this.#channel.reader.positionsOf(this.#taken);
  }

  protected override async doPut(batch: EventBatch): Promise<void> {
    if (this.#taken.length > 0) throw mixed(this.#channel.name);
    this.#puts.push(batch);
    this.#channel.counter.eventPutAttempt += batch.count;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    if (this.#puts.length > 0) throw mixed(this.#channel.name);
    for (;;) {
      // A poll may take partitions away, and that waits for open takes: one that holds events must not wait for itself.
      const piece = await this.#channel.reader.takePiece(this, maxEvents, this.#taken.length === 0, signal);
      if (piece === null) return null;
      this.#taken.push(piece);
      const events = await this.#channel.reader.eventsOf(piece);
      this.#channel.counter.eventTakeAttempt += events.count;
      if (events.count > 0) {
        this.#takenEvents += events.count;
        return events;
      }
      // All of it was set aside: whatever becomes of this transaction, it is done with.
      this.#taken.pop();
      await this.#channel.reader.finish([piece]);
      if (this.#taken.length === 0) this.#channel.reader.leave(this);
    }
  }

  protected override async doCommit(options: CommitOptions = {}): Promise<void> {
    const { counter } = this.#channel;
    if (this.#puts.length > 0) {
      const setAside = await this.#channel.send(this.#puts, this.#signal);
      counter.eventPutSuccess += countOf(this.#puts) - setAside;
      counter.eventRefused += setAside;
    } else if (this.#taken.length > 0) {
      await this.#channel.reader.finish(this.#taken, options.by === 'sink');
      this.#channel.reader.leave(this);
      counter.eventTakeSuccess += this.#takenEvents;
    }
  }

  protected override async doRollback(): Promise<void> {
    if (this.#taken.length === 0) return;
    this.#channel.counter.rollbackCount += countOf(this.#taken.map(({ batch }) => batch));
    if (this.#told) this.#channel.reader.rewind(this.#taken);
    else this.#channel.reader.giveBack(this.#taken);
    this.#channel.reader.leave(this);
  }
}

const countOf = (batches: readonly EventBatch[]): number =>
  batches.reduce((sum, { count }) => sum + count, 0);

const mixed = (name: string): MillraceError =>
  new MillraceError('TRANSACTION_STATE', `channel ${name}: a transaction puts or takes, not both`);
