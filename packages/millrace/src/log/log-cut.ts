import { readBatchHeader } from '../records/batch-header.ts';
import { emptyBatch } from '../records/seal.ts';
import { MillraceError } from '../runtime/errors.ts';
import { writeFault } from './faults.ts';
import type { LogCore } from './log-core.ts';
import type { Segment } from './segment.ts';
import type { SegmentIndexes, SegmentMark } from './segment-indexes.ts';

/** Told synchronously when a device lost records that were never durable, with the first lost offset; must not throw. */
export type CutListener = (firstLostOffset: number) => void;

/**
 * Takes the end of a log away: because it is told to (`truncateTo`), or because the device lost it (`lost`).
 *
 * A cut happens in memory first, as a whole; its files follow (`finish`). Where the device refuses one of those steps
 * the log has failed: it takes nothing, and healing begins with what is left of the cut. Nothing is ever written where
 * cut bytes lay before the device has the cut: else a power cut could leave the new bytes and, right behind them, old
 * ones, and a batch inside an old value would stand where the next batch belongs.
 */
export class LogCut {
  readonly listeners: Set<CutListener> = new Set();
  readonly #core: LogCore;
  /** Segments that are no longer the log's and whose files may still be there, newest first. */
  #leftover: Segment[] = [];
  /** The segment that ends earlier than its file. */
  #untrimmed: Segment | null = null;
  /** Offsets from here to the end of the log were given out, and no batch has them; null when there are none. */
  #lostFrom: number | null;

  constructor(core: LogCore, lostFrom: number | null) {
    this.#core = core;
    this.#lostFrom = lostFrom;
  }

  /** Whether `fill` has something to do. */
  get hasLost(): boolean {
    return this.#lostFrom !== null;
  }

  /** See `Log.truncateTo`. */
  async truncateTo(offset: number): Promise<void> {
    const core = this.#core;
    if (offset >= core.endOffset) return;
    core.assertWritable();
    if (core.isRepairing) throw new MillraceError('LOG_CORRUPT', `${core.dir}: the log is being repaired`);
    const from = Math.max(offset, core.startOffset);
    let i = core.segments.find(from);
    if (i > 0 && core.segments.at(i)!.baseOffset === from) i--; // no empty segment stays
    const segment = core.segments.at(i)!;
    const position = segment.baseOffset >= from ? 0 : core.guard(() => segment.locate(from));
    const { bytes } = core.guard(() => segment.read(position, 0, true, Infinity, core.endOf(i)));
    // A batch that holds `from` goes as a whole; none may hold it.
    const last = bytes.length === 0 ? from : Math.min(from, readBatchHeader(bytes, 0).baseOffset);
    const end = Math.max(last, segment.baseOffset);
    const indexes = core.guard(() => segment.indexesUpTo(position));
    // A start trusts what is below its recovery point, and gives no offset below its durable end again.
    this.#forget(segment, position, end);
    core.guard(() => core.checkpoint.save(core.startOffset));
    await core.checkpoint.sync(true).catch((error: unknown) => {
      throw core.faultOf(error);
    });
    core.assertWritable();
    core.endOffset = end;
    core.startOffset = Math.min(core.startOffset, end);
    this.#take(segment, position, indexes, end);
    core.sync.holdAppends(new MillraceError('LOG_FAILED', `${core.dir}: the log is being cut`));
    try {
      this.finish();
      core.checkpoint.save(core.startOffset); // a sync that was under way may have moved it on
      await core.sync.flush();
      await core.checkpoint.sync(true);
    } catch (error) {
      const { code, message } = writeFault(error, core.dir);
      throw core.sync.fail(new MillraceError('LOG_FAILED', message, { cause: error, details: { code } }));
    }
  }

  /**
   * The device has lost what stands in a segment behind `end`. The log keeps its end offset. What is in front is not
   * looked at: it may be damaged, and that is a matter of its readers (`Log.repair`).
   */
  lost(segment: Segment, end: SegmentMark): void {
    const core = this.#core;
    // Not from the durable end, which may be past the batch that stands for lost offsets, and that may be lost as well.
    const from = end.endOffset;
    this.#take(segment, end.bytes, segment.indexes.upTo(end), from);
    if (from >= core.endOffset) return;
    this.#lostFrom = Math.min(from, this.#lostFrom ?? from);
    const what = `offsets ${from} to ${core.endOffset - 1}, not yet synced, are lost: the device did not keep them`;
    core.warn(segment.logPath, 'log-unsynced-lost', new Error(what));
    for (const listener of this.listeners) listener(from);
  }

  /** Does to the files what a cut has done to the log. Throws the system's error; call it again then. */
  finish(): void {
    for (let first = this.#leftover[0]; first !== undefined; first = this.#leftover[0]) {
      first.remove();
      this.#leftover.shift();
    }
    this.#untrimmed?.trim();
    this.#untrimmed = null;
  }

  /**
   * Writes an empty batch for the offsets that were lost, as Kafka's cleaner leaves one: they are not given again, a
   * reader steps over them, and a start finds no gap. The device must have the cut already. Throws the system's error.
   */
  fill(): void {
    const core = this.#core;
    const from = this.#lostFrom;
    if (from !== null && from < core.endOffset) {
      const segment = core.active;
      const timestamp = this.#newestTimestamp();
      const batch = emptyBatch(from, core.endOffset - 1, core.leaderEpoch, timestamp);
      const position = segment.sizeBytes;
      segment.write([batch], batch.length);
      segment.note(core.endOffset - 1, position, batch.length, timestamp);
      core.sync.changed(segment);
    }
    this.#lostFrom = null;
  }

  /** Retention passes over no segment without a timestamp; and an empty batch must not be the newest of all. */
  #newestTimestamp(): number {
    const { segments, now } = this.#core;
    for (let i = segments.length - 1; i >= 0; i--) {
      const maxTimestamp = maxTimestampOf(segments.at(i)!);
      if (maxTimestamp >= 0) return Math.min(maxTimestamp, now());
    }
    return now();
  }

  #forget(segment: Segment, bytes: number, endOffset: number): void {
    this.#core.checkpoint.forgetFrom({ segment: segment.baseOffset, bytes, endOffset });
  }

  /** In memory alone: cannot fail. */
  #take(segment: Segment, bytes: number, indexes: SegmentIndexes, endOffset: number): void {
    const core = this.#core;
    this.#forget(segment, bytes, endOffset);
    core.segments.forgetHints();
    while (core.active !== segment) {
      const last = core.active;
      core.sync.removed(last);
      core.segments.replace(last, []);
      last.discard();
      this.#leftover.push(last);
    }
    segment.cutTo(bytes, indexes, endOffset);
    this.#untrimmed = segment;
    core.sync.cutBack(segment, endOffset);
    core.noteFirstTimestamp();
  }
}

/** -1 where it has none, and where it can't be read: healing does not depend on what the device had before. */
function maxTimestampOf(segment: Segment): number {
  try {
    return segment.indexes.maxTimestamp;
  } catch {
    return -1;
  }
}
