import { GrowingBytes } from '../growing-bytes.ts';
import { type JsonTape, tapeFrom, tapeKind, tapeTo } from '../json/json-tape.ts';
import type { ColumnType } from '../table/column-type.ts';
import { appendText, copyBytes } from '../table/json-text.ts';
import { JsonValue } from '../table/json-value.ts';

/** Parquet's physical types by their numbers. */
export const physical = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6, fixed: 7 } as const;

/** A type whose values are in one column of the file. */
export type LeafType = Exclude<ColumnType, { kind: 'struct' | 'list' | 'map' }>;

export interface LeafPlace {
  readonly path: readonly string[];
  readonly type: LeafType;
  readonly isNullable: boolean;
  /** Levels of a value that is there. */
  readonly mostDefined: number;
  readonly mostRepeated: number;
}

/** Where a page ends: so many levels and bytes of values from the row group's beginning. */
export interface PageEnd {
  readonly levels: number;
  readonly valueBytes: number;
}

const value = new JsonValue();

/** The values of one column of a row group, with their levels, a byte each. */
export class Leaf {
  readonly place: LeafPlace;
  readonly physical: number;
  /** Of a decimal that is fixed, its bytes. */
  readonly fixedBytes: number;
  readonly values = new GrowingBytes(1024);
  readonly defined = new GrowingBytes(256);
  readonly repeated = new GrowingBytes(256);
  /** Levels, which are values and nulls. */
  count = 0;
  pages: PageEnd[] = [];
  #marked = { count: 0, valueBytes: 0 };
  /** As it was before the value of the table that is being written. */
  #begunCount = 0;
  #begunBytes = 0;
  readonly #kind: LeafType['kind'];

  constructor(place: LeafPlace) {
    this.place = place;
    this.#kind = place.type.kind;
    this.physical = physicalOf(place.type);
    this.fixedBytes = place.type.kind === 'decimal' ? fixedBytesOf(place.type.precision) : 0;
  }

  mark(): void {
    this.#marked.count = this.count;
    this.#marked.valueBytes = this.values.length;
  }

  takeBack(): void {
    this.cutTo(this.#marked.count, this.#marked.valueBytes);
  }

  /** A value of the table begins, which may have several here; `undoValue` takes back what was written of it. */
  beginValue(): void {
    this.#begunCount = this.count;
    this.#begunBytes = this.values.length;
  }

  undoValue(): void {
    this.cutTo(this.#begunCount, this.#begunBytes);
  }

  cutTo(count: number, valueBytes: number): void {
    this.count = count;
    this.values.length = valueBytes;
    if (this.place.mostDefined > 0) this.defined.length = count;
    if (this.place.mostRepeated > 0) this.repeated.length = count;
  }

  /** Ends a page where the rows so far fill one. */
  cutPage(pageBytes: number): void {
    const from = this.pages.at(-1)?.valueBytes ?? 0;
    const levelsFrom = this.pages.at(-1)?.levels ?? 0;
    if (this.values.length - from >= pageBytes || this.count - levelsFrom >= pageBytes)
      this.pages.push({ levels: this.count, valueBytes: this.values.length });
  }

  /** Everything is written: the next row group begins. */
  clear(): void {
    this.cutTo(0, 0);
    this.pages = [];
  }

  write(tape: JsonTape, node: number, repeated: number, defined: number): boolean {
    if (node < 0 || tape.nodes[node] === tapeKind.null) {
      if (!this.place.isNullable) return false;
      this.#level(repeated, defined);
      return true;
    }
    if (!this.#append(tape, node)) return false;
    this.#level(repeated, this.place.mostDefined);
    return true;
  }

  writeNull(repeated: number, defined: number): void {
    this.#level(repeated, defined);
  }

  writeText(bytes: Buffer, from: number, to: number, repeated: number): void {
    this.#bytes(bytes, from, to);
    this.#level(repeated, this.place.mostDefined);
  }

  /** The name of a map's entry. */
  writeName(tape: JsonTape, node: number, repeated: number): boolean {
    if (!this.#text(tape, node)) return false;
    this.#level(repeated, this.place.mostDefined);
    return true;
  }

  #level(repeated: number, defined: number): void {
    this.count++;
    if (this.place.mostDefined > 0) this.defined.byte(defined);
    if (this.place.mostRepeated > 0) this.repeated.byte(repeated);
  }

  #append(tape: JsonTape, node: number): boolean {
    const { values } = this;
    switch (this.#kind) {
      case 'string':
        return this.#text(tape, node);
      case 'int64':
        if (!value.int64(tape, node)) return false;
        values.int64LE(value.low, value.high);
        return true;
      case 'double':
        if (!value.double(tape, node)) return false;
        values.doubleLE(value.number);
        return true;
      case 'boolean':
        if (tape.nodes[node] !== tapeKind.true && tape.nodes[node] !== tapeKind.false) return false;
        values.byte(tape.nodes[node] === tapeKind.true ? 1 : 0);
        return true;
      case 'json':
        this.#bytes(tape.bytes, tape.nodes[node + tapeFrom]!, tape.nodes[node + tapeTo]!);
        return true;
      default:
        return this.#appendRarer(tape, node);
    }
  }

  #appendRarer(tape: JsonTape, node: number): boolean {
    const { values } = this;
    const { type } = this.place;
    switch (type.kind) {
      case 'int32':
        if (!value.int32(tape, node)) return false;
        values.int32LE(value.number);
        return true;
      case 'float':
        if (!value.float(tape, node)) return false;
        values.floatLE(value.number);
        return true;
      case 'date':
        if (!value.date(tape, node)) return false;
        values.int32LE(value.number);
        return true;
      case 'timestamp':
        if (!value.timestamp(tape, node, type)) return false;
        values.int64LE(value.low, value.high);
        return true;
      case 'decimal': {
        const units = value.decimal(tape, node, type.precision, type.scale);
        if (units === null) return false;
        for (let i = this.fixedBytes - 1; i >= 0; i--)
          values.byte(Number(BigInt.asUintN(8, units >> BigInt(8 * i))));
        return true;
      }
      case 'enum': {
        const from = values.length;
        if (!this.#text(tape, node)) return false;
        if (type.symbols.includes(values.view(from + 4).toString())) return true;
        values.length = from;
        return false;
      }
      default:
        return false;
    }
  }

  #text(tape: JsonTape, node: number): boolean {
    const { values } = this;
    const at = values.length;
    const length = appendText(tape, node, values, 4);
    if (length < 0) return false;
    values.view().writeInt32LE(length, at);
    return true;
  }

  #bytes(bytes: Buffer, from: number, to: number): void {
    const { values } = this;
    values.int32LE(to - from);
    copyBytes(bytes, from, to, values.room(to - from), values.length);
    values.length += to - from;
  }
}

function physicalOf(type: LeafType): number {
  switch (type.kind) {
    case 'boolean':
      return physical.boolean;
    case 'int32':
    case 'date':
      return physical.int32;
    case 'int64':
    case 'timestamp':
      return physical.int64;
    case 'float':
      return physical.float;
    case 'double':
      return physical.double;
    case 'decimal':
      return physical.fixed;
    default:
      return physical.bytes;
  }
}

/** The fewest bytes that all numbers of so many digits have room in, with their sign. */
export function fixedBytesOf(precision: number): number {
  let bytes = 1;
  while (10n ** BigInt(precision) > 2n ** BigInt(8 * bytes - 1)) bytes++;
  return bytes;
}
