import { readFault } from './faults.ts';
import type { LogCore } from './log-core.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import type { Segment } from './segment.ts';

/** Repairs segments of a running log, one request after the other. */
export class LogRepair {
  readonly #core: LogCore;
  #running: Promise<void> | null = null;

  constructor(core: LogCore) {
    this.#core = core;
  }

  /** Resolves when the repair that is under way has ended. Never rejects. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** See `Log.repair`. */
  async run(offset: number): Promise<void> {
    const core = this.#core;
    while (this.#running !== null) await this.#running.catch(() => {});
    core.assertWritable();
    core.isRepairing = true;
    this.#running = this.#from(offset).finally(() => {
      core.isRepairing = false;
      this.#running = null;
    });
    await this.#running;
    core.dropBelowStart();
  }

  /** Where the segment that `offset` belongs to ends below it, a reader has met the damage in the next one. */
  async #from(offset: number): Promise<void> {
    const core = this.#core;
    for (let from = offset; from < core.endOffset; ) {
      if (from < core.startOffset) return; // deleted meanwhile
      const segment = core.segments.at(core.segments.find(from))!;
      if (segment === core.active) core.roll();
      await core.sync.flush();
      const limitOffset = core.endOf(core.segments.find(segment.baseOffset));
      const nextOffset = await this.#segment(segment, limitOffset);
      if (nextOffset > offset) return;
      from = limitOffset;
    }
  }

  async #segment(segment: Segment, limitOffset: number): Promise<number> {
    const core = this.#core;
    const options: RecoveryOptions = {
      files: core.files,
      dir: core.dir,
      intervalBytes: core.settings.indexIntervalBytes,
      report: core.report,
      onMoved: () => {
        core.segments.forgetHints();
        if (segment.sizeBytes === 0) core.drop(segment);
      },
    };
    const durable = { position: segment.sizeBytes, endOffset: null };
    let nextOffset: number;
    try {
      nextOffset = await recoverSegment(segment, { trustedBytes: 0, limitOffset, durable }, options);
    } catch (error) {
      throw readFault(error, segment.logPath);
    }
    core.sync.namesChanged();
    if (!segment.isRemoved) {
      segment.saveIndexes();
      core.sync.changed(segment);
    }
    await core.sync.flush();
    return nextOffset;
  }
}
