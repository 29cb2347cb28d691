// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** PushTelemetryRequest: API key 72, version 0. */
export interface PushTelemetryRequest {
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly terminating: boolean;
  readonly compressionType: number;
  readonly metrics: Buffer;
}

/**
 * PushTelemetryRequest: API key 72, version 0, flexible from 0.
 *
 *   clientInstanceId => uuid
 *   subscriptionId => int32
 *   terminating => bool
 *   compressionType => int8
 *   metrics => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodePushTelemetryRequest(reader: Reader, version: number): PushTelemetryRequest {
  checkVersion('PushTelemetryRequest', version, 0, 0);
  const clientInstanceId = reader.uuid();
  const subscriptionId = reader.int32();
  const terminating = reader.boolean();
  const compressionType = reader.int8();
  const metrics = reader.bytes(true);
  reader.skipTags();
  return { clientInstanceId, subscriptionId, terminating, compressionType, metrics };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodePushTelemetryRequest(writer: Writer, message: PushTelemetryRequest, version: number): void {
  checkVersion('PushTelemetryRequest', version, 0, 0);
  writer.uuid(message.clientInstanceId);
  writer.int32(message.subscriptionId);
  writer.boolean(message.terminating);
  writer.int8(message.compressionType);
  writer.bytes(message.metrics, true);
  writer.uvarint(0);
}

/** PushTelemetryResponse: API key 72, version 0. */
export interface PushTelemetryResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

/**
 * PushTelemetryResponse: API key 72, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodePushTelemetryResponse(reader: Reader, version: number): PushTelemetryResponse {
  checkVersion('PushTelemetryResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  reader.skipTags();
  return { throttleTimeMs, errorCode };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodePushTelemetryResponse(writer: Writer, message: PushTelemetryResponse, version: number): void {
  checkVersion('PushTelemetryResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.uvarint(0);
}

/** PushTelemetry as a whole. */
export const pushTelemetryMessages = defineApi<PushTelemetryRequest, PushTelemetryRequest, PushTelemetryResponse, PushTelemetryResponse>({
  apiKey: 72,
  name: 'PushTelemetry',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodePushTelemetryRequest,
  encodeRequest: encodePushTelemetryRequest,
  decodeResponse: decodePushTelemetryResponse,
  encodeResponse: encodePushTelemetryResponse,
});
