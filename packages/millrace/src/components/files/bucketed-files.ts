import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { Bucket, BucketPath } from './bucket-path.ts';
import { BucketWriter, type BucketWriterOptions } from './bucket-writer.ts';
import type { RollingFile } from './rolling-file.ts';

export interface BucketedFilesOptions extends Omit<BucketWriterOptions, 'bucket' | 'onClosed'> {
  readonly path: BucketPath;
  /** More are never open; the one that was longest without an event is closed first. */
  readonly maxOpenFiles: number;
}

/** What of a delivery went to one file. */
interface Share {
  readonly writer: BucketWriter;
  /** Places in the delivery, `from` to `to` (exclusive) each. */
  readonly ranges: [from: number, to: number][];
}

/** A delivery on its way into files. */
interface Work {
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
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BucketedFilesOptions) {
    this.#options = options;
  }

  /** Deliveries may overlap; they are written in the order of the calls. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const work: Work = { outcome: new OutcomeBuilder(), shares: new Map(), failed: new Map() };
    const written = this.#last.then(() => this.#write(delivery, work));
    this.#last = written;
    await written;
    await Promise.all([...work.shares].map(([file, share]) => this.#acknowledge(file, share, work, signal)));
    return work.outcome.outcome();
  }

  /** Has all open files closed within `ms`. */
  closeWithin(ms: number): void {
    for (const writer of this.#writers.values()) writer.closeWithin(ms);
  }

  /** Closes all files that are open, those of deliveries that are being written, too. Never rejects. */
  async closeAll(): Promise<void> {
    await this.#last;
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
  }

  async #write({ batches }: Delivery, work: Work): Promise<void> {
    let first = 0;
    for (const batch of batches) {
      for (const { from, to, place } of this.#options.path.runs(batch)) {
        if ('fault' in place) for (let i = from; i < to; i++) work.outcome.refuse(first + i, place.fault);
        else await this.#writeRun(place, batch.slice(from, to), first + from, work);
      }
      first += batch.count;
    }
  }

  /** `first`: the place of the batch's first event in the delivery. */
  async #writeRun(bucket: Bucket, batch: EventBatch, first: number, work: Work): Promise<void> {
    if (work.failed.has(bucket.key)) {
      pend(work.outcome, first, first + batch.count, work.failed.get(bucket.key));
      return;
    }
    for (;;) {
      const writer = await this.#writerOf(bucket);
      const pieces = await writer.append(batch);
      if (pieces === null) continue; // the clock has just closed it
      for (const { from, to, file, error, refused = [] } of pieces) {
        for (const { index, reason } of refused) work.outcome.refuse(first + from + index, reason);
        if (error !== undefined) {
          pend(work.outcome, first + from, first + batch.count, error);
          work.failed.set(bucket.key, error);
          if (file !== null) await writer.giveUp(file);
        } else if (file !== null) share(work, file, writer, first + from, first + to);
      }
      return;
    }
  }

  async #acknowledge(
    file: RollingFile,
    { writer, ranges }: Share,
    work: Work,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      if (this.#options.mode === 'append') {
        await writer.settle(file);
        writer.noteFlushed();
      } else {
        writer.noteFlushed();
        await orAbort(file.done, signal);
      }
    } catch (error) {
      for (const [from, to] of ranges) pend(work.outcome, from, to, error);
      if (this.#options.mode === 'append') await writer.giveUp(file);
    }
  }

  async #writerOf(bucket: Bucket): Promise<BucketWriter> {
    let writer = this.#writers.get(bucket.key);
    this.#writers.delete(bucket.key);
    if (writer === undefined || writer.isClosed) {
      await this.#makeRoom();
      writer = new BucketWriter({
        ...this.#options,
        bucket,
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

function share(work: Work, file: RollingFile, writer: BucketWriter, from: number, to: number): void {
  const its = work.shares.get(file);
  if (its === undefined) {
    work.shares.set(file, { writer, ranges: [[from, to]] });
    return;
  }
  const last = its.ranges.at(-1)!;
  if (last[1] === from) last[1] = to;
  else its.ranges.push([from, to]);
}

function pend(outcome: OutcomeBuilder, from: number, to: number, error: unknown): void {
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
