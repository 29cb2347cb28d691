/**
 * Events as an Avro array of Flume events, as agents send them to one another:
 *
 * ```
 * array    block*, 0           block: count long, event * count
 *                              a negative count is followed by the block's size in bytes
 * event    headers map<string>, body bytes
 * ```
 *
 * A map is blocks too, of names and values; texts, bytes and numbers are written as they are in a record. So headers and
 * bodies are copied as they lie there, run by run, and nothing is made for a single event.
 */
import { type EventBatch, type Headers, noHeaders } from './event-batch.ts';
import { encodeHeader } from './header-block.ts';
import { RecordWriter } from './record-writer.ts';
import { skipToValue } from './skip-to-value.ts';
import { inlineHeaders } from './transform.ts';
import { VarintReader, varintBytes, writeVarint } from './varint.ts';

const mostCountBytes = 5;
/** An event has an empty map and an empty body at least. */
const leastEventBytes = 2;
/** So has a header a name and a value. */
const leastHeaderBytes = 2;
const end = 0;
const empty = 0;
const absent = 1; // -1 in zigzag
const none: Buffer = Buffer.alloc(0);

/** All events as one array, behind so many bytes that are the caller's to fill. */
export function encodeAvroList(events: readonly EventBatch[], prefixBytes = 0): Buffer {
  // Headers that metadata shows are in no bytes yet.
  const batches = events.map((batch) => (batch.origin === undefined ? batch : inlineHeaders(batch)));
  const shared = batches.map(({ sharedHeaders }) => headersBlock(sharedHeaders));
  let most = prefixBytes + mostCountBytes;
  for (const [i, batch] of batches.entries())
    most += mostCountBytes + batch.sizeBytes + batch.count * (shared[i]!.length + 1);
  const target = Buffer.allocUnsafe(most);
  let at = prefixBytes;
  for (const [i, batch] of batches.entries()) {
    at = writeVarint(target, at, batch.count);
    at = writeEvents(target, at, batch, shared[i]!);
  }
  target[at++] = end;
  return target.subarray(0, at);
}

/** What all events have, as a block of their maps; no bytes where there is nothing. */
function headersBlock(headers: Headers): Buffer {
  if (headers.size === 0) return none;
  const count = Buffer.allocUnsafe(mostCountBytes);
  const parts: Buffer[] = [count.subarray(0, writeVarint(count, 0, headers.size))];
  for (const [name, value] of headers) parts.push(encodeHeader(name, value));
  return Buffer.concat(parts);
}

function writeEvents(target: Buffer, start: number, batch: EventBatch, shared: Buffer): number {
  const { records, index, count, hasRecordHeaders } = batch;
  const reader = new VarintReader(records, 0);
  let at = start;
  for (let i = 0; i < count; i++) {
    reader.at = index[i]!;
    reader.limit = index[i + 1]!;
    skipToValue(reader);
    const bodyAt = reader.at;
    const bodyBytes = reader.int();
    if (bodyBytes > 0) reader.skip(bodyBytes);
    const bodyEnd = reader.at;
    if (shared.length > 0) at += shared.copy(target, at);
    // What the event has itself comes last, and wins.
    if (hasRecordHeaders) at = writeOwnHeaders(target, at, reader, records);
    target[at++] = end;
    if (bodyBytes < 0) target[at++] = empty;
    else at += records.copy(target, at, bodyAt, bodyEnd);
  }
  return at;
}

/** `reader` stands before the record's headers. */
function writeOwnHeaders(target: Buffer, at: number, reader: VarintReader, records: Buffer): number {
  const from = reader.at;
  const count = reader.int();
  if (count === 0) return at;
  const first = reader.at;
  let hasNull = false;
  for (let left = count; left > 0; left--) {
    reader.skip(reader.int());
    const valueBytes = reader.int();
    if (valueBytes < 0) hasNull = true;
    else reader.skip(valueBytes);
  }
  if (!hasNull) return at + records.copy(target, at, from, reader.at);
  let to = writeVarint(target, at, count);
  reader.at = first;
  for (let left = count; left > 0; left--) {
    const nameAt = reader.at;
    reader.skip(reader.int());
    const valueAt = reader.at;
    const valueBytes = reader.int();
    if (valueBytes >= 0) reader.skip(valueBytes);
    to += records.copy(target, to, nameAt, valueBytes < 0 ? valueAt : reader.at);
    if (valueBytes < 0) target[to++] = empty;
  }
  return to;
}

/**
 * The events of an array that takes all bytes from `at` on; null where it has none. `now`: Unix ms, the records' time.
 * Throws `BATCH_CORRUPT` for what is no such array: no count or length is believed beyond the bytes that are there.
 */
export function decodeAvroList(bytes: Buffer, at: number, now: number = Date.now()): EventBatch | null {
  const events = new AvroEvents(bytes, at);
  const { reader } = events;
  for (;;) {
    let count = reader.long();
    if (count === 0) break;
    if (count < 0) {
      count = -count;
      reader.long(); // the block's size
    }
    if (count * leastEventBytes > reader.limit - reader.at)
      throw reader.corrupt(`an array of ${count} events`);
    for (let left = count; left > 0; left--) events.take();
  }
  return events.finish(now);
}

/** The one event that takes all bytes from `at` on. Throws as `decodeAvroList`. */
export function decodeAvroEvent(bytes: Buffer, at: number, now: number = Date.now()): EventBatch {
  const events = new AvroEvents(bytes, at);
  events.take();
  return events.finish(now)!;
}

/** Takes events from Avro's bytes into records. */
class AvroEvents {
  readonly reader: VarintReader;
  readonly #bytes: Buffer;
  readonly #writer: RecordWriter;
  /** The last run of headers: where it lies. */
  #from = 0;
  #to = 0;
  /** Headers of the event at hand, and their bytes. */
  #headers = 0;
  #headerBytes = 0;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.reader = new VarintReader(bytes, at);
    // A record has some bytes more than its event; the buffer grows where they are many.
    this.#writer = new RecordWriter(Math.ceil((bytes.length - at) * 1.125) + 64);
  }

  take(): void {
    const { reader } = this;
    const bytes = this.#bytes;
    const mapAt = reader.at;
    const runs = this.#walkHeaders();
    const bodyAt = reader.at;
    skipText(reader);
    const bodyEnd = reader.at;
    const { count } = this.#writer;
    const length =
      3 + varintBytes(count) + (bodyEnd - bodyAt) + varintBytes(this.#headers) + this.#headerBytes;
    let at = this.#writer.open(length);
    const target = this.#writer.bytes;
    target[at++] = 0; // attributes
    target[at++] = 0; // timestamp delta
    at = writeVarint(target, at, count);
    target[at++] = absent; // key
    at += bytes.copy(target, at, bodyAt, bodyEnd);
    at = writeVarint(target, at, this.#headers);
    if (runs === 1) at += bytes.copy(target, at, this.#from, this.#to);
    else if (runs > 1) at = this.#copyRuns(target, at, mapAt, bodyEnd);
    this.#writer.close(at);
    if (this.#headers > 0) this.#writer.mark(true, false);
  }

  finish(now: number): EventBatch | null {
    const { reader } = this;
    if (reader.at !== reader.limit) throw reader.corrupt(`${reader.limit - reader.at} bytes too many`);
    return this.#writer.count === 0 ? null : this.#writer.finish(now, noHeaders);
  }

  /** Moves over the map; how many runs of headers it has. */
  #walkHeaders(): number {
    const { reader } = this;
    let runs = 0;
    this.#headers = 0;
    this.#headerBytes = 0;
    while (this.#nextRun()) {
      runs++;
      this.#headers += this.#count;
      this.#headerBytes += reader.at - this.#from;
      this.#to = reader.at;
    }
    return runs;
  }

  #copyRuns(target: Buffer, start: number, mapAt: number, end: number): number {
    const { reader } = this;
    let at = start;
    reader.at = mapAt;
    while (this.#nextRun()) at += this.#bytes.copy(target, at, this.#from, reader.at);
    reader.at = end;
    return at;
  }

  #count = 0;

  /** Moves over a block of the map: its headers begin at `#from`. False: that was the end of the map. */
  #nextRun(): boolean {
    const { reader } = this;
    let count = reader.long();
    if (count === 0) return false;
    if (count < 0) {
      count = -count;
      reader.long();
    }
    if (count * leastHeaderBytes > reader.limit - reader.at)
      throw reader.corrupt(`a map of ${count} headers`);
    this.#count = count;
    this.#from = reader.at;
    for (let left = 2 * count; left > 0; left--) skipText(reader);
    return true;
  }
}

/**
 * Moves over a length and what it counts. As it is copied into a record, and read there by others, it must be written in
 * the one way that all of them read alike: the shortest.
 */
function skipText(reader: VarintReader): void {
  const from = reader.at;
  const length = reader.int();
  const taken = reader.at - from;
  if (taken > 1 && taken !== varintBytes(length)) throw reader.corrupt('a length is not written shortest');
  reader.skip(length);
}
