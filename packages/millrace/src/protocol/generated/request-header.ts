// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** RequestHeader: versions 1-2. */
export interface RequestHeader {
  readonly requestApiKey: number;
  readonly requestApiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * RequestHeader: versions 1-2, flexible from 2.
 *
 *   requestApiKey => int16
 *   requestApiVersion => int16
 *   correlationId => int32
 *   clientId => string  (may be null, never compact)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeRequestHeader(reader: Reader, version: number): RequestHeader {
  const flexible = version >= 2;
  checkVersion('RequestHeader', version, 1, 2);
  const requestApiKey = reader.int16();
  const requestApiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientId = reader.nullableString(false);
  if (flexible) reader.skipTags();
  return { requestApiKey, requestApiVersion, correlationId, clientId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeRequestHeader(writer: Writer, message: RequestHeader, version: number): void {
  const flexible = version >= 2;
  checkVersion('RequestHeader', version, 1, 2);
  writer.int16(message.requestApiKey);
  writer.int16(message.requestApiVersion);
  writer.int32(message.correlationId);
  writer.nullableString(message.clientId, false);
  if (flexible) writer.uvarint(0);
}
