import { GrowingBytes } from '../growing-bytes.ts';
import { type JsonTape, tapeFrom, tapeKind, tapeNext, tapeStep, tapeTo } from '../json/json-tape.ts';
import type { Column, ColumnType } from '../table/column-type.ts';
import { appendText } from '../table/json-text.ts';
import { JsonValue } from '../table/json-value.ts';
import { elementsOf, entriesOf, hasRoom, leavesOf } from '../table/list-room.ts';
import { hasNameTwice, MemberMatch } from '../table/member-match.ts';
import type { FieldWriter, TableWriter } from '../table/table-writer.ts';
import type { ContainerCodec } from './codecs.ts';
import { ContainerWriter } from './container-writer.ts';
import { putInt64, putLong } from './long.ts';

export interface AvroTableOptions {
  readonly columns: readonly Column[];
  /** As the file's header has it: a record of these columns. */
  readonly schema: string;
  readonly codec: ContainerCodec;
}

/** Of a block, before its compression. */
const blockBytes = 256 * 1024;

/** Makes an Avro container file, a datum for each row. */
export class AvroTableWriter implements TableWriter {
  readonly fields: readonly FieldWriter[];
  readonly #container: ContainerWriter;
  #marked = { count: 0, bytes: 0 };

  constructor({ columns, schema, codec }: AvroTableOptions) {
    this.#container = new ContainerWriter({ schema, codec, blockBytes });
    this.fields = columns.map((column) => new AvroField(column, this.#container.bytes));
  }

  head(): Buffer {
    return this.#container.header();
  }

  endRow(): void {
    this.#container.countDatum();
  }

  mark(): void {
    const { count, bytes } = this.#container;
    this.#marked = { count, bytes: bytes.length };
  }

  takeBack(): void {
    this.#container.takeBackTo(this.#marked.count, this.#marked.bytes);
  }

  async take(): Promise<readonly Buffer[]> {
    this.#container.endFullBlock();
    return [await this.#container.blocks()];
  }

  async end(): Promise<readonly Buffer[]> {
    return [await this.#container.rest()];
  }
}

const value = new JsonValue();
/** Text that is unescaped, whose length comes before it. */
const scratch = new GrowingBytes(256);

/** One field of a record: a JSON value as Avro has it (https://avro.apache.org/docs/1.11.1/specification/#binary-encoding). */
class AvroField implements FieldWriter {
  readonly #into: GrowingBytes;
  readonly #isNullable: boolean;
  /** The branches of its union, as they are written. */
  readonly #nullBranch: number;
  readonly #valueBranch: number;
  readonly #write: (tape: JsonTape, node: number) => boolean;

  constructor(column: Column, into: GrowingBytes) {
    this.#into = into;
    this.#isNullable = column.isNullable;
    this.#nullBranch = column.isNullSecond === true ? 2 : 0;
    this.#valueBranch = 2 - this.#nullBranch;
    this.#write = writerOf(column.type, into);
  }

  write(tape: JsonTape, node: number): boolean {
    if (node < 0 || tape.nodes[node] === tapeKind.null) return this.writeNull();
    const begun = this.#into.length;
    if (this.#isNullable) this.#into.byte(this.#valueBranch);
    if (this.#write(tape, node)) return true;
    this.#into.length = begun;
    return false;
  }

  writeNull(): boolean {
    if (this.#isNullable) this.#into.byte(this.#nullBranch);
    return this.#isNullable;
  }

  writeText(bytes: Buffer, from: number, to: number): void {
    if (this.#isNullable) this.#into.byte(this.#valueBranch);
    putLong(this.#into, to - from);
    this.#into.copy(bytes, from, to);
  }
}

function writerOf(type: ColumnType, into: GrowingBytes): (tape: JsonTape, node: number) => boolean {
  switch (type.kind) {
    case 'boolean':
      return ({ nodes }, node) => {
        if (nodes[node] !== tapeKind.true && nodes[node] !== tapeKind.false) return false;
        into.byte(nodes[node] === tapeKind.true ? 1 : 0);
        return true;
      };
    case 'int32':
      return (tape, node) => value.int32(tape, node) && putNumber(into, value.number);
    case 'date':
      return (tape, node) => value.date(tape, node) && putNumber(into, value.number);
    case 'int64':
      return (tape, node) => value.int64(tape, node) && putHalves(into);
    case 'timestamp':
      return (tape, node) => value.timestamp(tape, node, type) && putHalves(into);
    case 'float':
      return (tape, node) => {
        if (!value.float(tape, node)) return false;
        into.floatLE(value.number);
        return true;
      };
    case 'double':
      return (tape, node) => {
        if (!value.double(tape, node)) return false;
        into.doubleLE(value.number);
        return true;
      };
    case 'string':
      return (tape, node) => putText(tape, node, into);
    case 'json':
      return ({ bytes, nodes }, node) => {
        const from = nodes[node + tapeFrom]!;
        const to = nodes[node + tapeTo]!;
        putLong(into, to - from);
        into.copy(bytes, from, to);
        return true;
      };
    case 'enum':
      return enumWriter(type.symbols, into);
    case 'decimal':
      return decimalWriter(type, into);
    case 'struct':
      return structWriter(type.fields, into);
    case 'list':
      return listWriter(type.element, leavesOf(type), into);
    case 'map':
      return mapWriter(type.value, leavesOf(type), into);
  }
}

function putNumber(into: GrowingBytes, number: number): true {
  putInt64(into, number | 0, number < 0 ? -1 : 0);
  return true;
}

function putHalves(into: GrowingBytes): true {
  putInt64(into, value.low, value.high);
  return true;
}

function putText(tape: JsonTape, node: number, into: GrowingBytes): boolean {
  if (tape.nodes[node] === tapeKind.text) {
    const from = tape.nodes[node + tapeFrom]! + 1;
    const to = tape.nodes[node + tapeTo]! - 1;
    putLong(into, to - from);
    into.copy(tape.bytes, from, to);
    return true;
  }
  scratch.length = 0;
  const length = appendText(tape, node, scratch, 0);
  if (length < 0) return false;
  putLong(into, length);
  into.copy(scratch.view(), 0, length);
  return true;
}

function enumWriter(symbols: readonly string[], into: GrowingBytes) {
  return (tape: JsonTape, node: number) => {
    scratch.length = 0;
    if (appendText(tape, node, scratch, 0) < 0) return false;
    const symbol = symbols.indexOf(scratch.view().toString());
    if (symbol >= 0) putLong(into, symbol);
    return symbol >= 0;
  };
}

function decimalWriter(type: ColumnType & { kind: 'decimal' }, into: GrowingBytes) {
  return (tape: JsonTape, node: number) => {
    const units = value.decimal(tape, node, type.precision, type.scale);
    if (units === null) return false;
    let size = type.fixedBytes ?? 1;
    if (type.fixedBytes === undefined) {
      while (BigInt.asIntN(8 * size, units) !== units) size++;
      putLong(into, size);
    } else if (BigInt.asIntN(8 * size, units) !== units) return false;
    for (let i = size - 1; i >= 0; i--) into.byte(Number(BigInt.asUintN(8, units >> BigInt(8 * i))));
    return true;
  };
}

function structWriter(columns: readonly Column[], into: GrowingBytes) {
  const fields = columns.map((column) => new AvroField(column, into));
  const match = new MemberMatch(columns.map(({ name }) => name));
  return (tape: JsonTape, node: number) => {
    if (tape.nodes[node] !== tapeKind.object) return false;
    match.match(tape, node);
    if (match.unknown.length > 0) return false;
    for (let i = 0; i < fields.length; i++) if (!fields[i]!.write(tape, match.slots[i]!)) return false;
    return true;
  };
}

function listWriter(element: Column, leaves: number, into: GrowingBytes) {
  const field = new AvroField(element, into);
  return (tape: JsonTape, node: number) => {
    const { nodes } = tape;
    if (nodes[node] !== tapeKind.array) return false;
    const end = nodes[node + tapeNext]!;
    const count = elementsOf(tape, node);
    if (!hasRoom(tape, node, count, leaves)) return false;
    if (count > 0) putLong(into, count);
    for (let each = node + tapeStep; each < end; each = nodes[each + tapeNext]!)
      if (!field.write(tape, each)) return false;
    putLong(into, 0);
    return true;
  };
}

function mapWriter(column: Column, leaves: number, into: GrowingBytes) {
  const field = new AvroField(column, into);
  return (tape: JsonTape, node: number) => {
    const { nodes } = tape;
    if (nodes[node] !== tapeKind.object || hasNameTwice(tape, node)) return false;
    const end = nodes[node + tapeNext]!;
    const count = entriesOf(tape, node);
    if (!hasRoom(tape, node, count, leaves)) return false;
    if (count > 0) putLong(into, count);
    for (let name = node + tapeStep; name < end; name = nodes[name + tapeStep + tapeNext]!)
      if (!putText(tape, name, into) || !field.write(tape, name + tapeStep)) return false;
    putLong(into, 0);
    return true;
  };
}
