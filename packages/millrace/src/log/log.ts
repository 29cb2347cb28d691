import { assignOffsets, readBatchHeader } from '../records/batch-header.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import { type BatchPieces, type BatchPlace, placesIn, placesOfPieces } from './batch-place.ts';
import { CheckpointKeeper } from './checkpoint.ts';
import { readFault, writeFault } from './faults.ts';
import { defaultSettings, type LogOptions, type LogSettings } from './log-options.ts';
import { LogSync } from './log-sync.ts';
import { findMaxTimestamp, findTimestamp, type TimestampedOffset } from './log-times.ts';
import { type OpenedLog, openLogFolder } from './open-log.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import { Segment } from './segment.ts';
import type { SegmentIndexes } from './segment-indexes.ts';
import { SegmentList } from './segment-list.ts';
import { countExpired, mustRoll } from './segment-rules.ts';

export interface AppendResult {
  /** Offset of the first record. */
  readonly baseOffset: number;
  /** Offset of the last record. */
  readonly lastOffset: number;
}

/** Told synchronously after each append with the new end offset; must not throw. */
export type AppendListener = (endOffset: number) => void;

/** Told synchronously when the log lost its end (see `onCut`) with the new end offset; must not throw. */
export type CutListener = (endOffset: number) => void;

/**
 * A segmented, append-only log of record batches in one folder, in Kafka's own file layout. One writer; offsets are
 * safe integers. `read` sees what is appended at once; `durableEndOffset` says how far the device has it.
 *
 * Errors, by what they mean for whoever asked, are told apart by `logFaultOf` (faults.ts): `DISK_FULL` and `OUT_OF_FILES`
 * (this call did nothing; the log stays usable), `LOG_FAILED` (the device lost bytes or failed to write: nothing more is
 * accepted until the log has healed by itself, `failure` is null again then), `LOG_CORRUPT` (see `repair`) and
 * `LOG_UNREADABLE` (the device did not give bytes); and `OFFSET_OUT_OF_RANGE`, `BATCH_CORRUPT`.
 */
export class Log {
  readonly dir: string;
  readonly #files: FileLayer;
  readonly #now: () => number;
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly #checkpoint: CheckpointKeeper;
  readonly #segments: SegmentList;
  readonly #sync: LogSync;
  readonly #listeners = new Set<AppendListener>();
  readonly #cutListeners = new Set<CutListener>();
  #settings: Required<LogSettings>;
  #leaderEpoch: number;
  #startOffset: number;
  #endOffset: number;
  /** Unix ms of the active segment's first batch; -1 when it has none. */
  #segmentTimestamp = -1;
  #segmentCreated: number;
  #repairing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #closed = false;

  private constructor(dir: string, options: LogOptions, opened: OpenedLog) {
    this.dir = dir;
    this.#files = options.files ?? realFiles;
    this.#now = options.now ?? Date.now;
    this.#report = options.report ?? (() => {});
    this.#leaderEpoch = options.leaderEpoch ?? 0;
    this.#settings = settingsOf(defaultSettings, options);
    this.#segments = new SegmentList(opened.segments, (segment) => this.#sync.isUnsynced(segment));
    const active = this.#active;
    const { endOffset } = opened;
    // Of what was just recovered nothing is known to be on the device until the first sync.
    const durableBytes = opened.recovered ? 0 : active.sizeBytes;
    const durable = { segment: active.baseOffset, bytes: durableBytes, endOffset };
    active.durableBytes = durableBytes;
    this.#checkpoint = new CheckpointKeeper(opened.slots, durable, opened.recovered ? null : 'clean');
    this.#startOffset = opened.startOffset;
    this.#endOffset = endOffset;
    this.#segmentCreated = this.#now();
    this.#sync = new LogSync(this.#syncHost(), endOffset);
  }

  #syncHost() {
    const log = this;
    return {
      dir: this.dir,
      files: this.#files,
      segments: this.#segments,
      checkpoint: this.#checkpoint,
      get startOffset() {
        return log.#startOffset;
      },
      get endOffset() {
        return log.#endOffset;
      },
      lost: (segment: Segment, bytes: number) => this.#lost(segment, bytes),
      warn: (file: string, code: string, error: unknown) => this.#warn(file, code, error),
    };
  }

  /** Opens or makes the log in `dir`; repairs it after a crash. The caller holds the folder's lock. */
  static async open(dir: string, options: LogOptions = {}): Promise<Log> {
    const files = options.files ?? realFiles;
    const opened = await openLogFolder(options.initialOffset ?? 0, {
      files,
      dir,
      intervalBytes: options.indexIntervalBytes ?? defaultSettings.indexIntervalBytes,
      report: options.report ?? (() => {}),
    });
    const log = new Log(dir, options, opened);
    try {
      if (opened.recovered) {
        log.#checkpoint.save(log.#startOffset);
        log.#sync.changed(log.#active);
        await log.flush();
        // A gap that recovery left is to be believed after the next crash: all of it is on the device now.
        await log.#checkpoint.sync(true);
      }
      log.#noteFirstTimestamp();
      log.#dropBelowStart();
    } catch (error) {
      log.#sync.abandon();
      log.#release();
      throw error;
    }
    return log;
  }

  /** First offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** Offset that the next record will get. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** All below is on the device. */
  get durableEndOffset(): number {
    return this.#sync.durableEndOffset;
  }

  /** Bytes of all segments. */
  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** Base offset of the segment that is written to. */
  get activeBaseOffset(): number {
    return this.#active.baseOffset;
  }

  /** Base offset of the second segment; what lies wholly below it can be removed. Infinity when there is just one. */
  get secondSegmentOffset(): number {
    return this.#segments.at(1)?.baseOffset ?? Number.POSITIVE_INFINITY;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  /** Why the log takes nothing at present; null while it works, and again when it has healed. */
  get failure(): MillraceError | null {
    return this.#sync.failure;
  }

  get #active(): Segment {
    return this.#segments.active;
  }

  /** Changes settings of a running log. The index interval stays what it was for segments that exist. */
  configure(settings: LogSettings): void {
    this.#settings = settingsOf(this.#settings, settings);
  }

  /** The epoch that is written into the headers of later batches. */
  setLeaderEpoch(epoch: number): void {
    this.#leaderEpoch = epoch;
  }

  /**
   * Appends one batch (its 61-byte header, CRC set, and its records) to the page cache. Writes base offset and leader
   * epoch into `header`; the CRC covers neither.
   */
  append(header: Buffer, records: Buffer): AppendResult {
    return this.appendAll([{ header, records }]);
  }

  /** Appends several batches as `append` does, all or none, in one segment and with one write. */
  appendAll(batches: readonly BatchPieces[]): AppendResult {
    const buffers = batches.flatMap(({ header, records }) => [header, records]);
    return this.#append(buffers, placesOfPieces(batches));
  }

  /**
   * Appends one or more whole batches that lie one after another in `bytes` (a produce request's record set), all or
   * none. Writes base offsets and leader epoch into `bytes`. Lengths and magic are checked, CRCs are the caller's.
   */
  appendMany(bytes: Buffer): AppendResult {
    return this.#append([bytes], placesIn(bytes));
  }

  #append(buffers: readonly Buffer[], places: readonly BatchPlace[]): AppendResult {
    this.#assertWritable();
    if (places.length === 0) throw new MillraceError('BATCH_CORRUPT', 'no batch to append');
    let sizeBytes = 0;
    let offset = this.#endOffset;
    let maxTimestamp = -1;
    for (const place of places) {
      assignOffsets(place.bytes, place.at, offset, this.#leaderEpoch);
      offset += place.lastOffsetDelta + 1;
      sizeBytes += place.sizeBytes;
      maxTimestamp = Math.max(maxTimestamp, place.maxTimestamp);
    }
    this.#markDirty();
    const incoming = { sizeBytes, lastOffset: offset - 1, ageMs: this.#segmentAge(maxTimestamp) };
    if (mustRoll(this.#active, incoming, this.#settings)) this.roll();
    const segment = this.#active;
    let position = segment.sizeBytes;
    this.#guard(() => segment.write(buffers, sizeBytes));
    if (position === 0) this.#segmentTimestamp = places[0]!.maxTimestamp;
    const baseOffset = this.#endOffset;
    let lastOffset = baseOffset - 1;
    for (const place of places) {
      lastOffset += place.lastOffsetDelta + 1;
      segment.note(lastOffset, position, place.sizeBytes, place.maxTimestamp);
      position += place.sizeBytes;
    }
    this.#endOffset = offset;
    this.#checkpoint.noteBytes(sizeBytes);
    this.#sync.changed(segment);
    for (const listener of this.#listeners) listener(offset);
    return { baseOffset, lastOffset };
  }

  /** By the records' own time; by the clock where they have none. */
  #segmentAge(maxTimestamp: number): number {
    const inOwnTime = this.#segmentTimestamp >= 0 && maxTimestamp >= 0;
    return inOwnTime ? maxTimestamp - this.#segmentTimestamp : this.#now() - this.#segmentCreated;
  }

  /**
   * Resolves when all that was appended before the call is on the device; concurrent callers share one sync. Rejects
   * with a fault (see `logFaultOf`): what was appended may be durable later, as the log tries again by itself.
   */
  flush(): Promise<void> {
    return this.#closing ?? this.#sync.flush();
  }

  #warn(file: string, code: string, error: unknown): void {
    this.#report({ file, line: 0, column: 0, severity: 'warning', code, message: errorText(error) });
  }

  /**
   * Whole batches from the one that holds `fromOffset` on, of one segment, at most `maxBytes` (at least one batch with
   * `minOneBatch`, whatever its size), none that ends at or after `limitOffset`. Empty at the end. The bytes are a view
   * of a buffer that `allocate` made, so that a caller may use his buffers again.
   */
  read(
    fromOffset: number,
    maxBytes: number,
    minOneBatch = true,
    limitOffset = Number.MAX_SAFE_INTEGER,
    allocate: (bytes: number) => Buffer = Buffer.allocUnsafeSlow,
  ): Buffer {
    if (fromOffset < this.#startOffset || fromOffset > this.#endOffset) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `${this.dir}: offset ${fromOffset} is not between ${this.#startOffset} and ${this.#endOffset}`,
      );
    }
    try {
      return this.#read(fromOffset, maxBytes, minOneBatch, limitOffset, allocate);
    } catch (error) {
      throw readFault(error, this.dir);
    }
  }

  #read(
    fromOffset: number,
    maxBytes: number,
    minOneBatch: boolean,
    limitOffset: number,
    allocate: (bytes: number) => Buffer,
  ): Buffer {
    for (let i = this.#segments.find(fromOffset); i < this.#segments.length; i++) {
      const segment = this.#segments.at(i)!;
      this.#segments.touch(segment);
      const position = this.#segments.locate(segment, fromOffset);
      if (position >= segment.sizeBytes) continue;
      const { bytes, nextOffset } = segment.read(
        position,
        maxBytes,
        minOneBatch,
        limitOffset,
        this.#endOf(i),
        allocate,
      );
      if (bytes.length > 0) this.#segments.remember(nextOffset, segment, position + bytes.length);
      return bytes;
    }
    return Buffer.alloc(0);
  }

  /** The offset at which segment `i` ends at the latest. */
  #endOf(i: number): number {
    return this.#segments.at(i + 1)?.baseOffset ?? this.#endOffset;
  }

  /** The first record whose timestamp is `timestampMs` or later, as Kafka's ListOffsets; null when there is none. */
  offsetForTimestamp(timestampMs: number): TimestampedOffset | null {
    try {
      return findTimestamp(this.#segments, timestampMs, this.#startOffset);
    } catch (error) {
      throw readFault(error, this.dir);
    }
  }

  /** The first record with the greatest timestamp (ListOffsets -3, KIP-734); null when no record has one. */
  offsetOfMaxTimestamp(): TimestampedOffset | null {
    try {
      return findMaxTimestamp(this.#segments, this.#startOffset);
    } catch (error) {
      throw readFault(error, this.dir);
    }
  }

  /** Moves the start of the log up to `offset` (at most the end) and removes segments that lie wholly below. */
  deleteRecordsBefore(offset: number): void {
    const start = Math.min(offset, this.#endOffset);
    if (start <= this.#startOffset) return;
    this.#assertWritable();
    this.#guard(() => this.#checkpoint.save(start));
    this.#startOffset = start;
    this.#dropBelowStart();
  }

  /** Not while a segment is being repaired: it may be one of them. */
  #dropBelowStart(): number {
    let dropped = 0;
    while (this.#repairing === null && this.secondSegmentOffset <= this.#startOffset) {
      this.#drop(this.#segments.at(0)!);
      dropped++;
    }
    return dropped;
  }

  #drop(segment: Segment): void {
    this.#sync.removed(segment);
    this.#segments.drop(segment);
  }

  /**
   * Drops everything from `offset` on; a batch that holds it goes as a whole. Nothing may be appended meanwhile. A crash
   * leaves the log as it was or cut; a power cut may bring back what the next sync has not covered.
   */
  async truncateTo(offset: number): Promise<void> {
    if (offset >= this.#endOffset) return;
    this.#assertWritable();
    if (this.#repairing !== null)
      throw new MillraceError('LOG_CORRUPT', `${this.dir}: the log is being repaired`);
    const from = Math.max(offset, this.#startOffset);
    let i = this.#segments.find(from);
    if (i > 0 && this.#segments.at(i)!.baseOffset === from) i--; // no empty segment stays
    const segment = this.#segments.at(i)!;
    const position = segment.baseOffset >= from ? 0 : this.#guard(() => segment.locate(from));
    const { bytes } = this.#guard(() => segment.read(position, 0, true, Infinity, this.#endOf(i)));
    const cut = Math.max(
      bytes.length === 0 ? from : readBatchHeader(bytes, 0).baseOffset,
      segment.baseOffset,
    );
    const indexes = this.#guard(() => segment.indexesUpTo(position));
    // A start trusts what is below its recovery point: that must not lie above what is about to be written anew.
    this.#guard(() => this.#forgetFrom(segment, cut));
    try {
      await this.#checkpoint.sync(true);
    } catch (error) {
      throw writeFault(error, this.dir);
    }
    this.#assertWritable();
    this.#guard(() => this.#cut(segment, position, indexes, cut));
  }

  #forgetFrom(segment: Segment, endOffset: number): void {
    this.#checkpoint.cutBack(this.#startOffset, { segment: segment.baseOffset, bytes: 0, endOffset });
  }

  #cut(segment: Segment, bytes: number, indexes: SegmentIndexes, endOffset: number): void {
    this.#forgetFrom(segment, endOffset);
    this.#segments.forgetHints();
    while (this.#active !== segment) this.#drop(this.#active);
    segment.truncate(bytes, indexes);
    this.#endOffset = endOffset;
    this.#startOffset = Math.min(this.#startOffset, endOffset);
    this.#sync.cutBack(segment, bytes, endOffset);
    this.#noteFirstTimestamp();
  }

  /** The device lost what no sync had covered. Called while the log takes nothing. */
  #lost(segment: Segment, bytes: number): void {
    const before = this.#endOffset;
    const end = bytes === 0 ? segment.baseOffset : segment.endBefore(bytes);
    this.#cut(segment, bytes, segment.indexesUpTo(bytes), Math.max(end, this.#sync.durableEndOffset));
    const what = `offsets ${this.#endOffset} to ${before - 1}, not yet synced, are lost: the device did not keep them`;
    this.#warn(segment.logPath, 'log-unsynced-lost', new Error(what));
    for (const listener of this.#cutListeners) listener(this.#endOffset);
  }

  /**
   * Removes segments beyond retention time and size, as Kafka does: also the active one, which is closed first, but
   * nothing at or above `limitOffset` (the high watermark). Returns how many; none while the log has failed.
   */
  applyRetention(nowMs: number = this.#now(), limitOffset: number = this.durableEndOffset): number {
    if (this.failure !== null || this.#closed) return 0;
    const count = countExpired(this.#segments, this.#settings, nowMs, limitOffset, this.#endOffset);
    if (count === 0) return 0;
    if (count === this.#segments.length) this.roll();
    const start = Math.max(this.#startOffset, this.#segments.at(count)!.baseOffset);
    this.#guard(() => this.#checkpoint.save(start));
    this.#startOffset = start;
    return this.#dropBelowStart();
  }

  /** Closes the active segment and starts a new one; nothing when it is empty. */
  roll(): void {
    this.#assertWritable();
    const old = this.#active;
    if (old.sizeBytes === 0) return;
    this.#markDirty();
    const next = this.#guard(() =>
      Segment.create(this.#files, this.dir, this.#endOffset, this.#settings.indexIntervalBytes),
    );
    this.#segments.push(next);
    this.#segmentTimestamp = -1;
    this.#segmentCreated = this.#now();
    this.#sync.namesChanged();
    this.#sync.changed(old);
    try {
      old.saveIndexes();
    } catch (error) {
      // A missing or torn index is made again from the log when it is needed.
      this.#warn(`${old.stem}.index`, 'log-index-unsaved', error);
    }
    this.#sync.flush().catch(() => {}); // a failure is kept and meets the next caller
  }

  /**
   * Checks the segment that holds `offset` as a start after a crash does, sets damaged bytes aside and keeps what is
   * readable behind them. For a reader that met `LOG_CORRUPT` or a wrong checksum. Nothing may append meanwhile to
   * that segment, so the active one is closed first.
   */
  async repair(offset: number): Promise<void> {
    while (this.#repairing !== null) await this.#repairing.catch(() => {});
    this.#assertWritable();
    this.#repairing = this.#repair(offset).finally(() => {
      this.#repairing = null;
    });
    await this.#repairing;
    this.#dropBelowStart();
  }

  /** Where the segment that `offset` belongs to ends below it, a reader has met the damage in the next one. */
  async #repair(offset: number): Promise<void> {
    for (let from = offset; from < this.#endOffset; ) {
      if (from < this.#startOffset) return; // deleted meanwhile
      const segment = this.#segments.at(this.#segments.find(from))!;
      if (segment === this.#active) this.roll();
      await this.#sync.flush();
      const limitOffset = this.#endOf(this.#segments.find(segment.baseOffset));
      const nextOffset = await this.#repairSegment(segment, limitOffset);
      if (nextOffset > offset) return;
      from = limitOffset;
    }
  }

  async #repairSegment(segment: Segment, limitOffset: number): Promise<number> {
    const options: RecoveryOptions = {
      files: this.#files,
      dir: this.dir,
      intervalBytes: this.#settings.indexIntervalBytes,
      report: this.#report,
      onMoved: () => {
        this.#segments.forgetHints();
        if (segment.sizeBytes === 0) this.#drop(segment);
      },
    };
    const durable = { position: segment.sizeBytes, endOffset: null };
    let nextOffset: number;
    try {
      nextOffset = await recoverSegment(segment, { trustedBytes: 0, limitOffset, durable }, options);
    } catch (error) {
      throw readFault(error, segment.logPath);
    }
    this.#sync.namesChanged();
    if (!segment.isRemoved) {
      segment.saveIndexes();
      this.#sync.changed(segment);
    }
    await this.#sync.flush();
    return nextOffset;
  }

  /** Returns the way to stop listening. */
  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As `onAppend`, for when a device that failed has lost the end of the log: records that were never durable. */
  onCut(listener: CutListener): () => void {
    this.#cutListeners.add(listener);
    return () => this.#cutListeners.delete(listener);
  }

  /**
   * Flushes, writes the clean-shutdown checkpoint, closes the files. Whoever calls `flush` meanwhile waits for the same
   * sync. A log that has failed is given a last chance to heal; else it only closes its files, and the next start
   * repairs it.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#repairing?.catch(() => {});
      await this.#sync.stop();
      await this.#sync.flush();
      this.#closed = true;
      if (!this.#checkpoint.saysClean) {
        const active = this.#active;
        active.saveIndexes();
        await active.syncAll();
        const end = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset: this.#endOffset };
        await this.#checkpoint.saveClean(this.#startOffset, end);
        await this.#files.syncDir(this.dir);
      }
    } catch (error) {
      if (this.failure === null) throw writeFault(error, this.dir);
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#closed = true;
    this.#segments.release();
    this.#checkpoint.close();
  }

  /** Where it can't be read, the segment's age counts from now. */
  #noteFirstTimestamp(): void {
    const active = this.#active;
    this.#segmentTimestamp = -1;
    if (active.sizeBytes === 0) return;
    try {
      const { bytes } = active.read(0, 0, true, Infinity, this.#endOffset);
      if (bytes.length > 0) this.#segmentTimestamp = readBatchHeader(bytes, 0).maxTimestamp;
    } catch (error) {
      this.#warn(active.logPath, 'log-unreadable', error);
    }
  }

  #markDirty(): void {
    if (this.#checkpoint.saysClean) this.#guard(() => this.#checkpoint.save(this.#startOffset));
  }

  #assertWritable(): void {
    if (this.failure !== null) throw this.failure;
    if (this.#closed || this.#closing !== null)
      throw new MillraceError('LOG_FAILED', `${this.dir}: the log is closed`);
  }

  /** Runs a write; what the system refused leaves the log as it was, any other failure makes it heal itself first. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const fault = writeFault(error, this.dir);
      throw fault.code === 'LOG_FAILED' ? this.#sync.fail(fault) : fault;
    }
  }
}

function settingsOf(base: Required<LogSettings>, change: LogSettings): Required<LogSettings> {
  const keys = Object.keys(base) as (keyof LogSettings)[];
  return Object.fromEntries(
    keys.map((key) => [key, change[key] ?? base[key]]),
  ) as unknown as Required<LogSettings>;
}
