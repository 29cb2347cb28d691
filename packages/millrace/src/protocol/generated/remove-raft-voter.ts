// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** RemoveRaftVoterRequest: API key 81, version 0. */
export interface RemoveRaftVoterRequest {
  readonly clusterId: string | null;
  readonly voterId: number;
  readonly voterDirectoryId: string;
}

/**
 * RemoveRaftVoterRequest: API key 81, version 0, flexible from 0.
 *
 *   clusterId => string  (may be null)
 *   voterId => int32
 *   voterDirectoryId => uuid
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeRemoveRaftVoterRequest(reader: Reader, version: number): RemoveRaftVoterRequest {
  checkVersion('RemoveRaftVoterRequest', version, 0, 0);
  const clusterId = reader.nullableString(true);
  const voterId = reader.int32();
  const voterDirectoryId = reader.uuid();
  reader.skipTags();
  return { clusterId, voterId, voterDirectoryId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeRemoveRaftVoterRequest(writer: Writer, message: RemoveRaftVoterRequest, version: number): void {
  checkVersion('RemoveRaftVoterRequest', version, 0, 0);
  writer.nullableString(message.clusterId, true);
  writer.int32(message.voterId);
  writer.uuid(message.voterDirectoryId);
  writer.uvarint(0);
}

/** RemoveRaftVoterResponse: API key 81, version 0. */
export interface RemoveRaftVoterResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link RemoveRaftVoterResponse}: what has a default may be left out. */
export interface RemoveRaftVoterResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/**
 * RemoveRaftVoterResponse: API key 81, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeRemoveRaftVoterResponse(reader: Reader, version: number): RemoveRaftVoterResponse {
  checkVersion('RemoveRaftVoterResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeRemoveRaftVoterResponse(writer: Writer, message: RemoveRaftVoterResponseInit, version: number): void {
  checkVersion('RemoveRaftVoterResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true);
  writer.uvarint(0);
}

/** RemoveRaftVoter as a whole. */
export const removeRaftVoterMessages = defineApi<RemoveRaftVoterRequest, RemoveRaftVoterRequest, RemoveRaftVoterResponse, RemoveRaftVoterResponseInit>({
  apiKey: 81,
  name: 'RemoveRaftVoter',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeRemoveRaftVoterRequest,
  encodeRequest: encodeRemoveRaftVoterRequest,
  decodeResponse: decodeRemoveRaftVoterResponse,
  encodeResponse: encodeRemoveRaftVoterResponse,
});
