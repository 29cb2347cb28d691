// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterClientQuotasRequest: API key 49, versions 0-1. */
export interface AlterClientQuotasRequest {
  readonly entries: readonly AlterClientQuotasRequestEntryData[];
  readonly validateOnly: boolean;
}

/** Part of AlterClientQuotasRequest. */
export interface AlterClientQuotasRequestEntryData {
  readonly entity: readonly AlterClientQuotasRequestEntityData[];
  readonly ops: readonly OpData[];
}

/** Part of AlterClientQuotasRequest. */
export interface OpData {
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

/** Part of AlterClientQuotasRequest. */
export interface AlterClientQuotasRequestEntityData {
  readonly entityType: string;
  readonly entityName: string | null;
}

function decodeAlterClientQuotasRequestEntityData(reader: Reader, version: number): AlterClientQuotasRequestEntityData {
  const flexible = version >= 1;
  const entityType = reader.string(flexible);
  const entityName = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { entityType, entityName };
}

function decodeOpData(reader: Reader, version: number): OpData {
  const flexible = version >= 1;
  const key = reader.string(flexible);
  const value = reader.float64();
  const remove = reader.boolean();
  if (flexible) reader.skipTags();
  return { key, value, remove };
}

function decodeAlterClientQuotasRequestEntryData(reader: Reader, version: number): AlterClientQuotasRequestEntryData {
  const flexible = version >= 1;
  const entityLength = reader.arrayLength(flexible, 3);
  const entity: AlterClientQuotasRequestEntityData[] = [];
  for (let i = 0; i < entityLength; i += 1) entity.push(decodeAlterClientQuotasRequestEntityData(reader, version));
  const opsLength = reader.arrayLength(flexible, 11);
  const ops: OpData[] = [];
  for (let i = 0; i < opsLength; i += 1) ops.push(decodeOpData(reader, version));
  if (flexible) reader.skipTags();
  return { entity, ops };
}

/**
 * AlterClientQuotasRequest: API key 49, versions 0-1, flexible from 1.
 *
 *   entries => []AlterClientQuotasRequestEntryData
 *     entity => []AlterClientQuotasRequestEntityData
 *       entityType => string
 *       entityName => string  (may be null)
 *     ops => []OpData
 *       key => string
 *       value => float64
 *       remove => bool
 *   validateOnly => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterClientQuotasRequest(reader: Reader, version: number): AlterClientQuotasRequest {
  const flexible = version >= 1;
  checkVersion('AlterClientQuotasRequest', version, 0, 1);
  const entriesLength = reader.arrayLength(flexible, 3);
  const entries: AlterClientQuotasRequestEntryData[] = [];
  for (let i = 0; i < entriesLength; i += 1) entries.push(decodeAlterClientQuotasRequestEntryData(reader, version));
  const validateOnly = reader.boolean();
  if (flexible) reader.skipTags();
  return { entries, validateOnly };
}

function encodeAlterClientQuotasRequestEntityData(writer: Writer, message: AlterClientQuotasRequestEntityData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.entityType, flexible);
  writer.nullableString(message.entityName, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeOpData(writer: Writer, message: OpData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.key, flexible);
  writer.float64(message.value);
  writer.boolean(message.remove);
  if (flexible) writer.uvarint(0);
}

function encodeAlterClientQuotasRequestEntryData(writer: Writer, message: AlterClientQuotasRequestEntryData, version: number): void {
  const flexible = version >= 1;
  const entity = message.entity;
  writer.arrayLength(entity.length, flexible);
  for (const item of entity) encodeAlterClientQuotasRequestEntityData(writer, item, version);
  const ops = message.ops;
  writer.arrayLength(ops.length, flexible);
  for (const item of ops) encodeOpData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterClientQuotasRequest(writer: Writer, message: AlterClientQuotasRequest, version: number): void {
  const flexible = version >= 1;
  checkVersion('AlterClientQuotasRequest', version, 0, 1);
  const entries = message.entries;
  writer.arrayLength(entries.length, flexible);
  for (const item of entries) encodeAlterClientQuotasRequestEntryData(writer, item, version);
  writer.boolean(message.validateOnly);
  if (flexible) writer.uvarint(0);
}

/** AlterClientQuotasResponse: API key 49, versions 0-1. */
export interface AlterClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly entries: readonly AlterClientQuotasResponseEntryData[];
}

/** Part of AlterClientQuotasResponse. */
export interface AlterClientQuotasResponseEntryData {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly entity: readonly AlterClientQuotasResponseEntityData[];
}

/** Part of AlterClientQuotasResponse. */
export interface AlterClientQuotasResponseEntityData {
  readonly entityType: string;
  readonly entityName: string | null;
}

function decodeAlterClientQuotasResponseEntityData(reader: Reader, version: number): AlterClientQuotasResponseEntityData {
  const flexible = version >= 1;
  const entityType = reader.string(flexible);
  const entityName = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { entityType, entityName };
}

function decodeAlterClientQuotasResponseEntryData(reader: Reader, version: number): AlterClientQuotasResponseEntryData {
  const flexible = version >= 1;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const entityLength = reader.arrayLength(flexible, 3);
  const entity: AlterClientQuotasResponseEntityData[] = [];
  for (let i = 0; i < entityLength; i += 1) entity.push(decodeAlterClientQuotasResponseEntityData(reader, version));
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, entity };
}

/**
 * AlterClientQuotasResponse: API key 49, versions 0-1, flexible from 1.
 *
 *   throttleTimeMs => int32
 *   entries => []AlterClientQuotasResponseEntryData
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     entity => []AlterClientQuotasResponseEntityData
 *       entityType => string
 *       entityName => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterClientQuotasResponse(reader: Reader, version: number): AlterClientQuotasResponse {
  const flexible = version >= 1;
  checkVersion('AlterClientQuotasResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const entriesLength = reader.arrayLength(flexible, 5);
  const entries: AlterClientQuotasResponseEntryData[] = [];
  for (let i = 0; i < entriesLength; i += 1) entries.push(decodeAlterClientQuotasResponseEntryData(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, entries };
}

function encodeAlterClientQuotasResponseEntityData(writer: Writer, message: AlterClientQuotasResponseEntityData, version: number): void {
  const flexible = version >= 1;
  writer.string(message.entityType, flexible);
  writer.nullableString(message.entityName, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeAlterClientQuotasResponseEntryData(writer: Writer, message: AlterClientQuotasResponseEntryData, version: number): void {
  const flexible = version >= 1;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  const entity = message.entity;
  writer.arrayLength(entity.length, flexible);
  for (const item of entity) encodeAlterClientQuotasResponseEntityData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterClientQuotasResponse(writer: Writer, message: AlterClientQuotasResponse, version: number): void {
  const flexible = version >= 1;
  checkVersion('AlterClientQuotasResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  const entries = message.entries;
  writer.arrayLength(entries.length, flexible);
  for (const item of entries) encodeAlterClientQuotasResponseEntryData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** AlterClientQuotas as a whole. */
export const alterClientQuotasMessages = defineApi<AlterClientQuotasRequest, AlterClientQuotasRequest, AlterClientQuotasResponse, AlterClientQuotasResponse>({
  apiKey: 49,
  name: 'AlterClientQuotas',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 1,
  decodeRequest: decodeAlterClientQuotasRequest,
  encodeRequest: encodeAlterClientQuotasRequest,
  decodeResponse: decodeAlterClientQuotasResponse,
  encodeResponse: encodeAlterClientQuotasResponse,
});
