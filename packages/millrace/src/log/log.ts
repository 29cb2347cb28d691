import { assignOffsets, batchSizeBytes, readBatchHeader } from '../records/batch-header.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import { GroupCommit } from './group-commit.ts';
import { defaultSettings, type LogOptions, type LogSettings } from './log-options.ts';
import { findMaxTimestamp, findTimestamp, type TimestampedOffset } from './log-times.ts';
import { type OpenedLog, openLogFolder, writeCheckpoint } from './open-log.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import { Segment } from './segment.ts';
import type { SlotFile } from './slot-file.ts';

export interface AppendResult {
  /** Offset of the first record. */
  readonly baseOffset: number;
  /** Offset of the last record. */
  readonly lastOffset: number;
}

/** One batch as `sealBatch` makes it: the 61 bytes of its header, CRC set, and its records. */
export interface BatchPieces {
  readonly header: Buffer;
  readonly records: Buffer;
}

/** Told synchronously after each append with the new end offset; must not throw. */
export type AppendListener = (endOffset: number) => void;

const maxInt32 = 0x7fffffff;
/** Bytes of durable log between two recovery points: what a start after a crash has to check. */
const checkpointEveryBytes = 64 << 20;
/** Segments besides the active one whose file and indexes stay open. */
const maxOpenSegments = 8;
const maxHints = 16;

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
  readonly #slots: SlotFile;
  readonly #segments: Segment[];
  readonly #commit = new GroupCommit(() => this.#sync());
  readonly #listeners = new Set<AppendListener>();
  /** Segments with bytes or indexes that no sync covers yet; the active one among them. */
  readonly #unsynced = new Set<Segment>();
  /** Least recently read first. */
  readonly #open: Segment[] = [];
  /** Next offset of a reader → where its batch starts. */
  readonly #hints = new Map<number, { segment: Segment; position: number }>();
  #settings: Required<LogSettings>;
  #leaderEpoch: number;
  #startOffset: number;
  #endOffset: number;
  #durableEndOffset: number;
  /** Unix ms of the active segment's first batch; -1 when it has none. */
  #segmentTimestamp = -1;
  #segmentCreated: number;
  #namesChanged = true;
  /** Whether the checkpoint on disk still says that the log was stopped cleanly. */
  #markedClean: boolean;
  #checkpointUnsynced = true;
  #bytesSinceCheckpoint = 0;
  /** While a sync is under way: how far the log was cut back meanwhile. */
  #cutDuringSync = Number.MAX_SAFE_INTEGER;
  /** How far the log is known to be good and on the device. */
  #recovery: { segment: number; bytes: number; endOffset: number };
  #failure: MillraceError | null = null;
  #closed = false;

  private constructor(dir: string, options: LogOptions, opened: OpenedLog) {
    this.dir = dir;
    this.#files = options.files ?? realFiles;
    this.#now = options.now ?? Date.now;
    this.#report = options.report ?? (() => {});
    this.#leaderEpoch = options.leaderEpoch ?? 0;
    this.#settings = settingsOf(defaultSettings, options);
    this.#slots = opened.slots;
    this.#segments = opened.segments;
    this.#startOffset = opened.startOffset;
    this.#endOffset = opened.endOffset;
    this.#durableEndOffset = opened.endOffset;
    this.#markedClean = !opened.recovered;
    this.#segmentCreated = this.#now();
    const active = this.#active;
    this.#recovery = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset: opened.endOffset };
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
      log.#writeCheckpoint(false);
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
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
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
    return this.#segments[1]?.baseOffset ?? Number.POSITIVE_INFINITY;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  /** Why the log takes nothing any more; null while it works. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  get #active(): Segment {
    return this.#segments[this.#segments.length - 1]!;
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
    const places: BatchPlace[] = [];
    const buffers: Buffer[] = [];
    for (const { header, records } of batches) {
      const place = placeOf(header, 0);
      if (place.sizeBytes !== header.length + records.length) {
        throw new MillraceError(
          'BATCH_CORRUPT',
          `batch length says ${place.sizeBytes} bytes, there are ${header.length + records.length}`,
        );
      }
      places.push(place);
      buffers.push(header, records);
    }
    return this.#append(buffers, places);
  }

  /**
   * Appends one or more whole batches that lie one after another in `bytes` (a produce request's record set), all or
   * none. Writes base offsets and leader epoch into `bytes`. Lengths and magic are checked, CRCs are the caller's.
   */
  appendMany(bytes: Buffer): AppendResult {
    const places: BatchPlace[] = [];
    for (let at = 0; at < bytes.length; ) {
      const place = placeOf(bytes, at);
      at += place.sizeBytes;
      if (at > bytes.length)
        throw new MillraceError('BATCH_CORRUPT', `the bytes end within the batch at ${place.at}`);
      places.push(place);
    }
    return this.#append([bytes], places);
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
    if (this.#shouldRoll(sizeBytes, offset - 1, maxTimestamp)) this.roll();
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
    this.#bytesSinceCheckpoint += sizeBytes;
    this.#unsynced.add(segment);
    for (const listener of this.#listeners) listener(offset);
    return { baseOffset, lastOffset };
  }

  /** Kafka's rules (`LogSegment.shouldRoll`): size, age of the first batch, full index, relative offsets. */
  #shouldRoll(sizeBytes: number, lastOffset: number, maxTimestamp: number): boolean {
    const active = this.#active;
    if (active.sizeBytes === 0) return false;
    const { segmentBytes, segmentMs, segmentIndexBytes } = this.#settings;
    if (active.sizeBytes + sizeBytes > Math.min(segmentBytes, maxInt32)) return true;
    if (lastOffset - active.baseOffset > maxInt32) return true;
    const age =
      this.#segmentTimestamp >= 0 && maxTimestamp >= 0
        ? maxTimestamp - this.#segmentTimestamp
        : this.#now() - this.#segmentCreated;
    return age > segmentMs || active.indexes.isFull(segmentIndexBytes);
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
      for (const segment of segments)
        await (segment === active ? segment.file.datasync() : segment.syncAll());
      if (namesChanged) await this.#files.syncDir(this.dir);
      if (this.#checkpointUnsynced) {
        this.#checkpointUnsynced = false;
        await this.#slots.sync();
      }
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
    if (!wasCut && (rolled || this.#bytesSinceCheckpoint >= checkpointEveryBytes)) {
      this.#saveCheckpoint(active.baseOffset, recoveryBytes, false, end);
    }
    for (const segment of segments)
      if (segment !== this.#active && this.#segments.includes(segment)) this.#touch(segment);
  }

  /**
   * Whole batches from the one that holds `fromOffset` on, of one segment, at most `maxBytes` (at least one batch with
   * `minOneBatch`, whatever its size), none that ends at or after `limitOffset`. Empty at the end.
   */
  read(
    fromOffset: number,
    maxBytes: number,
    minOneBatch = true,
    limitOffset = Number.MAX_SAFE_INTEGER,
  ): Buffer {
    if (fromOffset < this.#startOffset || fromOffset > this.#endOffset) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `${this.dir}: offset ${fromOffset} is not between ${this.#startOffset} and ${this.#endOffset}`,
      );
    }
    for (let i = this.#segmentAt(fromOffset); i < this.#segments.length; i++) {
      const segment = this.#segments[i]!;
      this.#touch(segment);
      const hint = this.#hints.get(fromOffset);
      const position = hint?.segment === segment ? hint.position : segment.locate(fromOffset);
      if (position >= segment.sizeBytes) continue;
      const { bytes, nextOffset } = segment.read(position, maxBytes, minOneBatch, limitOffset);
      if (bytes.length > 0) {
        this.#hints.delete(fromOffset);
        this.#remember(nextOffset, segment, position + bytes.length);
      }
      return bytes;
    }
    return Buffer.alloc(0);
  }

  #remember(nextOffset: number, segment: Segment, position: number): void {
    if (this.#hints.size >= maxHints) {
      for (const oldest of this.#hints.keys()) {
        this.#hints.delete(oldest);
        break;
      }
    }
    this.#hints.set(nextOffset, { segment, position });
  }

  /** The first record whose timestamp is `timestampMs` or later, as Kafka's ListOffsets; null when there is none. */
  offsetForTimestamp(timestampMs: number): TimestampedOffset | null {
    return findTimestamp(this.#touched(), timestampMs, this.#startOffset);
  }

  /** The last record of the batch with the greatest timestamp (ListOffsets -3); null when no record has one. */
  offsetOfMaxTimestamp(): TimestampedOffset | null {
    return findMaxTimestamp(this.#touched());
  }

  *#touched(): Generator<Segment> {
    for (const segment of [...this.#segments]) {
      this.#touch(segment);
      yield segment;
    }
  }

  /** Moves the start of the log up to `offset` (at most the end) and removes segments that lie wholly below. */
  deleteRecordsBefore(offset: number): void {
    const start = Math.min(offset, this.#endOffset);
    if (start <= this.#startOffset) return;
    this.#assertWritable();
    this.#startOffset = start;
    this.#markedClean = false;
    this.#guard(() => this.#writeCheckpoint(false));
    this.#dropBelowStart();
  }

  #dropBelowStart(): number {
    let dropped = 0;
    while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= this.#startOffset) {
      this.#drop(this.#segments.shift()!);
      dropped++;
    }
    return dropped;
  }

  #drop(segment: Segment): void {
    this.#unsynced.delete(segment);
    const open = this.#open.indexOf(segment);
    if (open >= 0) this.#open.splice(open, 1);
    for (const [offset, hint] of this.#hints) if (hint.segment === segment) this.#hints.delete(offset);
    segment.remove();
    this.#namesChanged = true;
  }

  /** Drops everything from `offset` on; a batch that holds it goes as a whole. */
  truncateTo(offset: number): void {
    if (offset >= this.#endOffset) return;
    this.#assertWritable();
    this.#markDirty();
    this.#hints.clear();
    const baseOfCut = Math.max(offset, this.#startOffset);
    while (this.#segments.length > 1 && this.#active.baseOffset >= baseOfCut)
      this.#drop(this.#segments.pop()!);
    const active = this.#active;
    const position = active.baseOffset >= baseOfCut ? 0 : active.locate(baseOfCut);
    const { bytes } = active.read(position, 0, true, Number.MAX_SAFE_INTEGER);
    const cutOffset = bytes.length === 0 ? baseOfCut : readBatchHeader(bytes, 0).baseOffset;
    this.#guard(() => active.truncate(position));
    this.#endOffset = Math.max(cutOffset, active.baseOffset);
    this.#startOffset = Math.min(this.#startOffset, this.#endOffset);
    this.#durableEndOffset = Math.min(this.#durableEndOffset, this.#endOffset);
    this.#cutDuringSync = Math.min(this.#cutDuringSync, this.#endOffset);
    this.#unsynced.add(active);
    this.#noteFirstTimestamp();
    this.#guard(() => this.#saveCheckpoint(active.baseOffset, 0, false, this.#endOffset));
  }

  /**
   * Removes segments beyond retention time and size (Kafka's rules), never the active one. Returns how many.
   * A segment without timestamps stays as long as the size allows.
   */
  applyRetention(nowMs: number = this.#now()): number {
    const { retentionMs, retentionBytes } = this.#settings;
    let excess = retentionBytes < 0 ? -1 : this.sizeBytes - retentionBytes;
    let keepFrom = 0;
    for (; keepFrom < this.#segments.length - 1; keepFrom++) {
      const segment = this.#segments[keepFrom]!;
      this.#touch(segment);
      const isTooBig = excess - segment.sizeBytes >= 0;
      const newest = retentionMs < 0 ? -1 : segment.indexes.maxTimestamp;
      const isTooOld = retentionMs >= 0 && newest >= 0 && nowMs - newest > retentionMs;
      if (!isTooBig && !isTooOld) break;
      excess -= segment.sizeBytes;
    }
    if (keepFrom === 0) return 0;
    this.#startOffset = Math.max(this.#startOffset, this.#segments[keepFrom]!.baseOffset);
    this.#markedClean = false;
    this.#guard(() => this.#writeCheckpoint(false));
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
      this.#report({
        file: `${old.stem}.index`,
        line: 0,
        column: 0,
        severity: 'warning',
        code: 'log-index-unsaved',
        message: errorText(error),
      });
    }
    this.flush().catch(() => {}); // a failure is kept and meets the next caller
  }

  /**
   * Checks the segment that holds `offset` as a start after a crash does, sets damaged bytes aside and keeps what is
   * readable behind them. For a reader that met `LOG_CORRUPT` or a wrong checksum. Nothing may append meanwhile to
   * that segment, so the active one is closed first.
   */
  async repair(offset: number): Promise<void> {
    const at = this.#segmentAt(offset);
    const segment = this.#segments[at]!;
    if (segment === this.#active) this.roll();
    await this.flush();
    this.#hints.clear();
    const options: RecoveryOptions = {
      files: this.#files,
      dir: this.dir,
      intervalBytes: this.#settings.indexIntervalBytes,
      report: this.#report,
    };
    const limitOffset = this.#segments[this.#segments.indexOf(segment) + 1]!.baseOffset;
    const { segments } = await recoverSegment(segment, 0, limitOffset, options);
    this.#segments.splice(this.#segments.indexOf(segment), 1, ...segments);
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
      if (!this.#markedClean) {
        this.#active.saveIndexes();
        await this.#active.syncAll();
        this.#writeCheckpoint(true);
        await this.#slots.sync();
        await this.#files.syncDir(this.dir);
      }
    } catch (error) {
      if (this.#failure === null) throw error;
    } finally {
      this.#closed = true;
      for (const segment of this.#segments) segment.release();
      this.#slots.close();
    }
  }

  /** Index of the last segment whose base is at or below `offset`. */
  #segmentAt(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Keeps the segment open, and closes the one that was not read for longest. */
  #touch(segment: Segment): void {
    if (segment === this.#active || segment === this.#open.at(-1)) return;
    const at = this.#open.indexOf(segment);
    if (at >= 0) this.#open.splice(at, 1);
    this.#open.push(segment);
    if (this.#open.length <= maxOpenSegments) return;
    const oldest = this.#open.shift()!;
    if (!this.#unsynced.has(oldest) && oldest !== this.#active) oldest.release();
  }

  #noteFirstTimestamp(): void {
    const active = this.#active;
    this.#segmentTimestamp = -1;
    if (active.sizeBytes === 0) return;
    const { bytes } = active.read(0, 0, true, Number.MAX_SAFE_INTEGER);
    if (bytes.length > 0) this.#segmentTimestamp = readBatchHeader(bytes, 0).maxTimestamp;
  }

  #markDirty(): void {
    if (!this.#markedClean) return;
    this.#markedClean = false;
    this.#checkpointUnsynced = true;
    this.#guard(() => this.#writeCheckpoint(false));
  }

  #saveCheckpoint(segment: number, bytes: number, clean: boolean, endOffset: number): void {
    this.#recovery = { segment, bytes, endOffset };
    this.#bytesSinceCheckpoint = 0;
    this.#writeCheckpoint(clean);
  }

  #writeCheckpoint(clean: boolean): void {
    const active = this.#active;
    if (clean)
      this.#recovery = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset: this.#endOffset };
    const { segment, bytes, endOffset } = this.#recovery;
    writeCheckpoint(this.#slots, {
      startOffset: this.#startOffset,
      recoverySegment: segment,
      recoveryBytes: bytes,
      clean,
      endOffset,
    });
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

/** What the log needs to know of a batch, and where its header is. */
interface BatchPlace {
  readonly bytes: Buffer;
  readonly at: number;
  readonly sizeBytes: number;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: number;
}

function placeOf(bytes: Buffer, at: number): BatchPlace {
  const header = readBatchHeader(bytes, at);
  const { lastOffsetDelta, maxTimestamp } = header;
  return { bytes, at, sizeBytes: batchSizeBytes(header), lastOffsetDelta, maxTimestamp };
}

function settingsOf(base: Required<LogSettings>, change: LogSettings): Required<LogSettings> {
  const keys = Object.keys(base) as (keyof LogSettings)[];
  return Object.fromEntries(
    keys.map((key) => [key, change[key] ?? base[key]]),
  ) as unknown as Required<LogSettings>;
}
