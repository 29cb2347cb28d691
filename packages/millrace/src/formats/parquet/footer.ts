/** A file's metadata, as https://github.com/apache/parquet-format (parquet.thrift) has them. */
import type { Column, ColumnType } from '../table/column-type.ts';
import { CompactWriter } from '../thrift/compact-writer.ts';
import { types } from '../thrift/types.ts';
import { fixedBytesOf, type Leaf, physical } from './leaf.ts';
import { type ColumnChunk, codecNumbers, encodings, type ParquetCodec } from './pages.ts';

/** A column of a row group that is written. */
export interface WrittenChunk extends Omit<ColumnChunk, 'buffers'> {
  /** Of its first page, from the file's beginning. */
  readonly at: number;
}

export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly WrittenChunk[];
}

const repetition = { required: 0, optional: 1, repeated: 2 } as const;
/** ConvertedType: what all readers know, the old ones, too. */
const converted = {
  utf8: 0,
  map: 1,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  timestampMillis: 9,
  timestampMicros: 10,
  json: 19,
} as const;

export function encodeFooter(
  columns: readonly Column[],
  groups: readonly RowGroup[],
  codec: ParquetCodec,
): Buffer {
  const thrift = new CompactWriter(4096);
  const begun = thrift.structBegin();
  thrift.field(types.i32, 1);
  thrift.i32(1);
  const schema = new SchemaElements();
  schema.root(columns);
  thrift.field(types.list, 2);
  thrift.list(types.struct, schema.elements.length);
  for (const element of schema.elements) writeElement(thrift, element);
  thrift.field(types.i64, 3);
  thrift.i64(groups.reduce((sum, { rows }) => sum + rows, 0));
  thrift.field(types.list, 4);
  thrift.list(types.struct, groups.length);
  for (const group of groups) writeGroup(thrift, group, codec);
  thrift.field(types.string, 6);
  thrift.text('Millrace');
  const leaves = schema.elements.filter(({ type }) => type !== undefined).length;
  thrift.field(types.list, 7);
  thrift.list(types.struct, leaves);
  // TypeDefinedOrder: only then do readers go by the bounds of texts.
  for (let i = 0; i < leaves; i++) {
    const order = thrift.structBegin();
    thrift.field(types.struct, 1);
    thrift.structEnd(thrift.structBegin());
    thrift.structEnd(order);
  }
  thrift.structEnd(begun);
  return Buffer.from(thrift.written());
}

interface SchemaElement {
  readonly name: string;
  readonly type?: number;
  readonly fixedBytes?: number;
  readonly repetition?: number;
  readonly children?: number;
  readonly converted?: number;
  readonly scale?: number;
  readonly precision?: number;
  readonly instant?: 'ms' | 'us';
}

/** The tree of a table's columns, a node after the other, each before what is in it. */
class SchemaElements {
  readonly elements: SchemaElement[] = [];

  root(columns: readonly Column[]): void {
    this.elements.push({ name: 'event', children: columns.length });
    for (const column of columns) this.#add(column);
  }

  #add({ name, type, isNullable }: Column): void {
    const own = { name, repetition: isNullable ? repetition.optional : repetition.required };
    switch (type.kind) {
      case 'struct':
        this.elements.push({ ...own, children: type.fields.length });
        for (const field of type.fields) this.#add(field);
        return;
      case 'list':
        this.elements.push({ ...own, children: 1, converted: converted.list });
        this.elements.push({ name: 'list', repetition: repetition.repeated, children: 1 });
        this.#add({ ...type.element, name: 'element' });
        return;
      case 'map':
        this.elements.push({ ...own, children: 1, converted: converted.map });
        this.elements.push({ name: 'key_value', repetition: repetition.repeated, children: 2 });
        this.#add({ name: 'key', type: { kind: 'string' }, isNullable: false });
        this.#add({ ...type.value, name: 'value' });
        return;
      default:
        this.elements.push({ ...own, ...leafElement(type) });
    }
  }
}

function leafElement(
  type: Exclude<ColumnType, { kind: 'struct' | 'list' | 'map' }>,
): Omit<SchemaElement, 'name'> {
  switch (type.kind) {
    case 'boolean':
      return { type: physical.boolean };
    case 'int32':
      return { type: physical.int32 };
    case 'int64':
      return { type: physical.int64 };
    case 'float':
      return { type: physical.float };
    case 'double':
      return { type: physical.double };
    case 'string':
      return { type: physical.bytes, converted: converted.utf8 };
    case 'enum':
      return { type: physical.bytes, converted: converted.enum };
    case 'json':
      return { type: physical.bytes, converted: converted.json };
    case 'date':
      return { type: physical.int32, converted: converted.date };
    case 'timestamp':
      return {
        ...{ type: physical.int64, instant: type.unit },
        converted: type.unit === 'ms' ? converted.timestampMillis : converted.timestampMicros,
      };
    case 'decimal':
      return {
        ...{ type: physical.fixed, fixedBytes: fixedBytesOf(type.precision) },
        ...{ converted: converted.decimal, scale: type.scale, precision: type.precision },
      };
  }
}

function writeElement(thrift: CompactWriter, element: SchemaElement): void {
  const begun = thrift.structBegin();
  const number = (id: number, value: number | undefined) => {
    if (value === undefined) return;
    thrift.field(types.i32, id);
    thrift.i32(value);
  };
  number(1, element.type);
  number(2, element.fixedBytes);
  number(3, element.repetition);
  thrift.field(types.string, 4);
  thrift.text(element.name);
  number(5, element.children);
  number(6, element.converted);
  number(7, element.scale);
  number(8, element.precision);
  if (element.instant !== undefined) writeInstant(thrift, element.instant);
  thrift.structEnd(begun);
}

/** LogicalType: a timestamp of UTC, which its ConvertedType does not say to all. */
function writeInstant(thrift: CompactWriter, unit: 'ms' | 'us'): void {
  thrift.field(types.struct, 10);
  const union = thrift.structBegin();
  thrift.field(types.struct, 8);
  const timestamp = thrift.structBegin();
  thrift.trueField(1);
  thrift.field(types.struct, 2);
  const units = thrift.structBegin();
  thrift.field(types.struct, unit === 'ms' ? 1 : 2);
  thrift.structEnd(thrift.structBegin());
  thrift.structEnd(units);
  thrift.structEnd(timestamp);
  thrift.structEnd(union);
}

function writeGroup(thrift: CompactWriter, { rows, chunks }: RowGroup, codec: ParquetCodec): void {
  const begun = thrift.structBegin();
  thrift.field(types.list, 1);
  thrift.list(types.struct, chunks.length);
  for (const chunk of chunks) writeChunk(thrift, chunk, codec);
  thrift.field(types.i64, 2);
  thrift.i64(chunks.reduce((sum, { plainBytes }) => sum + plainBytes, 0));
  thrift.field(types.i64, 3);
  thrift.i64(rows);
  thrift.field(types.i64, 5);
  thrift.i64(chunks[0]!.at);
  thrift.field(types.i64, 6);
  thrift.i64(chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  thrift.structEnd(begun);
}

function writeChunk(thrift: CompactWriter, chunk: WrittenChunk, codec: ParquetCodec): void {
  const begun = thrift.structBegin();
  thrift.field(types.i64, 2);
  thrift.i64(chunk.at);
  thrift.field(types.struct, 3);
  const data = thrift.structBegin();
  thrift.field(types.i32, 1);
  thrift.i32(chunk.leaf.physical);
  thrift.field(types.list, 2);
  thrift.list(types.i32, 2);
  thrift.i32(encodings.plain);
  thrift.i32(encodings.rle);
  writePath(thrift, chunk.leaf);
  thrift.field(types.i32, 4);
  thrift.i32(codecNumbers[codec]);
  for (const [id, value] of [
    [5, chunk.count],
    [6, chunk.plainBytes],
    [7, chunk.sizeBytes],
    [9, chunk.at],
  ] as const) {
    thrift.field(types.i64, id);
    thrift.i64(value);
  }
  writeStatistics(thrift, chunk);
  thrift.structEnd(data);
  thrift.structEnd(begun);
}

function writePath(thrift: CompactWriter, { place: { path } }: Leaf): void {
  thrift.field(types.list, 3);
  thrift.list(types.string, path.length);
  for (const name of path) thrift.text(name);
}

function writeStatistics(thrift: CompactWriter, { statistics: { nulls, bounds } }: WrittenChunk): void {
  thrift.field(types.struct, 12);
  const begun = thrift.structBegin();
  thrift.field(types.i64, 3);
  thrift.i64(nulls);
  if (bounds !== null) {
    thrift.field(types.string, 5);
    thrift.string(bounds.max);
    thrift.field(types.string, 6);
    thrift.string(bounds.min);
  }
  thrift.structEnd(begun);
}
