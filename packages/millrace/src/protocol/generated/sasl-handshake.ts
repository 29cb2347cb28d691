// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** SaslHandshakeRequest: API key 17, versions 0-1. */
export interface SaslHandshakeRequest {
  readonly mechanism: string;
}

/**
 * SaslHandshakeRequest: API key 17, versions 0-1, never flexible.
 *
 *   mechanism => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSaslHandshakeRequest(reader: Reader, version: number): SaslHandshakeRequest {
  checkVersion('SaslHandshakeRequest', version, 0, 1);
  const mechanism = reader.string(false);
  return { mechanism };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSaslHandshakeRequest(writer: Writer, message: SaslHandshakeRequest, version: number): void {
  checkVersion('SaslHandshakeRequest', version, 0, 1);
  writer.string(message.mechanism, false);
}

/** SaslHandshakeResponse: API key 17, versions 0-1. */
export interface SaslHandshakeResponse {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

/**
 * SaslHandshakeResponse: API key 17, versions 0-1, never flexible.
 *
 *   errorCode => int16
 *   mechanisms => []string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeSaslHandshakeResponse(reader: Reader, version: number): SaslHandshakeResponse {
  checkVersion('SaslHandshakeResponse', version, 0, 1);
  const errorCode = reader.int16();
  const mechanismsLength = reader.arrayLength(false, 1);
  const mechanisms: string[] = [];
  for (let i = 0; i < mechanismsLength; i += 1) mechanisms.push(reader.string(false));
  return { errorCode, mechanisms };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeSaslHandshakeResponse(writer: Writer, message: SaslHandshakeResponse, version: number): void {
  checkVersion('SaslHandshakeResponse', version, 0, 1);
  writer.int16(message.errorCode);
  const mechanisms = message.mechanisms;
  writer.arrayLength(mechanisms.length, false);
  for (const item of mechanisms) writer.string(item, false);
}

/** SaslHandshake as a whole. */
export const saslHandshakeMessages = defineApi<SaslHandshakeRequest, SaslHandshakeRequest, SaslHandshakeResponse, SaslHandshakeResponse>({
  apiKey: 17,
  name: 'SaslHandshake',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: null,
  decodeRequest: decodeSaslHandshakeRequest,
  encodeRequest: encodeSaslHandshakeRequest,
  decodeResponse: decodeSaslHandshakeResponse,
  encodeResponse: encodeSaslHandshakeResponse,
});
