/** Emits the TypeScript side of a message: interfaces, defaults and the grammar that stands over each codec. */
import { type Field, isStruct, type Message, type Struct, type Versions } from './protocol-definitions.ts';

/** A struct or a whole message: both are a list of fields that occur in a range of versions. */
export interface Shape {
  /** The name in the generated code; differs from the definition's where request and response use one name. */
  name: string;
  versions: Versions;
  fields: readonly Field[];
}

/** What the emitters know about the message at hand. */
export interface Context {
  message: Message;
  /** Struct name in the definition → name in the generated code. */
  names: ReadonlyMap<string, string>;
}

export function shapeOf(context: Context, struct: Struct): Shape {
  return { name: context.names.get(struct.name)!, versions: struct.versions, fields: struct.fields };
}

export function structShape(context: Context, type: string): Shape {
  return shapeOf(context, context.message.structs.find((s) => s.name === type)!);
}

/** A condition on `version` that holds in `range`, given that it is within `given`; `true` when always. */
export function within(range: Versions | null, given: Versions): string {
  if (range === null) return 'false';
  const parts: string[] = [];
  if (range.min > given.min) parts.push(`version >= ${range.min}`);
  if (range.max < given.max) parts.push(`version <= ${range.max}`);
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

/** The opposite of a condition that {@link within} made. */
export function outside(condition: string): string {
  const parts = condition.split(' && ').map((part) => part.replace('>=', '<').replace('<=', '>'));
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || ')})`;
}

const primitiveTs: Record<string, string> = {
  bool: 'boolean',
  string: 'string',
  uuid: 'string',
  bytes: 'Buffer',
  records: 'Buffer',
};

export function typeOf(context: Context, field: Field, init: boolean): string {
  let type = primitiveTs[field.type] ?? 'number';
  if (isStruct(field.type)) {
    const shape = structShape(context, field.type);
    type = init && differs(context, shape) ? `${shape.name}Init` : shape.name;
  }
  if (field.type === 'records' && init) type = 'RecordsInput';
  if (field.array) type = `readonly ${type}[]`;
  return field.nullable === null ? type : `${type} | null`;
}

/**
 * Whether a caller who encodes may leave the field out: it has a default in Kafka's definition, is missing in some
 * versions, is tagged, or is one that versions may drop.
 */
export function isOptional(field: Field, shape: Shape): boolean {
  return (
    field.default !== undefined ||
    field.ignorable ||
    field.tag !== null ||
    within(field.versions, shape.versions) !== 'true'
  );
}

/** Whether what is encoded has a looser type than what is decoded. */
export function differs(context: Context, shape: Shape): boolean {
  return shape.fields.some(
    (field) =>
      isOptional(field, shape) ||
      field.type === 'records' ||
      (isStruct(field.type) && differs(context, structShape(context, field.type))),
  );
}

/** The field's default as an expression. */
export function defaultOf(context: Context, field: Field): string {
  if (field.default === null) return 'null';
  if (field.array) return 'emptyArray';
  const given = field.default;
  switch (field.type) {
    case 'bool':
      return given === 'true' ? 'true' : 'false';
    case 'string':
      return JSON.stringify(given ?? '').replaceAll('"', "'");
    case 'uuid':
      return 'ZERO_UUID';
    case 'bytes':
      return 'emptyBytes';
    case 'records':
      return field.nullable === null ? 'emptyBytes' : 'null';
    default:
      if (isStruct(field.type)) return `default${structShape(context, field.type).name}`;
      if (given === '9223372036854775807') return 'MAX_INT64';
      return given === undefined ? '0' : String(Number(given));
  }
}

/** An expression that holds when `value` (of the encoded type, not undefined) is not the default. */
export function differsFromDefault(context: Context, field: Field, value: string): string {
  if (field.default === null || (field.type === 'records' && field.nullable !== null))
    return `${value} !== null`;
  if (field.array || field.type === 'bytes' || field.type === 'records') {
    const empty = `${value}.length !== 0`;
    return field.nullable === null ? empty : `(${value} === null || ${empty})`;
  }
  if (isStruct(field.type)) {
    const test = `!isDefault${structShape(context, field.type).name}(${value})`;
    return field.nullable === null ? test : `(${value} === null || ${test})`;
  }
  if (field.type === 'bool') return field.default === 'true' ? `!${value}` : value;
  return `${value} !== ${defaultOf(context, field)}`;
}

export function emitInterfaces(context: Context, shape: Shape, what: string): string {
  const lines = (init: boolean): string[] =>
    shape.fields.map(
      (f) => `  readonly ${f.name}${init && isOptional(f, shape) ? '?' : ''}: ${typeOf(context, f, init)};`,
    );
  const full = `/** ${what} */\nexport interface ${shape.name} {\n${lines(false).join('\n')}\n}\n`;
  if (!differs(context, shape)) return `${full}\n`;
  return `${full}\n/** What is given to encode {@link ${shape.name}}: what has a default may be left out. */\nexport interface ${shape.name}Init {\n${lines(true).join('\n')}\n}\n\n`;
}

/** `const defaultX` — the struct as it is when the version has no such field. */
export function emitDefault(context: Context, shape: Shape): string {
  const fields = shape.fields.map((field) => `${field.name}: ${defaultOf(context, field)}`);
  return `const default${shape.name}: ${shape.name} = Object.freeze({ ${fields.join(', ')} });\n\n`;
}

/** `isDefaultX` — a struct that need not be written as a tagged field. */
export function emitIsDefault(context: Context, shape: Shape): string {
  const type = differs(context, shape) ? `${shape.name}Init` : shape.name;
  const tests = shape.fields.map((field) => {
    const value = `value.${field.name}`;
    const test = `!(${differsFromDefault(context, field, value)})`.replace(
      /^!\((\S+) !== (\S+)\)$/,
      '$1 === $2',
    );
    return isOptional(field, shape) ? `(${value} === undefined || ${test})` : test;
  });
  return `function isDefault${shape.name}(value: ${type}): boolean {\n  return ${tests.join(' &&\n    ') || 'true'};\n}\n\n`;
}

function range(versions: Versions): string {
  return versions.min === versions.max ? `${versions.min}` : `${versions.min}-${versions.max}`;
}

/** The message's grammar, one line per field, for the comment over its codec. */
export function grammar(context: Context, shape: Shape, indent = '  '): string[] {
  return shape.fields.flatMap((field) => {
    const notes: string[] = [];
    if (within(field.versions, shape.versions) !== 'true') notes.push(`versions ${range(field.versions)}`);
    if (field.tag !== null) notes.push(`tag ${field.tag}`);
    if (field.nullable !== null) {
      const some =
        within(field.nullable, field.versions) === 'true' ? '' : ` in versions ${range(field.nullable)}`;
      notes.push(`may be null${some}`);
    }
    if (field.default !== undefined) notes.push(`default ${field.default === '' ? "''" : field.default}`);
    if (field.neverFlexible) notes.push('never compact');
    const type = isStruct(field.type) ? structShape(context, field.type).name : field.type;
    const line = `${indent}${field.name} => ${field.array ? '[]' : ''}${type}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
    return isStruct(field.type)
      ? [line, ...grammar(context, structShape(context, field.type), `${indent}  `)]
      : [line];
  });
}
