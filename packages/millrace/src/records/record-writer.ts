import { batchBytes } from './batch-bytes.ts';
import { EventBatch, type Headers } from './event-batch.ts';
import type { HeaderBlock } from './header-block.ts';
import { utf8Bytes, writeUtf8 } from './utf8.ts';
import { VarintReader, varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.ts';

const minBufferBytes = 1024;
const minIndexLength = 64;
/** Record positions are kept in 32 bits, and Kafka's batch length is an int32. */
const maxRecordsBytes = 0x7fff_ffff - 1024;

/** A call into WebAssembly costs as much as so many records in JavaScript. */
const fewRecords = 4;

/** Writes records one after the other into one growing buffer, and indexes them. */
export class RecordWriter {
  #buffer: Buffer;
  #index: Uint32Array;
  #at = 0;
  #count = 0;
  #hasRecordHeaders = false;
  #hasKeys = false;
  #hasTimestamps = false;
  /** Room left for the length of the record that is being written. */
  #prefixBytes = 0;

  /** Room for so many bytes and records without growing. */
  constructor(sizeBytes = minBufferBytes, records = minIndexLength) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(sizeBytes, 16));
    this.#index = new Uint32Array(records + 1);
  }

  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.#at;
  }

  /** Adds a record. `value` null is a null value. Text is written as UTF-8. */
  add(
    timestampDelta: number,
    offsetDelta: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: Iterable<readonly [string, string]>,
  ): void {
    const keyLength = key === null ? -1 : byteLength(key);
    const valueLength = value === null ? -1 : byteLength(value);
    let headerCount = 0;
    let headerBytes = 0;
    for (const [name, text] of headers) {
      headerCount++;
      headerBytes += prefixed(utf8Bytes(name)) + prefixed(utf8Bytes(text));
    }
    const length =
      1 +
      varlongBytes(timestampDelta) +
      varintBytes(offsetDelta) +
      prefixed(keyLength) +
      prefixed(valueLength) +
      varintBytes(headerCount) +
      headerBytes;
    let at = this.#begin(length);
    const buffer = this.#buffer;
    buffer[at++] = 0;
    at = writeVarlong(buffer, at, timestampDelta);
    at = writeVarint(buffer, at, offsetDelta);
    at = writePrefixed(buffer, at, key, keyLength);
    at = writePrefixed(buffer, at, value, valueLength);
    at = writeVarint(buffer, at, headerCount);
    if (headerCount > 0) {
      for (const [name, text] of headers) {
        at = writePrefixed(buffer, at, name, utf8Bytes(name));
        at = writePrefixed(buffer, at, text, utf8Bytes(text));
      }
    }
    this.#at = at;
    this.#hasRecordHeaders ||= headerCount > 0;
    this.#hasKeys ||= key !== null;
    this.#hasTimestamps ||= timestampDelta !== 0;
  }

  /** Adds records `from` to `to` (exclusive) of `source` as they are, offset deltas included. */
  copyRun(source: Buffer, index: Uint32Array, from: number, to: number): void {
    if (from === to) return;
    const start = index[from]!;
    const sizeBytes = index[to]! - start;
    this.#reserve(sizeBytes, to - from);
    const shift = this.#at - start;
    for (let i = from; i < to; i++) this.#index[this.#count++] = index[i]! + shift;
    this.#at += source.copy(this.#buffer, this.#at, start, start + sizeBytes);
  }

  /**
   * Begins a record of at most so many bytes behind its length, which the caller writes into `bytes` from the answered
   * position on; `close` ends it. Until then nothing else may be added.
   */
  open(mostBytes: number): number {
    this.#prefixBytes = varintBytes(mostBytes);
    this.#reserve(mostBytes + this.#prefixBytes, 1);
    return this.#at + this.#prefixBytes;
  }

  /** What is being written into; another buffer after each `open`. */
  get bytes(): Buffer {
    return this.#buffer;
  }

  /** The record that was begun ends at `end`. */
  close(end: number): void {
    const buffer = this.#buffer;
    const start = this.#at;
    const from = start + this.#prefixBytes;
    const length = end - from;
    const prefixBytes = varintBytes(length);
    if (prefixBytes !== this.#prefixBytes) buffer.copyWithin(start + prefixBytes, from, end);
    writeVarint(buffer, start, length);
    this.#index[this.#count++] = start;
    this.#at = start + prefixBytes + length;
  }

  /** Adds a record without key, its value `source[from, to)`, its headers in a block. */
  addWithBlock(offsetDelta: number, source: Buffer, from: number, to: number, headers: HeaderBlock): void {
    const length =
      1 +
      1 +
      varintBytes(offsetDelta) +
      1 +
      prefixed(to - from) +
      varintBytes(headers.count) +
      headers.sizeBytes;
    let at = this.#begin(length);
    const buffer = this.#buffer;
    buffer[at++] = 0;
    buffer[at++] = 0; // timestamp delta
    at = writeVarint(buffer, at, offsetDelta);
    at = writeVarint(buffer, at, -1);
    at = writeVarint(buffer, at, to - from);
    at += source.copy(buffer, at, from, to);
    at = writeVarint(buffer, at, headers.count);
    this.#at = headers.copyTo(buffer, at);
    this.#hasRecordHeaders ||= headers.count > 0;
  }

  /**
   * Adds the records at `index` of `source` as they are, with a shift of their timestamp deltas; their offset deltas
   * go on from the number of records added so far, or stay.
   */
  addRecords(source: Buffer, index: Uint32Array, timestampShift: number, keepOffsetDeltas = false): void {
    if (timestampShift === 0 && !keepOffsetDeltas && this.#addRenumbered(source, index)) return;
    this.#addSlowly(source, index, timestampShift, keepOffsetDeltas);
  }

  /** False where it takes the loop in JavaScript. */
  #addRenumbered(source: Buffer, index: Uint32Array): boolean {
    const count = index.length - 1;
    if (count < fewRecords) return false;
    const bench = batchBytes();
    if (bench === null) return false;
    const made = bench.renumber(source, index[0]!, index[count]!, count, this.#count);
    if (made === null) return false;
    this.#reserve(made.sizeBytes, count);
    bench.copyTo(made, this.#buffer, this.#at, this.#index, this.#count);
    this.#at += made.sizeBytes;
    this.#count += count;
    this.#hasTimestamps ||= made.hasTimestamps;
    return true;
  }

  #addSlowly(source: Buffer, index: Uint32Array, timestampShift: number, keepOffsetDeltas: boolean): void {
    const reader = new VarintReader(source, 0);
    const last = index.length - 1;
    for (let i = 0; i < last; i++) {
      const end = index[i + 1]!;
      reader.at = index[i]!;
      reader.int();
      reader.skip(1);
      const timestampDelta = reader.long() + timestampShift;
      const ownDelta = reader.int();
      const offsetDelta = keepOffsetDeltas ? ownDelta : this.#count;
      const tail = reader.at;
      let at = this.#begin(1 + varlongBytes(timestampDelta) + varintBytes(offsetDelta) + (end - tail));
      const buffer = this.#buffer;
      buffer[at++] = 0;
      at = writeVarlong(buffer, at, timestampDelta);
      at = writeVarint(buffer, at, offsetDelta);
      this.#at = at + source.copy(buffer, at, tail, end);
      if (timestampDelta !== 0) this.#hasTimestamps = true;
    }
  }

  /**
   * Adds records that are numbered already: they lie in `source` from `at` on, one after the other, and begin at
   * `starts` behind it.
   */
  addMade(
    source: Buffer,
    at: number,
    sizeBytes: number,
    starts: Uint32Array,
    hasRecordHeaders: boolean,
  ): void {
    this.#reserve(sizeBytes, starts.length);
    source.copy(this.#buffer, this.#at, at, at + sizeBytes);
    for (let i = 0; i < starts.length; i++) this.#index[this.#count++] = this.#at + starts[i]!;
    this.#at += sizeBytes;
    this.#hasRecordHeaders ||= hasRecordHeaders;
  }

  /** What `addRecords` does not look at: whether the records it copied have headers or keys. */
  mark(hasRecordHeaders: boolean, hasKeys: boolean): void {
    this.#hasRecordHeaders ||= hasRecordHeaders;
    this.#hasKeys ||= hasKeys;
  }

  /** The batch of what was added. The writer must not be used afterwards: the batch owns the bytes. */
  finish(baseTimestamp: number, sharedHeaders: Headers): EventBatch {
    const index = this.#index.subarray(0, this.#count + 1);
    index[this.#count] = this.#at;
    return new EventBatch({
      records: this.#buffer.subarray(0, this.#at),
      index,
      baseTimestamp,
      sharedHeaders,
      hasRecordHeaders: this.#hasRecordHeaders,
      hasKeys: this.#hasKeys,
      hasTimestamps: this.#hasTimestamps,
    });
  }

  /** Makes room for a record of `length` bytes, notes where it starts and writes its length. */
  #begin(length: number): number {
    const start = this.#at;
    this.#reserve(length + 5, 1);
    this.#index[this.#count++] = start;
    return writeVarint(this.#buffer, start, length);
  }

  /** Makes room for so many more bytes and records. */
  #reserve(sizeBytes: number, records: number): void {
    const needed = this.#at + sizeBytes;
    if (needed > this.#buffer.length) this.#grow(needed);
    if (this.#count + records < this.#index.length) return;
    const index = new Uint32Array(Math.max(this.#index.length * 2, this.#count + records + 1));
    index.set(this.#index);
    this.#index = index;
  }

  #grow(needed: number): void {
    if (needed > maxRecordsBytes) throw new RangeError(`A batch holds at most ${maxRecordsBytes} bytes`);
    const buffer = Buffer.allocUnsafeSlow(
      Math.min(maxRecordsBytes, Math.max(needed, this.#buffer.length * 2)),
    );
    this.#buffer.copy(buffer, 0, 0, this.#at);
    this.#buffer = buffer;
  }
}

function byteLength(bytes: Uint8Array | string): number {
  return typeof bytes === 'string' ? utf8Bytes(bytes) : bytes.length;
}

function prefixed(length: number): number {
  return varintBytes(length) + Math.max(length, 0);
}

function writePrefixed(
  buffer: Buffer,
  at: number,
  bytes: Uint8Array | string | null,
  length: number,
): number {
  const to = writeVarint(buffer, at, length);
  if (bytes === null) return to;
  if (typeof bytes === 'string') return writeUtf8(buffer, to, bytes, length);
  buffer.set(bytes, to);
  return to + length;
}
