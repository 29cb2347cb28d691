// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ExpireDelegationTokenRequest: API key 40, versions 1-2. */
export interface ExpireDelegationTokenRequest {
  readonly hmac: Buffer;
  readonly expiryTimePeriodMs: number;
}

/**
 * ExpireDelegationTokenRequest: API key 40, versions 1-2, flexible from 2.
 *
 *   hmac => bytes
 *   expiryTimePeriodMs => int64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeExpireDelegationTokenRequest(reader: Reader, version: number): ExpireDelegationTokenRequest {
  const flexible = version >= 2;
  checkVersion('ExpireDelegationTokenRequest', version, 1, 2);
  const hmac = reader.bytes(flexible);
  const expiryTimePeriodMs = reader.int64();
  if (flexible) reader.skipTags();
  return { hmac, expiryTimePeriodMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeExpireDelegationTokenRequest(writer: Writer, message: ExpireDelegationTokenRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('ExpireDelegationTokenRequest', version, 1, 2);
  writer.bytes(message.hmac, flexible);
  writer.int64(message.expiryTimePeriodMs);
  if (flexible) writer.uvarint(0);
}

/** ExpireDelegationTokenResponse: API key 40, versions 1-2. */
export interface ExpireDelegationTokenResponse {
  readonly errorCode: number;
  readonly expiryTimestampMs: number;
  readonly throttleTimeMs: number;
}

/**
 * ExpireDelegationTokenResponse: API key 40, versions 1-2, flexible from 2.
 *
 *   errorCode => int16
 *   expiryTimestampMs => int64
 *   throttleTimeMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeExpireDelegationTokenResponse(reader: Reader, version: number): ExpireDelegationTokenResponse {
  const flexible = version >= 2;
  checkVersion('ExpireDelegationTokenResponse', version, 1, 2);
  const errorCode = reader.int16();
  const expiryTimestampMs = reader.int64();
  const throttleTimeMs = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, expiryTimestampMs, throttleTimeMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeExpireDelegationTokenResponse(writer: Writer, message: ExpireDelegationTokenResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('ExpireDelegationTokenResponse', version, 1, 2);
  writer.int16(message.errorCode);
  writer.int64(message.expiryTimestampMs);
  writer.int32(message.throttleTimeMs);
  if (flexible) writer.uvarint(0);
}

/** ExpireDelegationToken as a whole. */
export const expireDelegationTokenMessages = defineApi<ExpireDelegationTokenRequest, ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, ExpireDelegationTokenResponse>({
  apiKey: 40,
  name: 'ExpireDelegationToken',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeExpireDelegationTokenRequest,
  encodeRequest: encodeExpireDelegationTokenRequest,
  decodeResponse: decodeExpireDelegationTokenResponse,
  encodeResponse: encodeExpireDelegationTokenResponse,
});
