// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ResponseHeader: versions 0-1. */
export interface ResponseHeader {
  readonly correlationId: number;
}

/**
 * ResponseHeader: versions 0-1, flexible from 1.
 *
 *   correlationId => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeResponseHeader(reader: Reader, version: number): ResponseHeader {
  const flexible = version >= 1;
  checkVersion('ResponseHeader', version, 0, 1);
  const correlationId = reader.int32();
  if (flexible) reader.skipTags();
  return { correlationId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeResponseHeader(writer: Writer, message: ResponseHeader, version: number): void {
  const flexible = version >= 1;
  checkVersion('ResponseHeader', version, 0, 1);
  writer.int32(message.correlationId);
  if (flexible) writer.uvarint(0);
}
