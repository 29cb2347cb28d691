import { readBatchHeader } from '../records/batch-header.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles } from '../runtime/files.ts';
import { CheckpointKeeper } from './checkpoint.ts';
import { writeFault } from './faults.ts';
import { LogCut } from './log-cut.ts';
import { defaultSettings, type LogOptions, type LogSettings } from './log-options.ts';
import { LogSync } from './log-sync.ts';
import type { OpenedLog } from './open-log.ts';
import { Segment } from './segment.ts';
import { SegmentList } from './segment-list.ts';

/** What the parts of one log share: its segments, its offsets, its settings, and the way in which a write fails. */
export class LogCore {
  readonly dir: string;
  readonly files: FileLayer;
  readonly now: () => number;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly checkpoint: CheckpointKeeper;
  readonly segments: SegmentList;
  readonly sync: LogSync;
  readonly cut: LogCut;
  settings: Required<LogSettings>;
  leaderEpoch: number;
  startOffset: number;
  endOffset: number;
  /** Unix ms of the active segment's first batch; -1 when it has none. */
  segmentTimestamp = -1;
  segmentCreated: number;
  /** A segment is being repaired: none may be removed, it may be one of them. */
  isRepairing = false;
  isClosing = false;
  readonly #unremoved: Segment[] = [];

  constructor(dir: string, options: LogOptions, opened: OpenedLog) {
    this.dir = dir;
    this.files = options.files ?? realFiles;
    this.now = options.now ?? Date.now;
    this.report = options.report ?? (() => {});
    this.leaderEpoch = options.leaderEpoch ?? 0;
    this.settings = settingsOf(defaultSettings, options);
    this.segments = new SegmentList(opened.segments, (segment) => this.sync.isUnsynced(segment));
    const { active } = this;
    const { endOffset } = opened;
    // Of what was just recovered nothing is known to be on the device until the first sync.
    active.resume(opened.lostFrom ?? endOffset, !opened.recovered);
    const durable = { segment: active.baseOffset, bytes: active.durable.bytes, endOffset };
    this.checkpoint = new CheckpointKeeper(opened.slots, durable, opened.recovered ? null : 'clean');
    this.startOffset = opened.startOffset;
    this.endOffset = endOffset;
    this.segmentCreated = this.now();
    this.cut = new LogCut(this, opened.lostFrom);
    this.sync = new LogSync(this, endOffset);
  }

  get active(): Segment {
    return this.segments.active;
  }

  /** Base offset of the second segment; what lies wholly below it can be removed. Infinity when there is just one. */
  get secondSegmentOffset(): number {
    return this.segments.at(1)?.baseOffset ?? Number.POSITIVE_INFINITY;
  }

  /** The offset at which segment `i` ends at the latest. */
  endOf(i: number): number {
    return this.segments.at(i + 1)?.baseOffset ?? this.endOffset;
  }

  configure(settings: LogSettings): void {
    this.settings = settingsOf(this.settings, settings);
  }

  warn(file: string, code: string, error: unknown): void {
    this.report({ file, line: 0, column: 0, severity: 'warning', code, message: errorText(error) });
  }

  assertWritable(): void {
    if (this.sync.failure !== null) throw this.sync.failure;
    if (this.isClosing) throw new MillraceError('LOG_FAILED', `${this.dir}: the log is closed`);
  }

  /** Runs a write; what the system refused leaves the log as it was, any other failure makes it heal itself first. */
  guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.faultOf(error);
    }
  }

  /** What a write that failed becomes for the caller; the log has failed with it unless the system just refused. */
  faultOf(error: unknown): MillraceError {
    const fault = writeFault(error, this.dir);
    return fault.code === 'LOG_FAILED' ? this.sync.fail(fault) : fault;
  }

  markDirty(): void {
    if (this.checkpoint.saysClean) this.guard(() => this.checkpoint.save(this.startOffset));
  }

  /** Closes the active segment and starts a new one; nothing when it is empty. */
  roll(): void {
    this.assertWritable();
    const old = this.active;
    if (old.sizeBytes === 0) return;
    this.markDirty();
    const next = this.guard(() =>
      Segment.create(this.files, this.dir, this.endOffset, this.settings.indexIntervalBytes),
    );
    this.segments.push(next);
    this.segmentTimestamp = -1;
    this.segmentCreated = this.now();
    this.sync.namesChanged();
    this.sync.changed(old);
    try {
      old.saveIndexes();
    } catch (error) {
      // A missing or torn index is made again from the log when it is needed.
      this.warn(`${old.stem}.index`, 'log-index-unsaved', error);
    }
    this.sync.flush().catch(() => {}); // a failure is kept and meets the next caller
  }

  /** Takes a segment out of the log. Where its files can't be removed now, that is tried again with the next one. */
  drop(segment: Segment): void {
    this.sync.removed(segment);
    this.segments.replace(segment, []);
    segment.discard();
    this.#unremoved.push(segment);
    // Oldest first, so that a start never finds a gap that nobody made.
    for (let next = this.#unremoved[0]; next !== undefined; next = this.#unremoved[0]) {
      try {
        next.remove();
      } catch (error) {
        this.warn(next.logPath, 'log-segment-unremoved', error);
        return;
      }
      this.#unremoved.shift();
      this.sync.namesChanged();
    }
  }

  /** Removes segments that lie wholly below the start of the log; returns how many. */
  dropBelowStart(): number {
    let dropped = 0;
    while (!this.isRepairing && this.secondSegmentOffset <= this.startOffset) {
      this.drop(this.segments.at(0)!);
      dropped++;
    }
    return dropped;
  }

  /** By the records' own time; by the clock where they have none. */
  segmentAge(maxTimestamp: number): number {
    const inOwnTime = this.segmentTimestamp >= 0 && maxTimestamp >= 0;
    return inOwnTime ? maxTimestamp - this.segmentTimestamp : this.now() - this.segmentCreated;
  }

  /** Where it can't be read, the segment's age counts from now. */
  noteFirstTimestamp(): void {
    const { active } = this;
    this.segmentTimestamp = -1;
    if (active.sizeBytes === 0) return;
    try {
      const { bytes } = active.read(0, 0, true, Infinity, this.endOffset);
      if (bytes.length > 0) this.segmentTimestamp = readBatchHeader(bytes, 0).maxTimestamp;
    } catch (error) {
      this.warn(active.logPath, 'log-unreadable', error);
    }
  }

  release(): void {
    this.isClosing = true;
    this.segments.release();
    this.checkpoint.close();
  }
}

function settingsOf(base: Required<LogSettings>, change: LogSettings): Required<LogSettings> {
  const keys = Object.keys(base) as (keyof LogSettings)[];
  return Object.fromEntries(
    keys.map((key) => [key, change[key] ?? base[key]]),
  ) as unknown as Required<LogSettings>;
}
