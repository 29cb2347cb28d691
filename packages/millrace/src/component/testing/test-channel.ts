import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Channel, ChannelStopOptions, Transaction } from '../channel.ts';
import { ChannelCounter } from '../counters.ts';
import type { FateListener } from '../lifetime.ts';
import { PutFate } from '../put-fate.ts';
import { BasicTransaction } from '../transaction.ts';

/** A run of events, with its place in the order of all. */
interface Item {
  readonly place: number;
  readonly batch: EventBatch;
  readonly fate: PutFate | undefined;
}

/** A channel for testing sinks and sources: no limits, no waiting, told to fail on demand, and it says what goes on. */
export class TestChannel implements Channel {
  readonly name: string;
  readonly counter = new ChannelCounter();
  readonly transactionCapacity: number;
  readonly bell = new Bell();
  /** What can be taken, in order. */
  items: Item[] = [];
  nextPlace = 0;
  eventCount = 0;
  openTransactions = 0;
  commits = 0;
  rollbacks = 0;
  /** While set, commits of puts fail with it. */
  refusal: MillraceError | null = null;

  constructor(name = 'c1', limits: { readonly transactionCapacity?: number } = {}) {
    this.name = name;
    this.transactionCapacity = limits.transactionCapacity ?? Number.POSITIVE_INFINITY;
  }

  async start(): Promise<void> {}
  /** What is held is lost, unless it is kept; it can still be taken. */
  async stop(options?: ChannelStopOptions): Promise<void> {
    for (const { fate } of this.items) fate?.tell(options?.kept === true ? 'held' : 'lost');
  }

  begin(): Transaction {
    this.openTransactions++;
    return new TestTransaction(this);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.items.length === 0) await this.bell.wait(maxMs, signal);
  }

  /** Puts a batch without a transaction. */
  add(batch: EventBatch, onFate?: FateListener): void {
    const fate = onFate && new PutFate(batch.count, onFate);
    this.items.push({ place: this.nextPlace, batch, fate });
    this.nextPlace += batch.count;
    this.eventCount += batch.count;
    this.bell.ring();
  }

  /** The bodies of all that can be taken, as text. */
  bodies(): string[] {
    return this.items.flatMap(({ batch }) => [...batch].map((event) => event.body.toString('utf8')));
  }
}

class TestTransaction extends BasicTransaction {
  readonly #channel: TestChannel;
  #puts: { readonly batch: EventBatch; readonly onFate: FateListener | undefined }[] = [];
  #taken: Item[] = [];

  constructor(channel: TestChannel) {
    super(channel.name);
    this.#channel = channel;
  }

  protected override async doPut(batch: EventBatch, onFate?: FateListener): Promise<void> {
    const held = this.#puts.reduce((sum, put) => sum + put.batch.count, 0);
    const { transactionCapacity } = this.#channel;
    if (held + batch.count > transactionCapacity) {
      throw new MillraceError(
        'TRANSACTION_TOO_BIG',
        `more than ${transactionCapacity} events in a transaction`,
      );
    }
    this.#puts.push({ batch, onFate });
  }

  protected override async doTake(maxEvents: number): Promise<EventBatch | null> {
    const first = this.#channel.items.shift();
    if (first === undefined) return null;
    const { fate } = first;
    const taken = {
      place: first.place,
      batch: first.batch.slice(0, Math.min(maxEvents, first.batch.count)),
      fate,
    };
    const { count } = taken.batch;
    if (count < first.batch.count) {
      this.#channel.items.unshift({
        place: first.place + count,
        batch: first.batch.slice(count, first.batch.count),
        fate,
      });
    }
    this.#taken.push(taken);
    return taken.batch;
  }

  protected override async doCommit(): Promise<void> {
    const channel = this.#channel;
    if (channel.refusal !== null && this.#puts.length > 0) throw channel.refusal;
    for (const { batch, fate } of this.#taken) {
      channel.eventCount -= batch.count;
      fate?.delivered(batch.count);
    }
    for (const { batch, onFate } of this.#puts) channel.add(batch, onFate);
    channel.openTransactions--;
    channel.commits++;
  }

  protected override async doRollback(): Promise<void> {
    const channel = this.#channel;
    channel.items = [...channel.items, ...this.#taken].sort((a, b) => a.place - b.place);
    channel.openTransactions--;
    channel.rollbacks++;
    if (this.#taken.length > 0) channel.bell.ring();
  }
}

/** The error of a full channel, for `refusal`. */
export function fullChannel(name = 'c1'): MillraceError {
  return new MillraceError('CHANNEL_FULL', `channel ${name} is full`);
}
