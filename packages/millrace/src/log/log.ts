import { assignOffsets } from '../records/batch-header.ts';
import { MillraceError } from '../runtime/errors.ts';
import { realFiles } from '../runtime/files.ts';
import { type BatchPieces, type BatchPlace, placesIn, placesOfPieces } from './batch-place.ts';
import { readFault, writeFault } from './faults.ts';
import { LogCore } from './log-core.ts';
import type { CutListener } from './log-cut.ts';
import { defaultSettings, type LogOptions, type LogSettings } from './log-options.ts';
import { LogRepair } from './log-repair.ts';
import { findMaxTimestamp, findTimestamp, type TimestampedOffset } from './log-times.ts';
import { openLogFolder } from './open-log.ts';
import { countExpired, mustRoll } from './segment-rules.ts';

export type { CutListener } from './log-cut.ts';

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
 * Errors, by what they mean for whoever asked, are told apart by `logFaultOf` (faults.ts): `DISK_FULL` and `OUT_OF_FILES`
 * (this call did nothing; the log stays usable), `LOG_FAILED` (the device lost bytes or failed to write: nothing more is
 * accepted until the log has healed by itself, `failure` is null again then), `LOG_CORRUPT` (see `repair`) and
 * `LOG_UNREADABLE` (the device did not give bytes); and `OFFSET_OUT_OF_RANGE`, `BATCH_CORRUPT`.
 */
export class Log {
  readonly #core: LogCore;
  readonly #repair: LogRepair;
  readonly #listeners = new Set<AppendListener>();
  #closing: Promise<void> | null = null;

  private constructor(core: LogCore) {
    this.#core = core;
    this.#repair = new LogRepair(core);
  }

  /** Opens or makes the log in `dir`; repairs it after a crash. The caller holds the folder's lock. */
  static async open(dir: string, options: LogOptions = {}): Promise<Log> {
    const opened = await openLogFolder(options.initialOffset ?? 0, {
      files: options.files ?? realFiles,
      dir,
      intervalBytes: options.indexIntervalBytes ?? defaultSettings.indexIntervalBytes,
      isDurable: options.durable ?? true,
      report: options.report ?? (() => {}),
    });
    const core = new LogCore(dir, options, opened);
    try {
      if (opened.recovered) {
        core.checkpoint.save(core.startOffset);
        core.cut.fill();
        core.sync.changed(core.active);
        await core.sync.flush();
        // A gap that recovery left is to be believed after the next crash: all of it is on the device now.
        await core.checkpoint.sync(true);
      }
      core.noteFirstTimestamp();
      core.dropBelowStart();
    } catch (error) {
      core.sync.abandon();
      core.release();
      throw error;
    }
    return new Log(core);
  }

  get dir(): string {
    return this.#core.dir;
  }

  /** First offset that can be read. */
  get startOffset(): number {
    return this.#core.startOffset;
  }

  /** Offset that the next record will get. */
  get endOffset(): number {
    return this.#core.endOffset;
  }

  /** All below is on the device. */
  get durableEndOffset(): number {
    return this.#core.sync.durableEndOffset;
  }

  /** Bytes of all segments. */
  get sizeBytes(): number {
    return this.#core.segments.sizeBytes;
  }

  get segmentCount(): number {
    return this.#core.segments.length;
  }

  /** Base offsets of all segments, lowest first. */
  segmentBases(): number[] {
    const { segments } = this.#core;
    return Array.from({ length: segments.length }, (_, i) => segments.at(i)!.baseOffset);
  }

  /** Base offset of the segment that is written to. */
  get activeBaseOffset(): number {
    return this.#core.active.baseOffset;
  }

  /** Base offset of the second segment; what lies wholly below it can be removed. Infinity when there is just one. */
  get secondSegmentOffset(): number {
    return this.#core.secondSegmentOffset;
  }

  get leaderEpoch(): number {
    return this.#core.leaderEpoch;
  }

  /** Why the log takes nothing at present; null while it works, and again when it has healed. */
  get failure(): MillraceError | null {
    return this.#core.sync.failure;
  }

  /** Changes settings of a running log. The index interval stays what it was for segments that exist. */
  configure(settings: LogSettings): void {
    this.#core.configure(settings);
  }

  /** The epoch that is written into the headers of later batches. */
  setLeaderEpoch(epoch: number): void {
    this.#core.leaderEpoch = epoch;
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
    const core = this.#core;
    core.assertWritable();
    if (core.sync.appendsHeld !== null) throw core.sync.appendsHeld;
    if (places.length === 0) throw new MillraceError('BATCH_CORRUPT', 'no batch to append');
    let sizeBytes = 0;
    let offset = core.endOffset;
    let maxTimestamp = -1;
    for (const place of places) {
      assignOffsets(place.bytes, place.at, offset, core.leaderEpoch);
      offset += place.lastOffsetDelta + 1;
      sizeBytes += place.sizeBytes;
      maxTimestamp = Math.max(maxTimestamp, place.maxTimestamp);
    }
    core.markDirty();
    const incoming = { sizeBytes, lastOffset: offset - 1, ageMs: core.segmentAge(maxTimestamp) };
    if (mustRoll(core.active, incoming, core.settings)) core.roll();
    const segment = core.active;
    let position = segment.sizeBytes;
    try {
      segment.write(buffers, sizeBytes);
    } catch (error) {
      const fault = core.faultOf(error);
      if (segment.tookBack && core.sync.failure === null) core.sync.tookBack(segment, fault);
      throw fault;
    }
    if (position === 0) core.segmentTimestamp = places[0]!.maxTimestamp;
    const baseOffset = core.endOffset;
    let lastOffset = baseOffset - 1;
    for (const place of places) {
      lastOffset += place.lastOffsetDelta + 1;
      segment.note(lastOffset, position, place.sizeBytes, place.maxTimestamp);
      position += place.sizeBytes;
    }
    core.endOffset = offset;
    core.checkpoint.noteBytes(sizeBytes);
    core.sync.changed(segment);
    for (const listener of this.#listeners) listener(offset);
    return { baseOffset, lastOffset };
  }

  /**
   * Resolves when all that was appended before the call is on the device; concurrent callers share one sync. Rejects
   * with a fault (see `logFaultOf`): what was appended may be durable later, as the log tries again by itself.
   */
  flush(): Promise<void> {
    return this.#closing ?? this.#core.sync.flush();
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
    const { dir, startOffset, endOffset } = this.#core;
    if (fromOffset < startOffset || fromOffset > endOffset) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `${dir}: offset ${fromOffset} is not between ${startOffset} and ${endOffset}`,
      );
    }
    try {
      return this.#read(fromOffset, maxBytes, minOneBatch, limitOffset, allocate);
    } catch (error) {
      throw readFault(error, dir);
    }
  }

  #read(
    fromOffset: number,
    maxBytes: number,
    minOneBatch: boolean,
    limitOffset: number,
    allocate: (bytes: number) => Buffer,
  ): Buffer {
    const { segments } = this.#core;
    for (let i = segments.find(fromOffset); i < segments.length; i++) {
      const segment = segments.at(i)!;
      segments.touch(segment);
      const position = segments.locate(segment, fromOffset);
      if (position >= segment.sizeBytes) continue;
      const endOffset = this.#core.endOf(i);
      const { bytes, nextOffset } = segment.read(
        position,
        maxBytes,
        minOneBatch,
        limitOffset,
        endOffset,
        allocate,
      );
      if (bytes.length > 0) segments.remember(nextOffset, segment, position + bytes.length);
      return bytes;
    }
    return Buffer.alloc(0);
  }

  /** The first record whose timestamp is `timestampMs` or later, as Kafka's ListOffsets; null when there is none. */
  offsetForTimestamp(timestampMs: number): TimestampedOffset | null {
    const { dir, segments, startOffset } = this.#core;
    try {
      return findTimestamp(segments, timestampMs, startOffset);
    } catch (error) {
      throw readFault(error, dir);
    }
  }

  /** The first record with the greatest timestamp (ListOffsets -3, KIP-734); null when no record has one. */
  offsetOfMaxTimestamp(): TimestampedOffset | null {
    const { dir, segments, startOffset } = this.#core;
    try {
      return findMaxTimestamp(segments, startOffset);
    } catch (error) {
      throw readFault(error, dir);
    }
  }

  /** Moves the start of the log up to `offset` (at most the end) and removes segments that lie wholly below. */
  deleteRecordsBefore(offset: number): void {
    const core = this.#core;
    const start = Math.min(offset, core.endOffset);
    if (start <= core.startOffset) return;
    core.assertWritable();
    core.guard(() => core.checkpoint.save(start));
    core.startOffset = start;
    core.dropBelowStart();
  }

  /**
   * Drops everything from `offset` on; a batch that holds it goes as a whole. Resolves when the device has the cut:
   * nothing of what was cut comes back. A crash before that leaves the log as it was, cut, or cut at the beginning of a
   * segment. Appends meanwhile are refused.
   *
   * Rejects with a fault: `refused`, nothing was done; `failed`, the log takes nothing until it has healed, and where it
   * had begun (`endOffset` says so) healing ends the cut.
   */
  truncateTo(offset: number): Promise<void> {
    return this.#core.cut.truncateTo(offset);
  }

  /**
   * Removes segments beyond retention time and size, as Kafka does: also the active one, which is closed first, but
   * nothing at or above `limitOffset` (the high watermark). Returns how many; none while the log has failed.
   */
  applyRetention(nowMs?: number, limitOffset: number = this.durableEndOffset): number {
    const core = this.#core;
    if (this.failure !== null || core.isClosing) return 0;
    const { segments, settings, endOffset } = core;
    const count = countExpired(segments, settings, nowMs ?? core.now(), limitOffset, endOffset);
    if (count === 0) return 0;
    if (count === segments.length) core.roll();
    const start = Math.max(core.startOffset, segments.at(count)!.baseOffset);
    core.guard(() => core.checkpoint.save(start));
    core.startOffset = start;
    return core.dropBelowStart();
  }

  /** Closes the active segment and starts a new one; nothing when it is empty. */
  roll(): void {
    this.#core.roll();
  }

  /**
   * Checks the segment that holds `offset` as a start after a crash does, sets damaged bytes aside and keeps what is
   * readable behind them. For a reader that met `LOG_CORRUPT` or a wrong checksum. Nothing may append meanwhile to
   * that segment, so the active one is closed first.
   */
  repair(offset: number): Promise<void> {
    return this.#repair.run(offset);
  }

  /** Returns the way to stop listening. */
  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * As `onAppend`, for when a device that failed has lost records that were never durable: those from an offset on. The
   * log's end stays where it was, an empty batch stands for them.
   */
  onCut(listener: CutListener): () => void {
    const { listeners } = this.#core.cut;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * Flushes, writes the clean-shutdown checkpoint, closes the files. Whoever calls `flush` meanwhile waits for the same
   * sync. A log that has failed is given a last chance to heal; else it only closes its files, and the next start
   * repairs it.
   */
  close(): Promise<void> {
    this.#core.isClosing = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const core = this.#core;
    try {
      await this.#repair.settled();
      await core.sync.stop();
      await core.sync.flush();
      if (!core.checkpoint.saysClean) {
        const { active, endOffset } = core;
        active.saveIndexes();
        await active.syncAll();
        const end = { segment: active.baseOffset, bytes: active.sizeBytes, endOffset };
        await core.checkpoint.saveClean(core.startOffset, end);
        await core.files.syncDir(core.dir);
      }
    } catch (error) {
      if (this.failure === null) throw writeFault(error, core.dir);
    } finally {
      core.release();
    }
  }
}
