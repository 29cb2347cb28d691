/** Schemas of Avro as columns of a table, and columns as a schema. */
import type { Column, ColumnType } from '../table/column-type.ts';
import { mostColumnDepth, mostColumns } from '../table/column-type.ts';
import { NotAvro } from './not-avro.ts';
import { readSchema } from './schema.ts';

export interface TableSchema {
  readonly columns: readonly Column[];
  /** With further fields behind its own, nullable strings each; as the file's header has it. */
  textWith(more: readonly Column[]): string;
}

type Json = Record<string, unknown>;

/** Reads the schema of a record; throws `NotAvro` where it is none, or one whose values JSON can't give. */
export function readTableSchema(text: string): TableSchema {
  readSchema(text); // Avro's own rules
  const schema = JSON.parse(text) as unknown;
  if (typeof schema !== 'object' || Array.isArray(schema)) throw new NotAvro('its schema is no record');
  const reader = new SchemaReader();
  const { type } = reader.column('it', schema, '');
  if (type.kind !== 'struct') throw new NotAvro('its schema is no record');
  return {
    columns: type.fields,
    textWith: (more) => {
      const { fields, ...own } = schema as Json & { fields: unknown[] };
      return JSON.stringify({
        ...own,
        fields: [...fields, ...more.map((column) => fieldOf(column, new Set()))],
      });
    },
  };
}

class SchemaReader {
  readonly #named = new Map<string, { schema: Json; namespace: string }>();
  /** Records that the one at hand is in. */
  readonly #open: Json[] = [];
  #count = 0;

  column(name: string, schema: unknown, namespace: string): Column {
    if (++this.#count > mostColumns) throw new NotAvro(`its schema has more than ${mostColumns} fields`);
    if (!Array.isArray(schema))
      return { name, type: this.#typeOf(name, schema, namespace), isNullable: false };
    const others = schema.filter((branch) => branch !== 'null');
    if (others.length !== 1)
      throw new NotAvro(`its schema has a union of several types at '${name}', which has no column`);
    const type = this.#typeOf(name, others[0], namespace);
    return {
      ...{ name, type, isNullable: schema.length > 1 },
      ...(schema.length > 1 && schema[1] === 'null' ? { isNullSecond: true } : {}),
    };
  }

  #typeOf(name: string, schema: unknown, namespace: string): ColumnType {
    if (typeof schema === 'string') {
      const plain = plainTypes[schema];
      if (plain !== undefined) return plain;
      const named = this.#named.get(fullName(schema, namespace)) ?? this.#named.get(schema);
      if (named !== undefined) return this.#typeOf(name, named.schema, named.namespace);
      throw new NotAvro(`its schema has ${schema} at '${name}', which JSON can't give`);
    }
    const { type, logicalType } = schema as Json;
    const own = schema as Json;
    if (typeof type === 'object') return this.#typeOf(name, type, namespace);
    if (typeof own.name === 'string')
      this.#named.set(fullName(own.name, spaceOf(own, namespace)), { schema: own, namespace });
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(name, own, namespace);
      case 'enum':
        return { kind: 'enum', symbols: own.symbols as string[] };
      case 'array':
        return { kind: 'list', element: this.column('element', own.items, namespace) };
      case 'map':
        return { kind: 'map', value: this.column('value', own.values, namespace) };
      case 'int':
        return { kind: logicalType === 'date' ? 'date' : 'int32' };
      case 'long':
        if (logicalType === 'timestamp-millis') return { kind: 'timestamp', unit: 'ms' };
        return logicalType === 'timestamp-micros' ? { kind: 'timestamp', unit: 'us' } : { kind: 'int64' };
      case 'bytes':
      case 'fixed':
        if (logicalType === 'decimal') return decimalOf(own);
        throw new NotAvro(`its schema has ${type} at '${name}', which JSON can't give`);
      default:
        return this.#typeOf(name, type, namespace);
    }
  }

  #record(name: string, schema: Json, namespace: string): ColumnType {
    if (this.#open.includes(schema) || this.#open.length >= mostColumnDepth)
      throw new NotAvro(`its schema has itself in it, or too much, at '${name}'`);
    const fields = schema.fields as Json[];
    if (fields.length === 0) throw new NotAvro(`its schema has a record without fields at '${name}'`);
    this.#open.push(schema);
    const inner = spaceOf(schema, namespace);
    const columns = fields.map((field) => this.column(field.name as string, field.type, inner));
    this.#open.pop();
    return { kind: 'struct', fields: columns };
  }
}

const plainTypes: Readonly<Record<string, ColumnType>> = {
  boolean: { kind: 'boolean' },
  int: { kind: 'int32' },
  long: { kind: 'int64' },
  float: { kind: 'float' },
  double: { kind: 'double' },
  string: { kind: 'string' },
};

function decimalOf({ precision, scale, size }: Json): ColumnType {
  return {
    ...{ kind: 'decimal', precision: precision as number, scale: (scale as number | undefined) ?? 0 },
    ...(typeof size === 'number' ? { fixedBytes: size } : {}),
  } as ColumnType;
}

function spaceOf({ name, namespace }: Json, outer: string): string {
  if (typeof name === 'string' && name.includes('.')) return name.slice(0, name.lastIndexOf('.'));
  return typeof namespace === 'string' ? namespace : outer;
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** Whether a field of Avro may be called so. */
export function isAvroName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name);
}

/** The schema of a record with these columns; where they are nullable, null comes first and is the default. */
export function schemaOf(columns: readonly Column[]): string {
  const names = new Set(['Event']);
  return JSON.stringify({
    type: 'record',
    name: 'Event',
    fields: columns.map((column) => fieldOf(column, names)),
  });
}

function fieldOf(column: Column, names: Set<string>): Json {
  const type = nullableSchema(column, names);
  return { name: column.name, type, ...(column.isNullable ? { default: null } : {}) };
}

function nullableSchema({ name, type, isNullable }: Column, names: Set<string>): unknown {
  const own = typeSchema(name, type, names);
  return isNullable ? ['null', own] : own;
}

function typeSchema(name: string, type: ColumnType, names: Set<string>): unknown {
  switch (type.kind) {
    case 'boolean':
    case 'float':
    case 'double':
    case 'string':
      return type.kind;
    case 'int32':
      return 'int';
    case 'int64':
      return 'long';
    case 'json':
      return { type: 'string', contentType: 'application/json' };
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'timestamp':
      return { type: 'long', logicalType: type.unit === 'ms' ? 'timestamp-millis' : 'timestamp-micros' };
    case 'list':
      return { type: 'array', items: nullableSchema({ ...type.element, name }, names) };
    case 'map':
      return { type: 'map', values: nullableSchema({ ...type.value, name }, names) };
    case 'struct':
      return {
        ...{ type: 'record', name: freshName(name, names) },
        fields: type.fields.map((field) => fieldOf(field, names)),
      };
    default:
      throw new RangeError(`${type.kind} is never made of events`);
  }
}

/** Types have names of their own in a schema. */
function freshName(name: string, names: Set<string>): string {
  let fresh = name;
  for (let n = 2; names.has(fresh); n++) fresh = `${name}_${n}`;
  names.add(fresh);
  return fresh;
}
