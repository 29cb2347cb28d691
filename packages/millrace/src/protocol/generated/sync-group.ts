// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** SyncGroupRequest: API key 14, versions 0-5. */
export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly SyncGroupRequestAssignment[];
}

/** What is given to encode {@link SyncGroupRequest}: what has a default may be left out. */
export interface SyncGroupRequestInit {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly assignments: readonly SyncGroupRequestAssignment[];
}

/** Part of SyncGroupRequest. */
export interface SyncGroupRequestAssignment {
  readonly memberId: string;
  readonly assignment: Buffer;
}

function decodeSyncGroupRequestAssignment(reader: Reader, version: number): SyncGroupRequestAssignment {
  const flexible = version >= 4;
  const memberId = reader.string(flexible);
  const assignment = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { memberId, assignment };
}

/**
 * SyncGroupRequest: API key 14, versions 0-5, flexible from 4.
 *
 *   groupId => string
 *   generationId => int32
 *   memberId => string
 *   groupInstanceId => string  (versions 3-5, may be null, default null)
 *   protocolType => string  (versions 5, may be null, default null)
 *   protocolName => string  (versions 5, may be null, default null)
 *   assignments => []SyncGroupRequestAssignment
 *     memberId => string
 *     assignment => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSyncGroupRequest(reader: Reader, version: number): SyncGroupRequest {
  const flexible = version >= 4;
  checkVersion('SyncGroupRequest', version, 0, 5);
  const groupId = reader.string(flexible);
  const generationId = reader.int32();
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 3) groupInstanceId = reader.nullableString(flexible);
  let protocolType: string | null = null;
  if (version >= 5) protocolType = reader.nullableString(flexible);
  let protocolName: string | null = null;
  if (version >= 5) protocolName = reader.nullableString(flexible);
  const assignmentsLength = reader.arrayLength(flexible, 3);
  const assignments: SyncGroupRequestAssignment[] = [];
  for (let i = 0; i < assignmentsLength; i += 1) assignments.push(decodeSyncGroupRequestAssignment(reader, version));
  if (flexible) reader.skipTags();
  return { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments };
}

function encodeSyncGroupRequestAssignment(writer: Writer, message: SyncGroupRequestAssignment, version: number): void {
  const flexible = version >= 4;
  writer.string(message.memberId, flexible);
  writer.bytes(message.assignment, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSyncGroupRequest(writer: Writer, message: SyncGroupRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('SyncGroupRequest', version, 0, 5);
  writer.string(message.groupId, flexible);
  writer.int32(message.generationId);
  writer.string(message.memberId, flexible);
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible);
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw unsupportedField('SyncGroupRequest', 'groupInstanceId', version);
  if (version >= 5) writer.nullableString(message.protocolType ?? null, flexible);
  if (version >= 5) writer.nullableString(message.protocolName ?? null, flexible);
  const assignments = message.assignments;
  writer.arrayLength(assignments.length, flexible);
  for (const item of assignments) encodeSyncGroupRequestAssignment(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** SyncGroupResponse: API key 14, versions 0-5. */
export interface SyncGroupResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** What is given to encode {@link SyncGroupResponse}: what has a default may be left out. */
export interface SyncGroupResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly assignment: Buffer;
}

/**
 * SyncGroupResponse: API key 14, versions 0-5, flexible from 4.
 *
 *   throttleTimeMs => int32  (versions 1-5)
 *   errorCode => int16
 *   protocolType => string  (versions 5, may be null, default null)
 *   protocolName => string  (versions 5, may be null, default null)
 *   assignment => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSyncGroupResponse(reader: Reader, version: number): SyncGroupResponse {
  const flexible = version >= 4;
  checkVersion('SyncGroupResponse', version, 0, 5);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  let protocolType: string | null = null;
  if (version >= 5) protocolType = reader.nullableString(flexible);
  let protocolName: string | null = null;
  if (version >= 5) protocolName = reader.nullableString(flexible);
  const assignment = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, protocolType, protocolName, assignment };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSyncGroupResponse(writer: Writer, message: SyncGroupResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('SyncGroupResponse', version, 0, 5);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  if (version >= 5) writer.nullableString(message.protocolType ?? null, flexible);
  if (version >= 5) writer.nullableString(message.protocolName ?? null, flexible);
  writer.bytes(message.assignment, flexible);
  if (flexible) writer.uvarint(0);
}

/** SyncGroup as a whole. */
export const syncGroupMessages = defineApi<SyncGroupRequest, SyncGroupRequestInit, SyncGroupResponse, SyncGroupResponseInit>({
  apiKey: 14,
  name: 'SyncGroup',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 4,
  decodeRequest: decodeSyncGroupRequest,
  encodeRequest: encodeSyncGroupRequest,
  decodeResponse: decodeSyncGroupResponse,
  encodeResponse: encodeSyncGroupResponse,
});
