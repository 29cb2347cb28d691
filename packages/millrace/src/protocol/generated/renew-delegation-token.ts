// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** RenewDelegationTokenRequest: API key 39, versions 1-2. */
export interface RenewDelegationTokenRequest {
  readonly hmac: Buffer;
  readonly renewPeriodMs: number;
}

/**
 * RenewDelegationTokenRequest: API key 39, versions 1-2, flexible from 2.
 *
 *   hmac => bytes
 *   renewPeriodMs => int64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeRenewDelegationTokenRequest(reader: Reader, version: number): RenewDelegationTokenRequest {
  const flexible = version >= 2;
  checkVersion('RenewDelegationTokenRequest', version, 1, 2);
  const hmac = reader.bytes(flexible);
  const renewPeriodMs = reader.int64();
  if (flexible) reader.skipTags();
  return { hmac, renewPeriodMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeRenewDelegationTokenRequest(writer: Writer, message: RenewDelegationTokenRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('RenewDelegationTokenRequest', version, 1, 2);
  writer.bytes(message.hmac, flexible);
  writer.int64(message.renewPeriodMs);
  if (flexible) writer.uvarint(0);
}

/** RenewDelegationTokenResponse: API key 39, versions 1-2. */
export interface RenewDelegationTokenResponse {
  readonly errorCode: number;
  readonly expiryTimestampMs: number;
  readonly throttleTimeMs: number;
}

/**
 * RenewDelegationTokenResponse: API key 39, versions 1-2, flexible from 2.
 *
 *   errorCode => int16
 *   expiryTimestampMs => int64
 *   throttleTimeMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeRenewDelegationTokenResponse(reader: Reader, version: number): RenewDelegationTokenResponse {
  const flexible = version >= 2;
  checkVersion('RenewDelegationTokenResponse', version, 1, 2);
  const errorCode = reader.int16();
  const expiryTimestampMs = reader.int64();
  const throttleTimeMs = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, expiryTimestampMs, throttleTimeMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeRenewDelegationTokenResponse(writer: Writer, message: RenewDelegationTokenResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('RenewDelegationTokenResponse', version, 1, 2);
  writer.int16(message.errorCode);
  writer.int64(message.expiryTimestampMs);
  writer.int32(message.throttleTimeMs);
  if (flexible) writer.uvarint(0);
}

/** RenewDelegationToken as a whole. */
export const renewDelegationTokenMessages = defineApi<RenewDelegationTokenRequest, RenewDelegationTokenRequest, RenewDelegationTokenResponse, RenewDelegationTokenResponse>({
  apiKey: 39,
  name: 'RenewDelegationToken',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeRenewDelegationTokenRequest,
  encodeRequest: encodeRenewDelegationTokenRequest,
  decodeResponse: decodeRenewDelegationTokenResponse,
  encodeResponse: encodeRenewDelegationTokenResponse,
});
