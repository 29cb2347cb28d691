import type { Channel, ChannelStopOptions, Transaction } from '../../component/channel.ts';
import { ChannelCounter } from '../../component/counters.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import type { FateListener } from '../../component/lifetime.ts';
import { PutFate } from '../../component/put-fate.ts';
import { BasicTransaction } from '../../component/transaction.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { javaDouble } from '../../java/double.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { Lifecycle } from '../../runtime/lifecycle.ts';
import { type MemoryShare, memoryShare } from '../../runtime/memory-share.ts';
import { after, Bell } from '../../runtime/timers.ts';
import { type Chunk, MemoryQueue } from './queue.ts';

const options = {
  capacity: opt.int({
    doc: 'Most events that wait in the channel. Those that sinks have taken and not yet delivered count beyond 10,000 of them, or 64 times the capacity where that is less.',
    unit: 'events',
    default: 100,
    min: 1,
    onBad: 'default',
    flumeSays: () => 'Invalid capacity specified, initializing channel to default capacity of 100',
  }),
  transactionCapacity: opt.int({
    doc: 'Most events of one put or one take; not above capacity.',
    unit: 'events',
    default: 100,
    min: 1,
    onBad: 'default',
    flumeSays: () => 'Invalid transation capacity specified, initializing channel to default capacity of 100',
  }),
  'keep-alive': opt.duration('s', {
    doc: 'How long a commit waits for room, and a take for events.',
    default: 3,
    min: 0,
    onBad: 'default',
  }),
  byteCapacity: opt.bytes({
    doc: 'Most bytes of event bodies, each rounded up to 100; below 100 there is no limit. Default: 80 % of a quarter of the memory that the process may use (a JVM has a quarter as its heap), in equal parts for its agents and their memory channels without this property; an empty channel takes a put of any size then.',
    min: 0,
    onBad: 'default',
    onOutside: 'clamp',
  }),
  byteCapacityBufferPercentage: opt.int({
    doc: 'The part of byteCapacity that is kept free for headers.',
    unit: 'percent',
    default: 20,
    min: 0,
    max: 100,
    onBad: 'default',
    onOutside: 'clamp',
  }),
};
type MemoryOptions = OptionValues<typeof options>;

export const memoryChannel = defineChannel({
  type: 'memory',
  classNames: ['org.apache.flume.channel.MemoryChannel'],
  summary: 'Holds events in memory: fast, and lost with the process (a clean stop drains it).',
  example: `
a1.channels.c1.type = memory
a1.channels.c1.capacity = 10000
a1.channels.c1.transactionCapacity = 1000
`,
  differs: [
    'Events that sinks have under way do not fill the channel, within the bound that `capacity` tells: it is filled again while they wait for an answer. In Flume they count until they are delivered. A killed process may so lose more events than `capacity`; with `acknowledge = delivered` at the source it loses none.',
  ],
  options,
  validate: (values) => {
    if (values.transactionCapacity <= values.capacity) return [];
    const message = 'Transaction Capacity of Memory Channel cannot be higher than the capacity.';
    return [{ key: ['transactionCapacity', 'capacity'], message }];
  },
  create: (context) => new MemoryChannel(context.name, context.options),
  reconfigure: (channel, context: ComponentContext<typeof options>) => {
    if (channel instanceof MemoryChannel) channel.configure(context.options);
  },
});

/** The unit of the byte limit, as in Flume's MemoryChannel. */
const slotBytes = 100;
/** Flume's default of `byteCapacity`, of the JVM's heap. */
const shareOfHeap = 0.8;

/**
 * Most events in open takes that need no room of `capacity`: what sinks have under way to their destinations, so that a
 * small channel is filled again while they wait for an answer. Bytes count as long as they are held.
 */
const mostLent = 10_000;
const lentPerCapacity = 64;

/** A commit that waits for room. */
interface Waiter {
  readonly events: number;
  readonly slots: number;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Flume's MemoryChannel over batches. Room is taken when a put commits and given back when a take commits; of the events
 * in open takes only those beyond `mostLent` still count. Commits that wait for room are served in their order.
 */
export class MemoryChannel extends Lifecycle<ChannelStopOptions> implements Channel {
  readonly name: string;
  readonly counter = new ChannelCounter();
  readonly durable = false;
  /** @internal */
  readonly queue: MemoryQueue;
  /** @internal */
  readonly bell = new Bell();
  #options!: MemoryOptions;
  readonly #share: MemoryShare;
  #heldEvents = 0;
  #heldSlots = 0;
  /** Of the events held, those in open takes. */
  #lentEvents = 0;
  readonly #waiters: Waiter[] = [];
  /** Of what is held and was put with somebody to tell. */
  readonly #fates = new Set<PutFate>();

  constructor(name: string, values: MemoryOptions, share = memoryShare()) {
    super();
    this.name = name;
    this.#share = share;
    this.queue = new MemoryQueue((batch) => this.slotsOf(batch));
    this.configure(values);
  }

  /** Takes over new options while running. What is held beyond a smaller capacity stays until it is taken. */
  configure(values: MemoryOptions): void {
    this.#options = values;
    this.counter.channelCapacity = values.capacity;
    if (this.status === 'started') this.#joinShare();
    this.#admitWaiters();
  }

  /**
   * The part of the memory for channels without a limit of their own is another now. What is held beyond it stays.
   * @internal
   */
  shareChanged(): void {
    this.#admitWaiters();
  }

  #joinShare(): void {
    if (this.#options.byteCapacity === undefined) this.#share.join(this);
    else this.#share.leave(this);
  }

  get #slotLimit(): number {
    const { byteCapacity = this.#share.bytes * shareOfHeap, byteCapacityBufferPercentage } = this.#options;
    const slots = Math.floor((byteCapacity * (1 - byteCapacityBufferPercentage / 100)) / slotBytes);
    return slots < 1 ? Number.POSITIVE_INFINITY : slots;
  }

  get transactionCapacity(): number {
    return this.#options.transactionCapacity;
  }

  get keepAliveMs(): number {
    return this.#options['keep-alive'] * 1000;
  }

  get eventCount(): number {
    return this.#heldEvents;
  }

  begin(signal?: AbortSignal): Transaction {
    this.assertStarted(`channel ${this.name}`);
    return new MemoryTransaction(this, signal);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.queue.eventCount === 0) await this.bell.wait(maxMs, signal);
  }

  /**
   * Slots that a batch counts for: each body in whole slots, at least one. Only a limit that somebody wrote down is
   * counted to the byte; the default one is there to save the process, and a bound that needs no look at the events is
   * enough for it.
   * @internal
   */
  slotsOf(batch: EventBatch): number {
    if (this.#slotLimit === Number.POSITIVE_INFINITY) return 0;
    if (this.#options.byteCapacity === undefined)
      return batch.count + Math.floor(batch.sizeBytes / slotBytes);
    let slots = 0;
    const cursor = new BodyCursor(batch);
    while (cursor.next()) slots += Math.max(1, Math.ceil((cursor.to - cursor.from) / slotBytes));
    return slots;
  }

  /**
   * Takes room for a commit; waits up to `keep-alive` when there is none. Negative numbers give room back.
   * @internal
   */
  async acquire(events: number, slots: number, signal?: AbortSignal): Promise<void> {
    if (this.#waiters.length === 0 && this.#fits(events, slots)) {
      this.#hold(events, slots);
      return;
    }
    this.assertStarted(`channel ${this.name}`);
    if (signal?.aborted) throw this.#fullError(slots);
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        timer.cancel();
        signal?.removeEventListener('abort', giveUp);
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
      };
      const waiter: Waiter = {
        events,
        slots,
        admit: () => {
          settle();
          this.#hold(events, slots);
          resolve();
        },
        refuse: (error) => {
          settle();
          reject(error);
          this.#admitWaiters();
        },
      };
      const giveUp = () => waiter.refuse(this.#fullError(slots));
      const timer = after(this.keepAliveMs, giveUp);
      signal?.addEventListener('abort', giveUp);
      this.#waiters.push(waiter);
    });
  }

  /** @internal */
  release(events: number, slots: number): void {
    this.#hold(-events, -slots);
    this.#admitWaiters();
  }

  /**
   * Events go out with an open take; negative numbers: the take has ended, one way or the other.
   * @internal
   */
  lend(events: number): void {
    this.#lentEvents += events;
    if (events > 0) this.#admitWaiters();
  }

  /**
   * What a put's events are counted with until their takes have committed.
   * @internal
   */
  fateOf(events: number, listener: FateListener): PutFate {
    const fate = new PutFate(events, (told) => {
      this.#fates.delete(fate);
      listener(told);
    });
    this.#fates.add(fate);
    return fate;
  }

  protected override async open(): Promise<void> {
    this.#joinShare();
    this.counter.start();
  }

  /** What is held stays: a channel that is started again, as at a reload, goes on with it. */
  protected override async close(options?: ChannelStopOptions): Promise<void> {
    for (const waiter of [...this.#waiters]) {
      waiter.refuse(
        new MillraceError('CHANNEL_CLOSED', `channel ${this.name} was stopped while a put waited for room`),
      );
    }
    this.#share.leave(this);
    for (const fate of [...this.#fates]) fate.tell(options?.kept === true ? 'held' : 'lost');
    this.bell.ring();
    this.counter.stop();
  }

  #fits(events: number, slots: number): boolean {
    const { capacity } = this.#options;
    const lent = Math.min(this.#lentEvents, mostLent, capacity * lentPerCapacity);
    const eventsFit = events <= 0 || this.#heldEvents - lent + events <= capacity;
    if (!eventsFit || slots <= 0 || this.#heldSlots + slots <= this.#slotLimit) return eventsFit;
    // A part of the memory that happens to be small must not stop a put for ever.
    return this.#heldSlots === 0 && this.#options.byteCapacity === undefined;
  }

  #hold(events: number, slots: number): void {
    this.#heldEvents += events;
    this.#heldSlots += slots;
  }

  #admitWaiters(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      if (!this.#fits(first.events, first.slots)) return;
      first.admit();
    }
  }

  #fullError(slots: number): MillraceError {
    const bytesAreFull = slots > 0 && this.#heldSlots + slots > this.#slotLimit;
    return new MillraceError(
      'CHANNEL_FULL',
      bytesAreFull
        ? `Cannot commit transaction. Byte capacity allocated to store event body ${javaDouble(this.#slotLimit * slotBytes)}reached. Please increase heap space/byte capacity allocated to the channel as the sinks may not be keeping up with the sources`
        : "Space for commit to queue couldn't be acquired. Sinks are likely not keeping up with sources, or the buffer size is too tight",
      {
        details: { channel: this.name, capacity: this.#options.capacity },
        remedy: bytesAreFull
          ? `Raise byteCapacity of channel ${this.name}, or make its sink faster.`
          : `Raise capacity of channel ${this.name} (${this.#options.capacity} events), or make its sink faster.`,
      },
    );
  }
}

class MemoryTransaction extends BasicTransaction {
  readonly #channel: MemoryChannel;
  readonly #signal: AbortSignal | undefined;
  #puts: { batch: EventBatch; slots: number; onFate: FateListener | undefined }[] = [];
  #putCount = 0;
  #putSlots = 0;
  #takes: Chunk[] = [];
  #takeCount = 0;
  #takeSlots = 0;

  constructor(channel: MemoryChannel, signal: AbortSignal | undefined) {
    super(channel.name);
    this.#channel = channel;
    this.#signal = signal;
  }

  protected override async doPut(batch: EventBatch, onFate?: FateListener): Promise<void> {
    const { counter, transactionCapacity } = this.#channel;
    counter.eventPutAttempt += batch.count;
    if (this.#putCount + batch.count > transactionCapacity) {
      throw this.#tooBig();
    }
    const slots = this.#channel.slotsOf(batch);
    this.#puts.push({ batch: batch.compact(), slots, onFate });
    this.#putCount += batch.count;
    this.#putSlots += slots;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    const { counter, queue, bell, keepAliveMs, transactionCapacity } = this.#channel;
    const most = Math.min(maxEvents, transactionCapacity - this.#takeCount);
    if (most <= 0) return null;
    let chunk = queue.take(most);
    if (chunk === null && this.#takeCount === 0)
      chunk = await this.#waitForChunk(most, bell, keepAliveMs, signal);
    counter.eventTakeAttempt += chunk === null ? 1 : chunk.batch.count;
    if (chunk === null) return null;
    this.#takes.push(chunk);
    this.#takeCount += chunk.batch.count;
    this.#takeSlots += chunk.slots;
    this.#channel.lend(chunk.batch.count);
    return chunk.batch;
  }

  async #waitForChunk(
    most: number,
    bell: Bell,
    keepAliveMs: number,
    signal?: AbortSignal,
  ): Promise<Chunk | null> {
    const deadline = performance.now() + keepAliveMs;
    for (;;) {
      await bell.wait(deadline - performance.now(), signal);
      const chunk = this.#channel.queue.take(most);
      if (chunk !== null) return chunk;
      if (signal?.aborted || this.#channel.status !== 'started' || performance.now() >= deadline) return null;
    }
  }

  protected override async doCommit(): Promise<void> {
    const channel = this.#channel;
    const events = this.#putCount - this.#takeCount;
    const slots = this.#putSlots - this.#takeSlots;
    if (events > 0 || slots > 0) await channel.acquire(events, slots, this.#signal);
    channel.lend(-this.#takeCount);
    if (events <= 0 && slots <= 0) channel.release(-events, -slots);
    for (const { batch, slots, onFate } of this.#puts) {
      channel.queue.append(batch, slots, onFate && channel.fateOf(batch.count, onFate));
    }
    for (const { batch, fate } of this.#takes) fate?.delivered(batch.count);
    channel.counter.eventPutSuccess += this.#putCount;
    channel.counter.eventTakeSuccess += this.#takeCount;
    channel.counter.channelSize = channel.queue.eventCount;
    this.#takes = [];
    this.#puts = [];
    if (this.#putCount > 0) channel.bell.ring();
  }

  protected override async doRollback(): Promise<void> {
    for (const chunk of this.#takes) this.#channel.queue.giveBack(chunk);
    this.#channel.lend(-this.#takeCount);
    this.#puts = [];
    const gaveBack = this.#takes.length > 0;
    this.#takes = [];
    this.#channel.counter.channelSize = this.#channel.queue.eventCount;
    if (gaveBack) this.#channel.bell.ring();
  }

  #tooBig(): MillraceError {
    const { name, transactionCapacity } = this.#channel;
    return new MillraceError(
      'TRANSACTION_TOO_BIG',
      `Put queue for MemoryTransaction of capacity ${transactionCapacity} full, consider committing more frequently, increasing capacity or increasing thread count`,
      { details: { channel: name, transactionCapacity } },
    );
  }
}
