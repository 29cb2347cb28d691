import { BatchBuilder } from '../../records/batch-builder.ts';
import {
  type BatchHeader,
  batchHeaderBytes,
  batchSizeBytes,
  isControlBatch,
  isTransactionalBatch,
  iterateBatches,
  readBatchHeader,
} from '../../records/batch-header.ts';
import { openBatch } from '../../records/open-batch.ts';
import { readRecord } from '../../records/record.ts';
import { sealBatch } from '../../records/seal.ts';
import { readMarker, type TransactionMarker } from '../../records/transaction-marker.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Breather } from '../../runtime/timers.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { RequestFault } from '../core/fault.ts';
import type { AppendOutcome, Partition } from '../storage/partition.ts';
import type { ProducerStamp } from './coordinator-runtime.ts';
import type { OffsetRecord } from './offset-records.ts';

const readBytes = 1 << 20;

/** Records that go into the log together. */
export interface LogPart {
  readonly records: readonly OffsetRecord[];
  readonly stamp: ProducerStamp | null;
}

/** What a replay gives, in the order of the log. */
export interface ReplayTarget {
  record(key: Buffer, value: Buffer | null, stamp: ProducerStamp | null): void;
  ended(marker: TransactionMarker): void;
}

/**
 * The log of a coordinator (`__consumer_offsets`, `__transaction_state`): keyed records, of which the last one of a key
 * holds. What nobody needs any more is dropped by writing the live state once more at the end and moving the start of
 * the log there.
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

  /** Gives every record and marker in order. One that cannot be read is reported and passed over. */
  async replay(target: ReplayTarget): Promise<void> {
    const { startOffset } = this.#partition.log;
    for await (const bytes of this.#partition.readFrom(startOffset, readBytes)) {
      for (const { at, header } of iterateBatches(bytes)) {
        this.#passOver(`batch at offset ${header.baseOffset}`, () => {
          if (isControlBatch(header)) {
            const marker = readMarker(bytes, at);
            if (marker !== null) target.ended(marker);
            return;
          }
          const stamp = isTransactionalBatch(header) ? stampOf(header) : null;
          const { records, index } = openBatch(bytes.subarray(at, at + batchSizeBytes(header)), 0);
          for (let i = 0; i < header.recordCount; i++) {
            const { key, value, offsetDelta } = readRecord(records, index[i]!);
            if (key === null) continue;
            this.#passOver(`record at offset ${header.baseOffset + offsetDelta}`, () =>
              target.record(key, value, stamp),
            );
          }
        });
      }
    }
  }

  /** Whether the log has grown well beyond its live state. */
  get isLarge(): boolean {
    return !this.#partition.isOffline && this.#partition.log.sizeBytes >= this.#compactAt;
  }

  /**
   * Appends to the page cache, all or nothing, in order of the calls. Throws when the disk did not take the records;
   * null, or why the stamp may not write.
   */
  append(
    records: readonly OffsetRecord[],
    now: number,
    stamp: ProducerStamp | null = null,
  ): RequestFault | null {
    const builder = new BatchBuilder(() => now);
    for (const { key, value } of records) builder.add(value, [], key, now);
    const sealed = sealBatch(builder.build(), stamp === null ? {} : { ...stamp, transactional: true });
    const header = readBatchHeader(sealed.header.subarray(0, batchHeaderBytes), 0);
    return this.#judge(
      this.#partition.append({ header, headerBytes: sealed.header, records: sealed.records }),
    );
  }

  /** Appends the end of a transaction, as `append` does records. */
  appendMarker(marker: TransactionMarker): RequestFault | null {
    return this.#judge(this.#partition.appendMarker(marker));
  }

  #judge(outcome: AppendOutcome): RequestFault | null {
    if (!('message' in outcome)) return null;
    if (isOfProducer(outcome.errorCode)) return outcome;
    throw new MillraceError('DISK_FULL', `${this.#partition.topic}: ${outcome.message}`);
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
  async compact(parts: Iterable<LogPart>, now: () => number): Promise<void> {
    const { log } = this.#partition;
    log.roll();
    const start = log.endOffset;
    const breather = new Breather();
    for (const { records, stamp } of parts) {
      if (records.length > 0) this.append(records, now(), stamp);
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
      this.#logger.warn(`${this.#partition.topic}: ${what} is passed over: ${errorText(error)}`);
    }
  }
}

function stampOf({ producerId, producerEpoch }: BatchHeader): ProducerStamp {
  return { producerId, producerEpoch };
}

/** Whether it says something of the producer rather than of the disk. */
function isOfProducer(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.INVALID_PRODUCER_EPOCH ||
    errorCode === ErrorCode.INVALID_TXN_STATE ||
    errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED
  );
}
