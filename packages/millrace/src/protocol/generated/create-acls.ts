// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** CreateAclsRequest: API key 30, versions 1-3. */
export interface CreateAclsRequest {
  readonly creations: readonly AclCreation[];
}

/** What is given to encode {@link CreateAclsRequest}: what has a default may be left out. */
export interface CreateAclsRequestInit {
  readonly creations: readonly AclCreationInit[];
}

/** Part of CreateAclsRequest. */
export interface AclCreation {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** What is given to encode {@link AclCreation}: what has a default may be left out. */
export interface AclCreationInit {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType?: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function decodeAclCreation(reader: Reader, version: number): AclCreation {
  const flexible = version >= 2;
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const resourcePatternType = reader.int8();
  const principal = reader.string(flexible);
  const host = reader.string(flexible);
  const operation = reader.int8();
  const permissionType = reader.int8();
  if (flexible) reader.skipTags();
  return { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType };
}

/**
 * CreateAclsRequest: API key 30, versions 1-3, flexible from 2.
 *
 *   creations => []AclCreation
 *     resourceType => int8
 *     resourceName => string
 *     resourcePatternType => int8  (default 3)
 *     principal => string
 *     host => string
 *     operation => int8
 *     permissionType => int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateAclsRequest(reader: Reader, version: number): CreateAclsRequest {
  const flexible = version >= 2;
  checkVersion('CreateAclsRequest', version, 1, 3);
  const creationsLength = reader.arrayLength(flexible, 8);
  const creations: AclCreation[] = [];
  for (let i = 0; i < creationsLength; i += 1) creations.push(decodeAclCreation(reader, version));
  if (flexible) reader.skipTags();
  return { creations };
}

function encodeAclCreation(writer: Writer, message: AclCreationInit, version: number): void {
  const flexible = version >= 2;
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  writer.int8(message.resourcePatternType ?? 3);
  writer.string(message.principal, flexible);
  writer.string(message.host, flexible);
  writer.int8(message.operation);
  writer.int8(message.permissionType);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateAclsRequest(writer: Writer, message: CreateAclsRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreateAclsRequest', version, 1, 3);
  const creations = message.creations;
  writer.arrayLength(creations.length, flexible);
  for (const item of creations) encodeAclCreation(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** CreateAclsResponse: API key 30, versions 1-3. */
export interface CreateAclsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AclCreationResult[];
}

/** Part of CreateAclsResponse. */
export interface AclCreationResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

function decodeAclCreationResult(reader: Reader, version: number): AclCreationResult {
  const flexible = version >= 2;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage };
}

/**
 * CreateAclsResponse: API key 30, versions 1-3, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   results => []AclCreationResult
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateAclsResponse(reader: Reader, version: number): CreateAclsResponse {
  const flexible = version >= 2;
  checkVersion('CreateAclsResponse', version, 1, 3);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(flexible, 4);
  const results: AclCreationResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeAclCreationResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeAclCreationResult(writer: Writer, message: AclCreationResult, version: number): void {
  const flexible = version >= 2;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateAclsResponse(writer: Writer, message: CreateAclsResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreateAclsResponse', version, 1, 3);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeAclCreationResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** CreateAcls as a whole. */
export const createAclsMessages = defineApi<CreateAclsRequest, CreateAclsRequestInit, CreateAclsResponse, CreateAclsResponse>({
  apiKey: 30,
  name: 'CreateAcls',
  validVersions: { min: 1, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeCreateAclsRequest,
  encodeRequest: encodeCreateAclsRequest,
  decodeResponse: decodeCreateAclsResponse,
  encodeResponse: encodeCreateAclsResponse,
});
