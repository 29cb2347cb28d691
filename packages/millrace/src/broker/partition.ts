import { join } from 'node:path';
import { Log } from '../log/log.ts';
import { batchSizeBytes, iterateBatches } from '../records/batch-header.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import type { FileLayer } from '../runtime/files.ts';
import type { Logger } from '../runtime/logger.ts';
import type { CheckedBatch } from './append-check.ts';
import { readWhole, replaceFile } from './durable-file.ts';
import { ErrorCode } from './error-code.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerStates } from './producer-state.ts';
import type { EffectiveConfig } from './topic-configs.ts';

export interface PartitionOptions {
  readonly files: FileLayer;
  readonly logger: Logger;
  readonly now: () => number;
  /** Whether what is not on the device yet is hidden from consumers. */
  readonly hideUntilDurable: boolean;
  readonly producerIdExpirationMs: number;
}

export type AppendOutcome =
  | { readonly errorCode: 0; readonly baseOffset: number }
  | { readonly errorCode: number; readonly message: string };

/** Told when a partition has more to read, with how many bytes at most came since the last call. */
export interface PartitionWatcher {
  advanced(partition: Partition, bytes: number): void;
}

/** Bytes appended between two producer snapshots: what a start after a crash reads at most. */
const snapshotIntervalBytes = 64 << 20;
const scanBytes = 4 << 20;
const complainEveryMs = 10_000;

/** The leader epoch of every partition: one node, so the leader never changes. */
export const leaderEpoch = 0;

/**
 * One partition: its log, what its producers have sent, who waits for more. Appending is synchronous; `flush` shares
 * one sync among all that appended in the same turn of the event loop.
 */
export class Partition {
  readonly topic: string;
  readonly index: number;
  readonly log: Log;
  readonly producers: ProducerStates = new ProducerStates();
  config: EffectiveConfig;
  readonly #options: PartitionOptions;
  readonly #watchers = new Set<PartitionWatcher>();
  #flushRound: Promise<void> | null = null;
  #repair: Promise<void> | null = null;
  /** Bytes that were appended and not yet shown to watchers. */
  #hiddenBytes = 0;
  #bytesSinceSnapshot = 0;
  #quietUntil = 0;
  #closed = false;

  private constructor(
    topic: string,
    index: number,
    log: Log,
    config: EffectiveConfig,
    options: PartitionOptions,
  ) {
    this.topic = topic;
    this.index = index;
    this.log = log;
    this.config = config;
    this.#options = options;
  }

  static async open(
    topic: string,
    index: number,
    dir: string,
    config: EffectiveConfig,
    options: PartitionOptions,
  ): Promise<Partition> {
    const { files, logger, now } = options;
    const log = await Log.open(dir, {
      ...config.log,
      files,
      now,
      leaderEpoch,
      report: (finding) => logger.warn(`${finding.file}: ${finding.message}`),
    });
    const partition = new Partition(topic, index, log, config, options);
    await partition.#loadProducers();
    return partition;
  }

  get name(): string {
    return `${this.topic}-${this.index}`;
  }

  /** Consumers see what lies below: everything, or, under `logFlush: 'fsync'`, what is on the device. */
  get highWatermark(): number {
    return this.#options.hideUntilDurable ? this.log.durableEndOffset : this.log.endOffset;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Appends a checked batch, or says why not: sequence, disk. The answer may have to wait for `flush`. */
  append(batch: CheckedBatch): AppendOutcome {
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
      this.#complain(`append failed: ${errorText(error)}`);
      return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, message: errorText(error) };
    }
  }

  /** What the log holds from `offset` on, in pieces of whole batches; damage is set aside on the way. */
  async *readFrom(offset: number, pieceBytes: number): AsyncGenerator<Buffer> {
    let repairedAt = -1;
    while (offset < this.log.endOffset) {
      let bytes: Buffer;
      try {
        bytes = this.log.read(offset, pieceBytes);
      } catch (error) {
        if (!isDamage(error) || repairedAt === offset) throw error;
        repairedAt = offset;
        this.#complain(`${errorText(error)}; setting the damage aside`);
        await this.log.repair(offset);
        continue;
      }
      if (bytes.length === 0) return;
      yield bytes;
      for (const { header } of iterateBatches(bytes)) offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
  }

  /** A reader met damage at `offset`: it is set aside, once, while readers are told to come again. */
  repairSoon(offset: number, error: unknown): void {
    if (this.#repair !== null) return;
    this.#complain(`${errorText(error)}; setting the damage aside`);
    this.#repair = this.log
      .repair(offset)
      .catch((failure: unknown) => this.#complain(`repair failed: ${errorText(failure)}`))
      .finally(() => {
        this.#repair = null;
      });
  }

  /** Resolves when all that was appended before the call is on the device. Rejects with the log's error. */
  flush(): Promise<void> {
    this.#flushRound ??= new Promise<void>((resolve, reject) => {
      // At the end of the turn: the other requests that this turn brings share the sync.
      setImmediate(() => {
        this.#flushRound = null;
        if (this.#closed) {
          resolve(); // the log was flushed when it was closed
          return;
        }
        this.log.flush().then(() => {
          this.#show();
          resolve();
        }, reject);
      });
    });
    return this.#flushRound;
  }

  watch(watcher: PartitionWatcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: PartitionWatcher): void {
    this.#watchers.delete(watcher);
  }

  configure(config: EffectiveConfig): void {
    this.config = config;
    this.log.configure(config.log);
  }

  /** Work of the housekeeping timer: retention, producers that went silent, a snapshot when much was appended. */
  async housekeep(now: number): Promise<void> {
    if (this.#closed) return;
    const removed = this.log.applyRetention(now);
    if (removed > 0) this.#options.logger.info(`${this.name}: retention removed ${removed} segments`);
    this.producers.expire(now, this.#options.producerIdExpirationMs);
    if (this.#bytesSinceSnapshot >= snapshotIntervalBytes) await this.writeSnapshot();
  }

  /** Writes what the producers sent so far; the next start reads the log only from here on. Keeps the last two files. */
  async writeSnapshot(): Promise<void> {
    const { files } = this.#options;
    const { dir, endOffset } = this.log;
    const path = join(dir, snapshotName(endOffset));
    this.#bytesSinceSnapshot = 0;
    await replaceFile(files, path, encodeProducerSnapshot(this.producers.entries()));
    for (const offset of snapshotOffsets(files, dir).slice(2)) files.remove(join(dir, snapshotName(offset)));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.log.endOffset > 0)
      await this.writeSnapshot().catch((error) => this.#options.logger.warn(errorText(error)));
    this.#closed = true;
    await this.#repair;
    await this.log.close();
    this.#show();
  }

  #appended(sizeBytes: number): void {
    this.#hiddenBytes += sizeBytes;
    this.#bytesSinceSnapshot += sizeBytes;
    if (!this.#options.hideUntilDurable) this.#show();
    else
      this.flush().catch((error) =>
        this.#options.logger.error(`${this.name}: sync failed: ${errorText(error)}`),
      );
  }

  /** Producers try again and again while a disk is full: one line now and then says so. */
  #complain(what: string): void {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + complainEveryMs;
    this.#options.logger.error(`${this.name}: ${what}`);
  }

  #show(): void {
    const bytes = this.#hiddenBytes;
    this.#hiddenBytes = 0;
    for (const watcher of [...this.#watchers]) watcher.advanced(this, bytes);
  }

  /** Newest usable snapshot, then the batches after it. */
  async #loadProducers(): Promise<void> {
    const { files, logger } = this.#options;
    const { dir, startOffset, endOffset } = this.log;
    let from = startOffset;
    for (const offset of snapshotOffsets(files, dir)) {
      if (offset > endOffset) {
        files.remove(join(dir, snapshotName(offset))); // of records that a crash took
        continue;
      }
      try {
        for (const entry of decodeProducerSnapshot(readWhole(files, join(dir, snapshotName(offset)))!)) {
          this.producers.restore(entry);
        }
        from = Math.max(offset, startOffset);
        break;
      } catch (error) {
        logger.warn(`${this.name}: ${snapshotName(offset)} is not used: ${errorText(error)}`);
        this.producers.clear();
      }
    }
    await this.#replay(from);
    this.producers.expire(this.#options.now(), this.#options.producerIdExpirationMs);
  }

  async #replay(from: number): Promise<void> {
    for await (const bytes of this.readFrom(from, scanBytes)) {
      for (const { header } of iterateBatches(bytes)) {
        const lastOffset = header.baseOffset + header.lastOffsetDelta;
        if (header.baseOffset >= from)
          this.producers.record(header, header.baseOffset, lastOffset, this.#options.now());
        this.#bytesSinceSnapshot += batchSizeBytes(header);
      }
    }
  }
}

/** Whether an error says that bytes of a log are damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'LOG_CORRUPT';
}

function snapshotName(offset: number): string {
  return `${String(offset).padStart(20, '0')}.snapshot`;
}

/** Newest first. */
function snapshotOffsets(files: FileLayer, dir: string): number[] {
  return files
    .list(dir)
    .filter((name) => /^\d{20}\.snapshot$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => b - a);
}
