// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** GetTelemetrySubscriptionsRequest: API key 71, version 0. */
export interface GetTelemetrySubscriptionsRequest {
  readonly clientInstanceId: string;
}

/**
 * GetTelemetrySubscriptionsRequest: API key 71, version 0, flexible from 0.
 *
 *   clientInstanceId => uuid
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeGetTelemetrySubscriptionsRequest(reader: Reader, version: number): GetTelemetrySubscriptionsRequest {
  checkVersion('GetTelemetrySubscriptionsRequest', version, 0, 0);
  const clientInstanceId = reader.uuid();
  reader.skipTags();
  return { clientInstanceId };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeGetTelemetrySubscriptionsRequest(writer: Writer, message: GetTelemetrySubscriptionsRequest, version: number): void {
  checkVersion('GetTelemetrySubscriptionsRequest', version, 0, 0);
  writer.uuid(message.clientInstanceId);
  writer.uvarint(0);
}

/** GetTelemetrySubscriptionsResponse: API key 71, version 0. */
export interface GetTelemetrySubscriptionsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly acceptedCompressionTypes: readonly number[];
  readonly pushIntervalMs: number;
  readonly telemetryMaxBytes: number;
  readonly deltaTemporality: boolean;
  readonly requestedMetrics: readonly string[];
}

/**
 * GetTelemetrySubscriptionsResponse: API key 71, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   clientInstanceId => uuid
 *   subscriptionId => int32
 *   acceptedCompressionTypes => []int8
 *   pushIntervalMs => int32
 *   telemetryMaxBytes => int32
 *   deltaTemporality => bool
 *   requestedMetrics => []string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeGetTelemetrySubscriptionsResponse(reader: Reader, version: number): GetTelemetrySubscriptionsResponse {
  checkVersion('GetTelemetrySubscriptionsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const clientInstanceId = reader.uuid();
  const subscriptionId = reader.int32();
  const acceptedCompressionTypesLength = reader.arrayLength(true, 1);
  const acceptedCompressionTypes: number[] = [];
  for (let i = 0; i < acceptedCompressionTypesLength; i += 1) acceptedCompressionTypes.push(reader.int8());
  const pushIntervalMs = reader.int32();
  const telemetryMaxBytes = reader.int32();
  const deltaTemporality = reader.boolean();
  const requestedMetricsLength = reader.arrayLength(true, 1);
  const requestedMetrics: string[] = [];
  for (let i = 0; i < requestedMetricsLength; i += 1) requestedMetrics.push(reader.string(true));
  reader.skipTags();
  return { throttleTimeMs, errorCode, clientInstanceId, subscriptionId, acceptedCompressionTypes, pushIntervalMs, telemetryMaxBytes, deltaTemporality, requestedMetrics };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeGetTelemetrySubscriptionsResponse(writer: Writer, message: GetTelemetrySubscriptionsResponse, version: number): void {
  checkVersion('GetTelemetrySubscriptionsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.uuid(message.clientInstanceId);
  writer.int32(message.subscriptionId);
  const acceptedCompressionTypes = message.acceptedCompressionTypes;
  writer.arrayLength(acceptedCompressionTypes.length, true);
  for (const item of acceptedCompressionTypes) writer.int8(item);
  writer.int32(message.pushIntervalMs);
  writer.int32(message.telemetryMaxBytes);
  writer.boolean(message.deltaTemporality);
  const requestedMetrics = message.requestedMetrics;
  writer.arrayLength(requestedMetrics.length, true);
  for (const item of requestedMetrics) writer.string(item, true);
  writer.uvarint(0);
}

/** GetTelemetrySubscriptions as a whole. */
export const getTelemetrySubscriptionsMessages = defineApi<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, GetTelemetrySubscriptionsResponse>({
  apiKey: 71,
  name: 'GetTelemetrySubscriptions',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeGetTelemetrySubscriptionsRequest,
  encodeRequest: encodeGetTelemetrySubscriptionsRequest,
  decodeResponse: decodeGetTelemetrySubscriptionsResponse,
  encodeResponse: encodeGetTelemetrySubscriptionsResponse,
});
