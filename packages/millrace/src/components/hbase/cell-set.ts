/**
 * Rows as HBase's REST gateway takes them: the message CellSet in Protocol Buffers (`CellSetMessage.proto`,
 * `CellMessage.proto`), which holds keys, columns and values as the bytes that they are.
 *
 *     CellSet { Row rows = 1 }   Row { bytes key = 1; Cell values = 2 }   Cell { bytes column = 2; bytes data = 4 }
 */

/** Field number and wire type (length-delimited) of each. */
const rowTag = (1 << 3) | 2;
const keyTag = (1 << 3) | 2;
const cellTag = (2 << 3) | 2;
const columnTag = (2 << 3) | 2;
const dataTag = (4 << 3) | 2;

/** A column and its value; `column` is `family:qualifier`. */
export interface Cell {
  readonly column: Buffer;
  readonly value: Buffer;
}

/** The content type of a CellSet. */
export const cellSetType = 'application/x-protobuf';

const leastBytes = 4096;

/** Rows one behind the other; any of them can be had as a CellSet of their own. */
export class CellSet {
  #bytes: Buffer;
  #end = 0;
  /** Where each row starts, and where the last one ends. */
  readonly #starts: number[] = [0];

  /** `sizeBytes`: about how many there will be. */
  constructor(sizeBytes = 0) {
    this.#bytes = Buffer.allocUnsafe(Math.max(leastBytes, sizeBytes));
  }

  /** How many rows. */
  get count(): number {
    return this.#starts.length - 1;
  }

  add(key: Buffer, cells: readonly Cell[]): void {
    let rowBytes = fieldBytes(key.length);
    for (const cell of cells) rowBytes += fieldBytes(cellBytes(cell));
    this.#reserve(fieldBytes(rowBytes));
    this.#begin(rowTag, rowBytes);
    this.#field(keyTag, key);
    for (const cell of cells) {
      this.#begin(cellTag, cellBytes(cell));
      this.#field(columnTag, cell.column);
      this.#field(dataTag, cell.value);
    }
    this.#starts.push(this.#end);
  }

  /** The CellSet of these rows (sorted places), in their order. */
  part(rows: readonly number[]): Buffer {
    if (rows.length === this.count) return this.#bytes.subarray(0, this.#end);
    const pieces: Buffer[] = [];
    for (let i = 0; i < rows.length; ) {
      const from = rows[i]!;
      let to = from + 1;
      for (i++; i < rows.length && rows[i] === to; i++) to++;
      pieces.push(this.#bytes.subarray(this.#starts[from], this.#starts[to]));
    }
    return Buffer.concat(pieces);
  }

  #reserve(sizeBytes: number): void {
    if (this.#end + sizeBytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + sizeBytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }

  #field(tag: number, value: Buffer): void {
    this.#begin(tag, value.length);
    this.#end += value.copy(this.#bytes, this.#end);
  }

  #begin(tag: number, sizeBytes: number): void {
    this.#bytes[this.#end++] = tag;
    let left = sizeBytes;
    for (; left > 0x7f; left >>>= 7) this.#bytes[this.#end++] = (left & 0x7f) | 0x80;
    this.#bytes[this.#end++] = left;
  }
}

const cellBytes = ({ column, value }: Cell): number => fieldBytes(column.length) + fieldBytes(value.length);

/** A field of so many bytes, with its tag and length. */
function fieldBytes(sizeBytes: number): number {
  let lengthBytes = 1;
  for (let left = sizeBytes; left > 0x7f; left >>>= 7) lengthBytes++;
  return 1 + lengthBytes + sizeBytes;
}
