// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** HeartbeatRequest: API key 12, versions 0-4. */
export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** What is given to encode {@link HeartbeatRequest}: what has a default may be left out. */
export interface HeartbeatRequestInit {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId?: string | null;
}

/**
 * HeartbeatRequest: API key 12, versions 0-4, flexible from 4.
 *
 *   groupId => string
 *   generationId => int32
 *   memberId => string
 *   groupInstanceId => string  (versions 3-4, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeHeartbeatRequest(reader: Reader, version: number): HeartbeatRequest {
  const flexible = version >= 4;
  checkVersion('HeartbeatRequest', version, 0, 4);
  const groupId = reader.string(flexible);
  const generationId = reader.int32();
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 3) groupInstanceId = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { groupId, generationId, memberId, groupInstanceId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeHeartbeatRequest(writer: Writer, message: HeartbeatRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('HeartbeatRequest', version, 0, 4);
  writer.string(message.groupId, flexible);
  writer.int32(message.generationId);
  writer.string(message.memberId, flexible);
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible);
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw unsupportedField('HeartbeatRequest', 'groupInstanceId', version);
  if (flexible) writer.uvarint(0);
}

/** HeartbeatResponse: API key 12, versions 0-4. */
export interface HeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

/** What is given to encode {@link HeartbeatResponse}: what has a default may be left out. */
export interface HeartbeatResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
}

/**
 * HeartbeatResponse: API key 12, versions 0-4, flexible from 4.
 *
 *   throttleTimeMs => int32  (versions 1-4)
 *   errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeHeartbeatResponse(reader: Reader, version: number): HeartbeatResponse {
  const flexible = version >= 4;
  checkVersion('HeartbeatResponse', version, 0, 4);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeHeartbeatResponse(writer: Writer, message: HeartbeatResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('HeartbeatResponse', version, 0, 4);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

/** Heartbeat as a whole. */
export const heartbeatMessages = defineApi<HeartbeatRequest, HeartbeatRequestInit, HeartbeatResponse, HeartbeatResponseInit>({
  apiKey: 12,
  name: 'Heartbeat',
  validVersions: { min: 0, max: 4 },
  flexibleFrom: 4,
  decodeRequest: decodeHeartbeatRequest,
  encodeRequest: encodeHeartbeatRequest,
  decodeResponse: decodeHeartbeatResponse,
  encodeResponse: encodeHeartbeatResponse,
});
