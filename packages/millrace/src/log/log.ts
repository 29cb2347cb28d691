import { assignOffsets, readBatchHeader } from '../records/batch-header.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import { type BatchPieces, type BatchPlace, placesIn, placesOfPieces } from './batch-place.ts';
import { CheckpointKeeper } from './checkpoint.ts';
import { GroupCommit } from './group-commit.ts';
import { defaultSettings, type LogOptions, type LogSettings } from './log-options.ts';
import { findMaxTimestamp, findTimestamp, type TimestampedOffset } from './log-times.ts';
import { type OpenedLog, openLogFolder } from './open-log.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import { Segment } from './segment.ts';
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

/**
 * A segmented, append-only log of record batches in one folder, in Kafka's own file layout. One writer; offsets are
 * safe integers. `read` sees what is appended at once; `durableEndOffset` says how far the device has it.
 *
 * Errors: `DISK_FULL` (nothing of the batch was kept; the log stays usable), `LOG_FAILED` (the device lost bytes or
 * failed to write: nothing more is accepted until the log is opened anew), `LOG_CORRUPT` (see `repair`),
 * `OFFSET_OUT_OF_RANGE`, `BATCH_CORRUPT`.
 */
export class Log {
  readonly dir: string;
  readonly #files: FileLayer;
  readonly #now: () => number;
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly #checkpoint: CheckpointKeeper;
  readonly #segments: SegmentList;
  readonly #commit = new GroupCommit(() => this.#sync());
  readonly #listeners = new Set<AppendListener>();
  /** Segments with bytes or indexes that no sync covers yet; the active one among them. */
  readonly #unsynced = new Set<Segment>();
  #settings: Required<LogSettings>;
  #leaderEpoch: number;
  #startOffset: number;
  #endOffset: number;
  #durableEndOffset: number;
  /** Unix ms of the active segment's first batch; -1 when it has none. */
  #segmentTimestamp = -1;
  #segmentCreated: number;
  #namesChanged = true;
  /** While a sync is under way: how far the log was cut back meanwhile. */
  #cutDuringSync = Number.MAX_SAFE_INTEGER;
  #repairing: Promise<void> | null = null;
  #failure: MillraceError | null = null;
  #closed = false;

  private constructor(dir: string, options: LogOptions, opened: OpenedLog) {
    this.dir = dir;
    this.#files = options.files ?? realFiles;
    this.#now = options.now ?? Date.now;
    this.#report = options.report ?? (() => {});
    this.#leaderEpoch = options.leaderEpoch ?? 0;
    this.#settings = settingsOf(defaultSettings, options);
    this.#segments = new SegmentList(opened.segments, (segment) => this.#unsynced.has(segment));
    this.#checkpoint = new CheckpointKeeper(opened.slots, this.#active, opened.endOffset, !opened.recovered);
    this.#startOffset = opened.startOffset;
    this.#endOffset = opened.endOffset;
    this.#durableEndOffset = opened.endOffset;
    this.#segmentCreated = this.#now();
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
    if (opened.recovered) {
      log.#unsynced.add(log.#active);
      await log.#sync();
      log.#checkpoint.save(log.#startOffset);
    }
    log.#noteFirstTimestamp();
    log.#dropBelowStart();
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
    return this.#durableEndOffset;
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

  /** Why the log takes nothing any more; null while it works. */
  get failure(): MillraceError | null {
    return this.#failure;
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
    this.#unsynced.add(segment);
    for (const listener of this.#listeners) listener(offset);
    return { baseOffset, lastOffset };
  }

  /** By the records' own time; by the clock where they have none. */
  #segmentAge(maxTimestamp: number): number {
    const inOwnTime = this.#segmentTimestamp >= 0 && maxTimestamp >= 0;
    return inOwnTime ? maxTimestamp - this.#segmentTimestamp : this.#now() - this.#segmentCreated;
  }

  /** Resolves when all that was appended before the call is on the device; concurrent callers share one sync. */
  flush(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#unsynced.size === 0 && !this.#namesChanged && this.#durableEndOffset >= this.#endOffset) {
      return Promise.resolve();
    }
    return this.#commit.request();
  }

  async #sync(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const end = this.#endOffset;
    const active = this.#active;
    const recoveryBytes = active.sizeBytes;
    const segments = [...this.#unsynced];
    const namesChanged = this.#namesChanged;
    this.#unsynced.clear();
    this.#namesChanged = false;
    this.#cutDuringSync = Number.MAX_SAFE_INTEGER;
    try {
      for (const segment of segments) {
        if (segment.isRemoved) continue;
        await (segment === active ? segment.file.datasync() : segment.syncAll());
      }
      if (namesChanged) await this.#files.syncDir(this.dir);
      await this.#checkpoint.sync();
    } catch (error) {
      // What the kernel dropped after a failed sync is gone, and a second sync would not say so: never acknowledge.
      throw this.#fail(
        new MillraceError('LOG_FAILED', `${this.dir}: sync failed: ${errorText(error)}`, { cause: error }),
      );
    }
    const wasCut = this.#cutDuringSync !== Number.MAX_SAFE_INTEGER;
    this.#durableEndOffset = Math.max(
      Math.min(this.#durableEndOffset, this.#endOffset),
      Math.min(end, this.#cutDuringSync),
    );
    const rolled = segments.length > 1 || segments[0] !== active;
    if (!wasCut && (rolled || this.#checkpoint.isDue)) {
      this.#advanceCheckpoint(active, recoveryBytes, end);
    }
    for (const segment of segments) this.#segments.touch(segment);
  }

  /** A checkpoint that cannot be written costs a start after a crash more reading, and nothing else. */
  #advanceCheckpoint(segment: Segment, bytes: number, endOffset: number): void {
    try {
      this.#checkpoint.advance(this.#startOffset, segment.baseOffset, bytes, endOffset);
    } catch (error) {
      this.#warn(`${this.dir}/log.checkpoint`, 'log-checkpoint-unsaved', error);
    }
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
    return findTimestamp(this.#segments, timestampMs, this.#startOffset);
  }

  /** The last record of the batch with the greatest timestamp (ListOffsets -3); null when no record has one. */
  offsetOfMaxTimestamp(): TimestampedOffset | null {
    return findMaxTimestamp(this.#segments);
  }

  /** Moves the start of the log up to `offset` (at most the end) and removes segments that lie wholly below. */
  deleteRecordsBefore(offset: number): void {
    const start = Math.min(offset, this.#endOffset);
    if (start <= this.#startOffset) return;
    this.#assertWritable();
    this.#startOffset = start;
    this.#guard(() => this.#checkpoint.save(this.#startOffset));
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
    this.#unsynced.delete(segment);
    this.#segments.drop(segment);
    this.#namesChanged = true;
  }

  /** Drops everything from `offset` on; a batch that holds it goes as a whole. */
  truncateTo(offset: number): void {
    if (offset >= this.#endOffset) return;
    this.#assertWritable();
    if (this.#repairing !== null)
      throw new MillraceError('LOG_CORRUPT', `${this.dir}: the log is being repaired`);
    this.#markDirty();
    this.#segments.forgetHints();
    const baseOfCut = Math.max(offset, this.#startOffset);
    while (this.#segments.length > 1 && this.#active.baseOffset >= baseOfCut) this.#drop(this.#active);
    const active = this.#active;
    const position = active.baseOffset >= baseOfCut ? 0 : active.locate(baseOfCut);
    const { bytes } = active.read(position, 0, true, Infinity, this.#endOffset);
    const cutOffset = bytes.length === 0 ? baseOfCut : readBatchHeader(bytes, 0).baseOffset;
    this.#guard(() => active.truncate(position));
    this.#endOffset = Math.max(cutOffset, active.baseOffset);
    this.#startOffset = Math.min(this.#startOffset, this.#endOffset);
    this.#durableEndOffset = Math.min(this.#durableEndOffset, this.#endOffset);
    this.#cutDuringSync = Math.min(this.#cutDuringSync, this.#endOffset);
    this.#unsynced.add(active);
    this.#noteFirstTimestamp();
    this.#guard(() => this.#checkpoint.advance(this.#startOffset, active.baseOffset, 0, this.#endOffset));
  }

  /** Removes segments beyond retention time and size (Kafka's rules), never the active one. Returns how many. */
  applyRetention(nowMs: number = this.#now()): number {
    const count = countExpired(this.#segments, this.#settings, nowMs);
    if (count === 0) return 0;
    this.#startOffset = Math.max(this.#startOffset, this.#segments.at(count)!.baseOffset);
    this.#guard(() => this.#checkpoint.save(this.#startOffset));
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
    this.#namesChanged = true;
    this.#unsynced.add(old);
    try {
      old.saveIndexes();
    } catch (error) {
      // A missing or torn index is made again from the log when it is needed.
      this.#warn(`${old.stem}.index`, 'log-index-unsaved', error);
    }
    this.flush().catch(() => {}); // a failure is kept and meets the next caller
  }

  /**
   * Checks the segment that holds `offset` as a start after a crash does, sets damaged bytes aside and keeps what is
   * readable behind them. For a reader that met `LOG_CORRUPT` or a wrong checksum. Nothing may append meanwhile to
   * that segment, so the active one is closed first.
   */
  async repair(offset: number): Promise<void> {
    while (this.#repairing !== null) await this.#repairing.catch(() => {});
    this.#repairing = this.#repair(offset).finally(() => {
      this.#repairing = null;
    });
    await this.#repairing;
    this.#dropBelowStart();
  }

  async #repair(offset: number): Promise<void> {
    if (offset < this.#startOffset) return; // deleted meanwhile
    const segment = this.#segments.at(this.#segments.find(offset))!;
    if (segment === this.#active) this.roll();
    await this.flush();
    const limitOffset = this.#endOf(this.#segments.find(segment.baseOffset));
    const options: RecoveryOptions = {
      files: this.#files,
      dir: this.dir,
      intervalBytes: this.#settings.indexIntervalBytes,
      report: this.#report,
    };
    const { segments } = await recoverSegment(segment, 0, limitOffset, options);
    this.#segments.replace(segment, segments);
    this.#namesChanged = true;
    for (const good of segments) {
      good.saveIndexes();
      this.#unsynced.add(good);
    }
    await this.flush();
  }

  /** Returns the way to stop listening. */
  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Flushes, writes the clean-shutdown checkpoint, closes the files. A failed log only closes its files. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
      this.#closed = true;
      if (!this.#checkpoint.saysClean) {
        this.#active.saveIndexes();
        await this.#active.syncAll();
        await this.#checkpoint.saveClean(this.#startOffset, this.#active, this.#endOffset);
        await this.#files.syncDir(this.dir);
      }
    } catch (error) {
      if (this.#failure === null) throw error;
    } finally {
      this.#closed = true;
      this.#segments.release();
      this.#checkpoint.close();
    }
  }

  #noteFirstTimestamp(): void {
    const active = this.#active;
    this.#segmentTimestamp = -1;
    if (active.sizeBytes === 0) return;
    const { bytes } = active.read(0, 0, true, Infinity, this.#endOffset);
    if (bytes.length > 0) this.#segmentTimestamp = readBatchHeader(bytes, 0).maxTimestamp;
  }

  #markDirty(): void {
    if (this.#checkpoint.saysClean) this.#guard(() => this.#checkpoint.save(this.#startOffset));
  }

  #assertWritable(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#closed) throw new MillraceError('LOG_FAILED', `${this.dir}: the log is closed`);
  }

  /** Runs a write; a full disk is `DISK_FULL`, any other failure ends the log's life. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof MillraceError && error.code !== 'LOG_FAILED') throw error;
      if (hasErrno(error, 'ENOSPC', 'EDQUOT')) {
        throw new MillraceError('DISK_FULL', `${this.dir}: no space left on the device`, { cause: error });
      }
      if (error instanceof MillraceError) throw this.#fail(error);
      throw this.#fail(new MillraceError('LOG_FAILED', `${this.dir}: ${errorText(error)}`, { cause: error }));
    }
  }

  #fail(error: MillraceError): MillraceError {
    this.#failure ??= error;
    return this.#failure;
  }
}

function settingsOf(base: Required<LogSettings>, change: LogSettings): Required<LogSettings> {
  const keys = Object.keys(base) as (keyof LogSettings)[];
  return Object.fromEntries(
    keys.map((key) => [key, change[key] ?? base[key]]),
  ) as unknown as Required<LogSettings>;
}
