// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** UnregisterBrokerRequest: API key 64, version 0. */
export interface UnregisterBrokerRequest {
  readonly brokerId: number;
}

/**
 * UnregisterBrokerRequest: API key 64, version 0, flexible from 0.
 *
 *   brokerId => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeUnregisterBrokerRequest(reader: Reader, version: number): UnregisterBrokerRequest {
  checkVersion('UnregisterBrokerRequest', version, 0, 0);
  const brokerId = reader.int32();
  reader.skipTags();
  return { brokerId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeUnregisterBrokerRequest(writer: Writer, message: UnregisterBrokerRequest, version: number): void {
  checkVersion('UnregisterBrokerRequest', version, 0, 0);
  writer.int32(message.brokerId);
  writer.uvarint(0);
}

/** UnregisterBrokerResponse: API key 64, version 0. */
export interface UnregisterBrokerResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/**
 * UnregisterBrokerResponse: API key 64, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeUnregisterBrokerResponse(reader: Reader, version: number): UnregisterBrokerResponse {
  checkVersion('UnregisterBrokerResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeUnregisterBrokerResponse(writer: Writer, message: UnregisterBrokerResponse, version: number): void {
  checkVersion('UnregisterBrokerResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  writer.uvarint(0);
}

/** UnregisterBroker as a whole. */
export const unregisterBrokerMessages = defineApi<UnregisterBrokerRequest, UnregisterBrokerRequest, UnregisterBrokerResponse, UnregisterBrokerResponse>({
  apiKey: 64,
  name: 'UnregisterBroker',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeUnregisterBrokerRequest,
  encodeRequest: encodeUnregisterBrokerRequest,
  decodeResponse: decodeUnregisterBrokerResponse,
  encodeResponse: encodeUnregisterBrokerResponse,
});
