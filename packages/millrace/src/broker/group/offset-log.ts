import { BatchBuilder } from '../../records/batch-builder.ts';
import {
  batchHeaderBytes,
  batchSizeBytes,
  iterateBatches,
  readBatchHeader,
} from '../../records/batch-header.ts';
import { openBatch } from '../../records/open-batch.ts';
import { readRecord } from '../../records/record.ts';
import { sealBatch } from '../../records/seal.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Breather } from '../../runtime/timers.ts';
import { offsetsTopic } from '../storage/internal-topics.ts';
import type { Partition } from '../storage/partition.ts';
import type { OffsetRecord } from './offset-records.ts';

const readBytes = 1 << 20;

/**
 * The log of `__consumer_offsets`: keyed records, of which the last one of a key holds. What nobody needs any more is
 * dropped by writing the live state once more at the end and moving the start of the log there.
 */
export class OffsetLog {
  readonly #partition: Partition;
  readonly #durable: boolean;
  readonly #logger: Logger;
  readonly #minCompactBytes: number;
  #compactAt: number;

  /**
   * `durable`: `settle` resolves when the records are on the device, else when they are in the page cache.
   * `minCompactBytes`: a smaller log is not worth compacting.
   */
  constructor(partition: Partition, durable: boolean, logger: Logger, minCompactBytes = 16 << 20) {
    this.#partition = partition;
    this.#durable = durable;
    this.#logger = logger;
    this.#minCompactBytes = minCompactBytes;
    this.#compactAt = minCompactBytes;
  }

  /** Gives every record in order. One that cannot be read is reported and passed over. */
  async replay(apply: (key: Buffer, value: Buffer | null) => void): Promise<void> {
    const { startOffset } = this.#partition.log;
    for await (const bytes of this.#partition.readFrom(startOffset, readBytes)) {
      for (const { at, header } of iterateBatches(bytes)) {
        this.#passOver(`batch at offset ${header.baseOffset}`, () => {
          const { records, index } = openBatch(bytes.subarray(at, at + batchSizeBytes(header)), 0);
          for (let i = 0; i < header.recordCount; i++) {
            const { key, value, offsetDelta } = readRecord(records, index[i]!);
            if (key === null) continue;
            this.#passOver(`record at offset ${header.baseOffset + offsetDelta}`, () => apply(key, value));
          }
        });
      }
    }
  }

  /** Whether the log has grown well beyond its live state. */
  get isLarge(): boolean {
    return !this.#partition.isOffline && this.#partition.log.sizeBytes >= this.#compactAt;
  }

  /** Appends to the page cache, all or nothing, in order of the calls. Throws when the disk did not take the records. */
  append(records: readonly OffsetRecord[], now: number): void {
    const builder = new BatchBuilder(() => now);
    for (const { key, value } of records) builder.add(value, [], key, now);
    const sealed = sealBatch(builder.build(), {});
    const header = readBatchHeader(sealed.header.subarray(0, batchHeaderBytes), 0);
    const outcome = this.#partition.append({ header, headerBytes: sealed.header, records: sealed.records });
    if (outcome.errorCode === 0) return;
    const message = 'message' in outcome ? outcome.message : 'append failed';
    throw new MillraceError('DISK_FULL', `${offsetsTopic}: ${message}`);
  }

  /** Resolves when what was appended is as safe as the broker promises: on the device, or in the page cache. */
  async settle(): Promise<void> {
    if (this.#durable) await this.#partition.flush();
  }

  /** `settle` when there is something that it would wait for, else null. */
  pending(): Promise<void> | null {
    return this.#durable ? this.#partition.settled() : null;
  }

  /**
   * Writes the live state, given in parts, and lets go of everything before. Each part is what holds when it is taken;
   * what is appended in between comes behind it in the log.
   */
  async compact(parts: Iterable<readonly OffsetRecord[]>, now: () => number): Promise<void> {
    const { log } = this.#partition;
    log.roll();
    const start = log.endOffset;
    const breather = new Breather();
    for (const part of parts) {
      if (part.length > 0) this.append(part, now());
      if (breather.due) await breather.breath();
    }
    await log.flush(); // the old records may go only when the new ones are on the device
    log.deleteRecordsBefore(start);
    this.#compactAt = Math.max(this.#minCompactBytes, 4 * log.sizeBytes);
  }

  #passOver(what: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#logger.warn(`${offsetsTopic}: ${what} is passed over: ${errorText(error)}`);
    }
  }
}
