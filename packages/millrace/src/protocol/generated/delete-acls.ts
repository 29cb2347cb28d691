// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DeleteAclsRequest: API key 31, versions 1-3. */
export interface DeleteAclsRequest {
  readonly filters: readonly DeleteAclsFilter[];
}

/** What is given to encode {@link DeleteAclsRequest}: what has a default may be left out. */
export interface DeleteAclsRequestInit {
  readonly filters: readonly DeleteAclsFilterInit[];
}

/** Part of DeleteAclsRequest. */
export interface DeleteAclsFilter {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/** What is given to encode {@link DeleteAclsFilter}: what has a default may be left out. */
export interface DeleteAclsFilterInit {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter?: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

function decodeDeleteAclsFilter(reader: Reader, version: number): DeleteAclsFilter {
  const flexible = version >= 2;
  const resourceTypeFilter = reader.int8();
  const resourceNameFilter = reader.nullableString(flexible);
  const patternTypeFilter = reader.int8();
  const principalFilter = reader.nullableString(flexible);
  const hostFilter = reader.nullableString(flexible);
  const operation = reader.int8();
  const permissionType = reader.int8();
  if (flexible) reader.skipTags();
  return { resourceTypeFilter, resourceNameFilter, patternTypeFilter, principalFilter, hostFilter, operation, permissionType };
}

/**
 * DeleteAclsRequest: API key 31, versions 1-3, flexible from 2.
 *
 *   filters => []DeleteAclsFilter
 *     resourceTypeFilter => int8
 *     resourceNameFilter => string  (may be null)
 *     patternTypeFilter => int8  (default 3)
 *     principalFilter => string  (may be null)
 *     hostFilter => string  (may be null)
 *     operation => int8
 *     permissionType => int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteAclsRequest(reader: Reader, version: number): DeleteAclsRequest {
  const flexible = version >= 2;
  checkVersion('DeleteAclsRequest', version, 1, 3);
  const filtersLength = reader.arrayLength(flexible, 8);
  const filters: DeleteAclsFilter[] = [];
  for (let i = 0; i < filtersLength; i += 1) filters.push(decodeDeleteAclsFilter(reader, version));
  if (flexible) reader.skipTags();
  return { filters };
}

function encodeDeleteAclsFilter(writer: Writer, message: DeleteAclsFilterInit, version: number): void {
  const flexible = version >= 2;
  writer.int8(message.resourceTypeFilter);
  writer.nullableString(message.resourceNameFilter, flexible);
  writer.int8(message.patternTypeFilter ?? 3);
  writer.nullableString(message.principalFilter, flexible);
  writer.nullableString(message.hostFilter, flexible);
  writer.int8(message.operation);
  writer.int8(message.permissionType);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteAclsRequest(writer: Writer, message: DeleteAclsRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteAclsRequest', version, 1, 3);
  const filters = message.filters;
  writer.arrayLength(filters.length, flexible);
  for (const item of filters) encodeDeleteAclsFilter(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DeleteAclsResponse: API key 31, versions 1-3. */
export interface DeleteAclsResponse {
  readonly throttleTimeMs: number;
  readonly filterResults: readonly DeleteAclsFilterResult[];
}

/** What is given to encode {@link DeleteAclsResponse}: what has a default may be left out. */
export interface DeleteAclsResponseInit {
  readonly throttleTimeMs: number;
  readonly filterResults: readonly DeleteAclsFilterResultInit[];
}

/** Part of DeleteAclsResponse. */
export interface DeleteAclsFilterResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly matchingAcls: readonly DeleteAclsMatchingAcl[];
}

/** What is given to encode {@link DeleteAclsFilterResult}: what has a default may be left out. */
export interface DeleteAclsFilterResultInit {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly matchingAcls: readonly DeleteAclsMatchingAclInit[];
}

/** Part of DeleteAclsResponse. */
export interface DeleteAclsMatchingAcl {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** What is given to encode {@link DeleteAclsMatchingAcl}: what has a default may be left out. */
export interface DeleteAclsMatchingAclInit {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType?: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function decodeDeleteAclsMatchingAcl(reader: Reader, version: number): DeleteAclsMatchingAcl {
  const flexible = version >= 2;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const patternType = reader.int8();
  const principal = reader.string(flexible);
  const host = reader.string(flexible);
  const operation = reader.int8();
  const permissionType = reader.int8();
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

function decodeDeleteAclsFilterResult(reader: Reader, version: number): DeleteAclsFilterResult {
  const flexible = version >= 2;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const matchingAclsLength = reader.arrayLength(flexible, 11);
  const matchingAcls: DeleteAclsMatchingAcl[] = [];
  for (let i = 0; i < matchingAclsLength; i += 1) matchingAcls.push(decodeDeleteAclsMatchingAcl(reader, version));
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, matchingAcls };
}

/**
 * DeleteAclsResponse: API key 31, versions 1-3, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   filterResults => []DeleteAclsFilterResult
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     matchingAcls => []DeleteAclsMatchingAcl
 *       errorCode => int16
 *       errorMessage => string  (may be null)
 *       resourceType => int8
 *       resourceName => string
 *       patternType => int8  (default 3)
 *       principal => string
 *       host => string
 *       operation => int8
 *       permissionType => int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteAclsResponse(reader: Reader, version: number): DeleteAclsResponse {
  const flexible = version >= 2;
  checkVersion('DeleteAclsResponse', version, 1, 3);
  const throttleTimeMs = reader.int32();
  const filterResultsLength = reader.arrayLength(flexible, 5);
  const filterResults: DeleteAclsFilterResult[] = [];
  for (let i = 0; i < filterResultsLength; i += 1) filterResults.push(decodeDeleteAclsFilterResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, filterResults };
}

function encodeDeleteAclsMatchingAcl(writer: Writer, message: DeleteAclsMatchingAclInit, version: number): void {
  const flexible = version >= 2;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  writer.int8(message.patternType ?? 3);
  writer.string(message.principal, flexible);
  writer.string(message.host, flexible);
  writer.int8(message.operation);
  writer.int8(message.permissionType);
  if (flexible) writer.uvarint(0);
}

function encodeDeleteAclsFilterResult(writer: Writer, message: DeleteAclsFilterResultInit, version: number): void {
  const flexible = version >= 2;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  const matchingAcls = message.matchingAcls;
  writer.arrayLength(matchingAcls.length, flexible);
  for (const item of matchingAcls) encodeDeleteAclsMatchingAcl(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteAclsResponse(writer: Writer, message: DeleteAclsResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteAclsResponse', version, 1, 3);
  writer.int32(message.throttleTimeMs);
  const filterResults = message.filterResults;
  writer.arrayLength(filterResults.length, flexible);
  for (const item of filterResults) encodeDeleteAclsFilterResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DeleteAcls as a whole. */
export const deleteAclsMessages = defineApi<DeleteAclsRequest, DeleteAclsRequestInit, DeleteAclsResponse, DeleteAclsResponseInit>({
  apiKey: 31,
  name: 'DeleteAcls',
  validVersions: { min: 1, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeDeleteAclsRequest,
  encodeRequest: encodeDeleteAclsRequest,
  decodeResponse: decodeDeleteAclsResponse,
  encodeResponse: encodeDeleteAclsResponse,
});
