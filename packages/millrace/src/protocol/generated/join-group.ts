// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, nullField, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** JoinGroupRequest: API key 11, versions 0-9. */
export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string;
  readonly protocols: readonly JoinGroupRequestProtocol[];
  readonly reason: string | null;
}

/** What is given to encode {@link JoinGroupRequest}: what has a default may be left out. */
export interface JoinGroupRequestInit {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs?: number;
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
  readonly protocolType: string;
  readonly protocols: readonly JoinGroupRequestProtocol[];
  readonly reason?: string | null;
}

/** Part of JoinGroupRequest. */
export interface JoinGroupRequestProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

function decodeJoinGroupRequestProtocol(reader: Reader, version: number): JoinGroupRequestProtocol {
  const flexible = version >= 6;
  const name = reader.string(flexible);
  const metadata = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { name, metadata };
}

/**
 * JoinGroupRequest: API key 11, versions 0-9, flexible from 6.
 *
 *   groupId => string
 *   sessionTimeoutMs => int32
 *   rebalanceTimeoutMs => int32  (versions 1-9, default -1)
 *   memberId => string
 *   groupInstanceId => string  (versions 5-9, may be null, default null)
 *   protocolType => string
 *   protocols => []JoinGroupRequestProtocol
 *     name => string
 *     metadata => bytes
 *   reason => string  (versions 8-9, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeJoinGroupRequest(reader: Reader, version: number): JoinGroupRequest {
  const flexible = version >= 6;
  checkVersion('JoinGroupRequest', version, 0, 9);
  const groupId = reader.string(flexible);
  const sessionTimeoutMs = reader.int32();
  let rebalanceTimeoutMs: number = -1;
  if (version >= 1) rebalanceTimeoutMs = reader.int32();
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 5) groupInstanceId = reader.nullableString(flexible);
  const protocolType = reader.string(flexible);
  const protocolsLength = reader.arrayLength(flexible, 3);
  const protocols: JoinGroupRequestProtocol[] = [];
  for (let i = 0; i < protocolsLength; i += 1) protocols.push(decodeJoinGroupRequestProtocol(reader, version));
  let reason: string | null = null;
  if (version >= 8) reason = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols, reason };
}

function encodeJoinGroupRequestProtocol(writer: Writer, message: JoinGroupRequestProtocol, version: number): void {
  const flexible = version >= 6;
  writer.string(message.name, flexible);
  writer.bytes(message.metadata, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeJoinGroupRequest(writer: Writer, message: JoinGroupRequestInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('JoinGroupRequest', version, 0, 9);
  writer.string(message.groupId, flexible);
  writer.int32(message.sessionTimeoutMs);
  if (version >= 1) writer.int32(message.rebalanceTimeoutMs ?? -1);
  writer.string(message.memberId, flexible);
  if (version >= 5) writer.nullableString(message.groupInstanceId ?? null, flexible);
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw unsupportedField('JoinGroupRequest', 'groupInstanceId', version);
  writer.string(message.protocolType, flexible);
  const protocols = message.protocols;
  writer.arrayLength(protocols.length, flexible);
  for (const item of protocols) encodeJoinGroupRequestProtocol(writer, item, version);
  if (version >= 8) writer.nullableString(message.reason ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

/** JoinGroupResponse: API key 11, versions 0-9. */
export interface JoinGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly JoinGroupResponseMember[];
}

/** What is given to encode {@link JoinGroupResponse}: what has a default may be left out. */
export interface JoinGroupResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly generationId?: number;
  readonly protocolType?: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment?: boolean;
  readonly memberId: string;
  readonly members: readonly JoinGroupResponseMemberInit[];
}

/** Part of JoinGroupResponse. */
export interface JoinGroupResponseMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

/** What is given to encode {@link JoinGroupResponseMember}: what has a default may be left out. */
export interface JoinGroupResponseMemberInit {
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
  readonly metadata: Buffer;
}

function decodeJoinGroupResponseMember(reader: Reader, version: number): JoinGroupResponseMember {
  const flexible = version >= 6;
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 5) groupInstanceId = reader.nullableString(flexible);
  const metadata = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { memberId, groupInstanceId, metadata };
}

/**
 * JoinGroupResponse: API key 11, versions 0-9, flexible from 6.
 *
 *   throttleTimeMs => int32  (versions 2-9)
 *   errorCode => int16
 *   generationId => int32  (default -1)
 *   protocolType => string  (versions 7-9, may be null, default null)
 *   protocolName => string  (may be null in versions 7-9)
 *   leader => string
 *   skipAssignment => bool  (versions 9, default false)
 *   memberId => string
 *   members => []JoinGroupResponseMember
 *     memberId => string
 *     groupInstanceId => string  (versions 5-9, may be null, default null)
 *     metadata => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeJoinGroupResponse(reader: Reader, version: number): JoinGroupResponse {
  const flexible = version >= 6;
  checkVersion('JoinGroupResponse', version, 0, 9);
  let throttleTimeMs: number = 0;
  if (version >= 2) throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const generationId = reader.int32();
  let protocolType: string | null = null;
  if (version >= 7) protocolType = reader.nullableString(flexible);
  const protocolName = version >= 7 ? (reader.nullableString(flexible)) : reader.string(flexible);
  const leader = reader.string(flexible);
  let skipAssignment: boolean = false;
  if (version >= 9) skipAssignment = reader.boolean();
  const memberId = reader.string(flexible);
  const membersLength = reader.arrayLength(flexible, 4);
  const members: JoinGroupResponseMember[] = [];
  for (let i = 0; i < membersLength; i += 1) members.push(decodeJoinGroupResponseMember(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, generationId, protocolType, protocolName, leader, skipAssignment, memberId, members };
}

function encodeJoinGroupResponseMember(writer: Writer, message: JoinGroupResponseMemberInit, version: number): void {
  const flexible = version >= 6;
  writer.string(message.memberId, flexible);
  if (version >= 5) writer.nullableString(message.groupInstanceId ?? null, flexible);
  writer.bytes(message.metadata, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeJoinGroupResponse(writer: Writer, message: JoinGroupResponseInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('JoinGroupResponse', version, 0, 9);
  if (version >= 2) writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  writer.int32(message.generationId ?? -1);
  if (version >= 7) writer.nullableString(message.protocolType ?? null, flexible);
  const protocolName = message.protocolName;
  if (protocolName === null && version < 7) throw nullField('JoinGroupResponse', 'protocolName', version);
  writer.nullableString(protocolName, flexible);
  writer.string(message.leader, flexible);
  if (version >= 9) writer.boolean(message.skipAssignment ?? false);
  else if (message.skipAssignment !== undefined && message.skipAssignment) throw unsupportedField('JoinGroupResponse', 'skipAssignment', version);
  writer.string(message.memberId, flexible);
  const members = message.members;
  writer.arrayLength(members.length, flexible);
  for (const item of members) encodeJoinGroupResponseMember(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** JoinGroup as a whole. */
export const joinGroupMessages = defineApi<JoinGroupRequest, JoinGroupRequestInit, JoinGroupResponse, JoinGroupResponseInit>({
  apiKey: 11,
  name: 'JoinGroup',
  validVersions: { min: 0, max: 9 },
  flexibleFrom: 6,
  decodeRequest: decodeJoinGroupRequest,
  encodeRequest: encodeJoinGroupRequest,
  decodeResponse: decodeJoinGroupResponse,
  encodeResponse: encodeJoinGroupResponse,
});
