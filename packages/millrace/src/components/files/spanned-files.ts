import { nameFault } from '../../clients/file-store/store-name.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Bucket } from './bucket-path.ts';
import {
  type BucketedFiles,
  type BucketedFilesOptions,
  pend,
  type Spans,
  type Work,
} from './bucketed-files.ts';
import { CoveredOffsets, partitionBucket, spanName } from './covered-offsets.ts';
import { type PositionedRun, positionedRuns } from './event-positions.ts';
import { encodeEvents } from './file-format.ts';

/** Buckets of which more is remembered than that of those whose files are open. */
const mostIdle = 1000;
/** As long as an offset can be. */
const longest = { first: Number.MAX_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER };

/**
 * Events into files that are named after their offsets: what is in the store already, under whichever cut, is
 * acknowledged and not written again. So what comes twice from Kafka is once in the store.
 */
export class SpannedFiles {
  readonly #options: BucketedFilesOptions;
  readonly #files: BucketedFiles;
  readonly #covered = new Map<string, CoveredOffsets>();

  constructor(options: BucketedFilesOptions, files: BucketedFiles) {
    this.#options = options;
    this.#files = files;
  }

  /** As `BucketedFiles.writeRun`. */
  async write(bucket: Bucket, batch: EventBatch, first: number, work: Work): Promise<void> {
    for (const run of positionedRuns(batch)) {
      if ('fault' in run) {
        for (let i = run.from; i < run.to; i++) work.outcome.refuse(first + i, run.fault);
        continue;
      }
      const own = partitionBucket(bucket, run.topic, run.partition);
      const fault = nameFault(spanName(own, longest, this.#options.naming.suffix));
      if (fault === null) await this.#writeRun(own, batch, run, first, work);
      else
        for (let i = run.from; i < run.to; i++)
          work.outcome.refuse(first + i, `no file can be named after it: ${fault}`);
    }
  }

  async #writeRun(
    bucket: Bucket,
    batch: EventBatch,
    run: PositionedRun,
    first: number,
    work: Work,
  ): Promise<void> {
    const covered = this.#coveredOf(bucket);
    const span = { first: run.offsetAt(run.from), last: run.offsetAt(run.to - 1) };
    covered.come(span);
    try {
      if (work.failed.has(bucket.key)) throw work.failed.get(bucket.key);
      await covered.look(span.first, span.last);
    } catch (error) {
      covered.leaveOut(span);
      pend(work.outcome, first + run.from, first + run.to, error);
      work.failed.set(bucket.key, error);
      await this.#files.endFileOf(bucket); // it must not go on behind what is left out
      return;
    }
    for (const { from, to, by } of covered.pieces(run)) {
      if (by === 'none') await this.#writeNew(bucket, covered, batch, { ...run, from, to }, first, work);
      else {
        if (!covered.wasCovered) this.#options.onCovered?.(run.offsetAt(from), bucket);
        covered.wasCovered = true;
        if (by !== 'store') this.#files.shareIn(work, by, first + from, first + to);
        await this.#refuseAgain(batch.slice(from, to), first + from, work);
      }
    }
    if (work.failed.has(bucket.key)) covered.leaveOut(span);
  }

  async #writeNew(
    bucket: Bucket,
    covered: CoveredOffsets,
    batch: EventBatch,
    { from, to, offsetAt }: PositionedRun,
    first: number,
    work: Work,
  ): Promise<void> {
    covered.wasCovered = false;
    const open = this.#files.openFileOf(bucket);
    if (open !== null && !covered.mayExtend(open, offsetAt(from))) await this.#files.endFileOf(bucket);
    const spans: Spans = {
      once: {
        nameOf: (span) => spanName(bucket, span, this.#options.naming.suffix),
        assertFree: (span) => covered.assertFree(span),
      },
      spanOf: (a, b) => ({ first: offsetAt(from + a), last: offsetAt(from + b - 1) }),
      onWritten: (file) => covered.note(file),
    };
    await this.#files.writeRun(bucket, batch.slice(from, to), first + from, work, spans);
  }

  /** Events that no file can hold were refused beside it; whether that was done before it ended is not known. */
  async #refuseAgain(batch: EventBatch, first: number, work: Work): Promise<void> {
    try {
      const encoder = this.#options.format.open();
      await encoder.begin();
      const { refused } = await encodeEvents(encoder, batch);
      for (const { index, reason } of refused) work.outcome.refuse(first + index, reason);
    } catch (error) {
      pend(work.outcome, first, first + batch.count, new Error(errorText(error), { cause: error }));
    }
  }

  #coveredOf(bucket: Bucket): CoveredOffsets {
    const known = this.#covered.get(bucket.key);
    this.#covered.delete(bucket.key);
    if (known === undefined && this.#covered.size >= this.#options.maxOpenFiles + mostIdle) {
      for (const [key, { isIdle }] of this.#covered) {
        if (!isIdle) continue;
        this.#covered.delete(key);
        break;
      }
    }
    const covered = known ?? new CoveredOffsets(bucket, this.#options.store);
    this.#covered.set(bucket.key, covered);
    return covered;
  }
}
