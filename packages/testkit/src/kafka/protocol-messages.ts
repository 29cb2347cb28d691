/** Random messages of every API and version, made from the schemas that the generator wrote beside the codecs. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import {
  type Field,
  isStruct,
  type Message,
  type Versions,
} from '../../../../scripts/lib/protocol-definitions.ts';
import * as assignment from '../../../millrace/src/protocol/generated/consumer-protocol-assignment.ts';
import * as subscription from '../../../millrace/src/protocol/generated/consumer-protocol-subscription.ts';
import * as controlRecordType from '../../../millrace/src/protocol/generated/control-record-type-schema.ts';
import * as endTxnMarker from '../../../millrace/src/protocol/generated/end-txn-marker.ts';
import * as requestHeader from '../../../millrace/src/protocol/generated/request-header.ts';
import * as responseHeader from '../../../millrace/src/protocol/generated/response-header.ts';
import { allApis } from '../../../millrace/src/protocol/messages.ts';
import type { Reader } from '../../../millrace/src/protocol/reader.ts';
import type { Writer } from '../../../millrace/src/protocol/writer.ts';

export type Value =
  | null
  | boolean
  | number
  | string
  | Buffer
  | readonly Value[]
  | { readonly [field: string]: Value };
export type MessageValue = { readonly [field: string]: Value };

/** A codec without its types: the tests drive all of them alike. */
export interface Codec {
  decode(reader: Reader, version: number): unknown;
  encode(writer: Writer, message: MessageValue, version: number): void;
}

export function loadSchemas(): Message[] {
  const file = resolve(import.meta.dirname, '../../../../test/fixtures/protocol/schemas.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Message[];
}

const loneCodecs: Record<string, Codec> = {
  RequestHeader: {
    decode: requestHeader.decodeRequestHeader,
    encode: requestHeader.encodeRequestHeader as never,
  },
  ResponseHeader: {
    decode: responseHeader.decodeResponseHeader,
    encode: responseHeader.encodeResponseHeader as never,
  },
  ConsumerProtocolSubscription: {
    decode: subscription.decodeConsumerProtocolSubscription,
    encode: subscription.encodeConsumerProtocolSubscription as never,
  },
  ConsumerProtocolAssignment: {
    decode: assignment.decodeConsumerProtocolAssignment,
    encode: assignment.encodeConsumerProtocolAssignment as never,
  },
  EndTxnMarker: { decode: endTxnMarker.decodeEndTxnMarker, encode: endTxnMarker.encodeEndTxnMarker as never },
  ControlRecordTypeSchema: {
    decode: controlRecordType.decodeControlRecordTypeSchema,
    encode: controlRecordType.encodeControlRecordTypeSchema as never,
  },
};

/** The generated codec of a schema. */
export function codecOf(message: Message): Codec {
  const lone = loneCodecs[message.name];
  if (lone !== undefined) return lone;
  const api = allApis.find((candidate) => candidate.apiKey === message.apiKey);
  if (api === undefined) throw new Error(`no codec for ${message.name}`);
  return message.kind === 'request'
    ? { decode: api.decodeRequest, encode: api.encodeRequest as never }
    : { decode: api.decodeResponse, encode: api.encodeResponse as never };
}

export function has(versions: Versions | null, version: number): boolean {
  return versions !== null && version >= versions.min && version <= versions.max;
}

export function versionsOf(message: Message): number[] {
  const { min, max } = message.versions;
  return Array.from({ length: max - min + 1 }, (_, i) => min + i);
}

function fieldsOf(message: Message, struct: string): readonly Field[] {
  return message.structs.find((candidate) => candidate.name === struct)!.fields;
}

/** What decoding gives for a field that the version lacks. */
export function defaultOf(message: Message, field: Field): Value {
  if (field.default === null) return null;
  if (field.array) return [];
  if (isStruct(field.type)) {
    return Object.fromEntries(
      fieldsOf(message, field.type).map((inner) => [inner.name, defaultOf(message, inner)]),
    );
  }
  switch (field.type) {
    case 'bool':
      return field.default === 'true';
    case 'string':
      return field.default ?? '';
    case 'uuid':
      return 'AAAAAAAAAAAAAAAAAAAAAA';
    case 'bytes':
      return Buffer.alloc(0);
    case 'records':
      return field.nullable === null ? Buffer.alloc(0) : null;
    default:
      return Number(field.default ?? 0);
  }
}

const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const bytes = fc.uint8Array({ maxLength: 20 }).map((content) => Buffer.from(content));
const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(-1, 0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 63), 2 ** 63),
);
const scalars: Record<string, fc.Arbitrary<Value>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  int32: fc.integer(),
  int64,
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  string: fc.string({ unit: 'binary', maxLength: 12 }),
  uuid: fc.oneof(uuid, fc.constant('AAAAAAAAAAAAAAAAAAAAAA')),
  bytes,
  records: bytes,
};

function arbitraryField(message: Message, field: Field, version: number): fc.Arbitrary<Value> {
  if (!has(field.versions, version)) return fc.constant(defaultOf(message, field));
  const one = isStruct(field.type)
    ? arbitraryFields(message, fieldsOf(message, field.type), version)
    : scalars[field.type]!;
  const value: fc.Arbitrary<Value> = field.array ? fc.array(one, { maxLength: 3 }) : one;
  const orDefault = field.tag === null ? value : fc.oneof(value, fc.constant(defaultOf(message, field)));
  return has(field.nullable, version) ? fc.option(orDefault) : orDefault;
}

function arbitraryFields(
  message: Message,
  fields: readonly Field[],
  version: number,
): fc.Arbitrary<MessageValue> {
  return fc.record(
    Object.fromEntries(fields.map((field) => [field.name, arbitraryField(message, field, version)])),
    { noNullPrototype: true },
  );
}

/** A message with every field filled in: at random where the version has it, with its default where not. */
export function arbitraryMessage(message: Message, version: number): fc.Arbitrary<MessageValue> {
  return arbitraryFields(message, message.fields, version);
}

/** The message as Kafka's own JSON: only the version's fields, bytes in base64. */
export function kafkaJson(message: Message, value: MessageValue, version: number): string {
  const convert = (fields: readonly Field[], struct: MessageValue): unknown =>
    Object.fromEntries(
      fields
        .filter((field) => has(field.versions, version))
        .map((field) => [field.name, convertField(field, struct[field.name]!)]),
    );
  const convertField = (field: Field, content: Value): unknown => {
    if (Array.isArray(content)) return content.map((item) => convertField({ ...field, array: false }, item));
    if (Buffer.isBuffer(content)) return content.toString('base64');
    if (content !== null && isStruct(field.type)) {
      return convert(fieldsOf(message, field.type), content as MessageValue);
    }
    // Marked, because JSON.stringify rounds what is beyond 2^53 and writes 1.0 as 1; 2^63 stands for Long.MAX_VALUE.
    if (field.type === 'int64')
      return `int64:${content === 2 ** 63 ? 2n ** 63n - 1n : BigInt(content as number)}`;
    if (field.type === 'float64')
      return `float64:${Object.is(content, -0) ? '-0e0' : (content as number).toExponential()}`;
    return content;
  };
  return JSON.stringify(convert(message.fields, value)).replaceAll(/"(?:int|float)64:([-+.e\d]+)"/g, '$1');
}
