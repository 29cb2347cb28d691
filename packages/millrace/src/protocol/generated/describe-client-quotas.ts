// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeClientQuotasRequest: API key 48, versions 0-1. */
export interface DescribeClientQuotasRequest {
  readonly components: readonly ComponentData[];
  readonly strict: boolean;
}

/** Part of DescribeClientQuotasRequest. */
export interface ComponentData {
  readonly entityType: string;
  readonly matchType: number;
  readonly match: string | null;
}

function decodeComponentData(reader: Reader, version: number): ComponentData {
  const flexible = version >= 1;
  const entityType = reader.string(flexible);
  const matchType = reader.int8();
  const match = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { entityType, matchType, match };
}

/**
 * DescribeClientQuotasRequest: API key 48, versions 0-1, flexible from 1.
 *
 *   components => []ComponentData
 *     entityType => string
 *     matchType => int8
 *     match => string  (may be null)
 *   strict => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeClientQuotasRequest(reader: Reader, version: number): DescribeClientQuotasRequest {
  const flexible = version >= 1;
  checkVersion('DescribeClientQuotasRequest', version, 0, 1);
  const componentsLength = reader.arrayLength(flexible, 4);
  const components: ComponentData[] = [];
  for (let i = 0; i < componentsLength; i += 1) components.push(decodeComponentData(reader, version));
  const strict = reader.boolean();
  if (flexible) reader.skipTags();
  return { components, strict };
}

function encodeComponentData(writer: Writer, message: ComponentData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.entityType, flexible);
  writer.int8(message.matchType);
  writer.nullableString(message.match, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeClientQuotasRequest(writer: Writer, message: DescribeClientQuotasRequest, version: number): void {
  const flexible = version >= 1;
  checkVersion('DescribeClientQuotasRequest', version, 0, 1);
  const components = message.components;
  writer.arrayLength(components.length, flexible);
  for (const item of components) encodeComponentData(writer, item, version);
  writer.boolean(message.strict);
  if (flexible) writer.uvarint(0);
}

/** DescribeClientQuotasResponse: API key 48, versions 0-1. */
export interface DescribeClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly entries: readonly EntryData[] | null;
}

/** Part of DescribeClientQuotasResponse. */
export interface EntryData {
  readonly entity: readonly EntityData[];
  readonly values: readonly ValueData[];
}

/** Part of DescribeClientQuotasResponse. */
export interface ValueData {
  readonly key: string;
  readonly value: number;
}

/** Part of DescribeClientQuotasResponse. */
export interface EntityData {
  readonly entityType: string;
  readonly entityName: string | null;
}

function decodeEntityData(reader: Reader, version: number): EntityData {
  const flexible = version >= 1;
  const entityType = reader.string(flexible);
  const entityName = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { entityType, entityName };
}

function decodeValueData(reader: Reader, version: number): ValueData {
  const flexible = version >= 1;
  const key = reader.string(flexible);
  const value = reader.float64();
  if (flexible) reader.skipTags();
  return { key, value };
}

function decodeEntryData(reader: Reader, version: number): EntryData {
  const flexible = version >= 1;
  const entityLength = reader.arrayLength(flexible, 3);
  const entity: EntityData[] = [];
  for (let i = 0; i < entityLength; i += 1) entity.push(decodeEntityData(reader, version));
  const valuesLength = reader.arrayLength(flexible, 10);
  const values: ValueData[] = [];
  for (let i = 0; i < valuesLength; i += 1) values.push(decodeValueData(reader, version));
  if (flexible) reader.skipTags();
  return { entity, values };
}

/**
 * DescribeClientQuotasResponse: API key 48, versions 0-1, flexible from 1.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   entries => []EntryData  (may be null)
 *     entity => []EntityData
 *       entityType => string
 *       entityName => string  (may be null)
 *     values => []ValueData
 *       key => string
 *       value => float64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeClientQuotasResponse(reader: Reader, version: number): DescribeClientQuotasResponse {
  const flexible = version >= 1;
  checkVersion('DescribeClientQuotasResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const entriesLength = reader.nullableArrayLength(flexible, 3);
  let entries: readonly EntryData[] | null = null;
  if (entriesLength >= 0) {
    const items: EntryData[] = [];
    for (let i = 0; i < entriesLength; i += 1) items.push(decodeEntryData(reader, version));
    entries = items;
  }
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, entries };
}

function encodeEntityData(writer: Writer, message: EntityData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.entityType, flexible);
  writer.nullableString(message.entityName, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeValueData(writer: Writer, message: ValueData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.key, flexible);
  writer.float64(message.value);
  if (flexible) writer.uvarint(0);
}

function encodeEntryData(writer: Writer, message: EntryData, version: number): void {
  const flexible = version >= 1;
  const entity = message.entity;
  writer.arrayLength(entity.length, flexible);
  for (const item of entity) encodeEntityData(writer, item, version);
  const values = message.values;
  writer.arrayLength(values.length, flexible);
  for (const item of values) encodeValueData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeClientQuotasResponse(writer: Writer, message: DescribeClientQuotasResponse, version: number): void {
  const flexible = version >= 1;
  checkVersion('DescribeClientQuotasResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  const entries = message.entries;
  if (entries === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(entries.length, flexible);
    for (const item of entries) encodeEntryData(writer, item, version);
  }
  if (flexible) writer.uvarint(0);
}

/** DescribeClientQuotas as a whole. */
export const describeClientQuotasMessages = defineApi<DescribeClientQuotasRequest, DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClientQuotasResponse>({
  apiKey: 48,
  name: 'DescribeClientQuotas',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 1,
  decodeRequest: decodeDescribeClientQuotasRequest,
  encodeRequest: encodeDescribeClientQuotasRequest,
  decodeResponse: decodeDescribeClientQuotasResponse,
  encodeResponse: encodeDescribeClientQuotasResponse,
});
