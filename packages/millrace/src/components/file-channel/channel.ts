import type { Channel, ChannelProgress, Transaction } from '../../component/channel.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import {
  durableQueueFaults,
  durableQueueNotes,
  durableQueueOptions,
  eventsFolder,
  openDurableQueue,
  type QueueSurroundings,
} from '../../component/options/durable-queue.ts';
import type { ChannelPromises } from '../../component/promises.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import type { DurableQueue } from '../../queues/durable-queue.ts';
import type { TakenRun } from '../../queues/log-queue.ts';
import type { Progress } from '../../queues/progress.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { Lifecycle } from '../../runtime/lifecycle.ts';
import { Bell } from '../../runtime/timers.ts';
import type { Wait } from '../../runtime/wait.ts';
import { FileChannelCounter } from './counter.ts';
import { FileTransaction } from './transaction.ts';

const { checkpointDir, dataDirs, ...moreOfQueue } = durableQueueOptions;
const options = {
  checkpointDir,
  dataDirs,
  capacity: opt.int({
    doc: 'Most events the channel holds.',
    unit: 'events',
    default: 1_000_000,
    min: 1,
    onOutside: 'default',
    flumeSays: () => 'Invalid capacity specified, initializing channel to default capacity of 1000000',
  }),
  'keep-alive': opt.duration('s', { doc: 'How long a put waits for room.', default: 3, min: 0 }),
  ...moreOfQueue,
};
export type FileChannelOptions = OptionValues<typeof options>;

function problems(values: FileChannelOptions): readonly OptionFinding[] {
  const found = durableQueueFaults(values);
  if (values.transactionCapacity <= values.capacity) return found;
  const message = 'File Channel transaction capacity cannot be greater than the capacity of the channel.';
  return [{ key: ['transactionCapacity', 'capacity'], message }, ...found];
}

export const fileChannel = defineChannel({
  type: 'file',
  classNames: ['org.apache.flume.channel.file.FileChannel'],
  summary: 'Holds events in files: what is committed survives the end of the process and a power cut.',
  example: `
a1.channels.c1.type = file
a1.channels.c1.checkpointDir = /var/lib/millrace/checkpoint
a1.channels.c1.dataDirs = /var/lib/millrace/data
`,
  differs: [
    'Folders are really locked between processes; a damaged segment costs what the damage covers.',
    'Of several `dataDirs` one is written at a time, file after file, so that there is one order: their room adds up, their speed does not. A folder that is left out is read until it is empty; one that is not there, such as a disk that is not mounted, keeps the channel from starting, where Flume would go on without its events.',
    'Encryption is AES-256 in GCM, whole batches at a time, also where the configuration says AESCTRNOPADDING: what somebody has changed is found out, told (`channel-events-tampered`) and set aside, and everything else goes on. The keys of the store are not used themselves, so AES keys of 128 bits will do, too. A JCEKS store has to be converted to PKCS12; the error names the command. A channel does not start without a key that its events need.',
    'Not encrypted are counts, times and sizes of batches, and the file of events that a sink has refused, which lies in the folder of the events (`refusedFile` of the sink puts it elsewhere).',
  ],
  options,
  validate: problems,
  notes: durableQueueNotes,
  promises: filePromises,
  create: (context: ComponentContext<typeof options>) => new FileChannel(context),
});

/** What a channel promises that keeps its events so. */
export function filePromises(values: FileChannelOptions): ChannelPromises {
  return {
    does: `keeps events in files below ${values.dataDirs.join(', ')}`,
    survives: values.fsyncPerTransaction ? 'power cut' : 'kill',
    ...(values.fsyncPerTransaction ? {} : { safer: 'set fsyncPerTransaction = true' }),
    keepsProgress: true,
    doubles: ['a power cut repeats what was delivered since the last checkpoint, a kill what was on its way'],
  };
}

/**
 * Flume's FileChannel on a log of record batches. A put that commits is synced together with all others that wait;
 * takes read forward, several side by side, and what they took is forgotten when they commit. Capacity counts events
 * and is taken when they are put, as in Flume.
 */
export class FileChannel extends Lifecycle implements Channel {
  readonly name: string;
  readonly counter = new FileChannelCounter();
  readonly durable = true;
  readonly progress: ChannelProgress = { placeOf: (key) => this.#running().placeOf(key) };
  readonly #context: ComponentContext<typeof options>;
  readonly #surroundings: QueueSurroundings;
  #queue: DurableQueue | null = null;
  /** Events held when it was stopped. */
  #heldAtStop = 0;

  /** From the first put that finds no room to the first that finds some. */
  readonly #full: Wait;
  /** The device has no room, or fails. */
  readonly #device: Wait;

  constructor(context: ComponentContext<typeof options>, surroundings: QueueSurroundings = {}) {
    super();
    this.name = context.name;
    this.#context = context;
    this.#surroundings = surroundings;
    this.#full = context.state.wait('held');
    this.#device = context.state.wait('fault');
    this.counter.channelCapacity = context.options.capacity;
  }

  get transactionCapacity(): number {
    return this.#context.options.transactionCapacity;
  }

  get folder(): string {
    return eventsFolder(this.#context.options);
  }

  get eventCount(): number {
    return this.#queue?.held ?? this.#heldAtStop;
  }

  begin(signal?: AbortSignal): Transaction {
    this.assertStarted(`channel ${this.name}`);
    return new FileTransaction(this, signal);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    const queue = this.#queue;
    if (queue?.hasEvents !== true) await (queue?.arrived ?? new Bell()).wait(maxMs, signal);
  }

  /**
   * Takes room for events of a put; waits up to `keep-alive` for it, at most until the signal aborts.
   * @internal
   */
  async reserve(events: number, signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#context.options['keep-alive'] * 1000;
    const { capacity } = this.#context.options;
    for (;;) {
      const queue = this.#running();
      if (queue.claimed + events <= capacity) {
        this.#full.end();
        return queue.reserve(events);
      }
      this.#full.begin(() => `its sinks: it is full, ${queue.held} of ${capacity} events`);
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted) {
        throw new MillraceError(
          'CHANNEL_FULL',
          `The channel has reached it's capacity. This might be the result of a sink on the channel having too low of batch size, a downstream system running slower than normal, or that the channel capacity is just too low. [channel=${this.name}]`,
          { details: { channel: this.name, capacity } },
        );
      }
      await queue.left.wait(left, signal);
    }
  }

  /** @internal */
  unreserve(events: number): void {
    this.#queue?.unreserve(events);
  }

  /**
   * Commits a put: the batches are in the log, and on the device unless that was not asked for.
   * @internal
   */
  async store(batches: readonly EventBatch[], events: number, progress: readonly Progress[]): Promise<void> {
    const queue = this.#running();
    try {
      await queue.store(batches, events, progress);
      this.#device.end();
    } catch (error) {
      this.#device.begin(`its device: ${errorText(error)}`);
      this.counter.eventPutError += events;
      if (queue.hasFailed) this.counter.unhealthy = 1;
      throw error;
    }
    this.counter.eventPutSuccess += events;
    this.counter.channelSize = queue.held;
  }

  /** @internal */
  note(progress: readonly Progress[]): void {
    this.#running().note(progress);
  }

  /** @internal */
  async takeRun(maxEvents: number): Promise<TakenRun | null> {
    const queue = this.#running();
    try {
      const run = await queue.take(maxEvents);
      if (run === null) this.counter.channelSize = queue.held;
      return run;
    } catch (error) {
      this.counter.eventTakeError++;
      throw error;
    }
  }

  /**
   * Commits takes: the runs are done with.
   * @internal
   */
  consume(runs: readonly TakenRun[], events: number): void {
    const queue = this.#running();
    queue.consume(runs, events);
    this.counter.eventTakeSuccess += events;
    this.counter.channelSize = queue.held;
  }

  /** @internal */
  giveBack(runs: readonly TakenRun[]): void {
    this.#queue?.giveBack(runs);
  }

  protected override async open(): Promise<void> {
    const queue = await openDurableQueue(this.#context, this.#surroundings, (error) =>
      this.#checkpointFailed(error),
    );
    this.#queue = queue;
    this.#tellKeys(queue.keysInUse);
    this.counter.channelSize = queue.held;
    this.counter.start();
    this.counter.open = true;
  }

  protected override async close(): Promise<void> {
    const queue = this.#queue;
    this.#queue = null;
    this.#heldAtStop = queue?.held ?? this.#heldAtStop;
    try {
      await queue?.close();
    } finally {
      this.counter.open = false;
      this.counter.stop();
    }
  }

  #running(): DurableQueue {
    if (this.#queue !== null) return this.#queue;
    throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is ${this.status}, not started`);
  }

  #tellKeys(keys: ReadonlySet<string>): void {
    if (keys.size === 0) return;
    this.#context.log.info(`channel ${this.name}: its events need the keys ${[...keys].join(', ')}`);
  }

  #checkpointFailed(error: unknown): void {
    this.counter.checkpointWriteError++;
    this.#context.log.warn(`channel ${this.name}: the checkpoint could not be written: ${errorText(error)}`);
  }
}
