import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Channel, Transaction } from '../channel.ts';
import { ChannelCounter } from '../counters.ts';
import { BasicTransaction } from '../transaction.ts';

/** A run of events, with its place in the order of all. */
interface Item {
  readonly place: number;
  readonly batch: EventBatch;
}

/** A channel for testing sinks and sources: no limits, no waiting, told to fail on demand, and it says what goes on. */
export class TestChannel implements Channel {
  readonly name: string;
  readonly counter = new ChannelCounter();
  readonly transactionCapacity = Number.POSITIVE_INFINITY;
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

  constructor(name = 'c1') {
    this.name = name;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  begin(): Transaction {
    this.openTransactions++;
    return new TestTransaction(this);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.items.length === 0) await this.bell.wait(maxMs, signal);
  }

  /** Puts a batch without a transaction. */
  add(batch: EventBatch): void {
    this.items.push({ place: this.nextPlace, batch });
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
  #puts: EventBatch[] = [];
  #taken: Item[] = [];

  constructor(channel: TestChannel) {
    super(channel.name);
    this.#channel = channel;
  }

  protected override async doPut(batch: EventBatch): Promise<void> {
    this.#puts.push(batch);
  }

  protected override async doTake(maxEvents: number): Promise<EventBatch | null> {
    const first = this.#channel.items.shift();
    if (first === undefined) return null;
    const taken = { place: first.place, batch: first.batch.slice(0, Math.min(maxEvents, first.batch.count)) };
    const { count } = taken.batch;
    if (count < first.batch.count) {
      this.#channel.items.unshift({
        place: first.place + count,
        batch: first.batch.slice(count, first.batch.count),
      });
    }
    this.#taken.push(taken);
    return taken.batch;
  }

  protected override async doCommit(): Promise<void> {
    const channel = this.#channel;
    if (channel.refusal !== null && this.#puts.length > 0) throw channel.refusal;
    for (const { batch } of this.#taken) channel.eventCount -= batch.count;
    for (const batch of this.#puts) channel.add(batch);
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
