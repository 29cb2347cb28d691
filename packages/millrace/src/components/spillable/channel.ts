import type { Channel, ChannelStopOptions, Transaction } from '../../component/channel.ts';
import { ChannelCounter } from '../../component/counters.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import {
  eventsFolder,
  openDurableQueue,
  type QueueSurroundings,
} from '../../component/options/durable-queue.ts';
import { PutFate } from '../../component/put-fate.ts';
import type { DurableQueue } from '../../queues/durable-queue.ts';
import { slotsOfBodies } from '../../queues/event-room.ts';
import { SpillingQueue } from '../../queues/spilling-queue.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { Lifecycle } from '../../runtime/lifecycle.ts';
import { type MemoryShare, memoryShare } from '../../runtime/memory-share.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import {
  overflowCapacityOf,
  type SpillableOptions,
  spillableFaults,
  spillableNotes,
  spillableOptions,
} from './options.ts';
import { SpillRoom } from './room.ts';
import { type Run, SpillableTransaction, type WaitingPut } from './transaction.ts';

export type SpillableContext = ComponentContext<typeof spillableOptions>;

export const spillableChannel = defineChannel({
  type: 'spillablememory',
  classNames: ['org.apache.flume.channel.SpillableMemoryChannel'],
  summary:
    'Holds events in memory, and in files what the memory has no room for: what is in memory is lost with a killed process, what is in files is not.',
  example: `
a1.channels.c1.type = spillablememory
a1.channels.c1.memoryCapacity = 10000
a1.channels.c1.overflowCapacity = 1000000
a1.channels.c1.checkpointDir = /var/lib/millrace/checkpoint
a1.channels.c1.dataDirs = /var/lib/millrace/data
`,
  differs: [
    'A stop that has drained what it could writes the rest of the memory to the files, where there may be some (`overflowCapacity`); in Flume it is lost. Where the files hold younger events by then, it comes out behind them, and a line of the log says so.',
    "A put of more events than the whole memory holds spills at once; Flume waits `overflowTimeout` first. Where memory and files are both full a put waits for either; Flume's fails.",
    'A put of more than `transactionCapacity` events is refused wherever it would go; Flume refuses it only when it spills.',
    'A put that finds no room where `overflowCapacity` is 0 leaves the byte limit as it was; in Flume each such put widens it by its own size.',
    'A take may have events from memory and from the files; takes that roll back, several at once, leave the order as it was.',
  ],
  options: spillableOptions,
  validate: spillableFaults,
  notes: spillableNotes,
  promises: (values) => {
    const overflow = overflowCapacityOf(values);
    const inFiles = ` and ${overflow} more in files below ${values.dataDirs[0]}`;
    return {
      does: `holds up to ${values.memoryCapacity} events in memory${overflow > 0 ? inFiles : ''}`,
      survives: values.memoryCapacity > 0 ? 'stop' : values.fsyncPerTransaction ? 'power cut' : 'kill',
      ...(values.memoryCapacity > 0 ? { safer: 'use the file channel' } : {}),
      order: 'what a stop could not deliver out of memory comes behind what is in files',
    };
  },
  create: (context: SpillableContext) => new SpillableChannel(context),
  reconfigure: (channel, context: SpillableContext) => {
    if (channel instanceof SpillableChannel) channel.configure(context);
  },
});

/**
 * Flume's SpillableMemoryChannel: a queue in memory and one in files with one order over both. A put is whole in one of
 * them. It waits for room in memory; when there is none in time it goes to the files, and so do the next ones at once,
 * unless there is room in memory, until enough of the memory is free.
 */
export class SpillableChannel extends Lifecycle<ChannelStopOptions> implements Channel {
  readonly name: string;
  readonly counter = new ChannelCounter();
  readonly durable = false;
  #context!: SpillableContext;
  readonly #surroundings: QueueSurroundings;
  readonly #share: MemoryShare;
  readonly #queue: SpillingQueue<PutFate | undefined>;
  readonly #room: SpillRoom;
  #files: DurableQueue | null = null;
  /** The folder that `#queue` knows the files of. */
  #folder: string | null = null;
  #filesAtStop = 0;
  /** Takes that have something, or are about to. */
  readonly #open = new Set<SpillableTransaction>();
  readonly #taking = new Set<Promise<unknown>>();
  readonly #bell = new Bell();
  /** Of what is held in memory and was put with somebody to tell. */
  readonly #fates = new Set<PutFate>();
  /** The device has no room, or fails. */
  readonly #device: Wait;

  constructor(context: SpillableContext, surroundings: QueueSurroundings = {}, share = memoryShare()) {
    super();
    this.name = context.name;
    this.#surroundings = surroundings;
    this.#share = share;
    this.#queue = new SpillingQueue((batch) => this.slotsOf(batch));
    this.#room = new SpillRoom(context.name, context.state.wait('held'), () => share.bytes);
    this.#device = context.state.wait('fault');
    this.configure(context);
  }

  /** Takes over new options; those of the files at the next start. What is held beyond a smaller capacity stays. */
  configure(context: SpillableContext): void {
    this.#context = context;
    this.#room.configure(context.options);
    this.counter.channelCapacity = this.#room.capacity;
    if (this.status === 'started') this.#joinShare();
  }

  /** @internal */
  shareChanged(): void {
    this.#room.admit();
  }

  #joinShare(): void {
    if (this.#options.byteCapacity === undefined) this.#share.join(this);
    else this.#share.leave(this);
  }

  get #options(): SpillableOptions {
    return this.#context.options;
  }

  get transactionCapacity(): number {
    return this.#options.transactionCapacity;
  }

  get folder(): string {
    return eventsFolder(this.#options);
  }

  get eventCount(): number {
    return this.#room.inMemory + (this.#files?.held ?? this.#filesAtStop);
  }

  get volatileCount(): number {
    return this.#room.inMemory;
  }

  begin(signal?: AbortSignal): Transaction {
    this.assertStarted(`channel ${this.name}`);
    return new SpillableTransaction(this, signal);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#queue.hasEvents) await this.#bell.wait(maxMs, signal);
  }

  /** @internal */
  slotsOf(batch: EventBatch): number {
    return this.#room.countsBytes ? slotsOfBodies(batch, this.#options.avgEventSize) : 0;
  }

  /**
   * Commits a put: all of it is in memory, or all of it in the files and on the device.
   * @internal
   */
  async store(puts: readonly WaitingPut[], events: number, signal: AbortSignal | undefined): Promise<void> {
    const slots = puts.reduce((sum, put) => sum + put.slots, 0);
    const place = await this.#room.acquire(events, slots, this.#running(), signal);
    if (place === 'files') await this.#storeInFiles(puts, events);
    else {
      for (const { batch, slots, onFate } of puts)
        this.#queue.appendToMemory(batch, slots, onFate && this.#fateOf(batch.count, onFate));
    }
    this.counter.eventPutSuccess += events;
    this.#countSize();
    this.#bell.ring();
  }

  async #storeInFiles(puts: readonly WaitingPut[], events: number): Promise<void> {
    const files = this.#running();
    try {
      await files.store(
        puts.map(({ batch }) => batch),
        events,
      );
    } catch (error) {
      files.unreserve(events);
      this.#room.haveTaken();
      this.#device.begin(`its device: ${errorText(error)}`);
      throw error;
    }
    this.#device.end();
    for (const { onFate } of puts) onFate?.('held');
  }

  #fateOf(events: number, listener: NonNullable<WaitingPut['onFate']>): PutFate {
    const fate = new PutFate(events, (told) => {
      this.#fates.delete(fate);
      listener(told);
    });
    this.#fates.add(fate);
    return fate;
  }

  /**
   * The next run for a take; `waits`: up to `overflowTimeout` where there is none.
   * @internal
   */
  async takeRun(
    by: SpillableTransaction,
    maxEvents: number,
    waits: boolean,
    signal?: AbortSignal,
  ): Promise<Run | null> {
    const taking = this.#take(by, maxEvents, waits, signal);
    this.#taking.add(taking);
    try {
      return await taking;
    } finally {
      this.#taking.delete(taking);
    }
  }

  async #take(
    by: SpillableTransaction,
    maxEvents: number,
    waits: boolean,
    signal?: AbortSignal,
  ): Promise<Run | null> {
    const deadline = performance.now() + (waits ? this.#options.overflowTimeout * 1000 : 0);
    for (;;) {
      this.#running();
      const run = await this.#queue.take(maxEvents);
      if (run !== null) {
        this.#open.add(by);
        by.has(run);
        return run;
      }
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted === true) return null;
      await this.#bell.wait(left, signal);
      if (this.status !== 'started') return null;
    }
  }

  /**
   * Commits takes: the runs are done with.
   * @internal
   */
  consume(runs: readonly Run[], events: number): void {
    const files = this.#running();
    const stored = runs.flatMap((taken) => ('run' in taken ? [taken.run] : []));
    if (stored.length > 0)
      files.consume(
        stored,
        stored.reduce((sum, { batch }) => sum + batch.count, 0),
      );
    for (const taken of runs) {
      if (!('chunk' in taken)) continue;
      this.#room.release(taken.batch.count, taken.chunk.slots);
      taken.chunk.of.of?.delivered(taken.batch.count);
    }
    this.#room.haveTaken();
    this.counter.eventTakeSuccess += events;
    this.#countSize();
  }

  /** @internal */
  giveBack(runs: readonly Run[]): void {
    if (runs.length === 0) return;
    for (const run of runs) this.#queue.giveBack(run);
    this.#countSize();
    this.#bell.ring();
  }

  /**
   * The transaction is over.
   * @internal
   */
  ended(transaction: SpillableTransaction): void {
    this.#open.delete(transaction);
  }

  /** @internal */
  closedError(): MillraceError {
    return new MillraceError('CHANNEL_CLOSED', `channel ${this.name} was stopped meanwhile`);
  }

  protected override async open(): Promise<void> {
    const files = await openDurableQueue(this.#context, this.#surroundings, (error) =>
      this.#context.log.warn(
        `channel ${this.name}: the checkpoint could not be written: ${errorText(error)}`,
      ),
    );
    this.#files = files;
    this.#queue.attach(files, this.#folder === this.folder);
    this.#folder = this.folder;
    this.#joinShare();
    this.#room.open();
    this.counter.start();
    this.#countSize();
  }

  protected override async close(options?: ChannelStopOptions): Promise<void> {
    this.#share.leave(this);
    this.#bell.ring();
    this.#room.close(() => this.closedError());
    await Promise.allSettled([...this.#taking]);
    for (const transaction of this.#open) for (const run of transaction.cutOff()) this.#queue.giveBack(run);
    this.#open.clear();
    const files = this.#files;
    if (options?.kept !== true && files !== null && overflowCapacityOf(this.#options) > 0)
      await this.#spillAll(files);
    for (const fate of [...this.#fates]) fate.tell(options?.kept === true ? 'held' : 'lost');
    this.#files = null;
    this.#queue.detach();
    this.#filesAtStop = files?.held ?? this.#filesAtStop;
    try {
      await files?.close();
    } finally {
      this.counter.stop();
    }
  }

  /** What is in memory goes to the files, in one write. Where that fails it stays, and is lost with the process. */
  async #spillAll(files: DurableQueue): Promise<void> {
    const { isMixed } = this.#queue;
    const runs = this.#queue.takeMemory();
    const events = runs.reduce((sum, { batch }) => sum + batch.count, 0);
    if (events === 0) return;
    try {
      files.reserve(events);
      await files.store(
        runs.map(({ batch }) => batch),
        events,
      );
    } catch (error) {
      for (const run of runs) this.#queue.giveBack(run);
      const why = errorText(error);
      this.#context.log.warn(
        `channel ${this.name}: ${events} events in memory could not be written to files: ${why}`,
      );
      return;
    }
    for (const { batch, chunk } of runs) this.#room.release(batch.count, chunk.slots);
    for (const fate of [...this.#fates]) fate.tell('held');
    const where = isMixed ? ', behind younger ones that were there' : '';
    this.#context.log.info(
      `channel ${this.name}: ${events} events that were in memory are in its files now${where}`,
      { channel: this.name, events },
    );
  }

  #running(): DurableQueue {
    if (this.#files !== null && this.status === 'started') return this.#files;
    throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is ${this.status}, not started`);
  }

  #countSize(): void {
    this.counter.channelSize = this.#queue.inMemory + (this.#files?.held ?? 0);
  }
}
