import { MillraceError } from '../runtime/errors.ts';
import { nextTurn } from '../runtime/timers.ts';
import { VarintReader } from './varint.ts';

/** What one pass over the records tells. */
export interface RecordsIndex {
  /** `count + 1` entries: where each record starts, and where the last one ends. */
  readonly index: Uint32Array;
  readonly hasRecordHeaders: boolean;
  readonly hasKeys: boolean;
  readonly hasTimestamps: boolean;
}

/** length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each. */
const minRecordBytes = 7;

/**
 * Finds `count` records that must fill `records` exactly, and checks every length in them, so that reading them later
 * cannot fail. Offset deltas must rise and end at or below `lastOffsetDelta` (compaction leaves gaps).
 * Throws `BATCH_CORRUPT` naming the record and its position. No allocation per record.
 */
export function indexRecords(records: Buffer, count: number, lastOffsetDelta: number): RecordsIndex {
  checkCount(records, count);
  const index = new Uint32Array(count + 1);
  const walk = new RecordWalk(records);
  let previous = -1;
  for (let i = 0; i < count; i++) {
    index[i] = walk.at;
    const offsetDelta = walk.next(i);
    if (offsetDelta <= previous || offsetDelta > lastOffsetDelta) {
      throw corruptRecord(
        i,
        index[i]!,
        `offset delta ${offsetDelta} after ${previous}, last is ${lastOffsetDelta}`,
      );
    }
    previous = offsetDelta;
  }
  walk.finish(count);
  index[count] = walk.at;
  const { hasRecordHeaders, hasKeys, hasTimestamps } = walk;
  return { index, hasRecordHeaders, hasKeys, hasTimestamps };
}

export interface ValidRecords {
  readonly minTimestampDelta: number;
  readonly maxTimestampDelta: number;
  readonly hasNullKeys: boolean;
}

/** What is walked over between two turns of the event loop; a few ms. */
const recordsPerTurn = 50_000;

/**
 * The same checks for records that a producer sends: offset deltas must be 0, 1, 2 … exactly. Makes no index. Throws
 * `BATCH_CORRUPT`.
 */
export function validateRecords(records: Buffer, count: number): ValidRecords {
  checkCount(records, count);
  const walk = new RecordWalk(records);
  walk.validate(0, count);
  walk.finish(count);
  return walk;
}

/** Like `validateRecords`; lets others have their turn of the event loop on the way. */
export async function validateRecordsInTurns(records: Buffer, count: number): Promise<ValidRecords> {
  checkCount(records, count);
  const walk = new RecordWalk(records);
  for (let i = 0; i < count; i += recordsPerTurn) {
    if (i > 0) await nextTurn();
    walk.validate(i, Math.min(i + recordsPerTurn, count));
  }
  walk.finish(count);
  return walk;
}

function checkCount(records: Buffer, count: number): void {
  if (count < 0 || count > records.length / minRecordBytes) {
    throw new MillraceError('BATCH_CORRUPT', `${count} records cannot be in ${records.length} bytes`);
  }
}

/** Walks from record to record, looking only at lengths. */
class RecordWalk extends VarintReader {
  hasRecordHeaders = false;
  hasKeys = false;
  hasNullKeys = false;
  hasTimestamps = false;
  /** Of the record that was moved over last. */
  timestampDelta = 0;
  /** Of those that `validate` moved over. */
  minTimestampDelta = Number.POSITIVE_INFINITY;
  maxTimestampDelta = Number.NEGATIVE_INFINITY;

  constructor(records: Buffer) {
    super(records, 0, records.length);
  }

  /** Moves over record `i`; returns its offset delta. */
  next(i: number): number {
    const start = this.at;
    const all = this.limit;
    const length = this.int();
    const end = this.at + length;
    if (length < minRecordBytes - 1 || end > all)
      throw corruptRecord(i, start, `length ${length}, ${all - this.at} left`);
    this.limit = end;
    this.at++; // attributes, unused
    this.timestampDelta = this.long();
    if (this.timestampDelta !== 0) this.hasTimestamps = true;
    const offsetDelta = this.int();
    const keyLength = this.int();
    if (keyLength !== -1) {
      this.hasKeys = true;
      this.skip(keyLength);
    } else this.hasNullKeys = true;
    const valueLength = this.int();
    if (valueLength !== -1) this.skip(valueLength);
    const headerCount = this.int();
    if (headerCount !== 0) this.#skipHeaders(i, start, headerCount);
    if (this.at !== end) throw corruptRecord(i, start, `${end - this.at} bytes more than its fields`);
    this.limit = all;
    return offsetDelta;
  }

  /** Moves over the records from `i` to `end` as a producer must number them. */
  validate(i: number, end: number): void {
    let min = this.minTimestampDelta;
    let max = this.maxTimestampDelta;
    for (; i < end; i++) {
      const start = this.at;
      const offsetDelta = this.next(i);
      if (offsetDelta !== i) throw corruptRecord(i, start, `offset delta ${offsetDelta}, expected ${i}`);
      if (this.timestampDelta > max) max = this.timestampDelta;
      if (this.timestampDelta < min) min = this.timestampDelta;
    }
    this.minTimestampDelta = min;
    this.maxTimestampDelta = max;
  }

  finish(count: number): void {
    if (this.at !== this.limit)
      throw this.corrupt(`${this.limit - this.at} bytes after the last of ${count} records`);
  }

  #skipHeaders(i: number, start: number, headerCount: number): void {
    if (headerCount < 0 || headerCount > (this.limit - this.at) / 2) {
      throw corruptRecord(i, start, `${headerCount} headers in ${this.limit - this.at} bytes`);
    }
    this.hasRecordHeaders = true;
    for (let h = 0; h < headerCount; h++) {
      this.skip(this.int());
      const valueLength = this.int();
      if (valueLength !== -1) this.skip(valueLength);
    }
  }
}

/**
 * Shows records that `validateRecords` has been over to `isRefused`: each one's place in the batch, its timestamp delta,
 * and whether it has a key. Ends with the `most`-th that is refused.
 */
export function findRecords(
  records: Buffer,
  count: number,
  most: number,
  isRefused: (index: number, timestampDelta: number, hasKey: boolean) => boolean,
): void {
  const walk = new RecordWalk(records);
  let left = most;
  for (let i = 0; i < count && left > 0; i++) {
    walk.hasNullKeys = false;
    walk.next(i);
    if (isRefused(i, walk.timestampDelta, !walk.hasNullKeys)) left--;
  }
}

function corruptRecord(record: number, position: number, what: string): MillraceError {
  return new MillraceError('BATCH_CORRUPT', `Record ${record} of the batch, at byte ${position}: ${what}`, {
    details: { record, position },
  });
}
