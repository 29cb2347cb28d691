/** Emits `decodeX` and `encodeX`: straight-line code with the fields in wire order, gated by version. */
import { type Field, isStruct, minBytes } from './protocol-definitions.ts';
import {
  type Context,
  defaultOf,
  differs,
  differsFromDefault,
  isOptional,
  outside,
  type Shape,
  structShape,
  typeOf,
  within,
} from './protocol-emit-types.ts';

/** Names that a field's local variable must not take. */
const reserved = new Set([
  'reader',
  'writer',
  'message',
  'version',
  'flexible',
  'default',
  'public',
  'in',
  'tags',
  'i',
  'item',
  'none',
]);

function local(field: Field): string {
  return reserved.has(field.name) ? `${field.name}Field` : field.name;
}

/** The constant that says whether a tagged field is written. */
function hasName(field: Field): string {
  return `has${field.name[0]!.toUpperCase()}${field.name.slice(1)}`;
}

function flexibleOf(context: Context, shape: Shape): string {
  const from = context.message.flexibleFrom;
  return from === null ? 'false' : within({ min: from, max: context.message.versions.max }, shape.versions);
}

function flexibleArgument(context: Context, shape: Shape, field: Field): string {
  if (field.neverFlexible) return 'false';
  if (field.tag !== null) return 'true';
  const flexible = flexibleOf(context, shape);
  return flexible === 'true' || flexible === 'false' ? flexible : 'flexible';
}

const fixedSizes: Record<string, number> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** Adds the parameter or constant that a body turns out to need. */
function assemble(
  context: Context,
  shape: Shape,
  head: (version: string) => string,
  body: string,
  top: boolean,
): string {
  const flexible = /\bflexible\b/.test(body) ? `  const flexible = ${flexibleOf(context, shape)};\n` : '';
  const uses = top || /\bversion\b/.test(flexible + body);
  return `${head(uses ? ', version: number' : '')} {\n${flexible}${body}}\n\n`;
}

/** Struct codecs of which the version is a parameter, by function name. */
export type Versioned = Set<string>;

function call(versioned: Versioned, name: string, ...args: string[]): string {
  return `${name}(${[...args, ...(versioned.has(name) ? ['version'] : [])].join(', ')})`;
}

// ---- decode

function readOne(
  context: Context,
  shape: Shape,
  field: Field,
  versioned: Versioned,
  nullable: boolean,
): string {
  const flexible = flexibleArgument(context, shape, field);
  switch (field.type) {
    case 'bool':
      return 'reader.boolean()';
    case 'string':
      return nullable ? `reader.nullableString(${flexible})` : `reader.string(${flexible})`;
    case 'bytes':
    case 'records':
      return nullable ? `reader.nullableBytes(${flexible})` : `reader.bytes(${flexible})`;
    default: {
      if (!isStruct(field.type)) return `reader.${field.type}()`;
      const decode = call(versioned, `decode${structShape(context, field.type).name}`, 'reader');
      return nullable ? `reader.int8() < 0 ? null : ${decode}` : decode;
    }
  }
}

/** Statements that read the field into its local variable, which exists already unless `declare`. */
function readInto(
  context: Context,
  shape: Shape,
  field: Field,
  versioned: Versioned,
  declare: boolean,
): string[] {
  const name = local(field);
  const nullWhen = field.nullable === null ? 'false' : within(field.nullable, field.versions);
  if (!field.array) {
    const plain = readOne(context, shape, field, versioned, false);
    const nullable = readOne(context, shape, field, versioned, true);
    const value =
      nullWhen === 'false'
        ? plain
        : nullWhen === 'true'
          ? nullable
          : `${nullWhen} ? (${nullable}) : ${plain}`;
    return [`${declare ? 'const ' : ''}${name} = ${value};`];
  }
  const element: Field = { ...field, array: false, nullable: null };
  const length = `${name}Length`;
  const args = `(${flexibleArgument(context, shape, field)}, ${minBytes(context.message, field.type, field.versions)})`;
  const items = `${typeOf(context, element, false)}[]`;
  const loop = `for (let i = 0; i < ${length}; i += 1) items.push(${readOne(context, shape, element, versioned, false)});`;
  const lines =
    nullWhen === 'false'
      ? [`const ${length} = reader.arrayLength${args};`]
      : nullWhen === 'true'
        ? [`const ${length} = reader.nullableArrayLength${args};`]
        : [`const ${length} = ${nullWhen} ? reader.nullableArrayLength${args} : reader.arrayLength${args};`];
  if (nullWhen === 'false') {
    lines.push(
      ...(declare
        ? [`const ${name}: ${items} = [];`, loop.replace('items.', `${name}.`)]
        : [`const items: ${items} = [];`, loop, `${name} = items;`]),
    );
  } else {
    if (declare) lines.push(`let ${name}: ${typeOf(context, field, false)} = null;`);
    lines.push(
      `if (${length} >= 0) {`,
      `  const items: ${items} = [];`,
      `  ${loop}`,
      `  ${name} = items;`,
      ...(declare ? ['}'] : ['} else {', `  ${name} = null;`, '}']),
    );
  }
  return lines;
}

function readTags(context: Context, shape: Shape, tagged: readonly Field[], versioned: Versioned): string[] {
  if (tagged.length === 0) return ['reader.skipTags();'];
  const cases = tagged.flatMap((field) => {
    const condition = within(field.versions, shape.versions);
    const flexible = flexibleOf(context, shape);
    const always = condition === 'true' || condition === flexible;
    const read = readInto(context, shape, field, versioned, false);
    return [
      `    case ${field.tag}: {`,
      ...(always
        ? []
        : [`      if (${outside(condition)}) {`, '        reader.skipTo(end);', '        break;', '      }']),
      ...read.map((line) => `      ${line}`),
      '      reader.endTag(end);',
      '      break;',
      '    }',
    ];
  });
  return [
    'for (let tags = reader.tagCount(); tags > 0; tags -= 1) {',
    '  const tag = reader.uvarint();',
    '  const end = reader.tagEnd();',
    '  switch (tag) {',
    ...cases,
    '    default:',
    '      reader.skipTo(end);',
    '  }',
    '}',
  ];
}

export function emitDecode(context: Context, shape: Shape, versioned: Versioned, top: boolean): string {
  const lines: string[] = [];
  if (top)
    lines.push(`checkVersion('${shape.name}', version, ${shape.versions.min}, ${shape.versions.max});`);
  const tagged = shape.fields.filter((f) => f.tag !== null);
  for (const field of shape.fields) {
    const condition = within(field.versions, shape.versions);
    if (field.tag === null && condition === 'true') {
      lines.push(...readInto(context, shape, field, versioned, true));
      continue;
    }
    lines.push(`let ${local(field)}: ${typeOf(context, field, false)} = ${defaultOf(context, field)};`);
    if (field.tag !== null) continue;
    const read = readInto(context, shape, field, versioned, false);
    if (read.length === 1) lines.push(`if (${condition}) ${read[0]}`);
    else lines.push(`if (${condition}) {`, ...read.map((line) => `  ${line}`), '}');
  }
  lines.push(...whenFlexible(flexibleOf(context, shape), readTags(context, shape, tagged, versioned)));
  const members = shape.fields.map((f) => (local(f) === f.name ? f.name : `${f.name}: ${local(f)}`));
  lines.push(members.length === 0 ? 'return {};' : `return { ${members.join(', ')} };`);
  const name = `decode${shape.name}`;
  const code = assemble(
    context,
    shape,
    (version) => `${top ? 'export ' : ''}function ${name}(reader: Reader${version}): ${shape.name}`,
    lines.map((line) => `  ${line}\n`).join(''),
    top,
  );
  if (code.includes('version: number')) versioned.add(name);
  return code;
}

function whenFlexible(condition: string, lines: readonly string[]): string[] {
  if (condition === 'false') return [];
  if (condition === 'true') return [...lines];
  if (lines.length === 1) return [`if (flexible) ${lines[0]}`];
  return ['if (flexible) {', ...lines.map((line) => `  ${line}`), '}'];
}

// ---- encode

function writeOne(
  context: Context,
  shape: Shape,
  field: Field,
  value: string,
  versioned: Versioned,
  nullable: boolean,
): string {
  const flexible = flexibleArgument(context, shape, field);
  switch (field.type) {
    case 'bool':
      return `writer.boolean(${value});`;
    case 'string':
      return `writer.${nullable ? 'nullableString' : 'string'}(${value}, ${flexible});`;
    case 'bytes':
      return `writer.${nullable ? 'nullableBytes' : 'bytes'}(${value}, ${flexible});`;
    case 'records':
      return `writer.records(${value}, ${flexible});`;
    default:
      if (!isStruct(field.type)) return `writer.${field.type}(${value});`;
      return `${call(versioned, `encode${structShape(context, field.type).name}`, 'writer', value)};`;
  }
}

/** Statements that write `value`, which is neither undefined nor, where the version forbids it, null. */
function writeValue(
  context: Context,
  shape: Shape,
  field: Field,
  value: string,
  versioned: Versioned,
): string[] {
  const nullable = field.nullable !== null;
  if (!field.array) {
    if (!isStruct(field.type) || !nullable)
      return [writeOne(context, shape, field, value, versioned, nullable)];
    const one = writeOne(context, shape, field, value, versioned, false);
    return [
      `if (${value} === null) {`,
      '  writer.int8(-1);',
      '} else {',
      '  writer.int8(1);',
      `  ${one}`,
      '}',
    ];
  }
  const flexible = flexibleArgument(context, shape, field);
  const element: Field = { ...field, array: false, nullable: null };
  const all = [
    `writer.arrayLength(${value}.length, ${flexible});`,
    `for (const item of ${value}) ${writeOne(context, shape, element, 'item', versioned, false)}`,
  ];
  if (!nullable) return all;
  return [
    `if (${value} === null) {`,
    `  writer.nullArray(${flexible});`,
    '} else {',
    ...all.map((line) => `  ${line}`),
    '}',
  ];
}

/** The field's value with its default filled in. */
function givenOrDefault(context: Context, shape: Shape, field: Field): string {
  const given = `message.${field.name}`;
  if (!isOptional(field, shape)) return given;
  const otherwise = defaultOf(context, field);
  if (field.nullable === null || otherwise === 'null') return `${given} ?? ${otherwise}`;
  return `${given} === undefined ? ${otherwise} : ${given}`;
}

function writeUntagged(context: Context, shape: Shape, field: Field, versioned: Versioned): string[] {
  const condition = within(field.versions, shape.versions);
  const value = givenOrDefault(context, shape, field);
  const nullWhen = field.nullable === null ? 'false' : within(field.nullable, field.versions);
  const partlyNull = nullWhen !== 'false' && nullWhen !== 'true';
  const direct = !partlyNull && !field.array && !(isStruct(field.type) && field.nullable !== null);
  const lines: string[] = [];
  if (direct) {
    lines.push(...writeValue(context, shape, field, value, versioned));
  } else {
    lines.push(`const ${local(field)} = ${value};`);
    if (partlyNull)
      lines.push(
        `if (${local(field)} === null && ${outside(nullWhen)}) throw nullField('${context.message.name}', '${field.name}', version);`,
      );
    lines.push(...writeValue(context, shape, field, local(field), versioned));
  }
  if (condition === 'true') return lines;
  const set = setWithoutNeed(context, field);
  const refusal = refuse(context, field);
  if (lines.length === 1) {
    return [`if (${condition}) ${lines[0]}`, ...(set === null ? [] : [`else if (${set}) ${refusal}`])];
  }
  const block = [`if (${condition}) {`, ...lines.map((line) => `  ${line}`)];
  return set === null ? [...block, '}'] : [...block, `} else if (${set}) {`, `  ${refusal}`, '}'];
}

/**
 * When a version without the field cannot take the message: Kafka's rule is that a value other than the default must
 * not vanish, unless the field is marked as ignorable (null).
 */
function setWithoutNeed(context: Context, field: Field): string | null {
  if (field.ignorable) return null;
  const given = `message.${field.name}`;
  return `${given} !== undefined && ${differsFromDefault(context, field, given)}`;
}

function refuse(context: Context, field: Field): string {
  return `throw unsupportedField('${context.message.name}', '${field.name}', version);`;
}

function writeTags(context: Context, shape: Shape, tagged: readonly Field[], versioned: Versioned): string[] {
  if (tagged.length === 0) return ['writer.uvarint(0);'];
  const lines = ['let tags = 0;'];
  const flexible = flexibleOf(context, shape);
  for (const field of [...tagged].sort((a, b) => a.tag! - b.tag!)) {
    const condition = within(field.versions, shape.versions);
    const gate = condition === 'true' || condition === flexible ? '' : `${condition} && `;
    const name = local(field);
    lines.push(`const ${name} = message.${field.name};`);
    lines.push(
      `const ${hasName(field)} = ${gate}${name} !== undefined && ${differsFromDefault(context, field, name)};`,
    );
    lines.push(`if (${hasName(field)}) tags += 1;`);
  }
  lines.push('writer.uvarint(tags);');
  for (const field of [...tagged].sort((a, b) => a.tag! - b.tag!)) {
    const name = local(field);
    const size = field.array ? undefined : fixedSizes[field.type];
    lines.push(`if (${hasName(field)}) {`);
    if (size !== undefined) {
      lines.push(
        `  writer.tag(${field.tag}, ${size});`,
        ...writeValue(context, shape, field, name, versioned).map((line) => `  ${line}`),
      );
    } else {
      const aside = writeValue(context, shape, field, name, versioned);
      lines.push(
        `  writer.tagged(${field.tag}, (writer) => {`,
        ...aside.map((line) => `    ${line}`),
        '  });',
      );
    }
    lines.push('}');
  }
  return lines;
}

export function emitEncode(context: Context, shape: Shape, versioned: Versioned, top: boolean): string {
  const lines: string[] = [];
  if (top)
    lines.push(`checkVersion('${shape.name}', version, ${shape.versions.min}, ${shape.versions.max});`);
  const tagged = shape.fields.filter((f) => f.tag !== null);
  for (const field of shape.fields) {
    if (field.tag === null) lines.push(...writeUntagged(context, shape, field, versioned));
    else {
      const condition = within(field.versions, shape.versions);
      const set = setWithoutNeed(context, field);
      if (condition !== 'true' && set !== null) {
        lines.push(`if (${outside(condition)} && ${set}) ${refuse(context, field)}`);
      }
    }
  }
  lines.push(...whenFlexible(flexibleOf(context, shape), writeTags(context, shape, tagged, versioned)));
  const body = lines.map((line) => `  ${line}\n`).join('');
  const type = differs(context, shape) ? `${shape.name}Init` : shape.name;
  const name = `encode${shape.name}`;
  const parameter = /\bmessage\b/.test(body) ? 'message' : '_message';
  const code = assemble(
    context,
    shape,
    (version) =>
      `${top ? 'export ' : ''}function ${name}(writer: Writer, ${parameter}: ${type}${version}): void`,
    body,
    top,
  );
  if (code.includes('version: number')) versioned.add(name);
  return code;
}
