import { isStoreFault } from '../../clients/file-store/store-error.ts';
import type { RefusedInDelivery } from '../../component/delivery.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import type { Bucket } from './bucket-path.ts';
import { type FileNaming, fileName } from './file-names.ts';
import { type OffsetSpan, RollingFile, type RollingFileOptions } from './rolling-file.ts';

/** When a file is full; 0: never for that. */
export interface RollRules {
  /** After its first event. */
  readonly intervalMs: number;
  readonly events: number;
  /** Bytes of bodies, as they come. */
  readonly bodyBytes: number;
  /** After the last event that was written to it. */
  readonly idleMs: number;
}

export interface BucketWriterOptions extends Omit<RollingFileOptions, 'name'> {
  readonly bucket: Bucket;
  readonly naming: FileNaming;
  readonly rules: RollRules;
  /** Unix ms. */
  readonly now: () => number;
  /** It was closed by the clock: the next event of the bucket begins a new writer. */
  readonly onClosed: (writer: BucketWriter) => void;
  /** Files of all writers of the sink that are full and not yet whole. */
  readonly ending: Set<Promise<void>>;
  readonly onOpened: () => void;
  readonly onOpenFailed: () => void;
  readonly onFinished: () => void;
}

/** Events `from` to `to` (exclusive) of the batch that was given went to a file, or could not be written. */
export interface WrittenPiece {
  readonly from: number;
  readonly to: number;
  readonly file: RollingFile | null;
  readonly error?: unknown;
  /** Of its events, those that can't be written; counted from `from`. */
  readonly refused?: readonly RefusedInDelivery[];
}

/**
 * Flume's BucketWriter: the files of one bucket, one after the other. A file is full before an event is written, so the
 * event that reaches a limit is in the old file; the clock closes files also while nothing comes. Calls queue up.
 */
export class BucketWriter {
  readonly bucket: Bucket;
  readonly #options: BucketWriterOptions;
  #file: RollingFile | null = null;
  #n: number;
  #last: Promise<unknown> = Promise.resolve();
  /** Files that are full and not yet whole. */
  readonly #ending = new Set<Promise<void>>();
  #rollTimer: Timer | null = null;
  #idleTimer: Timer | null = null;
  #hurryTimer: Timer | null = null;
  /** Closed for good. */
  #isClosed = false;

  constructor(options: BucketWriterOptions) {
    this.#options = options;
    this.bucket = options.bucket;
    this.#n = options.now();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The file that is open; null: there is none. */
  get file(): RollingFile | null {
    return this.#file;
  }

  /**
   * Writes a batch to as many files as the rules ask for; null when the writer is closed. Never rejects. `spanOf`: the
   * offsets of its events `from` to `to` (exclusive), where files are named after them.
   */
  append(
    batch: EventBatch,
    spanOf: ((from: number, to: number) => OffsetSpan) | null = null,
  ): Promise<readonly WrittenPiece[] | null> {
    return this.#turn(async () => {
      if (this.#isClosed) return null;
      this.#idleTimer?.cancel();
      const pieces: WrittenPiece[] = [];
      const cursor = new BodyCursor(batch);
      for (let from = 0; from < batch.count; ) {
        if (this.#file !== null && this.#isFull(this.#file)) {
          const ending = this.#finish();
          if (!this.#endsBeside || this.#options.ending.size > mostEnding) await ending;
        }
        try {
          this.#file ??= await this.#open();
        } catch (error) {
          pieces.push({ from, to: batch.count, file: null, error });
          return pieces;
        }
        const file = this.#file;
        const { to, bodyBytes } = this.#fitting(batch, from, file, cursor);
        try {
          const refused = await file.append(batch.slice(from, to), bodyBytes, spanOf?.(from, to));
          pieces.push({ from, to, file, refused });
        } catch (error) {
          pieces.push({ from, to: batch.count, file, error });
          return pieces;
        }
        from = to;
      }
      return pieces;
    });
  }

  /** Resolves when all events of a file are durable. */
  settle(file: RollingFile): Promise<void> {
    return this.#turn(() => file.settle());
  }

  /** A file that has failed: what is acknowledged of it is kept. */
  giveUp(file: RollingFile): Promise<void> {
    return this.#turn(async () => {
      if (this.#file === file) this.#forget();
      await file.giveUp();
    });
  }

  /** Has the file closed by the clock when nobody has written to it for so long. */
  noteFlushed(): void {
    const { idleMs } = this.#options.rules;
    this.#idleTimer?.cancel();
    if (idleMs > 0 && this.#file !== null) this.#idleTimer = after(idleMs, () => void this.close());
  }

  /** Has the open file closed within `ms`. */
  closeWithin(ms: number): void {
    if (this.#file !== null) this.#hurryTimer ??= after(ms, () => void this.close());
  }

  /** Closes the file under its final name; the writer takes no more. Never rejects. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#options.onClosed(this);
    }
    return this.#turn(async () => {
      await this.#finish();
      await Promise.all(this.#ending);
    });
  }

  /** What nobody sees before it is whole may end while the next file begins: an upload takes its time. */
  get #endsBeside(): boolean {
    const { mode, store } = this.#options;
    return mode === 'stream' && !store.abilities.showsOpenFiles;
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #isFull({ events, bodyBytes }: RollingFile): boolean {
    const { rules } = this.#options;
    return (
      (rules.events > 0 && events >= rules.events) || (rules.bodyBytes > 0 && bodyBytes >= rules.bodyBytes)
    );
  }

  /** Up to which event the file takes those from `from` on: the one that fills it goes in. Bodies count where a rule asks. */
  #fitting(
    batch: EventBatch,
    from: number,
    file: RollingFile,
    cursor: BodyCursor,
  ): { to: number; bodyBytes: number } {
    const { rules } = this.#options;
    const mostEvents = rules.events > 0 ? rules.events - file.events : Number.POSITIVE_INFINITY;
    if (rules.bodyBytes === 0) return { to: Math.min(batch.count, from + mostEvents), bodyBytes: 0 };
    const enoughBytes = rules.bodyBytes - file.bodyBytes;
    let to = from;
    let bodyBytes = 0;
    while (to < batch.count && to - from < mostEvents && bodyBytes < enoughBytes) {
      cursor.next();
      bodyBytes += cursor.to - cursor.from;
      to++;
    }
    return { to, bodyBytes };
  }

  async #open(): Promise<RollingFile> {
    const { bucket, naming, rules } = this.#options;
    for (let tries = 0; ; tries++) {
      try {
        const name = fileName(naming, bucket, ++this.#n);
        const file = await RollingFile.open({ ...this.#options, name });
        this.#options.onOpened();
        file.done.then(this.#options.onFinished, () => {});
        if (rules.intervalMs > 0) this.#rollTimer = after(rules.intervalMs, () => void this.close());
        return file;
      } catch (error) {
        // Another sink writes to the bucket, or an earlier run has: the next number is free sooner or later.
        if (isStoreFault(error, 'exists') && tries < mostNumbers) continue;
        this.#options.onOpenFailed();
        throw error;
      }
    }
  }

  async #finish(): Promise<void> {
    const file = this.#file;
    this.#forget();
    if (file === null) return;
    const all = this.#options.ending;
    const ending = file.finish().finally(() => {
      this.#ending.delete(ending);
      all.delete(ending);
    });
    this.#ending.add(ending);
    all.add(ending);
    await ending;
  }

  #forget(): void {
    this.#file = null;
    for (const timer of [this.#rollTimer, this.#idleTimer, this.#hurryTimer]) timer?.cancel();
    this.#rollTimer = null;
    this.#idleTimer = null;
    this.#hurryTimer = null;
  }
}

const mostNumbers = 1000;
/** So many files of a sink end beside those that are filled; each costs a request and its memory, however small it is. */
const mostEnding = 32;
