import { EventBatch, type EventView, type Headers, noHeaders } from './event-batch.ts';
import { readRecord } from './record.ts';
import type { RecordWriter } from './record-writer.ts';
import { writerFor } from './rewrite.ts';

/** What `mapEvents` makes of an event; what is absent stays as it was. */
export interface EventChange {
  body?: Uint8Array | string;
  /** All headers of the event from now on. */
  headers?: ReadonlyMap<string, string>;
  key?: Uint8Array | string | null;
  timestampMs?: number;
}

/**
 * The same events with offset deltas 0, 1, 2 …; the batch itself where they already are. Headers shown from record
 * metadata go into the records, as the offset would show wrongly.
 */
export function renumber(batch: EventBatch): EventBatch {
  if (isNumbered(batch)) return batch;
  const source = batch.origin === undefined ? batch : inlineHeaders(batch);
  const writer = writerFor([source]);
  addAll(writer, source, 0);
  return writer.finish(source.baseTimestamp, source.sharedHeaders);
}

/** Deltas rise, so first and last tell whether there is a gap. */
function isNumbered(batch: EventBatch): boolean {
  const { records, index, count } = batch;
  if (count === 0) return true;
  if (readRecord(records, index[0]!).offsetDelta !== 0) return false;
  return readRecord(records, index[count - 1]!).offsetDelta === count - 1;
}

/**
 * One batch of all events in order, numbered from 0. Shared headers stay shared where all batches have the same ones;
 * else they go into the records, as do headers shown from record metadata.
 * Throws `RangeError` when there is no batch.
 */
export function concatBatches(batches: readonly EventBatch[]): EventBatch {
  const first = batches[0];
  if (first === undefined) throw new RangeError('There is no batch to concatenate');
  if (batches.length === 1) return renumber(first.origin === undefined ? first : inlineHeaders(first));
  const same = batches.every(
    (b) => b.origin === undefined && sameHeaders(b.sharedHeaders, first.sharedHeaders),
  );
  const parts = same ? batches : batches.map(inlineHeaders);
  const writer = writerFor(parts);
  for (const part of parts) addAll(writer, part, part.baseTimestamp - first.baseTimestamp);
  return writer.finish(first.baseTimestamp, same ? first.sharedHeaders : noHeaders);
}

/**
 * Each event changed by `change`; null drops it, undefined keeps it as it is. Null when no event is left, the batch
 * itself when none was changed. Headers that all events share stay shared as long as no event changes or lacks them.
 */
export function mapEvents(
  batch: EventBatch,
  change: (event: EventView, i: number) => EventChange | null | undefined,
): EventBatch | null {
  const changes: (EventChange | null | undefined)[] = [];
  let changed = false;
  let shared = true;
  for (let i = 0; i < batch.count; i++) {
    const made = change(batch.event(i), i);
    changes.push(made);
    if (made === undefined) continue;
    changed = true;
    if (made?.headers !== undefined && shared) shared = hasAll(made.headers, batch.sharedHeaders);
  }
  if (!changed) return batch;
  // Headers shown from metadata cannot be changed; once an event's are, all events carry theirs.
  const ownOrigin = batch.origin !== undefined && changes.some(touchesMetadata);
  const sharedHeaders = shared ? batch.sharedHeaders : noHeaders;
  const writer = writerFor([batch]);
  for (let i = 0; i < batch.count; i++) {
    const made = changes[i];
    if (made === null) continue;
    const all = made?.headers ?? (shared && !ownOrigin ? undefined : batch.event(i).headers());
    addChanged(writer, batch, i, made, all, sharedHeaders);
  }
  if (writer.count === 0) return null;
  const mapped = writer.finish(batch.baseTimestamp, sharedHeaders);
  return ownOrigin || !shared ? mapped : mapped.withOrigin(batch.origin);
}

function touchesMetadata(change: EventChange | null | undefined): boolean {
  return change?.headers !== undefined || change?.key !== undefined || change?.timestampMs !== undefined;
}

/** Adds event `i`, changed; `all` is its whole set of headers, undefined where its record's own stay. */
function addChanged(
  writer: RecordWriter,
  batch: EventBatch,
  i: number,
  change: EventChange | undefined,
  all: ReadonlyMap<string, string> | undefined,
  sharedHeaders: Headers,
): void {
  const { records, index } = batch;
  const record = readRecord(records, index[i]!);
  if (change === undefined && all === undefined) {
    writer.addRecords(records, index.subarray(i, i + 2), 0, true);
    writer.mark(record.hasHeaders, record.key !== null);
    return;
  }
  writer.add(
    change?.timestampMs === undefined ? record.timestampDelta : change.timestampMs - batch.baseTimestamp,
    record.offsetDelta,
    change?.key === undefined ? record.key : change.key,
    change?.body ?? record.value,
    all === undefined ? record.headers() : without(all, sharedHeaders),
  );
}

export interface StripOptions {
  /** The event header whose text becomes the record's key; without it there is no key. */
  keyHeader?: string | undefined;
  /** Event header name → record header name: the headers that are sent after all. */
  headerNames?: ReadonlyMap<string, string> | undefined;
}

/**
 * The bodies alone: no headers (shared ones neither), no keys, numbered from 0; what Flume's Kafka sink sends, with the
 * exceptions in `options`. The bytes pass through where there is nothing to strip and nothing to add.
 */
export function stripToBodies(batch: EventBatch, options: StripOptions = {}): EventBatch {
  const { keyHeader, headerNames } = options;
  const wanted = [...(headerNames?.keys() ?? []), ...(keyHeader === undefined ? [] : [keyHeader])];
  const adds = wanted.some((name) => mayHave(batch, name));
  if (!batch.hasRecordHeaders && !batch.hasKeys && !adds) {
    return renumber(batch.withOrigin(undefined)).withSharedHeaders(noHeaders);
  }
  const writer = writerFor([batch]);
  for (let i = 0; i < batch.count; i++) {
    const record = readRecord(batch.records, batch.index[i]!);
    const event = adds ? batch.event(i) : undefined;
    const key = keyHeader === undefined ? undefined : event?.header(keyHeader);
    const sent =
      event === undefined || headerNames === undefined ? noHeaders : pickHeaders(event, headerNames);
    writer.add(record.timestampDelta, i, key ?? null, record.value, sent);
  }
  return writer.finish(batch.baseTimestamp, noHeaders);
}

function mayHave(batch: EventBatch, name: string): boolean {
  return batch.hasRecordHeaders || batch.origin !== undefined || batch.sharedHeaders.has(name);
}

function pickHeaders(event: EventView, headerNames: ReadonlyMap<string, string>): [string, string][] {
  const picked: [string, string][] = [];
  for (const [eventName, recordName] of headerNames) {
    const value = event.header(eventName);
    if (value !== undefined) picked.push([recordName, value]);
  }
  return picked;
}

/** The same events with all their headers in the records: nothing shared, nothing shown from metadata. */
export function inlineHeaders(batch: EventBatch): EventBatch {
  if (batch.sharedHeaders.size === 0 && batch.origin === undefined) return batch;
  const writer = writerFor([batch]);
  for (let i = 0; i < batch.count; i++) {
    const record = readRecord(batch.records, batch.index[i]!);
    writer.add(record.timestampDelta, record.offsetDelta, record.key, record.value, batch.event(i).headers());
  }
  const inlined = writer.finish(batch.baseTimestamp, noHeaders);
  return batch.provenance === undefined ? inlined : inlined.withProvenance(batch.provenance);
}

/** The same events, all with the one timestamp `timestampMs` (Unix ms). */
export function zeroTimestamps(batch: EventBatch, timestampMs: number): EventBatch {
  if (!batch.hasTimestamps) return derive(batch, batch.records, batch.index, timestampMs);
  const { records, index } = batch;
  const writer = writerFor([batch]);
  for (let i = 0; i < batch.count; i++) {
    writer.addRecords(
      records,
      index.subarray(i, i + 2),
      -readRecord(records, index[i]!).timestampDelta,
      true,
    );
  }
  const { records: bytes, index: positions } = writer.finish(timestampMs, noHeaders);
  return derive(batch, bytes, positions, timestampMs, false);
}

function addAll(writer: RecordWriter, batch: EventBatch, timestampShift: number): void {
  writer.addRecords(batch.records, batch.index, timestampShift);
  writer.mark(batch.hasRecordHeaders, batch.hasKeys);
}

/** A batch like `batch` over other bytes. */
function derive(
  batch: EventBatch,
  records: Buffer,
  index: Uint32Array,
  baseTimestamp = batch.baseTimestamp,
  hasTimestamps = batch.hasTimestamps,
): EventBatch {
  const { sharedHeaders, hasRecordHeaders, hasKeys, origin } = batch;
  const derived = new EventBatch({
    records,
    index,
    baseTimestamp,
    sharedHeaders,
    hasRecordHeaders,
    hasKeys,
    hasTimestamps,
  });
  return origin === undefined ? derived : derived.withOrigin(origin);
}

function sameHeaders(a: Headers, b: Headers): boolean {
  return a === b || (a.size === b.size && hasAll(a, b));
}

function hasAll(headers: ReadonlyMap<string, string>, wanted: Headers): boolean {
  for (const [name, value] of wanted) if (headers.get(name) !== value) return false;
  return true;
}

function without(headers: ReadonlyMap<string, string>, shared: Headers): Iterable<readonly [string, string]> {
  if (shared.size === 0) return headers;
  return [...headers].filter(([name, value]) => shared.get(name) !== value);
}
