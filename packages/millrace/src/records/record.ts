import { isAsciiText, readName, utf8Bytes } from './utf8.ts';
import { VarintReader } from './varint.ts';

/**
 * One record of a batch, as read from its bytes. Buffers are views.
 *
 * ```
 * length varint                what follows, in bytes
 * attributes int8              unused
 * timestampDelta varlong
 * offsetDelta varint
 * keyLength varint, key        -1: null
 * valueLength varint, value    -1: null
 * headerCount varint
 *   nameLength varint, name, valueLength varint, value
 * ```
 */
export interface RecordView {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Whether it carries headers of its own. */
  readonly hasHeaders: boolean;
  /** The record's own headers as text, in their order; a null value shows as ''. */
  headers(): [string, string][];
  /** The last header of that name; undefined where there is none. */
  header(name: string): string | undefined;
  /** Where the next record starts. */
  readonly end: number;
}

/** Reads the record that starts at `at`. Throws `BATCH_CORRUPT` when a length runs past the bytes. */
export function readRecord(records: Buffer, at: number): RecordView {
  return new Record(records, at);
}

class Record implements RecordView {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly end: number;
  readonly #records: Buffer;
  readonly #headersAt: number;

  constructor(records: Buffer, at: number) {
    const reader = new VarintReader(records, at);
    const length = reader.int();
    const start = reader.skip(length);
    reader.at = start;
    reader.limit = start + length;
    reader.skip(1);
    this.timestampDelta = reader.long();
    this.offsetDelta = reader.int();
    this.key = readNullable(reader, records);
    this.value = readNullable(reader, records);
    this.#records = records;
    this.#headersAt = reader.at;
    this.end = reader.limit;
  }

  get hasHeaders(): boolean {
    return new VarintReader(this.#records, this.#headersAt, this.end).int() !== 0;
  }

  header(name: string): string | undefined {
    const reader = new VarintReader(this.#records, this.#headersAt, this.end);
    const count = reader.int();
    if (count === 0) return undefined;
    if (utf8Bytes(name) !== name.length) return this.headers().findLast(([own]) => own === name)?.[1];
    let found: string | undefined;
    for (let i = 0; i < count; i++) {
      const nameLength = reader.int();
      const nameAt = reader.skip(nameLength);
      const valueLength = reader.int();
      const valueAt = valueLength === -1 ? reader.at : reader.skip(valueLength);
      if (isAsciiText(this.#records, nameAt, nameAt + nameLength, name)) {
        found = this.#records.toString('utf8', valueAt, reader.at);
      }
    }
    return found;
  }

  headers(): [string, string][] {
    const reader = new VarintReader(this.#records, this.#headersAt, this.end);
    const count = reader.int();
    const headers: [string, string][] = [];
    for (let i = 0; i < count; i++) {
      const nameLength = reader.int();
      const nameAt = reader.skip(nameLength);
      const valueLength = reader.int();
      const valueAt = valueLength === -1 ? reader.at : reader.skip(valueLength);
      headers.push([
        readName(this.#records, nameAt, nameAt + nameLength),
        this.#records.toString('utf8', valueAt, reader.at),
      ]);
    }
    return headers;
  }
}

function readNullable(reader: VarintReader, records: Buffer): Buffer | null {
  const length = reader.int();
  if (length === -1) return null;
  const at = reader.skip(length);
  return records.subarray(at, at + length);
}
