import type { Channel, ChannelStopOptions, Transaction } from '../../component/channel.ts';
import { ChannelCounter } from '../../component/counters.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import type { FateListener } from '../../component/lifetime.ts';
import { PutFate } from '../../component/put-fate.ts';
import type { StateTeller } from '../../component/state.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { javaDouble } from '../../java/double.ts';
import { EventRoom, type RoomLimits, slotsOfBodies } from '../../queues/event-room.ts';
import { MemoryQueue } from '../../queues/memory-queue.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { Lifecycle } from '../../runtime/lifecycle.ts';
import { type MemoryShare, memoryShare } from '../../runtime/memory-share.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import { MemoryTransaction } from './transaction.ts';

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
export type MemoryOptions = OptionValues<typeof options>;

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
  promises: ({ capacity }) => ({
    does: `holds up to ${capacity} events in memory`,
    survives: 'stop',
    safer: 'use the file channel',
  }),
  validate: (values) => {
    if (values.transactionCapacity <= values.capacity) return [];
    const message = 'Transaction Capacity of Memory Channel cannot be higher than the capacity.';
    return [{ key: ['transactionCapacity', 'capacity'], message }];
  },
  create: ({ name, options, state }) => new MemoryChannel(name, options, memoryShare(), state),
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

/** What another channel over the same queue has otherwise. */
export interface MemoryRules {
  /** How long a put waits for room; default: `keep-alive`. */
  readonly putWaitMs?: number;
  /** Whether an empty channel takes a put of any number of events. */
  readonly overfills?: boolean;
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
  readonly queue: MemoryQueue<PutFate | undefined>;
  /** @internal */
  readonly bell = new Bell();
  #options!: MemoryOptions;
  readonly #share: MemoryShare;
  readonly #rules: MemoryRules;
  readonly #room: EventRoom;
  /** From the first put that finds no room to the first that finds some. */
  readonly #full: Wait | null;
  /** Of what is held and was put with somebody to tell. */
  readonly #fates = new Set<PutFate>();

  constructor(
    name: string,
    values: MemoryOptions,
    share = memoryShare(),
    state?: StateTeller,
    rules: MemoryRules = {},
  ) {
    super();
    this.#rules = rules;
    this.#full = state?.wait('held') ?? null;
    this.name = name;
    this.#share = share;
    this.queue = new MemoryQueue((batch) => this.slotsOf(batch));
    this.#room = new EventRoom(() => this.#limits);
    this.configure(values);
  }

  /** Takes over new options while running. What is held beyond a smaller capacity stays until it is taken. */
  configure(values: MemoryOptions): void {
    this.#options = values;
    this.counter.channelCapacity = values.capacity;
    if (this.status === 'started') this.#joinShare();
    this.#room.admit();
  }

  /**
   * The part of the memory for channels without a limit of their own is another now. What is held beyond it stays.
   * @internal
   */
  shareChanged(): void {
    this.#room.admit();
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

  get #limits(): RoomLimits {
    const { capacity, byteCapacity } = this.#options;
    return {
      events: capacity,
      slots: this.#slotLimit,
      lent: Math.min(mostLent, capacity * lentPerCapacity),
      // A part of the memory that happens to be small must not stop a put for ever.
      overfills: byteCapacity === undefined,
      overfillsEvents: this.#rules.overfills === true,
    };
  }

  get transactionCapacity(): number {
    return this.#options.transactionCapacity;
  }

  get keepAliveMs(): number {
    return this.#options['keep-alive'] * 1000;
  }

  get eventCount(): number {
    return this.#room.heldEvents;
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
    return slotsOfBodies(batch, slotBytes);
  }

  /**
   * Takes room for a commit; waits up to `keep-alive` when there is none.
   * @internal
   */
  async acquire(events: number, slots: number, signal?: AbortSignal): Promise<void> {
    if (!this.#room.tryAcquire(events, slots)) {
      this.assertStarted(`channel ${this.name}`);
      this.#full?.begin(() => this.#fullText());
      const full = () => this.#fullError(slots);
      const waitMs = this.#rules.putWaitMs ?? this.keepAliveMs;
      await this.#room.acquire(events, slots, { waitMs, signal, full });
    }
    if (this.#room.waiting === 0) this.#full?.end();
  }

  /** @internal */
  release(events: number, slots: number): void {
    this.#room.release(events, slots);
  }

  /** @internal */
  lend(events: number): void {
    this.#room.lend(events);
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
    const why = `channel ${this.name} was stopped while a put waited for room`;
    this.#room.refuseAll(() => new MillraceError('CHANNEL_CLOSED', why));
    this.#share.leave(this);
    for (const fate of [...this.#fates]) fate.tell(options?.kept === true ? 'held' : 'lost');
    this.bell.ring();
    this.counter.stop();
  }

  #fullText(): string {
    const { filledEvents, filledSlots, heldEvents } = this.#room;
    const limit = this.#slotLimit;
    const bytes = Number.isFinite(limit) ? `, ${filledSlots * slotBytes} of ${limit * slotBytes} bytes` : '';
    const lent = heldEvents - filledEvents;
    const underWay = lent > 0 ? `, and ${lent} that they have` : '';
    return `its sinks: it is full, ${filledEvents} of ${this.#options.capacity} events${bytes}${underWay}`;
  }

  #fullError(slots: number): MillraceError {
    const bytesAreFull = this.#room.lacksBytes(slots);
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
