// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AddOffsetsToTxnRequest: API key 25, versions 0-4. */
export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly groupId: string;
}

/**
 * AddOffsetsToTxnRequest: API key 25, versions 0-4, flexible from 3.
 *
 *   transactionalId => string
 *   producerId => int64
 *   producerEpoch => int16
 *   groupId => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddOffsetsToTxnRequest(reader: Reader, version: number): AddOffsetsToTxnRequest {
  const flexible = version >= 3;
  checkVersion('AddOffsetsToTxnRequest', version, 0, 4);
  const transactionalId = reader.string(flexible);
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const groupId = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { transactionalId, producerId, producerEpoch, groupId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddOffsetsToTxnRequest(writer: Writer, message: AddOffsetsToTxnRequest, version: number): void {
  const flexible = version >= 3;
  checkVersion('AddOffsetsToTxnRequest', version, 0, 4);
  writer.string(message.transactionalId, flexible);
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  writer.string(message.groupId, flexible);
  if (flexible) writer.uvarint(0);
}

/** AddOffsetsToTxnResponse: API key 25, versions 0-4. */
export interface AddOffsetsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

/**
 * AddOffsetsToTxnResponse: API key 25, versions 0-4, flexible from 3.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddOffsetsToTxnResponse(reader: Reader, version: number): AddOffsetsToTxnResponse {
  const flexible = version >= 3;
  checkVersion('AddOffsetsToTxnResponse', version, 0, 4);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddOffsetsToTxnResponse(writer: Writer, message: AddOffsetsToTxnResponse, version: number): void {
  const flexible = version >= 3;
  checkVersion('AddOffsetsToTxnResponse', version, 0, 4);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

/** AddOffsetsToTxn as a whole. */
export const addOffsetsToTxnMessages = defineApi<AddOffsetsToTxnRequest, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddOffsetsToTxnResponse>({
  apiKey: 25,
  name: 'AddOffsetsToTxn',
  validVersions: { min: 0, max: 4 },
  flexibleFrom: 3,
  decodeRequest: decodeAddOffsetsToTxnRequest,
  encodeRequest: encodeAddOffsetsToTxnRequest,
  decodeResponse: decodeAddOffsetsToTxnResponse,
  encodeResponse: encodeAddOffsetsToTxnResponse,
});
