// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ListGroupsRequest: API key 16, versions 0-5. */
export interface ListGroupsRequest {
  readonly statesFilter: readonly string[];
  readonly typesFilter: readonly string[];
}

/** What is given to encode {@link ListGroupsRequest}: what has a default may be left out. */
export interface ListGroupsRequestInit {
  readonly statesFilter?: readonly string[];
  readonly typesFilter?: readonly string[];
}

/**
 * ListGroupsRequest: API key 16, versions 0-5, flexible from 3.
 *
 *   statesFilter => []string  (versions 4-5)
 *   typesFilter => []string  (versions 5)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListGroupsRequest(reader: Reader, version: number): ListGroupsRequest {
  const flexible = version >= 3;
  checkVersion('ListGroupsRequest', version, 0, 5);
  let statesFilter: readonly string[] = emptyArray;
  if (version >= 4) {
    const statesFilterLength = reader.arrayLength(flexible, 1);
    const items: string[] = [];
    for (let i = 0; i < statesFilterLength; i += 1) items.push(reader.string(flexible));
    statesFilter = items;
  }
  let typesFilter: readonly string[] = emptyArray;
  if (version >= 5) {
    const typesFilterLength = reader.arrayLength(flexible, 1);
    const items: string[] = [];
    for (let i = 0; i < typesFilterLength; i += 1) items.push(reader.string(flexible));
    typesFilter = items;
  }
  if (flexible) reader.skipTags();
  return { statesFilter, typesFilter };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListGroupsRequest(writer: Writer, message: ListGroupsRequestInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('ListGroupsRequest', version, 0, 5);
  if (version >= 4) {
    const statesFilter = message.statesFilter ?? emptyArray;
    writer.arrayLength(statesFilter.length, flexible);
    for (const item of statesFilter) writer.string(item, flexible);
  } else if (message.statesFilter !== undefined && message.statesFilter.length !== 0) {
    throw unsupportedField('ListGroupsRequest', 'statesFilter', version);
  }
  if (version >= 5) {
    const typesFilter = message.typesFilter ?? emptyArray;
    writer.arrayLength(typesFilter.length, flexible);
    for (const item of typesFilter) writer.string(item, flexible);
  } else if (message.typesFilter !== undefined && message.typesFilter.length !== 0) {
    throw unsupportedField('ListGroupsRequest', 'typesFilter', version);
  }
  if (flexible) writer.uvarint(0);
}

/** ListGroupsResponse: API key 16, versions 0-5. */
export interface ListGroupsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

/** What is given to encode {@link ListGroupsResponse}: what has a default may be left out. */
export interface ListGroupsResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly groups: readonly ListedGroupInit[];
}

/** Part of ListGroupsResponse. */
export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly groupState: string;
  readonly groupType: string;
}

/** What is given to encode {@link ListedGroup}: what has a default may be left out. */
export interface ListedGroupInit {
  readonly groupId: string;
  readonly protocolType: string;
  readonly groupState?: string;
  readonly groupType?: string;
}

function decodeListedGroup(reader: Reader, version: number): ListedGroup {
  const flexible = version >= 3;
  const groupId = reader.string(flexible);
  const protocolType = reader.string(flexible);
  let groupState: string = '';
  if (version >= 4) groupState = reader.string(flexible);
  let groupType: string = '';
  if (version >= 5) groupType = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { groupId, protocolType, groupState, groupType };
}

/**
 * ListGroupsResponse: API key 16, versions 0-5, flexible from 3.
 *
 *   throttleTimeMs => int32  (versions 1-5)
 *   errorCode => int16
 *   groups => []ListedGroup
 *     groupId => string
 *     protocolType => string
 *     groupState => string  (versions 4-5)
 *     groupType => string  (versions 5)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListGroupsResponse(reader: Reader, version: number): ListGroupsResponse {
  const flexible = version >= 3;
  checkVersion('ListGroupsResponse', version, 0, 5);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const groupsLength = reader.arrayLength(flexible, 3);
  const groups: ListedGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeListedGroup(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, groups };
}

function encodeListedGroup(writer: Writer, message: ListedGroupInit, version: number): void {
  const flexible = version >= 3;
  writer.string(message.groupId, flexible);
  writer.string(message.protocolType, flexible);
  if (version >= 4) writer.string(message.groupState ?? '', flexible);
  if (version >= 5) writer.string(message.groupType ?? '', flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListGroupsResponse(writer: Writer, message: ListGroupsResponseInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('ListGroupsResponse', version, 0, 5);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  const groups = message.groups;
  writer.arrayLength(groups.length, flexible);
  for (const item of groups) encodeListedGroup(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** ListGroups as a whole. */
export const listGroupsMessages = defineApi<ListGroupsRequest, ListGroupsRequestInit, ListGroupsResponse, ListGroupsResponseInit>({
  apiKey: 16,
  name: 'ListGroups',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 3,
  decodeRequest: decodeListGroupsRequest,
  encodeRequest: encodeListGroupsRequest,
  decodeResponse: decodeListGroupsResponse,
  encodeResponse: encodeListGroupsResponse,
});
