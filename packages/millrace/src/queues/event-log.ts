import { Log } from '../log/log.ts';
import { SlotFile } from '../log/slot-file.ts';
import { type BatchHeader, iterateBatches, readBatchHeader } from '../records/batch-header.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { sealBatch } from '../records/seal.ts';
import { renumber } from '../records/transform.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import type { BatchCipher } from './batch-cipher.ts';
import { BatchVault, isTampered } from './batch-vault.ts';
import {
  decodePreamble,
  encodePreamble,
  needsPreamble,
  type Preamble,
  preambleProducerId,
  withPreamble,
} from './preamble.ts';
import { type Progress, ProgressTable } from './progress.ts';

/** A run of events as it lies in the log. Offsets count records; the preamble of a transaction is one of them. */
export interface StoredBatch {
  readonly batch: EventBatch;
  /** Where a reader stands before this batch: at its preamble, where it is the first of its transaction. */
  readonly from: number;
  /** Offset of the batch's first event. */
  readonly baseOffset: number;
  /** Offset after its last event. */
  readonly to: number;
  /** Offset at which its transaction begins: the log must keep it as long as any event of it is needed. */
  readonly transactionStart: number;
}

export interface EventLogOptions {
  readonly dataDir: string;
  readonly checkpointDir: string;
  readonly segmentBytes: number;
  /** Whether events may be taken before the device has them (Flume's `fsyncPerTransaction = false`). */
  readonly takeUnsynced: boolean;
  readonly files?: FileLayer;
  /** What encrypts the events. Absent: they are stored as they are. */
  readonly cipher?: BatchCipher;
  readonly report: (diagnostic: Diagnostic) => void;
}

const readBytes = 1 << 20;

/**
 * Events on the disk: a log of transactions and, beside it, how far they have been consumed.
 *
 * A transaction of one batch without shared headers is that batch and nothing else. Any other begins with a preamble
 * (one record that lists the batches and their shared headers), and all of it goes into the log with one write; a
 * transaction that a crash cut short is cut off at the next start.
 *
 * The consumed position is written at each commit of a take without a sync: it survives the end of the process, and
 * after a power cut at most what was consumed since the last checkpoint comes again.
 */
export class EventLog {
  readonly log: Log;
  /** How far those have come who put events, as far as that is kept by now. */
  readonly progress: ProgressTable;
  /** Where transactions begin whose progress does not count yet. */
  readonly #unsynced: number[] = [];
  #dropping: Promise<void> | null = null;
  readonly #slots: SlotFile;
  readonly #vault: BatchVault;
  readonly #options: EventLogOptions;
  /** The preamble that was met last, and its offset. */
  #preamble: Preamble | null = null;
  #preambleOffset = -1;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkAt = 0;
  #chunkOffset = -1;
  #walkedTo = 0;
  /** Where a reader stands for whom `read` found nothing: behind empty batches, which stand for what a device lost. */
  emptyUntil = 0;
  /** The batch that somebody has changed, at which reading has ended; -1: none. */
  #tamperedAt = -1;
  /** What somebody has changed below this offset lies in files of its own. */
  #asideBefore = 0;
  /** Where reading begins after the start. */
  consumed: number;
  consumedTransaction: number;
  /** Events in the log at the start that were not consumed. */
  storedEvents = 0;

  private constructor(
    log: Log,
    slots: SlotFile,
    progress: ProgressTable,
    options: EventLogOptions,
    consumed: number,
    transaction: number,
  ) {
    this.log = log;
    this.#slots = slots;
    this.progress = progress;
    this.#options = options;
    this.#vault = new BatchVault(log.dir, options);
    this.consumed = consumed;
    this.consumedTransaction = transaction;
  }

  static async open(options: EventLogOptions): Promise<EventLog> {
    const files = options.files ?? realFiles;
    files.makeDir(options.checkpointDir);
    const slots = new SlotFile(files, `${options.checkpointDir}/consumed`);
    const [saved = 0, savedTransaction = 0] = slots.read() ?? [];
    const { dataDir, segmentBytes, report } = options;
    const log = await Log.open(`${dataDir}/events-0`, { files, segmentBytes, segmentMs: Infinity, report });
    // The position may be older than the log (power cut) or newer (a data folder that was emptied).
    const consumed = Math.min(Math.max(saved, log.startOffset), log.endOffset);
    const transaction = Math.min(Math.max(savedTransaction, log.startOffset), consumed);
    const progress = new ProgressTable(files, `${options.checkpointDir}/progress`, options.cipher);
    const store = new EventLog(log, slots, progress, options, consumed, transaction);
    await store.#count(Math.min(transaction, Math.max(log.startOffset, store.#readProgress())));
    store.saveConsumed(store.consumed, store.consumedTransaction);
    await slots.sync();
    await files.syncDir(options.checkpointDir);
    return store;
  }

  /** Names of the keys that events need which were there at the start. */
  get keysInUse(): ReadonlySet<string> {
    return this.#vault.keysInUse;
  }

  /** Offset before which everything may be taken. */
  get visibleEnd(): number {
    return this.#options.takeUnsynced ? this.log.endOffset : this.log.durableEndOffset;
  }

  /** Takes over the progress that was saved; from which offset on the log has to be asked for newer. */
  #readProgress(): number {
    const { upTo, problem } = this.progress.read();
    if (problem !== null)
      this.#tell(
        'warning',
        'channel-progress-damaged',
        `the saved progress of sources can't be used: ${problem}`,
      );
    if (upTo <= this.log.endOffset) return upTo;
    this.progress.clear(); // of a data folder that was emptied
    return 0;
  }

  /** Writes a transaction, all or nothing; the batches as they will be read. Durable after `sync`. */
  append(batches: readonly EventBatch[], progress: readonly Progress[] = []): StoredBatch[] {
    const plain = batches.map(renumber);
    const marked = progress.length > 0 || needsPreamble(plain);
    const producerId = marked ? preambleProducerId : -1;
    const pieces = plain.map((batch) => sealBatch(batch, { producerId, producerEpoch: 1, baseSequence: 0 }));
    if (marked) {
      const preamble = sealBatch(encodePreamble(plain, progress), {
        producerId,
        producerEpoch: 0,
        baseSequence: 0,
      });
      pieces.unshift(preamble);
    }
    const { baseOffset } = this.log.appendAll(this.#vault.seal(pieces, this.log.endOffset));
    const stored: StoredBatch[] = [];
    let from = baseOffset;
    let at = baseOffset + (marked ? 1 : 0);
    for (const batch of plain) {
      const to = at + batch.count;
      stored.push({ batch, from, baseOffset: at, to, transactionStart: baseOffset });
      from = at = to;
    }
    return stored;
  }

  /** Resolves when what was appended is on the device, unless that was not asked for; the progress in it counts then. */
  async sync(transactionStart: number, progress: readonly Progress[]): Promise<void> {
    if (!this.#options.takeUnsynced) {
      if (progress.length === 0) return await this.log.flush();
      this.#unsynced.push(transactionStart);
      try {
        await this.log.flush();
      } finally {
        this.#unsynced.splice(this.#unsynced.indexOf(transactionStart), 1);
      }
    }
    for (const step of progress) this.progress.note(step);
  }

  /**
   * The batch that holds the event at `offset` or comes next, from the disk; null at `visibleEnd`. Throws where bytes are
   * damaged (`repair`) and `EVENTS_TAMPERED` where somebody has changed them (`setAside`): reading goes on behind them
   * after that.
   */
  read(offset: number): StoredBatch | null {
    let from = offset;
    this.emptyUntil = offset;
    for (;;) {
      const next = this.#nextBatch(from);
      if (next === null) return null;
      const { bytes, at, header } = next;
      const to = header.baseOffset + header.lastOffsetDelta + 1;
      if (header.recordCount === 0 && this.emptyUntil === from) this.emptyUntil = to;
      if (isPreamble(header)) this.#takePreamble(header.baseOffset, bytes, at);
      if (isPreamble(header) || header.recordCount === 0) {
        from = to;
        continue;
      }
      const batch = this.#openBatch(bytes, at, header);
      if (batch === null) {
        if (this.emptyUntil === from) this.emptyUntil = to;
        from = to;
        continue;
      }
      const inTransaction = header.producerId === preambleProducerId;
      const known = inTransaction && this.#preambleCovers(header.baseOffset);
      const transactionStart = known ? this.#preambleOffset : header.baseOffset;
      return {
        batch: known ? withPreamble(batch, this.#preamble!, header.baseOffset - this.#preambleOffset) : batch,
        from: offset,
        baseOffset: header.baseOffset,
        to,
        transactionStart: Math.min(transactionStart, offset),
      };
    }
  }

  /** Null: it was set aside. */
  #openBatch(bytes: Buffer, at: number, header: BatchHeader): EventBatch | null {
    try {
      return this.#vault.open(bytes, at, header);
    } catch (error) {
      if (!isTampered(error)) throw error;
      if (header.baseOffset < this.#asideBefore) return null;
      this.#tamperedAt = header.baseOffset;
      throw error;
    }
  }

  /** Sets the batch aside at which `read` has ended with `EVENTS_TAMPERED`; on the device when it resolves. */
  async setAside(): Promise<void> {
    const offset = this.#tamperedAt;
    const bytes = this.log.read(offset, readBytes, true, this.visibleEnd);
    const header = readBatchHeader(bytes, 0);
    await this.#vault.setAside(bytes, 0, header);
    this.#asideBefore = Math.max(this.#asideBefore, offset + 1);
  }

  /** Sets damaged bytes at `offset` aside, so that reading can go on behind them. */
  async repair(offset: number): Promise<void> {
    this.#chunkOffset = -1;
    await this.log.repair(offset);
  }

  /** Notes how far everything is consumed, and from which transaction on the log is needed. Not synced. */
  saveConsumed(consumed: number, transaction: number): void {
    this.consumed = consumed;
    this.consumedTransaction = transaction;
    this.#slots.write([consumed, transaction]);
    if (transaction < this.log.secondSegmentOffset) return;
    if (this.progress.size === 0) this.log.deleteRecordsBefore(transaction);
    else this.#dropBefore(transaction);
  }

  /** Puts the consumed position on the device and gives back what is not needed any more. */
  async checkpoint(): Promise<void> {
    const transaction = this.consumedTransaction;
    await this.#slots.sync();
    await this.#saveProgress();
    this.log.deleteRecordsBefore(transaction);
  }

  #saveProgress(): Promise<void> {
    return this.progress.save(() => Math.min(this.visibleEnd, ...this.#unsynced));
  }

  /** Gives files back, once the progress that their transactions say is saved elsewhere. */
  #dropBefore(transaction: number): void {
    this.#dropping ??= this.#saveProgress()
      .then(() => this.log.deleteRecordsBefore(transaction))
      .catch(() => {}) // the next checkpoint tries it again, and tells
      .finally(() => {
        this.#dropping = null;
      });
  }

  async close(): Promise<void> {
    try {
      await this.#dropping;
      if (this.log.failure === null) await this.checkpoint();
      await this.log.close();
    } finally {
      this.#slots.close();
    }
  }

  #nextBatch(offset: number): { bytes: Buffer; at: number; header: BatchHeader } | null {
    if (offset >= this.visibleEnd) return null;
    if (this.#chunkOffset !== offset || this.#chunkAt >= this.#chunk.length) {
      this.#chunk = this.log.read(offset, readBytes, true, this.visibleEnd);
      this.#chunkAt = 0;
      if (this.#chunk.length === 0) return null;
    }
    const at = this.#chunkAt;
    const header = readBatchHeader(this.#chunk, at);
    this.#chunkAt = at + header.batchLength + 12;
    this.#chunkOffset = header.baseOffset + header.lastOffsetDelta + 1;
    return { bytes: this.#chunk, at, header };
  }

  /** A damaged preamble is as none: its events come without their shared headers rather than not at all. */
  #takePreamble(offset: number, bytes: Buffer, at: number): void {
    this.#preambleOffset = offset;
    try {
      this.#preamble = decodePreamble(this.#vault.open(bytes, at, readBatchHeader(bytes, at)));
    } catch (error) {
      if (!isDamage(error) && !isTampered(error)) throw error;
      this.#preamble = null;
      this.#tell(
        'warning',
        'channel-preamble-damaged',
        `the headers of a transaction at offset ${offset} are lost`,
      );
    }
  }

  #tell(severity: Diagnostic['severity'], code: string, message: string): void {
    this.#options.report({ file: this.log.dir, line: 0, column: 0, severity, code, message });
  }

  /** Counts the events; damage that is met on the way is set aside first. */
  async #count(from: number): Promise<void> {
    for (let repairs = 0; ; repairs++) {
      try {
        await this.#walk(from);
        return;
      } catch (error) {
        if (!isDamage(error) || repairs >= this.log.segmentCount) throw error;
        await this.log.repair(this.#walkedTo);
      }
    }
  }

  #preambleCovers(offset: number): boolean {
    const { records = 0 } = this.#preamble ?? {};
    return offset > this.#preambleOffset && offset <= this.#preambleOffset + records;
  }

  /**
   * Counts what is there from the consumed transaction on, learns what sources said of their progress, and cuts off a
   * transaction at the end that is not whole: its put was never acknowledged, and its source will bring it again.
   */
  async #walk(from: number): Promise<void> {
    let openUntil = -1;
    let openFrom = -1;
    /** Offset after the last event: an empty batch stands for events that a device lost. */
    let found = 0;
    let next = from;
    let progress: readonly Progress[] = [];
    this.storedEvents = 0;
    for (let offset = next; offset < this.log.endOffset; ) {
      this.#walkedTo = offset;
      const bytes = this.log.read(offset, readBytes);
      if (bytes.length === 0) break;
      for (const { at, header } of iterateBatches(bytes)) {
        next = header.baseOffset + header.lastOffsetDelta + 1;
        if (header.recordCount === 0) continue;
        found = next;
        if (next > this.consumed || isPreamble(header)) this.#vault.check(bytes, at, header);
        if (isPreamble(header)) {
          this.#takePreamble(header.baseOffset, bytes, at);
          openFrom = header.baseOffset;
          openUntil = next + (this.#preamble?.records ?? 0);
          progress = progressIn(this.#preamble);
        } else {
          this.storedEvents += Math.max(0, next - Math.max(header.baseOffset, this.consumed));
        }
        if (found < openUntil) continue;
        for (const step of progress) this.progress.note(step);
        progress = [];
      }
      offset = next;
    }
    if (openUntil <= found || openFrom < this.consumed) return;
    const [count, wanted] = [found - openFrom - 1, openUntil - openFrom - 1];
    this.#tell(
      'info',
      'channel-transaction-torn',
      `cut off a transaction that was not finished: ${count} of ${wanted} events`,
    );
    this.storedEvents -= count;
    await this.log.truncateTo(openFrom);
  }
}

function progressIn(preamble: Preamble | null): readonly Progress[] {
  return (preamble?.progress ?? []).map(([key, place]) => ({ key, place }));
}

/** Whether the batch is a preamble, and holds no event. */
export function isPreamble(header: BatchHeader): boolean {
  return header.producerId === preambleProducerId && header.producerEpoch === 0;
}

/** Whether reading failed because of damaged bytes, which `repair` can set aside. */
export function isDamage(error: unknown): error is MillraceError {
  return (
    error instanceof MillraceError && ['LOG_CORRUPT', 'BATCH_CORRUPT', 'COMPRESSION'].includes(error.code)
  );
}
