// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** LeaveGroupRequest: API key 13, versions 0-5. */
export interface LeaveGroupRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly members: readonly MemberIdentity[];
}

/** What is given to encode {@link LeaveGroupRequest}: what has a default may be left out. */
export interface LeaveGroupRequestInit {
  readonly groupId: string;
  readonly memberId?: string;
  readonly members?: readonly MemberIdentityInit[];
}

/** Part of LeaveGroupRequest. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly reason: string | null;
}

/** What is given to encode {@link MemberIdentity}: what has a default may be left out. */
export interface MemberIdentityInit {
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
  readonly reason?: string | null;
}

function decodeMemberIdentity(reader: Reader, version: number): MemberIdentity {
  const flexible = version >= 4;
  const memberId = reader.string(flexible);
  const groupInstanceId = reader.nullableString(flexible);
  let reason: string | null = null;
  if (version >= 5) reason = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { memberId, groupInstanceId, reason };
}

/**
 * LeaveGroupRequest: API key 13, versions 0-5, flexible from 4.
 *
 *   groupId => string
 *   memberId => string  (versions 0-2)
 *   members => []MemberIdentity  (versions 3-5)
 *     memberId => string
 *     groupInstanceId => string  (may be null, default null)
 *     reason => string  (versions 5, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeLeaveGroupRequest(reader: Reader, version: number): LeaveGroupRequest {
  const flexible = version >= 4;
  checkVersion('LeaveGroupRequest', version, 0, 5);
  const groupId = reader.string(flexible);
  let memberId: string = '';
  if (version <= 2) memberId = reader.string(flexible);
  let members: readonly MemberIdentity[] = emptyArray;
  if (version >= 3) {
    const membersLength = reader.arrayLength(flexible, 3);
    const items: MemberIdentity[] = [];
    for (let i = 0; i < membersLength; i += 1) items.push(decodeMemberIdentity(reader, version));
    members = items;
  }
  if (flexible) reader.skipTags();
  return { groupId, memberId, members };
}

function encodeMemberIdentity(writer: Writer, message: MemberIdentityInit, version: number): void {
  const flexible = version >= 4;
  writer.string(message.memberId, flexible);
  writer.nullableString(message.groupInstanceId ?? null, flexible);
  if (version >= 5) writer.nullableString(message.reason ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeLeaveGroupRequest(writer: Writer, message: LeaveGroupRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('LeaveGroupRequest', version, 0, 5);
  writer.string(message.groupId, flexible);
  if (version <= 2) writer.string(message.memberId ?? '', flexible);
  else if (message.memberId !== undefined && message.memberId !== '') throw unsupportedField('LeaveGroupRequest', 'memberId', version);
  if (version >= 3) {
    const members = message.members ?? emptyArray;
    writer.arrayLength(members.length, flexible);
    for (const item of members) encodeMemberIdentity(writer, item, version);
  } else if (message.members !== undefined && message.members.length !== 0) {
    throw unsupportedField('LeaveGroupRequest', 'members', version);
  }
  if (flexible) writer.uvarint(0);
}

/** LeaveGroupResponse: API key 13, versions 0-5. */
export interface LeaveGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly members: readonly MemberResponse[];
}

/** What is given to encode {@link LeaveGroupResponse}: what has a default may be left out. */
export interface LeaveGroupResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly members?: readonly MemberResponse[];
}

/** Part of LeaveGroupResponse. */
export interface MemberResponse {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly errorCode: number;
}

function decodeMemberResponse(reader: Reader, version: number): MemberResponse {
  const flexible = version >= 4;
  const memberId = reader.string(flexible);
  const groupInstanceId = reader.nullableString(flexible);
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { memberId, groupInstanceId, errorCode };
}

/**
 * LeaveGroupResponse: API key 13, versions 0-5, flexible from 4.
 *
 *   throttleTimeMs => int32  (versions 1-5)
 *   errorCode => int16
 *   members => []MemberResponse  (versions 3-5)
 *     memberId => string
 *     groupInstanceId => string  (may be null)
 *     errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeLeaveGroupResponse(reader: Reader, version: number): LeaveGroupResponse {
  const flexible = version >= 4;
  checkVersion('LeaveGroupResponse', version, 0, 5);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  let members: readonly MemberResponse[] = emptyArray;
  if (version >= 3) {
    const membersLength = reader.arrayLength(flexible, 5);
    const items: MemberResponse[] = [];
    for (let i = 0; i < membersLength; i += 1) items.push(decodeMemberResponse(reader, version));
    members = items;
  }
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, members };
}

function encodeMemberResponse(writer: Writer, message: MemberResponse, version: number): void {
  const flexible = version >= 4;
  writer.string(message.memberId, flexible);
  writer.nullableString(message.groupInstanceId, flexible);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeLeaveGroupResponse(writer: Writer, message: LeaveGroupResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('LeaveGroupResponse', version, 0, 5);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  if (version >= 3) {
    const members = message.members ?? emptyArray;
    writer.arrayLength(members.length, flexible);
    for (const item of members) encodeMemberResponse(writer, item, version);
  } else if (message.members !== undefined && message.members.length !== 0) {
    throw unsupportedField('LeaveGroupResponse', 'members', version);
  }
  if (flexible) writer.uvarint(0);
}

/** LeaveGroup as a whole. */
export const leaveGroupMessages = defineApi<LeaveGroupRequest, LeaveGroupRequestInit, LeaveGroupResponse, LeaveGroupResponseInit>({
  apiKey: 13,
  name: 'LeaveGroup',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 4,
  decodeRequest: decodeLeaveGroupRequest,
  encodeRequest: encodeLeaveGroupRequest,
  decodeResponse: decodeLeaveGroupResponse,
  encodeResponse: encodeLeaveGroupResponse,
});
