/**
 * Reads Kafka's message definitions (the JSON files in the kafka-clients jar) into a model that the code generator and
 * the tests share. Only what Kafka 4.3 really uses is understood; anything else stops the generator.
 */

/** A closed range of versions. */
export interface Versions {
  min: number;
  max: number;
}

export const primitiveTypes = [
  'bool',
  'int8',
  'int16',
  'uint16',
  'int32',
  'int64',
  'float64',
  'string',
  'bytes',
  'records',
  'uuid',
] as const;
export type PrimitiveType = (typeof primitiveTypes)[number];

export interface Field {
  name: string;
  /** A primitive, or the name of a struct. */
  type: string;
  array: boolean;
  /** The versions that have the field, within those of the message; never empty. */
  versions: Versions;
  /** The versions in which it may be null, or null. */
  nullable: Versions | null;
  /** The number of a tagged field (KIP-482), or null. */
  tag: number | null;
  /** What the field is when it is absent: null, or a text as the definition gives it; undefined for the type's own. */
  default: string | null | undefined;
  /** Whether a version without the field drops the value silently. */
  ignorable: boolean;
  /** Written the old way even in flexible versions (the client id of the request header). */
  neverFlexible: boolean;
}

export interface Struct {
  name: string;
  /** The versions in which the struct can occur. */
  versions: Versions;
  fields: Field[];
}

export interface Message {
  /** E.g. `FetchRequest`. */
  name: string;
  kind: 'request' | 'response' | 'header' | 'data';
  apiKey: number | null;
  versions: Versions;
  /** The highest version that is not marked as unstable. */
  stableMax: number;
  /** The first flexible version, or null. */
  flexibleFrom: number | null;
  /** Whether brokers (not only controllers) serve it; known for requests. */
  onBroker: boolean;
  fields: Field[];
  /** Children before parents. */
  structs: Struct[];
}

interface RawField {
  name: string;
  type: string;
  versions: string;
  nullableVersions?: string;
  taggedVersions?: string;
  flexibleVersions?: string;
  tag?: number;
  default?: string | number | boolean;
  ignorable?: boolean;
  fields?: RawField[];
}

interface RawMessage {
  name: string;
  type: Message['kind'];
  apiKey?: number;
  validVersions: string;
  flexibleVersions?: string;
  listeners?: string[];
  latestVersionUnstable?: boolean;
  fields?: RawField[];
  commonStructs?: { name: string; fields: RawField[] }[];
}

/** Removes `//` comments, which the definitions have, from JSON. */
export function stripComments(json: string): string {
  let out = '';
  let inString = false;
  for (let i = 0; i < json.length; i += 1) {
    const c = json[i]!;
    if (!inString && c === '/' && json[i + 1] === '/') {
      while (i < json.length && json[i] !== '\n') i += 1;
      out += '\n';
      continue;
    }
    out += c;
    if (inString && c === '\\') {
      i += 1;
      out += json[i] ?? '';
    } else if (c === '"') {
      inString = !inString;
    }
  }
  return out;
}

const noUpperBound = 32767;

/** `3`, `3-13`, `3+` or `none`. */
export function parseVersions(text: string): Versions | null {
  if (text === 'none') return null;
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a range of versions: ${text}`);
  const min = Number(match[1]);
  return {
    min,
    max: match[2] !== undefined ? noUpperBound : match[3] !== undefined ? Number(match[3]) : min,
  };
}

export function intersect(a: Versions | null, b: Versions | null): Versions | null {
  if (a === null || b === null) return null;
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  return min <= max ? { min, max } : null;
}

function lowerFirst(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}

export function isStruct(type: string): boolean {
  return /^[A-Z]/.test(type);
}

/** The model of one definition file; null for a message that no version is left of. */
export function parseMessage(json: string): Message | null {
  const raw = JSON.parse(stripComments(json)) as RawMessage;
  const versions = parseVersions(raw.validVersions);
  if (versions === null) return null;
  const flexible = intersect(parseVersions(raw.flexibleVersions ?? 'none'), versions);
  if (flexible !== null && flexible.max !== versions.max)
    throw new Error(`${raw.name}: flexible versions end`);

  const definitions = new Map<string, RawField[]>((raw.commonStructs ?? []).map((s) => [s.name, s.fields]));
  const structs = new Map<string, Struct>();

  /** Resolves fields; `range` is what the surrounding struct occurs in. */
  const resolveFields = (fields: readonly RawField[], range: Versions): Field[] =>
    fields.flatMap((field) => {
      const own = intersect(parseVersions(field.versions), range);
      if (own === null) return [];
      const resolved = resolveField(raw.name, field, own);
      if (isStruct(resolved.type)) resolveStruct(resolved.type, field.fields, own);
      return [resolved];
    });

  const resolveStruct = (name: string, inline: RawField[] | undefined, range: Versions): void => {
    if (inline !== undefined) {
      if (definitions.has(name)) throw new Error(`${raw.name}: struct ${name} is defined twice`);
      definitions.set(name, inline);
    }
    const fields = definitions.get(name);
    if (fields === undefined) throw new Error(`${raw.name}: struct ${name} is not defined`);
    const before = structs.get(name);
    const hull =
      before === undefined
        ? range
        : { min: Math.min(before.versions.min, range.min), max: Math.max(before.versions.max, range.max) };
    const struct: Struct = { name, versions: hull, fields: [] };
    struct.fields = resolveFields(fields, hull);
    structs.set(name, struct);
  };

  return {
    name: raw.name,
    kind: raw.type,
    apiKey: raw.apiKey ?? null,
    versions,
    stableMax: raw.latestVersionUnstable === true ? versions.max - 1 : versions.max,
    flexibleFrom: flexible?.min ?? null,
    onBroker: raw.listeners?.includes('broker') ?? false,
    fields: resolveFields(raw.fields ?? [], versions),
    structs: childrenFirst(structs),
  };
}

function childrenFirst(structs: ReadonlyMap<string, Struct>): Struct[] {
  const sorted = new Set<Struct>();
  const visit = (struct: Struct): void => {
    for (const field of struct.fields) if (isStruct(field.type)) visit(structs.get(field.type)!);
    sorted.add(struct);
  };
  for (const struct of structs.values()) visit(struct);
  return [...sorted];
}

function resolveField(message: string, raw: RawField, versions: Versions): Field {
  const where = `${message}.${raw.name}`;
  const array = raw.type.startsWith('[]');
  const type = array ? raw.type.slice(2) : raw.type;
  if (!isStruct(type) && !(primitiveTypes as readonly string[]).includes(type))
    throw new Error(`${where}: unknown type ${raw.type}`);
  const nullable = intersect(parseVersions(raw.nullableVersions ?? 'none'), versions);
  const tagged = intersect(parseVersions(raw.taggedVersions ?? 'none'), versions);
  if (tagged !== null && (tagged.min !== versions.min || tagged.max !== versions.max)) {
    throw new Error(`${where}: tagged in a part of its versions`);
  }
  if (tagged !== null && nullable !== null && isStruct(type) && !array)
    throw new Error(`${where}: a tagged nullable struct`);
  if (raw.flexibleVersions !== undefined && raw.flexibleVersions !== 'none')
    throw new Error(`${where}: flexibleVersions`);
  const given = raw.default === undefined ? undefined : String(raw.default);
  return {
    name: lowerFirst(raw.name),
    type,
    array,
    versions,
    nullable,
    tag: tagged === null ? null : raw.tag!,
    default: given === 'null' ? null : given,
    ignorable: raw.ignorable ?? false,
    neverFlexible: raw.flexibleVersions === 'none',
  };
}

/** The fewest bytes an element of this type takes in any version; what bounds the length of an array of it. */
export function minBytes(message: Message, type: string, range: Versions): number {
  switch (type) {
    case 'bool':
    case 'int8':
      return 1;
    case 'int16':
    case 'uint16':
      return 2;
    case 'int32':
      return 4;
    case 'int64':
    case 'float64':
      return 8;
    case 'uuid':
      return 16;
    case 'string':
    case 'bytes':
    case 'records':
      return 1;
    default: {
      const struct = message.structs.find((s) => s.name === type)!;
      let fewest = Number.POSITIVE_INFINITY;
      for (let version = range.min; version <= range.max; version += 1) {
        fewest = Math.min(fewest, structBytes(message, struct, version));
      }
      return Math.max(1, fewest);
    }
  }
}

function structBytes(message: Message, struct: Struct, version: number): number {
  const flexible = message.flexibleFrom !== null && version >= message.flexibleFrom;
  let bytes = flexible ? 1 : 0;
  for (const field of struct.fields) {
    if (version < field.versions.min || version > field.versions.max || field.tag !== null) continue;
    if (field.array) bytes += flexible ? 1 : 4;
    else if (field.type === 'string') bytes += flexible ? 1 : 2;
    else if (field.type === 'bytes' || field.type === 'records') bytes += flexible ? 1 : 4;
    else if (isStruct(field.type) && field.nullable !== null) bytes += 1;
    else bytes += minBytes(message, field.type, { min: version, max: version });
  }
  return bytes;
}
