import { batchBytes } from './batch-bytes.ts';
import { EventBatch } from './event-batch.ts';
import { varintBytes, writeVarint } from './varint.ts';

export interface EncodeLinesOptions {
  /** At most so many events; at least 1. */
  maxEvents: number;
  /** Drop one `\r` before the `\n`. Default false. */
  stripCarriageReturn?: boolean;
  /** Unix ms of the batch; Kafka's record timestamp unless the sink sets another. */
  timestampMs: number;
}

export interface EncodedLines {
  /** Null when there is no whole line. */
  batch: EventBatch | null;
  /** Bytes taken from `from` on: up to after the last `\n` taken. */
  consumed: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Where the lines of the chunk at hand end; kept between calls, as they are synchronous. */
let lineEnds = new Uint32Array(4096);

/**
 * The whole lines of `chunk[from, to)` as a batch, one event per line, without its `\n`. The bytes are copied into a
 * buffer made for them.
 */
export function encodeLines(
  chunk: Buffer,
  from: number,
  to: number,
  options: EncodeLinesOptions,
): EncodedLines {
  const bench = batchBytes();
  const strip = options.stripCarriageReturn === true;
  const made = bench?.encodeLines(chunk, from, to, options.maxEvents, strip) ?? null;
  if (bench === null || made === null) return encodeLinesSlowly(chunk, from, to, options);
  const { count, sizeBytes, consumed } = made;
  if (count === 0) return { batch: null, consumed: 0 };
  const { index, records } = memoryFor(sizeBytes, count);
  bench.copyTo(made, records, 0, index, 0);
  index[count] = sizeBytes;
  return { batch: new EventBatch({ records, index, baseTimestamp: options.timestampMs }), consumed };
}

/** The same in JavaScript, a call per line: for what is larger than the bench, and where there is no WebAssembly. */
export function encodeLinesSlowly(
  chunk: Buffer,
  from: number,
  to: number,
  options: EncodeLinesOptions,
): EncodedLines {
  const count = findLines(chunk, from, to, options.maxEvents);
  if (count === 0) return { batch: null, consumed: 0 };
  const consumed = lineEnds[count - 1]! + 1 - from;
  return { batch: encodeLinesUpTo(lineEnds, count, chunk, from, to, options), consumed };
}

/**
 * An event for what stands before each of the ends, where its newline is: from `from`, or from behind the end before it.
 * The last may end at `to`, without a newline. Moves the ends of those that lose a `\r` before theirs.
 */
export function encodeLinesUpTo(
  ends: Uint32Array,
  count: number,
  chunk: Buffer,
  from: number,
  to: number,
  { stripCarriageReturn, timestampMs }: EncodeLinesOptions,
): EventBatch {
  const sizeBytes = measureRecords(ends, chunk, from, to, count, stripCarriageReturn === true);
  const { index, records } = memoryFor(sizeBytes, count);
  writeLines(ends, chunk, from, count, index, records);
  return new EventBatch({ records, index, baseTimestamp: timestampMs });
}

/** Records and index in one allocation: a second one costs as much as encoding several events. */
function memoryFor(sizeBytes: number, count: number): { index: Uint32Array; records: Buffer } {
  const indexAt = (sizeBytes + 3) & ~3;
  const memory = Buffer.allocUnsafeSlow(indexAt + 4 * (count + 1));
  const index = new Uint32Array(memory.buffer, memory.byteOffset + indexAt, count + 1);
  return { index, records: memory.subarray(0, sizeBytes) };
}

/** Notes the position of each `\n` in `lineEnds`; returns how many there are, at most `maxEvents`. */
function findLines(chunk: Buffer, from: number, to: number, maxEvents: number): number {
  const bytes = to === chunk.length ? chunk : chunk.subarray(0, to);
  let count = 0;
  let at = from;
  while (count < maxEvents) {
    const end = bytes.indexOf(newline, at);
    if (end === -1) break;
    if (count === lineEnds.length) growLineEnds();
    lineEnds[count++] = end;
    at = end + 1;
  }
  return count;
}

function growLineEnds(): void {
  const larger = new Uint32Array(lineEnds.length * 2);
  larger.set(lineEnds);
  lineEnds = larger;
}

/** Of a record, besides its length and the two other varints: attributes, timestamp delta, key length, header count. */
const fixedBytes = 4;
/** -1 as a varint: no key. */
const nullLength = 1;

/** The size of all records. Moves the ends of lines before their `\r` where asked. */
function measureRecords(
  ends: Uint32Array,
  chunk: Buffer,
  from: number,
  to: number,
  count: number,
  strip: boolean,
): number {
  let start = from;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const next = ends[i]! + 1;
    if (strip && next <= to && next - 1 > start && chunk[next - 2] === carriageReturn) ends[i] = next - 2;
    const valueBytes = ends[i]! - start;
    const length = fixedBytes + varintBytes(i) + varintBytes(valueBytes) + valueBytes;
    size += varintBytes(length) + length;
    start = next;
  }
  return size;
}

/** Writes the records, and where each starts. */
function writeLines(
  ends: Uint32Array,
  chunk: Buffer,
  from: number,
  count: number,
  index: Uint32Array,
  records: Buffer,
): void {
  let start = from;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i]!;
    const valueBytes = end - start;
    index[i] = at;
    at = writeVarint(records, at, fixedBytes + varintBytes(i) + varintBytes(valueBytes) + valueBytes);
    records[at] = 0;
    records[at + 1] = 0;
    at = writeVarint(records, at + 2, i);
    records[at] = nullLength;
    at = writeVarint(records, at + 1, valueBytes);
    if (valueBytes > 0) chunk.copy(records, at, start, end);
    at += valueBytes;
    records[at++] = 0;
    start = chunk[end] === newline ? end + 1 : end + 2; // a `\r` taken off stands before its `\n`
  }
  index[count] = at;
}
