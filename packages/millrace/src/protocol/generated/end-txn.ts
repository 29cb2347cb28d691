// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** EndTxnRequest: API key 26, versions 0-5. */
export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
}

/**
 * EndTxnRequest: API key 26, versions 0-5, flexible from 3.
 *
 *   transactionalId => string
 *   producerId => int64
 *   producerEpoch => int16
 *   committed => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeEndTxnRequest(reader: Reader, version: number): EndTxnRequest {
  const flexible = version >= 3;
  checkVersion('EndTxnRequest', version, 0, 5);
  const transactionalId = reader.string(flexible);
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const committed = reader.boolean();
  if (flexible) reader.skipTags();
  return { transactionalId, producerId, producerEpoch, committed };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeEndTxnRequest(writer: Writer, message: EndTxnRequest, version: number): void {
  const flexible = version >= 3;
  checkVersion('EndTxnRequest', version, 0, 5);
  writer.string(message.transactionalId, flexible);
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  writer.boolean(message.committed);
  if (flexible) writer.uvarint(0);
}

/** EndTxnResponse: API key 26, versions 0-5. */
export interface EndTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What is given to encode {@link EndTxnResponse}: what has a default may be left out. */
export interface EndTxnResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
}

/**
 * EndTxnResponse: API key 26, versions 0-5, flexible from 3.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   producerId => int64  (versions 5, default -1)
 *   producerEpoch => int16  (versions 5, default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeEndTxnResponse(reader: Reader, version: number): EndTxnResponse {
  const flexible = version >= 3;
  checkVersion('EndTxnResponse', version, 0, 5);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  let producerId: number = -1;
  if (version >= 5) producerId = reader.int64();
  let producerEpoch: number = -1;
  if (version >= 5) producerEpoch = reader.int16();
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, producerId, producerEpoch };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeEndTxnResponse(writer: Writer, message: EndTxnResponseInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('EndTxnResponse', version, 0, 5);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  if (version >= 5) writer.int64(message.producerId ?? -1);
  if (version >= 5) writer.int16(message.producerEpoch ?? -1);
  if (flexible) writer.uvarint(0);
}

/** EndTxn as a whole. */
export const endTxnMessages = defineApi<EndTxnRequest, EndTxnRequest, EndTxnResponse, EndTxnResponseInit>({
  apiKey: 26,
  name: 'EndTxn',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 3,
  decodeRequest: decodeEndTxnRequest,
  encodeRequest: encodeEndTxnRequest,
  decodeResponse: decodeEndTxnResponse,
  encodeResponse: encodeEndTxnResponse,
});
