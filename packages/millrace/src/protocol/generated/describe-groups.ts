// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeGroupsRequest: API key 15, versions 0-6. */
export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

/** What is given to encode {@link DescribeGroupsRequest}: what has a default may be left out. */
export interface DescribeGroupsRequestInit {
  readonly groups: readonly string[];
  readonly includeAuthorizedOperations?: boolean;
}

/**
 * DescribeGroupsRequest: API key 15, versions 0-6, flexible from 5.
 *
 *   groups => []string
 *   includeAuthorizedOperations => bool  (versions 3-6)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeGroupsRequest(reader: Reader, version: number): DescribeGroupsRequest {
  const flexible = version >= 5;
  checkVersion('DescribeGroupsRequest', version, 0, 6);
  const groupsLength = reader.arrayLength(flexible, 1);
  const groups: string[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(reader.string(flexible));
  let includeAuthorizedOperations: boolean = false;
  if (version >= 3) includeAuthorizedOperations = reader.boolean();
  if (flexible) reader.skipTags();
  return { groups, includeAuthorizedOperations };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeGroupsRequest(writer: Writer, message: DescribeGroupsRequestInit, version: number): void {
  const flexible = version >= 5;
  checkVersion('DescribeGroupsRequest', version, 0, 6);
  const groups = message.groups;
  writer.arrayLength(groups.length, flexible);
  for (const item of groups) writer.string(item, flexible);
  if (version >= 3) writer.boolean(message.includeAuthorizedOperations ?? false);
  else if (message.includeAuthorizedOperations !== undefined && message.includeAuthorizedOperations) throw unsupportedField('DescribeGroupsRequest', 'includeAuthorizedOperations', version);
  if (flexible) writer.uvarint(0);
}

/** DescribeGroupsResponse: API key 15, versions 0-6. */
export interface DescribeGroupsResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

/** What is given to encode {@link DescribeGroupsResponse}: what has a default may be left out. */
export interface DescribeGroupsResponseInit {
  readonly throttleTimeMs?: number;
  readonly groups: readonly DescribedGroupInit[];
}

/** Part of DescribeGroupsResponse. */
export interface DescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly protocolType: string;
  readonly protocolData: string;
  readonly members: readonly DescribedGroupMember[];
  readonly authorizedOperations: number;
}

/** What is given to encode {@link DescribedGroup}: what has a default may be left out. */
export interface DescribedGroupInit {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly protocolType: string;
  readonly protocolData: string;
  readonly members: readonly DescribedGroupMemberInit[];
  readonly authorizedOperations?: number;
}

/** Part of DescribeGroupsResponse. */
export interface DescribedGroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberMetadata: Buffer;
  readonly memberAssignment: Buffer;
}

/** What is given to encode {@link DescribedGroupMember}: what has a default may be left out. */
export interface DescribedGroupMemberInit {
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberMetadata: Buffer;
  readonly memberAssignment: Buffer;
}

function decodeDescribedGroupMember(reader: Reader, version: number): DescribedGroupMember {
  const flexible = version >= 5;
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 4) groupInstanceId = reader.nullableString(flexible);
  const clientId = reader.string(flexible);
  const clientHost = reader.string(flexible);
  const memberMetadata = reader.bytes(flexible);
  const memberAssignment = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment };
}

function decodeDescribedGroup(reader: Reader, version: number): DescribedGroup {
  const flexible = version >= 5;
  const errorCode = reader.int16();
  let errorMessage: string | null = null;
  if (version >= 6) errorMessage = reader.nullableString(flexible);
  const groupId = reader.string(flexible);
  const groupState = reader.string(flexible);
  const protocolType = reader.string(flexible);
  const protocolData = reader.string(flexible);
  const membersLength = reader.arrayLength(flexible, 7);
  const members: DescribedGroupMember[] = [];
  for (let i = 0; i < membersLength; i += 1) members.push(decodeDescribedGroupMember(reader, version));
  let authorizedOperations: number = -2147483648;
  if (version >= 3) authorizedOperations = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, groupId, groupState, protocolType, protocolData, members, authorizedOperations };
}

/**
 * DescribeGroupsResponse: API key 15, versions 0-6, flexible from 5.
 *
 *   throttleTimeMs => int32  (versions 1-6)
 *   groups => []DescribedGroup
 *     errorCode => int16
 *     errorMessage => string  (versions 6, may be null, default null)
 *     groupId => string
 *     groupState => string
 *     protocolType => string
 *     protocolData => string
 *     members => []DescribedGroupMember
 *       memberId => string
 *       groupInstanceId => string  (versions 4-6, may be null, default null)
 *       clientId => string
 *       clientHost => string
 *       memberMetadata => bytes
 *       memberAssignment => bytes
 *     authorizedOperations => int32  (versions 3-6, default -2147483648)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeGroupsResponse(reader: Reader, version: number): DescribeGroupsResponse {
  const flexible = version >= 5;
  checkVersion('DescribeGroupsResponse', version, 0, 6);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  const groupsLength = reader.arrayLength(flexible, 12);
  const groups: DescribedGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribedGroup(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, groups };
}

function encodeDescribedGroupMember(writer: Writer, message: DescribedGroupMemberInit, version: number): void {
  const flexible = version >= 5;
  writer.string(message.memberId, flexible);
  if (version >= 4) writer.nullableString(message.groupInstanceId ?? null, flexible);
  writer.string(message.clientId, flexible);
  writer.string(message.clientHost, flexible);
  writer.bytes(message.memberMetadata, flexible);
  writer.bytes(message.memberAssignment, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeDescribedGroup(writer: Writer, message: DescribedGroupInit, version: number): void {
  const flexible = version >= 5;
  writer.int16(message.errorCode);
  if (version >= 6) writer.nullableString(message.errorMessage ?? null, flexible);
  else if (message.errorMessage !== undefined && message.errorMessage !== null) throw unsupportedField('DescribeGroupsResponse', 'errorMessage', version);
  writer.string(message.groupId, flexible);
  writer.string(message.groupState, flexible);
  writer.string(message.protocolType, flexible);
  writer.string(message.protocolData, flexible);
  const members = message.members;
  writer.arrayLength(members.length, flexible);
  for (const item of members) encodeDescribedGroupMember(writer, item, version);
  if (version >= 3) writer.int32(message.authorizedOperations ?? -2147483648);
  else if (message.authorizedOperations !== undefined && message.authorizedOperations !== -2147483648) throw unsupportedField('DescribeGroupsResponse', 'authorizedOperations', version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeGroupsResponse(writer: Writer, message: DescribeGroupsResponseInit, version: number): void {
  const flexible = version >= 5;
  checkVersion('DescribeGroupsResponse', version, 0, 6);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  const groups = message.groups;
  writer.arrayLength(groups.length, flexible);
  for (const item of groups) encodeDescribedGroup(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DescribeGroups as a whole. */
export const describeGroupsMessages = defineApi<DescribeGroupsRequest, DescribeGroupsRequestInit, DescribeGroupsResponse, DescribeGroupsResponseInit>({
  apiKey: 15,
  name: 'DescribeGroups',
  validVersions: { min: 0, max: 6 },
  flexibleFrom: 5,
  decodeRequest: decodeDescribeGroupsRequest,
  encodeRequest: encodeDescribeGroupsRequest,
  decodeResponse: decodeDescribeGroupsResponse,
  encodeResponse: encodeDescribeGroupsResponse,
});
