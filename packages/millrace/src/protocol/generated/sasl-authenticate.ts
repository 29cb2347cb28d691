// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** SaslAuthenticateRequest: API key 36, versions 0-2. */
export interface SaslAuthenticateRequest {
  readonly authBytes: Buffer;
}

/**
 * SaslAuthenticateRequest: API key 36, versions 0-2, flexible from 2.
 *
 *   authBytes => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSaslAuthenticateRequest(reader: Reader, version: number): SaslAuthenticateRequest {
  const flexible = version >= 2;
  checkVersion('SaslAuthenticateRequest', version, 0, 2);
  const authBytes = reader.bytes(flexible);
  if (flexible) reader.skipTags();
  return { authBytes };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSaslAuthenticateRequest(writer: Writer, message: SaslAuthenticateRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('SaslAuthenticateRequest', version, 0, 2);
  writer.bytes(message.authBytes, flexible);
  if (flexible) writer.uvarint(0);
}

/** SaslAuthenticateResponse: API key 36, versions 0-2. */
export interface SaslAuthenticateResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly authBytes: Buffer;
  readonly sessionLifetimeMs: number;
}

/** What is given to encode {@link SaslAuthenticateResponse}: what has a default may be left out. */
export interface SaslAuthenticateResponseInit {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly authBytes: Buffer;
  readonly sessionLifetimeMs?: number;
}

/**
 * SaslAuthenticateResponse: API key 36, versions 0-2, flexible from 2.
 *
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   authBytes => bytes
 *   sessionLifetimeMs => int64  (versions 1-2, default 0)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSaslAuthenticateResponse(reader: Reader, version: number): SaslAuthenticateResponse {
  const flexible = version >= 2;
  checkVersion('SaslAuthenticateResponse', version, 0, 2);
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const authBytes = reader.bytes(flexible);
  let sessionLifetimeMs: number = 0;
  if (version >= 1) sessionLifetimeMs = reader.int64();
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSaslAuthenticateResponse(writer: Writer, message: SaslAuthenticateResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('SaslAuthenticateResponse', version, 0, 2);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  writer.bytes(message.authBytes, flexible);
  if (version >= 1) writer.int64(message.sessionLifetimeMs ?? 0);
  if (flexible) writer.uvarint(0);
}

/** SaslAuthenticate as a whole. */
export const saslAuthenticateMessages = defineApi<SaslAuthenticateRequest, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslAuthenticateResponseInit>({
  apiKey: 36,
  name: 'SaslAuthenticate',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeSaslAuthenticateRequest,
  encodeRequest: encodeSaslAuthenticateRequest,
  decodeResponse: decodeSaslAuthenticateResponse,
  encodeResponse: encodeSaslAuthenticateResponse,
});
