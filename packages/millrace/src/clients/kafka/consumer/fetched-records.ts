import {
  type BatchHeader,
  batchAttributes,
  isControlBatch,
  isTransactionalBatch,
  iterateBatches,
} from '../../../records/batch-header.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { openBatch } from '../../../records/open-batch.ts';
import { readRecord } from '../../../records/record.ts';

/** A record batch as it lies in a fetch answer, not yet opened. */
export interface RawBatch {
  readonly bytes: Buffer;
  readonly at: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly sizeBytes: number;
  readonly logAppendTime: boolean;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/**
 * The whole batches of a partition's answer that an application may see: none before `fromOffset`, no control batches,
 * and with `aborted` (read_committed) none of transactions that were aborted. `nextOffset` is where to fetch on.
 * Throws `BATCH_CORRUPT`.
 */
export function visibleBatches(
  bytes: Buffer,
  fromOffset: number,
  aborted: readonly AbortedTransaction[] | null,
): { batches: RawBatch[]; nextOffset: number } {
  const batches: RawBatch[] = [];
  const pending = aborted === null ? [] : aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const abortedNow = new Set<number>();
  let next = fromOffset;
  for (const { at, header } of iterateBatches(bytes)) {
    const nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
    while (pending.length > 0 && pending[0]!.firstOffset < nextOffset)
      abortedNow.add(pending.shift()!.producerId);
    if (nextOffset <= fromOffset) continue;
    next = nextOffset;
    if (isControlBatch(header)) {
      if (isAbortMarker(bytes, at)) abortedNow.delete(header.producerId);
      continue;
    }
    if (isAborted(header, abortedNow) || header.recordCount === 0) continue;
    const sizeBytes = header.batchLength + 12;
    const logAppendTime = (header.attributes & batchAttributes.logAppendTime) !== 0;
    batches.push({ bytes, at, baseOffset: header.baseOffset, nextOffset, sizeBytes, logAppendTime });
  }
  return { batches, nextOffset: next };
}

const isAborted = (header: BatchHeader, aborted: ReadonlySet<number>): boolean =>
  isTransactionalBatch(header) && aborted.has(header.producerId);

/** A control record's key: version int16, type int16 (0 abort, 1 commit). */
function isAbortMarker(bytes: Buffer, at: number): boolean {
  const { key } = openBatch(bytes, at).event(0);
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

/** The events of the batch from `fromOffset` on; null where the batch has none of them. Throws as `openBatch`. */
export function openFrom(raw: RawBatch, fromOffset: number, verifyCrc: boolean): EventBatch | null {
  const batch = openBatch(raw.bytes, raw.at, { verifyCrc });
  if (raw.baseOffset >= fromOffset) return batch.count === 0 ? null : batch;
  const delta = fromOffset - raw.baseOffset;
  let low = 0;
  let high = batch.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (readRecord(batch.records, batch.index[middle]!).offsetDelta < delta) low = middle + 1;
    else high = middle;
  }
  return low === batch.count ? null : batch.slice(low, batch.count);
}
