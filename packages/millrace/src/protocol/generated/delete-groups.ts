// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DeleteGroupsRequest: API key 42, versions 0-2. */
export interface DeleteGroupsRequest {
  readonly groupsNames: readonly string[];
}

/**
 * DeleteGroupsRequest: API key 42, versions 0-2, flexible from 2.
 *
 *   groupsNames => []string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteGroupsRequest(reader: Reader, version: number): DeleteGroupsRequest {
  const flexible = version >= 2;
  checkVersion('DeleteGroupsRequest', version, 0, 2);
  const groupsNamesLength = reader.arrayLength(flexible, 1);
  const groupsNames: string[] = [];
  for (let i = 0; i < groupsNamesLength; i += 1) groupsNames.push(reader.string(flexible));
  if (flexible) reader.skipTags();
  return { groupsNames };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteGroupsRequest(writer: Writer, message: DeleteGroupsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteGroupsRequest', version, 0, 2);
  const groupsNames = message.groupsNames;
  writer.arrayLength(groupsNames.length, flexible);
  for (const item of groupsNames) writer.string(item, flexible);
  if (flexible) writer.uvarint(0);
}

/** DeleteGroupsResponse: API key 42, versions 0-2. */
export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DeletableGroupResult[];
}

/** Part of DeleteGroupsResponse. */
export interface DeletableGroupResult {
  readonly groupId: string;
  readonly errorCode: number;
}

function decodeDeletableGroupResult(reader: Reader, version: number): DeletableGroupResult {
  const flexible = version >= 2;
  const groupId = reader.string(flexible);
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { groupId, errorCode };
}

/**
 * DeleteGroupsResponse: API key 42, versions 0-2, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   results => []DeletableGroupResult
 *     groupId => string
 *     errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteGroupsResponse(reader: Reader, version: number): DeleteGroupsResponse {
  const flexible = version >= 2;
  checkVersion('DeleteGroupsResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(flexible, 4);
  const results: DeletableGroupResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeDeletableGroupResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeDeletableGroupResult(writer: Writer, message: DeletableGroupResult, version: number): void {
  const flexible = version >= 2;
  writer.string(message.groupId, flexible);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteGroupsResponse(writer: Writer, message: DeleteGroupsResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteGroupsResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeDeletableGroupResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DeleteGroups as a whole. */
export const deleteGroupsMessages = defineApi<DeleteGroupsRequest, DeleteGroupsRequest, DeleteGroupsResponse, DeleteGroupsResponse>({
  apiKey: 42,
  name: 'DeleteGroups',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeDeleteGroupsRequest,
  encodeRequest: encodeDeleteGroupsRequest,
  decodeResponse: decodeDeleteGroupsResponse,
  encodeResponse: encodeDeleteGroupsResponse,
});
