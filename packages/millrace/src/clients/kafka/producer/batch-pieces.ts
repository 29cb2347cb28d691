/** Cutting and joining batches on their way into partitions, without an object per event. */
import { EventBatch } from '../../../records/event-batch.ts';
import { concatBatches, renumber } from '../../../records/transform.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { murmur2 } from './partitioner.ts';

/** Batches that follow one another in one buffer are joined without copying, up to this many bytes. */
const adjacentJoinBytes = 512 * 1024;

/**
 * What goes into a record batch: shared headers and the origin stay behind. With `stampMs` (Unix ms) records that have
 * no times of their own get that time.
 */
export function bareBatch(batch: EventBatch, stampMs: number | null = null): EventBatch {
  const stamped = stampMs === null || batch.hasTimestamps || batch.baseTimestamp === stampMs;
  if (stamped && batch.sharedHeaders.size === 0 && batch.origin === undefined) return batch;
  const { records, index, baseTimestamp, hasTimestamps, hasKeys, hasRecordHeaders } = batch;
  const init = { records, index, hasTimestamps, hasKeys, hasRecordHeaders };
  return new EventBatch({ ...init, baseTimestamp: stamped ? baseTimestamp : stampMs });
}

/** Pieces of at most `maxBytes` each, whole events; an event that is larger stands alone. */
export function cutBySize(batch: EventBatch, maxBytes: number): EventBatch[] {
  if (batch.sizeBytes <= maxBytes) return [batch];
  const { index, count } = batch;
  const pieces: EventBatch[] = [];
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && index[to + 1]! - index[from]! <= maxBytes) to++;
    pieces.push(batch.slice(from, to));
    from = to;
  }
  return pieces;
}

/** Events of a batch that belong together, and where they stand in it (null: it is the whole batch). */
export interface Picked {
  readonly batch: EventBatch;
  readonly places: Uint32Array | null;
}

/**
 * Per partition the events whose keys belong there, in order; events without a key go to `keylessPartition`.
 * The batch itself where all belong together.
 */
export function cutByKey(
  batch: EventBatch,
  partitionCount: number,
  keylessPartition: number,
): Map<number, Picked> {
  const { records, index, count } = batch;
  const partitionOf = new Int32Array(count);
  const counts = new Uint32Array(partitionCount);
  const sizes = new Float64Array(partitionCount);
  for (let i = 0; i < count; i++) {
    const hash = keyHash(records, index[i]!);
    const partition = hash === -1 ? keylessPartition : hash % partitionCount;
    partitionOf[i] = partition;
    counts[partition]!++;
    sizes[partition]! += index[i + 1]! - index[i]!;
  }
  const first = partitionOf[0] ?? keylessPartition;
  if (count === 0 || counts[first] === count) return new Map([[first, { batch, places: null }]]);
  const pieces = new Map<number, Picked>();
  for (let partition = 0; partition < partitionCount; partition++) {
    if (counts[partition] === 0) continue;
    const bytes = Buffer.allocUnsafe(sizes[partition]!);
    const starts = new Uint32Array(counts[partition]! + 1);
    const places = new Uint32Array(counts[partition]!);
    let at = 0;
    for (let i = 0, n = 0; i < count; i++) {
      if (partitionOf[i] !== partition) continue;
      records.copy(bytes, at, index[i]!, index[i + 1]!);
      at += index[i + 1]! - index[i]!;
      places[n] = i;
      starts[++n] = at;
    }
    pieces.set(partition, { batch: renumber(sameKind(batch, bytes, starts)), places });
  }
  return pieces;
}

function sameKind(batch: EventBatch, records: Buffer, index: Uint32Array): EventBatch {
  const { baseTimestamp, hasRecordHeaders, hasKeys, hasTimestamps } = batch;
  return new EventBatch({ records, index, baseTimestamp, hasRecordHeaders, hasKeys, hasTimestamps });
}

/** The positive murmur2 of the key of the record at `at`; -1 where it has none. */
function keyHash(records: Buffer, at: number): number {
  let p = skipVarint(records, at) + 1; // length, attributes
  p = skipVarint(records, skipVarint(records, p)); // timestamp delta, offset delta
  let raw = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = records[p++]!;
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    if (shift > 28) throw badRecord(at);
  }
  const length = (raw >>> 1) ^ -(raw & 1);
  if (length < 0) return -1;
  if (p + length > records.length) throw badRecord(at);
  return murmur2(records, p, p + length) & 0x7fffffff;
}

function skipVarint(records: Buffer, at: number): number {
  let p = at;
  while (records[p]! >= 0x80) p++;
  return p + 1;
}

const badRecord = (at: number): MillraceError =>
  new MillraceError('BATCH_CORRUPT', `record at byte ${at}: the key's length is damaged`);

/** Whether `b` stands right behind `a` in the same buffer, so that both are one batch by index alone. */
function followsDirectly(a: EventBatch, b: EventBatch): boolean {
  return (
    a.records === b.records &&
    a.index.buffer === b.index.buffer &&
    a.index.byteOffset + a.count * 4 === b.index.byteOffset &&
    a.baseTimestamp === b.baseTimestamp &&
    a.hasTimestamps === b.hasTimestamps
  );
}

/** Whether `next` may still be joined to what has `bytes` so far and ends with `last`. */
export function mayJoin(last: EventBatch, next: EventBatch, bytes: number, maxCopiedBytes: number): boolean {
  const total = bytes + next.sizeBytes;
  return (
    total <= (followsDirectly(last, next) ? Math.max(adjacentJoinBytes, maxCopiedBytes) : maxCopiedBytes)
  );
}

/**
 * One bare batch of all, in order; nothing is copied where they follow one another in one buffer. `stampMs` as in
 * `bareBatch`.
 */
export function joinBatches(batches: readonly EventBatch[], stampMs: number | null): EventBatch {
  const runs: EventBatch[] = [];
  for (const batch of batches) {
    const last = runs.at(-1);
    if (last !== undefined && followsDirectly(last, batch)) runs[runs.length - 1] = spanning(last, batch);
    else runs.push(batch);
  }
  if (runs.length === 1) return bareBatch(runs[0]!, stampMs);
  return concatBatches(runs.map((run) => bareBatch(run, stampMs)));
}

function spanning(a: EventBatch, b: EventBatch): EventBatch {
  const index = new Uint32Array(a.index.buffer as ArrayBuffer, a.index.byteOffset, a.count + b.count + 1);
  const { records, baseTimestamp, hasTimestamps } = a;
  return new EventBatch({
    records,
    index,
    baseTimestamp,
    hasTimestamps,
    hasKeys: a.hasKeys || b.hasKeys,
    hasRecordHeaders: a.hasRecordHeaders || b.hasRecordHeaders,
  });
}
