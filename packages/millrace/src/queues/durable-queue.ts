import { join } from 'node:path';
import { type FolderLock, lockFolder } from '../log/folder-lock.ts';
import type { EventBatch } from '../records/event-batch.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import { Bell, every, type Timer } from '../runtime/timers.ts';
import type { BatchCipher } from './batch-cipher.ts';
import { isTampered } from './batch-vault.ts';
import { EventLog, isDamage } from './event-log.ts';
import { flumeFilesIn, unimported } from './flume-files.ts';
import { LogQueue, type TakenRun } from './log-queue.ts';
import type { Progress } from './progress.ts';
import { SpreadFiles } from './spread-files.ts';

export interface DurableQueueOptions {
  /** Whose queue it is, for messages: the channel's name. */
  readonly owner: string;
  /** Where the events are; files are spread over several in turn. */
  readonly dataDirs: readonly string[];
  readonly checkpointDir: string;
  /** Folders that may hold files of Flume's own file channel, which are refused unless all that is in them was imported. */
  readonly flumeDirs: readonly string[];
  /** Most bytes of one file; at most 128 MiB, so that consumed events free their space soon. */
  readonly fileBytes: number;
  /** Free bytes on the device below which nothing more is stored; at least 1 MiB. */
  readonly requiredSpaceBytes: number;
  /** Whether `store` waits for the device; else it is synced every `syncIntervalMs`, and a power cut loses the rest. */
  readonly syncs: boolean;
  readonly syncIntervalMs: number;
  readonly checkpointIntervalMs: number;
  readonly files?: FileLayer;
  /** What encrypts the events. Absent: they are stored as they are. */
  readonly cipher?: BatchCipher;
  /** False: the folders belong to nobody else (a file layer in memory). */
  readonly lock?: boolean;
  readonly report: (diagnostic: Diagnostic) => void;
  /** The consumed position could not be written; should the process end now, events come once more. */
  readonly checkpointFailed: (error: unknown) => void;
}

const mostFileBytes = 128 << 20;
const leastRequiredSpace = 1 << 20;

/**
 * A queue of events in files: what `store` has resolved for survives the end of the process and a power cut. Takes read
 * forward, several side by side; what they took is forgotten when they are consumed, and comes back in place otherwise.
 * How many events may be inside is its owner's to say.
 */
export class DurableQueue {
  /** Rings when events may be taken. */
  readonly arrived = new Bell();
  /** Rings when events have left. */
  readonly left = new Bell();
  readonly #options: DurableQueueOptions;
  readonly #files: SpreadFiles;
  readonly #log: EventLog;
  readonly #queue: LogQueue;
  readonly #locks: readonly FolderLock[];
  readonly #timers: Timer[] = [];
  #held: number;
  #reserved = 0;
  #repairing: Promise<void> | null = null;

  private constructor(
    options: DurableQueueOptions,
    files: SpreadFiles,
    log: EventLog,
    locks: readonly FolderLock[],
  ) {
    this.#options = options;
    this.#files = files;
    this.#log = log;
    this.#queue = new LogQueue(log);
    this.#locks = locks;
    this.#held = log.storedEvents;
    this.#startTimers();
  }

  /** Throws where the folders are another's (`DIRECTORY_LOCKED`, `CONFIG_INVALID`) or can't be had. */
  static async open(options: DurableQueueOptions): Promise<DurableQueue> {
    const { dataDirs, checkpointDir, fileBytes, syncs, cipher, report } = options;
    const { files: device = realFiles, requiredSpaceBytes, owner } = options;
    refuseFlumeFiles(options, device);
    const locks: FolderLock[] = [];
    const lock = (dirs: readonly string[]) => {
      if (options.lock === false) return;
      for (const dir of new Set(dirs)) locks.push(lockFolder(dir, 'in_use.lock'));
    };
    try {
      lock([checkpointDir, ...dataDirs]);
      const requiredBytes = Math.max(requiredSpaceBytes, leastRequiredSpace);
      const files = await SpreadFiles.open({ owner, dirs: dataDirs, files: device, requiredBytes });
      lock(files.leftOut);
      const dataDir = dataDirs[0]!;
      const segmentBytes = Math.min(fileBytes, mostFileBytes);
      const log = await EventLog.open({
        ...{ dataDir, checkpointDir, segmentBytes, takeUnsynced: !syncs, files, report },
        ...(cipher === undefined ? {} : { cipher }),
      });
      const why = unimported(flumeFilesIn(options.flumeDirs, files), (key) => log.progress.placeOf(key));
      if (why !== null) {
        await log.close();
        throw flumeFilesThere(options.owner, why);
      }
      return new DurableQueue(options, files, log, locks);
    } catch (error) {
      for (const lock of locks) lock.release();
      throw error;
    }
  }

  /** Names of the keys that events need which were there at the start. */
  get keysInUse(): ReadonlySet<string> {
    return this.#log.keysInUse;
  }

  /** Events stored and not consumed. */
  get held(): number {
    return this.#held;
  }

  /** Those and what `reserve` has noted. */
  get claimed(): number {
    return this.#held + this.#reserved;
  }

  /** Notes that so many events are to be stored: `store` or `unreserve` ends it. */
  reserve(events: number): void {
    this.#reserved += events;
  }

  unreserve(events: number): void {
    this.#reserved = Math.max(0, this.#reserved - events); // of a transaction that is older than this queue
    this.left.ring();
  }

  /** Whether a take may find something. */
  get hasEvents(): boolean {
    return this.#queue.hasEvents;
  }

  /** Behind all that may be taken: events stored from now on are not before it. */
  get end(): number {
    return this.#log.visibleEnd;
  }

  /** Whether a take of events before this end, taken earlier, may find something. */
  hasEventsBefore(end: number): boolean {
    return this.#queue.hasEventsBefore(end);
  }

  /** Whether the device has failed, and the log has not healed itself yet. */
  get hasFailed(): boolean {
    return this.#log.log.failure !== null;
  }

  /** Stores the batches, for which room was reserved, and the progress that they are, all or none: on the device when it resolves, unless that was not asked for. */
  async store(
    batches: readonly EventBatch[],
    events: number,
    progress: readonly Progress[] = [],
  ): Promise<void> {
    this.#checkSpace(batches);
    const stored = this.#log.append(batches, progress);
    this.#queue.remember(stored);
    await this.#log.sync(stored[0]!.transactionStart, progress);
    this.#reserved = Math.max(0, this.#reserved - events);
    this.#held += events;
    this.arrived.ring();
  }

  /** Progress that came without events: on the device with the next checkpoint. */
  note(progress: readonly Progress[]): void {
    for (const step of progress) this.#log.progress.note(step);
  }

  /** The newest place that was stored under a key. */
  placeOf(key: string): string | undefined {
    return this.#log.progress.placeOf(key);
  }

  /** Flume's `minimumRequiredSpace`: the device keeps room for others, and for the end of this queue's files. */
  #checkSpace(batches: readonly EventBatch[]): void {
    const { requiredSpaceBytes } = this.#options;
    const required = Math.max(requiredSpaceBytes, leastRequiredSpace);
    const size = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    let free = this.#files.freeOfNewest();
    if (this.#files.isLeavingFolder || free - size < required) {
      if (!this.#files.hasRoomFor(required + size)) throw this.#noSpace(free, required + size);
      this.#log.log.roll();
      free = this.#files.freeOfNewest();
    }
    if (free - size >= required) return;
    throw this.#noSpace(free, required + size);
  }

  #noSpace(free: number, required: number): MillraceError {
    const { owner } = this.#options;
    return new MillraceError(
      'DISK_FULL',
      `Usable space exhausted, only ${free} bytes remaining, required ${required} bytes. [channel=${owner}]`,
      { details: { channel: owner, free, required } },
    );
  }

  /**
   * The next run of events, of those that were there at the `end` that is given; null when there is none. What is damaged
   * or was changed by somebody is set aside, and reading goes on behind it once the device has that.
   */
  async take(maxEvents: number, before = Number.POSITIVE_INFINITY): Promise<TakenRun | null> {
    const [queue, log] = [this.#queue, this.#log];
    for (let damagedAt = -1; ; ) {
      await this.#repairing;
      try {
        const run = queue.take(maxEvents, before);
        if (run === null && queue.isIdle && this.#held > 0 && log.visibleEnd === log.log.endOffset) {
          // What damage took still counted; now it is certain that nothing is left.
          this.#held = 0;
          this.left.ring();
        }
        return run;
      } catch (error) {
        const tampered = isTampered(error);
        if (!tampered && (!isDamage(error) || damagedAt === queue.cursor)) throw error;
        if (!tampered) damagedAt = queue.cursor;
        this.#repairing ??= (tampered ? log.setAside() : log.repair(damagedAt)).finally(() => {
          this.#repairing = null;
        });
      }
    }
  }

  /** The runs are done with. */
  consume(runs: readonly TakenRun[], events: number): void {
    for (const run of runs) this.#queue.commit(run);
    this.#held -= events;
    this.left.ring();
    const { offset, transaction } = this.#queue.consumed;
    if (offset === this.#log.consumed) return;
    try {
      this.#log.saveConsumed(offset, transaction);
    } catch (error) {
      this.#options.checkpointFailed(error); // the events are where they should be
    }
  }

  /** The runs come back to their places. */
  giveBack(runs: readonly TakenRun[]): void {
    for (const run of runs) this.#queue.giveBack(run);
    this.arrived.ring();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.arrived.ring();
    this.left.ring();
    try {
      await this.#log.close();
    } finally {
      for (const lock of this.#locks) lock.release();
    }
  }

  #startTimers(): void {
    const { checkpointIntervalMs, syncs, syncIntervalMs, checkpointFailed } = this.#options;
    const run = (ms: number, action: () => Promise<void>) => {
      this.#timers.push(every(ms, () => void action().catch(checkpointFailed), { background: true }));
    };
    run(checkpointIntervalMs, () => this.#log.checkpoint());
    if (!syncs) run(syncIntervalMs, () => this.#log.log.flush());
  }
}

/** Told before anything is made in the folders, where it is known by then. */
function refuseFlumeFiles({ owner, dataDirs, flumeDirs }: DurableQueueOptions, files: FileLayer): void {
  if (files.list(join(dataDirs[0]!, 'events-0')).length > 0) return;
  const why = unimported(flumeFilesIn(flumeDirs, files), () => undefined);
  if (why !== null) throw flumeFilesThere(owner, why);
}

function flumeFilesThere(owner: string, why: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `channel ${owner}: ${why}`, {
    remedy: `Stop Flume and bring its events over: millrace import-channel -f FILE -n AGENT --channel ${owner}. Or name other folders.`,
    details: { channel: owner },
  });
}
