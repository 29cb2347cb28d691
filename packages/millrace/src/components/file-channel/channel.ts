import { join, resolve } from 'node:path';
import type { Channel, Transaction } from '../../component/channel.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { type FolderLock, lockFolder } from '../../log/folder-lock.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { type FileLayer, realFiles } from '../../runtime/files.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { Lifecycle } from '../../runtime/lifecycle.ts';
import { Bell, every, type Timer } from '../../runtime/timers.ts';
import { FileChannelCounter } from './counter.ts';
import { FileChannelQueue, type TakenRun } from './queue.ts';
import { FileChannelStore, isDamage } from './store.ts';
import { FileTransaction } from './transaction.ts';

const noReplay = 'There is no replay: the log itself is the queue, and a start reads only where it stopped.';
const onePosition =
  'The consumed position is one small checksummed record in two copies; there is nothing to back up.';

const options = {
  checkpointDir: opt.path({
    doc: 'Folder of the consumed position.',
    default: '~/.flume/file-channel/checkpoint',
  }),
  dataDirs: opt.list({
    doc: 'Folder of the events. Of several, the first is used.',
    default: ['~/.flume/file-channel/data'],
    separator: /\s*,\s*/,
  }),
  capacity: opt.int({
    doc: 'Most events the channel holds.',
    unit: 'events',
    default: 1_000_000,
    min: 1,
    onOutside: 'default',
    flumeSays: () => 'Invalid capacity specified, initializing channel to default capacity of 1000000',
  }),
  transactionCapacity: opt.int({
    doc: 'Most events of one put or one take; not above capacity.',
    unit: 'events',
    default: 10_000,
    min: 1,
    onOutside: 'default',
    flumeSays: () =>
      'Invalid transaction capacity specified, initializing channel to default capacity of 10000',
  }),
  'keep-alive': opt.duration('s', { doc: 'How long a put waits for room.', default: 3, min: 0 }),
  checkpointInterval: opt.duration('ms', {
    doc: 'How often the consumed position is synced to the device and consumed files are removed.',
    java: 'long',
    default: 30_000,
    min: 1,
    onOutside: 'default',
    flumeSays: (written) => `Checkpoint interval is invalid: ${written}, using default: 30000`,
  }),
  maxFileSize: opt.bytes({
    doc: 'Most bytes of one data file; above 128 MiB it is 128 MiB, so that consumed events free their space sooner.',
    default: 1_623_195_647,
    min: 1,
  }),
  minimumRequiredSpace: opt.bytes({
    doc: 'Free bytes on the device below which puts fail; at least 1 MiB.',
    default: 524_288_000,
    min: 0,
    onOutside: 'clamp',
  }),
  fsyncPerTransaction: opt.boolean({
    doc: 'Whether a put is on the device when it commits. False: synced every fsyncInterval; a power cut loses the rest.',
    default: true,
  }),
  fsyncInterval: opt.duration('s', {
    doc: 'Time between syncs without fsyncPerTransaction.',
    default: 5,
    min: 1,
  }),
  checkpointOnClose: opt.boolean({
    doc: 'Whether a stop writes a checkpoint.',
    default: true,
    ignored: 'A stop always writes one: it costs a single small write.',
  }),
  useDualCheckpoints: opt.boolean({ doc: 'Keep a second checkpoint.', default: false, ignored: onePosition }),
  backupCheckpointDir: opt.path({ doc: 'Folder of the second checkpoint.', ignored: onePosition }),
  compressBackupCheckpoint: opt.boolean({ doc: 'Compress it.', default: false, ignored: onePosition }),
  'use-fast-replay': opt.boolean({ doc: 'Replay in memory.', default: false, ignored: noReplay }),
  'use-log-replay-v1': opt.boolean({
    doc: 'Replay as older versions did.',
    default: false,
    ignored: noReplay,
  }),
  encryption: opt.map({
    doc: 'Encryption at rest; not supported: a channel that asks for it is refused.',
    secret: true,
  }),
};
export type FileChannelOptions = OptionValues<typeof options>;

function problems(values: FileChannelOptions): readonly OptionFinding[] {
  const found: OptionFinding[] = [];
  if (values.transactionCapacity > values.capacity) {
    found.push({
      key: ['transactionCapacity', 'capacity'],
      message: 'File Channel transaction capacity cannot be greater than the capacity of the channel.',
    });
  }
  if (values.useDualCheckpoints && values.backupCheckpointDir === undefined) {
    const message = 'Dual checkpointing is enabled, but the backup directory is not set.';
    found.push({ key: 'useDualCheckpoints', message });
  }
  if (values.useDualCheckpoints && values.backupCheckpointDir === values.checkpointDir) {
    const message = 'backupCheckpointDir cannot be the same as checkpointDir.';
    found.push({ key: 'backupCheckpointDir', message });
  }
  if (values.dataDirs.length === 0) found.push({ key: 'dataDirs', message: 'dataDirs names no folder.' });
  if (values.encryption.size > 0) {
    found.push({
      key: [...values.encryption.keys()].map((key) => `encryption.${key}`),
      message:
        'Encryption of the file channel (encryption.*) is not supported; the events would lie on the disk in plain.',
      suggestion: 'remove these keys to accept that, and encrypt the device instead',
    });
  }
  return found;
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
  differs: ['Folders are really locked between processes; a damaged segment costs what the damage covers.'],
  options,
  validate: problems,
  create: (context: ComponentContext<typeof options>) => new FileChannel(context),
});

const largestSegment = 128 << 20;
const smallestRequiredSpace = 1 << 20;

/** What a test replaces. */
export interface FileChannelSurroundings {
  readonly files?: FileLayer;
  /** False: the folders belong to nobody else (a file layer in memory). */
  readonly lock?: boolean;
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
  readonly #context: ComponentContext<typeof options>;
  readonly #files: FileLayer;
  readonly #useLocks: boolean;
  readonly #room = new Bell();
  readonly #events = new Bell();
  #store: FileChannelStore | null = null;
  #queue: FileChannelQueue | null = null;
  #locks: FolderLock[] = [];
  #timers: Timer[] = [];
  /** Events committed and not consumed. */
  #held = 0;
  /** Events of open puts. */
  #reserved = 0;
  #repairing: Promise<void> | null = null;

  constructor(context: ComponentContext<typeof options>, surroundings: FileChannelSurroundings = {}) {
    super();
    this.name = context.name;
    this.#context = context;
    this.#files = surroundings.files ?? realFiles;
    this.#useLocks = surroundings.lock ?? true;
    this.counter.channelCapacity = context.options.capacity;
  }

  get transactionCapacity(): number {
    return this.#context.options.transactionCapacity;
  }

  get folder(): string {
    return resolve(expandHome(this.#context.options.dataDirs[0]!));
  }

  get eventCount(): number {
    return this.#held;
  }

  begin(signal?: AbortSignal): Transaction {
    this.assertStarted(`channel ${this.name}`);
    return new FileTransaction(this, signal);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    if (this.#queue?.hasEvents !== true) await this.#events.wait(maxMs, signal);
  }

  /**
   * Takes room for events of a put; waits up to `keep-alive` for it, at most until the signal aborts.
   * @internal
   */
  async reserve(events: number, signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#context.options['keep-alive'] * 1000;
    const { capacity } = this.#context.options;
    while (this.#held + this.#reserved + events > capacity) {
      this.assertStarted(`channel ${this.name}`);
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted) {
        throw new MillraceError(
          'CHANNEL_FULL',
          `The channel has reached it's capacity. This might be the result of a sink on the channel having too low of batch size, a downstream system running slower than normal, or that the channel capacity is just too low. [channel=${this.name}]`,
          { details: { channel: this.name, capacity } },
        );
      }
      await this.#room.wait(left, signal);
    }
    this.#reserved += events;
  }

  /** @internal */
  unreserve(events: number): void {
    this.#reserved = Math.max(0, this.#reserved - events); // a stop in between has given it back already
    this.#room.ring();
  }

  /**
   * Commits a put: the batches are in the log, and on the device unless that was not asked for.
   * @internal
   */
  async store(batches: readonly EventBatch[], events: number): Promise<void> {
    const { store, queue } = this.#running();
    try {
      this.#checkSpace(batches);
      queue.remember(store.append(batches));
      if (this.#context.options.fsyncPerTransaction) await store.log.flush();
    } catch (error) {
      this.counter.eventPutError += events;
      if (store.log.failure !== null) this.counter.unhealthy = 1;
      throw error;
    }
    this.#reserved -= events;
    this.#held += events;
    this.counter.eventPutSuccess += events;
    this.counter.channelSize = this.#held;
    this.#events.ring();
  }

  /** Flume's `minimumRequiredSpace`: the device keeps room for others, and for the end of this channel's files. */
  #checkSpace(batches: readonly EventBatch[]): void {
    const { dataDirs, minimumRequiredSpace } = this.#context.options;
    const free = this.#files.freeBytes(expandHome(dataDirs[0]!));
    const required = Math.max(minimumRequiredSpace, smallestRequiredSpace);
    const size = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    if (free - size >= required) return;
    throw new MillraceError(
      'DISK_FULL',
      `Usable space exhausted, only ${free} bytes remaining, required ${required + size} bytes. [channel=${this.name}]`,
      { details: { channel: this.name, free, required } },
    );
  }

  /**
   * The next run of events; null when there is none. Damaged bytes are set aside and reading goes on behind them.
   * @internal
   */
  async takeRun(maxEvents: number): Promise<TakenRun | null> {
    const { queue, store } = this.#running();
    for (let damagedAt = -1; ; ) {
      await this.#repairing;
      try {
        const run = queue.take(maxEvents);
        if (run === null && queue.isIdle && this.#held > 0 && store.visibleEnd === store.log.endOffset) {
          // What damage took still counted; now it is certain that nothing is left.
          this.#held = 0;
          this.counter.channelSize = 0;
          this.#room.ring();
        }
        return run;
      } catch (error) {
        if (!isDamage(error) || damagedAt === queue.cursor) {
          this.counter.eventTakeError++;
          throw error;
        }
        damagedAt = queue.cursor;
        this.#repairing ??= store.repair(damagedAt).finally(() => {
          this.#repairing = null;
        });
      }
    }
  }

  /**
   * Commits takes: the runs are done with.
   * @internal
   */
  consume(runs: readonly TakenRun[], events: number): void {
    const { store, queue } = this.#running();
    for (const run of runs) queue.commit(run);
    this.#held -= events;
    this.counter.eventTakeSuccess += events;
    this.counter.channelSize = this.#held;
    this.#room.ring();
    const { offset, transaction } = queue.consumed;
    if (offset === store.consumed) return;
    try {
      store.saveConsumed(offset, transaction);
    } catch (error) {
      // The events are where they should be; should the process end now, they will come once more.
      this.#checkpointFailed(error);
    }
  }

  /** @internal */
  giveBack(runs: readonly TakenRun[]): void {
    for (const run of runs) this.#queue?.giveBack(run);
    this.#events.ring();
  }

  protected override async open(): Promise<void> {
    const { checkpointDir, dataDirs, maxFileSize, fsyncPerTransaction } = this.#context.options;
    const folders = [checkpointDir, ...dataDirs.map(expandHome)].map((dir) => resolve(dir));
    const [checkpoint, data] = folders as [string, string];
    this.#refuseFlumeFiles(folders.slice(1));
    if (this.#useLocks)
      for (const dir of new Set([checkpoint, data])) this.#locks.push(lockFolder(dir, 'in_use.lock'));
    if (dataDirs.length > 1)
      this.#report('info', 'data-dirs', data, `only the first of dataDirs is used: ${data}`);
    const store = await FileChannelStore.open({
      dataDir: data,
      checkpointDir: checkpoint,
      segmentBytes: Math.min(maxFileSize, largestSegment),
      takeUnsynced: !fsyncPerTransaction,
      files: this.#files,
      report: (diagnostic) => this.#context.report(diagnostic),
    });
    this.#store = store;
    this.#queue = new FileChannelQueue(store);
    this.#held = store.storedEvents;
    this.counter.channelSize = this.#held;
    this.counter.start();
    this.counter.open = true;
    this.#startTimers(store);
  }

  #startTimers(store: FileChannelStore): void {
    const { checkpointInterval, fsyncPerTransaction, fsyncInterval } = this.#context.options;
    const run = (ms: number, action: () => Promise<void>) => {
      const act = () => void action().catch((error) => this.#checkpointFailed(error));
      this.#timers.push(every(ms, act, { background: true }));
    };
    run(checkpointInterval, () => store.checkpoint());
    if (!fsyncPerTransaction) run(fsyncInterval * 1000, () => store.log.flush());
  }

  protected override async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#room.ring();
    this.#events.ring();
    const store = this.#store;
    this.#store = null;
    this.#queue = null;
    this.#reserved = 0;
    try {
      await store?.close();
    } finally {
      for (const lock of this.#locks.splice(0)) lock.release();
      this.counter.open = false;
      this.counter.stop();
    }
  }

  #running(): { store: FileChannelStore; queue: FileChannelQueue } {
    const [store, queue] = [this.#store, this.#queue];
    if (store === null || queue === null) {
      throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is ${this.status}, not started`);
    }
    return { store, queue };
  }

  #refuseFlumeFiles(dirs: readonly string[]): void {
    for (const dir of dirs) {
      const old = this.#files.list(dir).find((name) => /^log-\d+(\.meta)?$/.test(name));
      if (old === undefined) continue;
      throw new MillraceError(
        'CONFIG_INVALID',
        `channel ${this.name}: ${join(dir, old)} belongs to Flume's own file channel`,
        {
          remedy:
            'Let Flume run until its channel is empty, then move its files away, or name other folders.',
          details: { channel: this.name, dir },
        },
      );
    }
  }

  #checkpointFailed(error: unknown): void {
    this.counter.checkpointWriteError++;
    this.#context.log.warn(`channel ${this.name}: the checkpoint could not be written: ${errorText(error)}`);
  }

  #report(severity: 'info' | 'warning', code: string, file: string, message: string): void {
    this.#context.report({ file, line: 0, column: 0, severity, code, message });
  }
}
