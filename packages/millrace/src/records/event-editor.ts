import type { EventBatch } from './event-batch.ts';
import type { RecordWriter } from './record-writer.ts';
import { readName, utf8Bytes, writeUtf8 } from './utf8.ts';
import { VarintReader, writeVarint } from './varint.ts';

/** The name of a header, encoded once for all events that get it. */
export class HeaderName {
  readonly text: string;
  /** Its UTF-8 bytes. */
  readonly bytes: Buffer;

  constructor(text: string) {
    this.text = text;
    this.bytes = Buffer.from(text, 'utf8');
  }
}

/** The event that `editEvents` is at: one object for all events of a batch, not to be kept. */
export interface EventEdit {
  /** The body is `bytes[from, to)`, as it was before any edit; `from` = `to` where there is none. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** Whether the event has such a header, in whatever way: its own, a shared one, or one shown from metadata. */
  has(name: HeaderName): boolean;
  /** Gives the event that header, in the place of one that it has. `name` is one of those that `editEvents` was given. */
  set(name: HeaderName, value: string): void;
  /** Text is written as UTF-8. */
  setBody(body: Uint8Array | string): void;
  /** Takes the event out; what else was done to it is without effect. */
  drop(): void;
}

/** What becomes of a header of the record that is at hand. */
const keeps = 0;
const removes = 1;

/** Steps over the records of a batch, notes what is to be changed in one, and writes it so. */
export class EventEditor implements EventEdit {
  readonly bytes: Buffer;
  from = 0;
  to = 0;
  changed = false;
  dropped = false;
  setsHeaders = false;
  readonly #batch: EventBatch;
  readonly #names: readonly HeaderName[];
  /** Beside each name the value that the event gets. */
  readonly #values: (string | undefined)[];
  /** Which names stand in the record already, so that they are written in their place, once. */
  readonly #written: Uint8Array;
  readonly #reader: VarintReader;
  #body: Uint8Array | string | undefined;
  #matches: ((name: string) => boolean) | null = null;
  #i = 0;
  /** Where timestamp delta, offset delta and key begin, and end. */
  #fixedAt = 0;
  #valueAt = 0;
  /** Where the number of headers stands. */
  #headersAt = 0;

  constructor(batch: EventBatch, names: readonly HeaderName[]) {
    this.bytes = batch.records;
    this.#batch = batch;
    this.#names = names;
    this.#values = names.map(() => undefined);
    this.#written = new Uint8Array(names.length);
    this.#reader = new VarintReader(batch.records, 0);
  }

  step(i: number): void {
    const { index } = this.#batch;
    const reader = this.#reader;
    this.#i = i;
    reader.at = index[i]!;
    reader.limit = index[i + 1]!;
    reader.int(); // length
    reader.skip(1); // attributes
    this.#fixedAt = reader.at;
    reader.long(); // timestamp delta
    reader.int(); // offset delta
    const keyBytes = reader.int();
    if (keyBytes > 0) reader.skip(keyBytes);
    this.#valueAt = reader.at;
    const bodyBytes = reader.int();
    this.from = reader.at;
    if (bodyBytes > 0) reader.skip(bodyBytes);
    this.to = reader.at;
    this.#headersAt = reader.at;
    if (!this.changed) return;
    this.changed = false;
    this.dropped = false;
    this.setsHeaders = false;
    this.#body = undefined;
    this.#values.fill(undefined);
  }

  has(name: HeaderName): boolean {
    const { sharedHeaders, origin, hasRecordHeaders } = this.#batch;
    if (sharedHeaders.has(name.text)) return true;
    if (origin !== undefined) return this.#batch.event(this.#i).header(name.text) !== undefined;
    return hasRecordHeaders && this.#hasOwn(name);
  }

  #hasOwn(name: HeaderName): boolean {
    const reader = this.#toHeaders();
    for (let left = reader.int(); left > 0; left--) {
      const nameBytes = reader.int();
      const at = reader.skip(nameBytes);
      if (this.#isName(name, at, nameBytes)) return true;
      skipNullable(reader);
    }
    return false;
  }

  #isName(name: HeaderName, at: number, nameBytes: number): boolean {
    const { bytes } = name;
    if (bytes.length !== nameBytes) return false;
    for (let i = 0; i < nameBytes; i++) if (bytes[i] !== this.bytes[at + i]) return false;
    return true;
  }

  set(name: HeaderName, value: string): void {
    const at = this.#names.indexOf(name);
    if (at === -1)
      throw new RangeError(`header ${name.text} is not among the names that editEvents was given`);
    this.#values[at] = value;
    this.setsHeaders = true;
    this.changed = true;
  }

  setBody(body: Uint8Array | string): void {
    this.#body = body;
    this.changed = true;
  }

  drop(): void {
    this.dropped = true;
    this.changed = true;
  }

  /** Notes that the record's own headers of these names go; how many stay. */
  removeMatching(matches: (name: string) => boolean): number {
    this.#matches = matches;
    const reader = this.#toHeaders();
    let stay = 0;
    for (let left = reader.int(); left > 0; left--) {
      const nameBytes = reader.int();
      const at = reader.skip(nameBytes);
      skipNullable(reader);
      if (matches(readName(this.bytes, at, at + nameBytes))) this.changed = true;
      else stay++;
    }
    return stay;
  }

  /** Writes the record as it is to be. */
  writeTo(writer: RecordWriter): void {
    const { index } = this.#batch;
    const source = this.bytes;
    const end = index[this.#i + 1]!;
    let at = writer.open(this.#mostBytes(end - this.#fixedAt));
    const to = writer.bytes;
    to[at++] = 0; // attributes
    const body = this.#body;
    const changesHeaders = this.setsHeaders || this.#matches !== null;
    // What stays is copied at once: a call costs as much as a hundred bytes.
    const staysUpTo = body !== undefined ? this.#valueAt : changesHeaders ? this.#headersAt : end;
    at += source.copy(to, at, this.#fixedAt, staysUpTo);
    if (typeof body === 'string') at = writeText(to, at, body);
    else if (body !== undefined) {
      at = writeVarint(to, at, body.length);
      to.set(body, at);
      at += body.length;
    }
    if (changesHeaders) at = this.#writeHeaders(to, at);
    else if (body !== undefined) at += source.copy(to, at, this.#headersAt, end);
    writer.close(at);
  }

  /** More than the record can take. */
  #mostBytes(rest: number): number {
    const body = this.#body;
    let most = 16 + rest;
    if (body !== undefined) most += typeof body === 'string' ? 3 * body.length : body.length;
    if (this.setsHeaders) {
      for (let n = 0; n < this.#names.length; n++) {
        const value = this.#values[n];
        if (value !== undefined) most += 10 + this.#names[n]!.bytes.length + 3 * value.length;
      }
    }
    return most;
  }

  /** The headers that stay, in their order, with those that are set: in their old place, else at the end. */
  #writeHeaders(to: Buffer, start: number): number {
    const reader = this.#toHeaders();
    const old = reader.int();
    const firstAt = reader.at;
    if (old === 0) return this.#writeSetOnly(to, start);
    let count = 0;
    for (let left = old; left > 0; left--) if (this.#fateOfNext(reader) === keeps) count++;
    for (let n = 0; n < this.#names.length; n++) if (this.#values[n] !== undefined) count++;
    // Those that are set where one stood were counted as going, and are written in its place.
    let at = writeVarint(to, start, count);
    this.#written.fill(0);
    reader.at = firstAt;
    for (let left = old; left > 0; left--) {
      const from = reader.at;
      if (this.#fateOfNext(reader) === keeps) {
        at += this.bytes.copy(to, at, from, reader.at);
        continue;
      }
      const n = this.#lastSet;
      if (n === -1 || this.#written[n] === 1) continue;
      this.#written[n] = 1;
      at = this.#writeSet(to, at, n);
    }
    for (let n = 0; n < this.#names.length; n++) {
      if (this.#values[n] !== undefined && this.#written[n] === 0) at = this.#writeSet(to, at, n);
    }
    return at;
  }

  /** The headers of a record that has none of its own. */
  #writeSetOnly(to: Buffer, start: number): number {
    const values = this.#values;
    let count = 0;
    for (let n = 0; n < values.length; n++) if (values[n] !== undefined) count++;
    let at = writeVarint(to, start, count);
    for (let n = 0; n < values.length; n++) if (values[n] !== undefined) at = this.#writeSet(to, at, n);
    return at;
  }

  /** Which of the names the header was that `fateOfNext` saw last; -1: none that is set. */
  #lastSet = -1;

  /** Moves over a header; what becomes of it. */
  #fateOfNext(reader: VarintReader): number {
    const nameBytes = reader.int();
    const at = reader.skip(nameBytes);
    skipNullable(reader);
    this.#lastSet = -1;
    if (this.#matches?.(readName(this.bytes, at, at + nameBytes)) === true) return removes;
    for (let n = 0; n < this.#names.length; n++) {
      if (this.#values[n] === undefined || !this.#isName(this.#names[n]!, at, nameBytes)) continue;
      this.#lastSet = n;
      return removes;
    }
    return keeps;
  }

  #writeSet(to: Buffer, start: number, n: number): number {
    const { bytes } = this.#names[n]!;
    const at = writeVarint(to, start, bytes.length);
    // A name is short: a call costs more than these steps.
    for (let i = 0; i < bytes.length; i++) to[at + i] = bytes[i]!;
    return writeText(to, at + bytes.length, this.#values[n]!);
  }

  #toHeaders(): VarintReader {
    this.#reader.at = this.#headersAt;
    return this.#reader;
  }
}

function skipNullable(reader: VarintReader): void {
  const length = reader.int();
  if (length > 0) reader.skip(length);
}

function writeText(to: Buffer, at: number, text: string): number {
  const length = utf8Bytes(text);
  return writeUtf8(to, writeVarint(to, at, length), text, length);
}
