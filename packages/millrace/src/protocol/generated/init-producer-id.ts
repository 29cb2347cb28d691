// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** InitProducerIdRequest: API key 22, versions 0-6. */
export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly enable2Pc: boolean;
  readonly keepPreparedTxn: boolean;
}

/** What is given to encode {@link InitProducerIdRequest}: what has a default may be left out. */
export interface InitProducerIdRequestInit {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly enable2Pc?: boolean;
  readonly keepPreparedTxn?: boolean;
}

/**
 * InitProducerIdRequest: API key 22, versions 0-6, flexible from 2.
 *
 *   transactionalId => string  (may be null)
 *   transactionTimeoutMs => int32
 *   producerId => int64  (versions 3-6, default -1)
 *   producerEpoch => int16  (versions 3-6, default -1)
 *   enable2Pc => bool  (versions 6, default false)
 *   keepPreparedTxn => bool  (versions 6, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeInitProducerIdRequest(reader: Reader, version: number): InitProducerIdRequest {
  const flexible = version >= 2;
  checkVersion('InitProducerIdRequest', version, 0, 6);
  const transactionalId = reader.nullableString(flexible);
  const transactionTimeoutMs = reader.int32();
  let producerId: number = -1;
  if (version >= 3) producerId = reader.int64();
  let producerEpoch: number = -1;
  if (version >= 3) producerEpoch = reader.int16();
  let enable2Pc: boolean = false;
  if (version >= 6) enable2Pc = reader.boolean();
  let keepPreparedTxn: boolean = false;
  if (version >= 6) keepPreparedTxn = reader.boolean();
  if (flexible) reader.skipTags();
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch, enable2Pc, keepPreparedTxn };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeInitProducerIdRequest(writer: Writer, message: InitProducerIdRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('InitProducerIdRequest', version, 0, 6);
  writer.nullableString(message.transactionalId, flexible);
  writer.int32(message.transactionTimeoutMs);
  if (version >= 3) writer.int64(message.producerId ?? -1);
  else if (message.producerId !== undefined && message.producerId !== -1) throw unsupportedField('InitProducerIdRequest', 'producerId', version);
  if (version >= 3) writer.int16(message.producerEpoch ?? -1);
  else if (message.producerEpoch !== undefined && message.producerEpoch !== -1) throw unsupportedField('InitProducerIdRequest', 'producerEpoch', version);
  if (version >= 6) writer.boolean(message.enable2Pc ?? false);
  else if (message.enable2Pc !== undefined && message.enable2Pc) throw unsupportedField('InitProducerIdRequest', 'enable2Pc', version);
  if (version >= 6) writer.boolean(message.keepPreparedTxn ?? false);
  else if (message.keepPreparedTxn !== undefined && message.keepPreparedTxn) throw unsupportedField('InitProducerIdRequest', 'keepPreparedTxn', version);
  if (flexible) writer.uvarint(0);
}

/** InitProducerIdResponse: API key 22, versions 0-6. */
export interface InitProducerIdResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly ongoingTxnProducerId: number;
  readonly ongoingTxnProducerEpoch: number;
}

/** What is given to encode {@link InitProducerIdResponse}: what has a default may be left out. */
export interface InitProducerIdResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly producerId?: number;
  readonly producerEpoch: number;
  readonly ongoingTxnProducerId?: number;
  readonly ongoingTxnProducerEpoch?: number;
}

/**
 * InitProducerIdResponse: API key 22, versions 0-6, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   producerId => int64  (default -1)
 *   producerEpoch => int16
 *   ongoingTxnProducerId => int64  (versions 6, default -1)
 *   ongoingTxnProducerEpoch => int16  (versions 6, default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeInitProducerIdResponse(reader: Reader, version: number): InitProducerIdResponse {
  const flexible = version >= 2;
  checkVersion('InitProducerIdResponse', version, 0, 6);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  let ongoingTxnProducerId: number = -1;
  if (version >= 6) ongoingTxnProducerId = reader.int64();
  let ongoingTxnProducerEpoch: number = -1;
  if (version >= 6) ongoingTxnProducerEpoch = reader.int16();
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, producerId, producerEpoch, ongoingTxnProducerId, ongoingTxnProducerEpoch };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeInitProducerIdResponse(writer: Writer, message: InitProducerIdResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('InitProducerIdResponse', version, 0, 6);
  writer.int32(message.throttleTimeMs ?? 0);
  writer.int16(message.errorCode);
  writer.int64(message.producerId ?? -1);
  writer.int16(message.producerEpoch);
  if (version >= 6) writer.int64(message.ongoingTxnProducerId ?? -1);
  else if (message.ongoingTxnProducerId !== undefined && message.ongoingTxnProducerId !== -1) throw unsupportedField('InitProducerIdResponse', 'ongoingTxnProducerId', version);
  if (version >= 6) writer.int16(message.ongoingTxnProducerEpoch ?? -1);
  else if (message.ongoingTxnProducerEpoch !== undefined && message.ongoingTxnProducerEpoch !== -1) throw unsupportedField('InitProducerIdResponse', 'ongoingTxnProducerEpoch', version);
  if (flexible) writer.uvarint(0);
}

/** InitProducerId as a whole. */
export const initProducerIdMessages = defineApi<InitProducerIdRequest, InitProducerIdRequestInit, InitProducerIdResponse, InitProducerIdResponseInit>({
  apiKey: 22,
  name: 'InitProducerId',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 2,
  decodeRequest: decodeInitProducerIdRequest,
  encodeRequest: encodeInitProducerIdRequest,
  decodeResponse: decodeInitProducerIdResponse,
  encodeResponse: encodeInitProducerIdResponse,
});
