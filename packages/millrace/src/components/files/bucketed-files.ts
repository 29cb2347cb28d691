import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Bucket, BucketPath } from './bucket-path.ts';
import { BucketWriter, type BucketWriterOptions } from './bucket-writer.ts';
import type { OffsetSpan, OncePerSpan, RollingFile } from './rolling-file.ts';
import { SpannedFiles } from './spanned-files.ts';

export interface BucketedFilesOptions
  extends Omit<BucketWriterOptions, 'bucket' | 'onClosed' | 'once' | 'ending'> {
  readonly path: BucketPath;
  /** More are never open; the one that was longest without an event is closed first. */
  readonly maxOpenFiles: number;
  /** Files are named after the offsets that they hold; what they hold already is not written again. */
  readonly namesByOffset?: boolean;
  /**
   * Files that are held in memory until their name is known end when together they have so many bytes, while others are
   * filled. Absent: they don't.
   */
  readonly mostHeldBytes?: number;
  /** Events were left out because the store has them: from which offset on, of what. */
  readonly onCovered?: (offset: number, bucket: Bucket) => void;
}

/** What of a delivery went to one file. */
interface Share {
  /** Null: its file was written for another delivery. */
  readonly writer: BucketWriter | null;
  /** Places in the delivery, `from` to `to` (exclusive) each. */
  readonly ranges: [from: number, to: number][];
}

/** How files of a bucket get their names by offsets. */
export interface Spans {
  readonly once: OncePerSpan;
  /** Offsets of the events `from` to `to` (exclusive) of the batch. */
  readonly spanOf: (from: number, to: number) => OffsetSpan;
  readonly onWritten: (file: RollingFile) => void;
}

/** A delivery on its way into files. */
export interface Work {
  readonly outcome: OutcomeBuilder;
  readonly shares: Map<RollingFile, Share>;
  /** Keys of buckets that have failed: what comes behind waits, or it would be written before. */
  readonly failed: Map<string, unknown>;
}

/**
 * The core of sinks that write files: events go to buckets, buckets to files, and each event is acknowledged as the write
 * mode says. Knows no store and no format by name.
 */
export class BucketedFiles {
  readonly #options: BucketedFilesOptions;
  /** By key; the one that was used last is last. */
  readonly #writers = new Map<string, BucketWriter>();
  readonly #ending = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();

  readonly #spanned: SpannedFiles | null;

  constructor(options: BucketedFilesOptions) {
    this.#options = options;
    this.#spanned = options.namesByOffset === true ? new SpannedFiles(options, this) : null;
  }

  /** Deliveries may overlap; they are written in the order of the calls. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const work: Work = { outcome: new OutcomeBuilder(), shares: new Map(), failed: new Map() };
    const written = this.#last.then(() => this.#write(delivery, work));
    // Those behind it go on, in other files: what it left out may lie between.
    this.#last = written.catch(() => this.#closeWriters());
    await written;
    await Promise.all([...work.shares].map(([file, share]) => this.#acknowledge(file, share, work, signal)));
    const outcome = work.outcome.outcome();
    // What comes again leaves gaps behind it, over which no file may go on.
    if (this.#spanned !== null && (outcome.pending ?? []).length > 0) void this.closeAll();
    return outcome;
  }

  /** Has all open files closed within `ms`. */
  closeWithin(ms: number): void {
    for (const writer of this.#writers.values()) writer.closeWithin(ms);
  }

  /** Closes all files that are open, those of deliveries that are being written, too. Never rejects. */
  async closeAll(): Promise<void> {
    await this.#last;
    await this.#closeWriters();
  }

  async #closeWriters(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
  }

  async #write({ batches }: Delivery, work: Work): Promise<void> {
    let first = 0;
    for (const batch of batches) {
      for (const { from, to, place } of this.#options.path.runs(batch)) {
        if ('fault' in place) for (let i = from; i < to; i++) work.outcome.refuse(first + i, place.fault);
        else if (this.#spanned !== null)
          await this.#spanned.write(place, batch.slice(from, to), first + from, work);
        else await this.writeRun(place, batch.slice(from, to), first + from, work);
      }
      first += batch.count;
      this.#endHeld();
    }
  }

  /** What is held goes out while more comes: were it to wait until no more may, neither would go on beside the other. */
  #endHeld(): void {
    const { mostHeldBytes = Number.POSITIVE_INFINITY } = this.#options;
    let heldBytes = 0;
    for (const { file } of this.#writers.values()) heldBytes += file?.heldBytes ?? 0;
    if (heldBytes >= mostHeldBytes) for (const writer of [...this.#writers.values()]) void writer.close();
  }

  /**
   * Writes events of one bucket; `first`: the place of the first one in the delivery. Never rejects. What was written to
   * which file is told, too.
   */
  async writeRun(
    bucket: Bucket,
    batch: EventBatch,
    first: number,
    work: Work,
    spans: Spans | null = null,
  ): Promise<void> {
    if (work.failed.has(bucket.key)) {
      pend(work.outcome, first, first + batch.count, work.failed.get(bucket.key));
      return;
    }
    for (;;) {
      const writer = await this.#writerOf(bucket, spans?.once);
      const pieces = await writer.append(batch, spans?.spanOf);
      if (pieces === null) continue; // the clock has just closed it
      for (const { from, to, file, error, refused = [] } of pieces) {
        for (const { index, reason } of refused) work.outcome.refuse(first + from + index, reason);
        if (file !== null) spans?.onWritten(file);
        if (error !== undefined) {
          pend(work.outcome, first + from, first + batch.count, error);
          work.failed.set(bucket.key, error);
          if (file !== null) await writer.giveUp(file);
        } else if (file !== null) share(work, file, writer, first + from, first + to);
      }
      return;
    }
  }

  /** The file that is open for a bucket, or null. */
  openFileOf({ key }: Bucket): RollingFile | null {
    return this.#writers.get(key)?.file ?? null;
  }

  /** Closes the file that is open for a bucket. Never rejects. */
  async endFileOf({ key }: Bucket): Promise<void> {
    await this.#writers.get(key)?.close();
  }

  /** Events (places in the delivery) are acknowledged when a file is that has them already. */
  shareIn(work: Work, file: RollingFile, from: number, to: number): void {
    share(work, file, null, from, to);
  }

  async #acknowledge(
    file: RollingFile,
    { writer, ranges }: Share,
    work: Work,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      if (this.#options.mode === 'append' && writer !== null) {
        await writer.settle(file);
        writer.noteFlushed();
      } else {
        writer?.noteFlushed();
        await orAbort(file.done, signal);
      }
    } catch (error) {
      for (const [from, to] of ranges) pend(work.outcome, from, to, error);
      if (this.#options.mode === 'append') await writer?.giveUp(file);
    }
  }

  async #writerOf(bucket: Bucket, once?: OncePerSpan): Promise<BucketWriter> {
    let writer = this.#writers.get(bucket.key);
    this.#writers.delete(bucket.key);
    if (writer === undefined || writer.isClosed) {
      await this.#makeRoom();
      writer = new BucketWriter({
        ...this.#options,
        ...(once === undefined ? {} : { once }),
        bucket,
        ending: this.#ending,
        onClosed: (closed) => {
          if (this.#writers.get(bucket.key) === closed) this.#writers.delete(bucket.key);
        },
      });
    }
    this.#writers.set(bucket.key, writer);
    return writer;
  }

  async #makeRoom(): Promise<void> {
    while (this.#writers.size >= this.#options.maxOpenFiles) {
      const [eldest] = this.#writers.values();
      await eldest!.close();
    }
  }
}

function share(work: Work, file: RollingFile, writer: BucketWriter | null, from: number, to: number): void {
  const its = work.shares.get(file);
  if (its === undefined) {
    work.shares.set(file, { writer, ranges: [[from, to]] });
    return;
  }
  const last = its.ranges.at(-1)!;
  if (last[1] === from) last[1] = to;
  else its.ranges.push([from, to]);
}

export function pend(outcome: OutcomeBuilder, from: number, to: number, error: unknown): void {
  for (let i = from; i < to; i++) outcome.pend(i, error);
}

/** What the promise gives; rejects when the signal aborts first. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
