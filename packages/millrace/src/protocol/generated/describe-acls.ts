// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeAclsRequest: API key 29, versions 1-3. */
export interface DescribeAclsRequest {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/** What is given to encode {@link DescribeAclsRequest}: what has a default may be left out. */
export interface DescribeAclsRequestInit {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter?: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/**
 * DescribeAclsRequest: API key 29, versions 1-3, flexible from 2.
 *
 *   resourceTypeFilter => int8
 *   resourceNameFilter => string  (may be null)
 *   patternTypeFilter => int8  (default 3)
 *   principalFilter => string  (may be null)
 *   hostFilter => string  (may be null)
 *   operation => int8
 *   permissionType => int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeAclsRequest(reader: Reader, version: number): DescribeAclsRequest {
  const flexible = version >= 2;
  checkVersion('DescribeAclsRequest', version, 1, 3);
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

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeAclsRequest(writer: Writer, message: DescribeAclsRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeAclsRequest', version, 1, 3);
  writer.int8(message.resourceTypeFilter);
  writer.nullableString(message.resourceNameFilter, flexible);
  writer.int8(message.patternTypeFilter ?? 3);
  writer.nullableString(message.principalFilter, flexible);
  writer.nullableString(message.hostFilter, flexible);
  writer.int8(message.operation);
  writer.int8(message.permissionType);
  if (flexible) writer.uvarint(0);
}

/** DescribeAclsResponse: API key 29, versions 1-3. */
export interface DescribeAclsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resources: readonly DescribeAclsResource[];
}

/** What is given to encode {@link DescribeAclsResponse}: what has a default may be left out. */
export interface DescribeAclsResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resources: readonly DescribeAclsResourceInit[];
}

/** Part of DescribeAclsResponse. */
export interface DescribeAclsResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly acls: readonly AclDescription[];
}

/** What is given to encode {@link DescribeAclsResource}: what has a default may be left out. */
export interface DescribeAclsResourceInit {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType?: number;
  readonly acls: readonly AclDescription[];
}

/** Part of DescribeAclsResponse. */
export interface AclDescription {
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function decodeAclDescription(reader: Reader, version: number): AclDescription {
  const flexible = version >= 2;
  const principal = reader.string(flexible);
  const host = reader.string(flexible);
  const operation = reader.int8();
  const permissionType = reader.int8();
  if (flexible) reader.skipTags();
  return { principal, host, operation, permissionType };
}

function decodeDescribeAclsResource(reader: Reader, version: number): DescribeAclsResource {
  const flexible = version >= 2;
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const patternType = reader.int8();
  const aclsLength = reader.arrayLength(flexible, 5);
  const acls: AclDescription[] = [];
  for (let i = 0; i < aclsLength; i += 1) acls.push(decodeAclDescription(reader, version));
  if (flexible) reader.skipTags();
  return { resourceType, resourceName, patternType, acls };
}

/**
 * DescribeAclsResponse: API key 29, versions 1-3, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   resources => []DescribeAclsResource
 *     resourceType => int8
 *     resourceName => string
 *     patternType => int8  (default 3)
 *     acls => []AclDescription
 *       principal => string
 *       host => string
 *       operation => int8
 *       permissionType => int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeAclsResponse(reader: Reader, version: number): DescribeAclsResponse {
  const flexible = version >= 2;
  checkVersion('DescribeAclsResponse', version, 1, 3);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const resourcesLength = reader.arrayLength(flexible, 5);
  const resources: DescribeAclsResource[] = [];
  for (let i = 0; i < resourcesLength; i += 1) resources.push(decodeDescribeAclsResource(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, resources };
}

function encodeAclDescription(writer: Writer, message: AclDescription, version: number): void {
  const flexible = version >= 2;
  writer.string(message.principal, flexible);
  writer.string(message.host, flexible);
  writer.int8(message.operation);
  writer.int8(message.permissionType);
  if (flexible) writer.uvarint(0);
}

function encodeDescribeAclsResource(writer: Writer, message: DescribeAclsResourceInit, version: number): void {
  const flexible = version >= 2;
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  writer.int8(message.patternType ?? 3);
  const acls = message.acls;
  writer.arrayLength(acls.length, flexible);
  for (const item of acls) encodeAclDescription(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeAclsResponse(writer: Writer, message: DescribeAclsResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeAclsResponse', version, 1, 3);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  const resources = message.resources;
  writer.arrayLength(resources.length, flexible);
  for (const item of resources) encodeDescribeAclsResource(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DescribeAcls as a whole. */
export const describeAclsMessages = defineApi<DescribeAclsRequest, DescribeAclsRequestInit, DescribeAclsResponse, DescribeAclsResponseInit>({
  apiKey: 29,
  name: 'DescribeAcls',
  validVersions: { min: 1, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeDescribeAclsRequest,
  encodeRequest: encodeDescribeAclsRequest,
  decodeResponse: decodeDescribeAclsResponse,
  encodeResponse: encodeDescribeAclsResponse,
});
