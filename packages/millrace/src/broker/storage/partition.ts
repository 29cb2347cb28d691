import { Log } from '../../log/log.ts';
import { sealMarker, type TransactionMarker } from '../../records/transaction-marker.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, type RequestFault, refuse } from '../core/fault.ts';
import type { EffectiveConfig } from '../settings/topic-configs.ts';
import type { CheckedBatch } from './append-check.ts';
import { damagedSegment, isDamage, readWithRepair } from './log-reader.ts';
import { PartitionTransactions } from './partition-transactions.ts';
import { recoverProducers, saveProducers } from './producer-recovery.ts';
import { ProducerStates } from './producer-state.ts';
import { Visibility, type Watcher } from './visibility.ts';

export interface PartitionOptions {
  readonly files: FileLayer;
  readonly logger: Logger;
  readonly now: () => number;
  /** Whether what is not on the device yet is hidden from consumers. */
  readonly hideUntilDurable: boolean;
  readonly producerIdExpirationMs: number;
}

export type AppendOutcome = { readonly errorCode: 0; readonly baseOffset: number } | RequestFault;

/** Bytes appended between two producer snapshots: what a start after a crash reads at most. */
const snapshotIntervalBytes = 64 << 20;
const complainEveryMs = 10_000;
/** Before an attempt to open a log that could not be opened, or to sync again; doubles with each that fails. */
const healAfterMs = { first: 500, most: 60_000 } as const;

/** The leader epoch of every partition: one node, so the leader never changes. */
export const leaderEpoch = 0;

/**
 * One partition: its log, what its producers have sent, who waits for more. Appending is synchronous; `flush` shares
 * one sync among all that appended in the same turn of the event loop.
 *
 * It is online, offline (its log cannot be opened) or closed. An offline partition answers every request with
 * KAFKA_STORAGE_ERROR, and tries to open its log until that succeeds. A log that failed later heals by itself; the
 * partition only asks it again, so that whoever waits is told of what became durable, and takes back what it knew of
 * records that the device lost.
 */
export class Partition {
  readonly topic: string;
  readonly index: number;
  readonly dir: string;
  readonly producers: ProducerStates = new ProducerStates();
  readonly transactions: PartitionTransactions = new PartitionTransactions(this.producers);
  config: EffectiveConfig;
  readonly #options: PartitionOptions;
  readonly #watchers = new Set<Watcher>();
  #log: Log | null = null;
  #visibility: Visibility | null = null;
  /** Why there is no log. */
  #fault: unknown = null;
  #flushed: { readonly of: Promise<void>; readonly announced: Promise<void> } | null = null;
  /** Repairs, snapshots, opening anew: one after the other, and all done before the log is closed. */
  #background: Promise<void> = Promise.resolve();
  #isRepairing = false;
  #closing: Promise<void> | null = null;
  #bytesSinceSnapshot = 0;
  /** Up to where markers of aborted transactions are in the index files. */
  #indexedUpTo = 0;
  #quietUntil = 0;
  #healing: Timer | null = null;
  #healDelayMs: number = healAfterMs.first;

  private constructor(
    topic: string,
    index: number,
    dir: string,
    config: EffectiveConfig,
    options: PartitionOptions,
  ) {
    this.topic = topic;
    this.index = index;
    this.dir = dir;
    this.config = config;
    this.#options = options;
  }

  /** Opens a partition. Where that fails it rejects, or, for one that must not keep others from starting, is offline. */
  static async open(
    topic: string,
    index: number,
    dir: string,
    config: EffectiveConfig,
    options: PartitionOptions,
    onFailure: 'reject' | 'offline' = 'reject',
  ): Promise<Partition> {
    const partition = new Partition(topic, index, dir, config, options);
    try {
      await partition.#openLog();
    } catch (error) {
      if (onFailure === 'reject') throw error;
      partition.#goOffline(error);
    }
    return partition;
  }

  get name(): string {
    return `${this.topic}-${this.index}`;
  }

  /** Throws why there is none when the partition is offline. */
  get log(): Log {
    if (this.#log === null) throw this.#fault;
    return this.#log;
  }

  /** Consumers see what lies below: everything, or, under `logFlush: 'fsync'`, what is on the device. */
  get highWatermark(): number {
    return this.#visibility!.highWatermark;
  }

  get lastStableOffset(): number {
    return this.#visibility!.lastStableOffset;
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  get isOffline(): boolean {
    return this.#log === null;
  }

  /** Appends a checked batch, or says why not: sequence, disk. The answer may have to wait for `flush`. */
  append(batch: CheckedBatch): AppendOutcome {
    if (this.isClosed) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'the partition is being removed');
    const verdict = this.producers.check(batch.header);
    if (verdict.kind === 'duplicate')
      return { errorCode: ErrorCode.NONE, baseOffset: verdict.batch.baseOffset };
    if (verdict.kind === 'refuse') return { errorCode: verdict.errorCode, message: verdict.message };
    try {
      const { baseOffset, lastOffset } = this.log.append(batch.headerBytes, batch.records);
      this.producers.record(batch.header, baseOffset, lastOffset, this.#options.now());
      this.#appended(batch.headerBytes.length + batch.records.length);
      return { errorCode: ErrorCode.NONE, baseOffset };
    } catch (error) {
      return this.#appendFault(error);
    }
  }

  /** Appends the end of a producer's transaction, or says why not: an epoch that is over, the disk. */
  appendMarker(marker: TransactionMarker): AppendOutcome {
    if (this.isClosed) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'the partition is being removed');
    const verdict = this.producers.checkMarker(marker);
    if (verdict.kind === 'refuse') return { errorCode: verdict.errorCode, message: verdict.message };
    const now = this.#options.now();
    const { header, records, sizeBytes } = sealMarker(marker, now);
    try {
      const { baseOffset } = this.log.append(header, records);
      const ended = this.producers.recordMarker(marker, baseOffset, now);
      if (ended !== null) this.transactions.ended(ended);
      this.#appended(sizeBytes);
      return { errorCode: ErrorCode.NONE, baseOffset };
    } catch (error) {
      return this.#appendFault(error);
    }
  }

  #appendFault(error: unknown): RequestFault {
    this.#complain(`append failed: ${errorText(error)}`);
    this.#healLater();
    return faultOf(error);
  }

  /** What the log holds from `offset` on, in pieces of whole batches; damage is set aside on the way. */
  readFrom(offset: number, pieceBytes: number): AsyncGenerator<Buffer> {
    return readWithRepair(this.log, offset, pieceBytes, (error) => this.#complain(settingAside(error)));
  }

  /** A reader met an error; says what he is told. Damage is set aside, once, while readers are told to come again. */
  readFault(error: unknown, offset: number | null = damagedSegment(error)): RequestFault {
    if (isDamage(error) && offset !== null) this.#repairSoon(Math.max(offset, this.log.startOffset), error);
    else this.#complain(`read failed: ${errorText(error)}`);
    return faultOf(error);
  }

  #repairSoon(offset: number, error: unknown): void {
    if (this.#isRepairing || this.isClosed) return;
    this.#isRepairing = true;
    this.#complain(settingAside(error));
    void this.#later('repair', () => this.log.repair(offset)).finally(() => {
      this.#isRepairing = false;
    });
  }

  /** Resolves when all that was appended before the call is on the device, and shown. Rejects with the log's error. */
  flush(): Promise<void> {
    if (this.#closing !== null) return this.#closing;
    if (this.#log === null) return Promise.reject(this.#fault);
    const of = this.#log.flush();
    if (this.#flushed?.of === of) return this.#flushed.announced;
    const visibility = this.#visibility!;
    const announced = of.then(() => {
      this.#healDelayMs = healAfterMs.first;
      visibility.announce();
    });
    this.#flushed = { of, announced };
    announced.catch((error) => {
      this.#complain(`sync failed: ${errorText(error)}`);
      this.#healLater();
    });
    return announced;
  }

  /**
   * Resolves when consumers see all that was appended before the call; null when they do already. What tells a client
   * how far the log reaches waits for it: a producer must find what was acknowledged to him, also with acks=1.
   */
  settled(): Promise<void> | null {
    return this.#visibility!.isBehind ? this.flush() : null;
  }

  watch(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  configure(config: EffectiveConfig): void {
    this.config = config;
    this.#log?.configure(config.log);
  }

  /** Work of the housekeeping timer: retention, producers that went silent, a snapshot when much was appended. */
  housekeep(now: number): Promise<void> {
    return this.#later('housekeeping', async () => {
      if (this.isClosed || this.#log === null) return;
      // Where nothing is synced the watermark is the end; the device would hold every segment back for ever.
      const removed = this.#log.applyRetention(now, this.highWatermark);
      if (removed > 0) this.#options.logger.info(`${this.name}: retention removed ${removed} segments`);
      this.producers.expire(now, this.#options.producerIdExpirationMs);
      this.transactions.aborted.dropBefore(this.log.startOffset);
      if (this.#bytesSinceSnapshot >= snapshotIntervalBytes) await this.writeSnapshot();
    });
  }

  /** Writes what the producers sent so far; the next start reads the log only from here on. */
  async writeSnapshot(): Promise<void> {
    this.#bytesSinceSnapshot = 0;
    this.#indexedUpTo = await saveProducers(this, this.log, this.#options.files, this.#indexedUpTo);
  }

  /** Opens the log where there is none, or asks it for a sync again, after a while and until that succeeds. */
  #healLater(): void {
    if (this.isClosed || this.#healing !== null) return;
    const heal = () => {
      this.#healing = null;
      if (this.#log !== null)
        this.flush().catch(() => {}); // a failure leads here again
      else void this.#later('opening the log', () => this.#openAgain());
    };
    this.#healing = after(this.#healDelayMs, heal, { background: true });
    this.#healDelayMs = Math.min(2 * this.#healDelayMs, healAfterMs.most);
  }

  async #openAgain(): Promise<void> {
    if (this.isClosed || this.#log !== null) return;
    try {
      await this.#openLog();
      this.#options.logger.info(`${this.name} is online again`);
    } catch (error) {
      this.#goOffline(error);
    }
  }

  /** The partition takes nothing from now on; what was appended is on the device when this resolves. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#healing?.cancel();
    for (const watcher of [...this.#watchers]) watcher.advanced(0);
    await this.#background;
    const log = this.#log;
    if (log === null) return;
    if (log.endOffset > 0 && log.failure === null)
      await this.writeSnapshot().catch((error) => this.#options.logger.warn(errorText(error)));
    await log.close();
    this.#visibility!.announce();
  }

  async #openLog(): Promise<void> {
    const { files, logger, now, hideUntilDurable, producerIdExpirationMs } = this.#options;
    const log = await Log.open(this.dir, {
      ...this.config.log,
      files,
      now,
      leaderEpoch,
      durable: hideUntilDurable,
      report: (finding) => logger.warn(`${finding.file}: ${finding.message}`),
    });
    try {
      this.#bytesSinceSnapshot = await recoverProducers(this, log, files, logger, now());
    } catch (error) {
      await log.close().catch(() => {});
      throw error;
    }
    this.producers.expire(now(), producerIdExpirationMs);
    this.#indexedUpTo = 0;
    const visibility = new Visibility(log, this.transactions, hideUntilDurable, this.#watchers);
    log.onCut((firstLostOffset) => {
      this.transactions.cut(firstLostOffset);
      this.#indexedUpTo = Math.min(this.#indexedUpTo, firstLostOffset);
      visibility.cut(firstLostOffset);
    });
    this.#visibility = visibility;
    this.#fault = null;
    this.#healDelayMs = healAfterMs.first;
    this.#log = log;
    for (const watcher of [...this.#watchers]) watcher.advanced(0);
  }

  #goOffline(error: unknown): void {
    this.#log = null;
    this.#flushed = null;
    this.#fault =
      error instanceof MillraceError
        ? error
        : new MillraceError('LOG_FAILED', errorText(error), { cause: error });
    this.#complain(`offline: ${errorText(error)}`);
    this.#healLater();
  }

  #appended(sizeBytes: number): void {
    this.#visibility!.appended(sizeBytes);
    this.#bytesSinceSnapshot += sizeBytes;
    if (this.#options.hideUntilDurable) void this.flush();
  }

  /** Runs after the background work that is under way; a failure is told and harms nobody else. */
  #later(what: string, work: () => Promise<void>): Promise<void> {
    this.#background = this.#background.then(work).catch((error) => {
      this.#complain(`${what}: ${errorText(error)}`);
    });
    return this.#background;
  }

  /** Producers try again and again while a disk is full: one line now and then says so. */
  #complain(what: string): void {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + complainEveryMs;
    this.#options.logger.error(`${this.name}: ${what}`);
  }
}

function settingAside(error: unknown): string {
  return `${errorText(error)}; setting the damage aside`;
}

/** NONE, or why nothing can be asked of a partition. */
export function availability(partition: Partition | undefined): number {
  if (partition === undefined || partition.isClosed) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return partition.isOffline ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NONE;
}
