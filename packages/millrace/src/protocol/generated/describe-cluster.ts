// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeClusterRequest: API key 60, versions 0-2. */
export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean;
  readonly endpointType: number;
  readonly includeFencedBrokers: boolean;
}

/** What is given to encode {@link DescribeClusterRequest}: what has a default may be left out. */
export interface DescribeClusterRequestInit {
  readonly includeClusterAuthorizedOperations: boolean;
  readonly endpointType?: number;
  readonly includeFencedBrokers?: boolean;
}

/**
 * DescribeClusterRequest: API key 60, versions 0-2, flexible from 0.
 *
 *   includeClusterAuthorizedOperations => bool
 *   endpointType => int8  (versions 1-2, default 1)
 *   includeFencedBrokers => bool  (versions 2)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeClusterRequest(reader: Reader, version: number): DescribeClusterRequest {
  checkVersion('DescribeClusterRequest', version, 0, 2);
  const includeClusterAuthorizedOperations = reader.boolean();
  let endpointType: number = 1;
  if (version >= 1) endpointType = reader.int8();
  let includeFencedBrokers: boolean = false;
  if (version >= 2) includeFencedBrokers = reader.boolean();
  reader.skipTags();
  return { includeClusterAuthorizedOperations, endpointType, includeFencedBrokers };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeClusterRequest(writer: Writer, message: DescribeClusterRequestInit, version: number): void {
  checkVersion('DescribeClusterRequest', version, 0, 2);
  writer.boolean(message.includeClusterAuthorizedOperations);
  if (version >= 1) writer.int8(message.endpointType ?? 1);
  else if (message.endpointType !== undefined && message.endpointType !== 1) throw unsupportedField('DescribeClusterRequest', 'endpointType', version);
  if (version >= 2) writer.boolean(message.includeFencedBrokers ?? false);
  else if (message.includeFencedBrokers !== undefined && message.includeFencedBrokers) throw unsupportedField('DescribeClusterRequest', 'includeFencedBrokers', version);
  writer.uvarint(0);
}

/** DescribeClusterResponse: API key 60, versions 0-2. */
export interface DescribeClusterResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly endpointType: number;
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly DescribeClusterBroker[];
  readonly clusterAuthorizedOperations: number;
}

/** What is given to encode {@link DescribeClusterResponse}: what has a default may be left out. */
export interface DescribeClusterResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly endpointType?: number;
  readonly clusterId: string;
  readonly controllerId?: number;
  readonly brokers: readonly DescribeClusterBrokerInit[];
  readonly clusterAuthorizedOperations?: number;
}

/** Part of DescribeClusterResponse. */
export interface DescribeClusterBroker {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

/** What is given to encode {@link DescribeClusterBroker}: what has a default may be left out. */
export interface DescribeClusterBrokerInit {
  readonly brokerId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null;
  readonly isFenced?: boolean;
}

function decodeDescribeClusterBroker(reader: Reader, version: number): DescribeClusterBroker {
  const brokerId = reader.int32();
  const host = reader.string(true);
  const port = reader.int32();
  const rack = reader.nullableString(true);
  let isFenced: boolean = false;
  if (version >= 2) isFenced = reader.boolean();
  reader.skipTags();
  return { brokerId, host, port, rack, isFenced };
}

/**
 * DescribeClusterResponse: API key 60, versions 0-2, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   endpointType => int8  (versions 1-2, default 1)
 *   clusterId => string
 *   controllerId => int32  (default -1)
 *   brokers => []DescribeClusterBroker
 *     brokerId => int32
 *     host => string
 *     port => int32
 *     rack => string  (may be null, default null)
 *     isFenced => bool  (versions 2)
 *   clusterAuthorizedOperations => int32  (default -2147483648)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeClusterResponse(reader: Reader, version: number): DescribeClusterResponse {
  checkVersion('DescribeClusterResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  let endpointType: number = 1;
  if (version >= 1) endpointType = reader.int8();
  const clusterId = reader.string(true);
  const controllerId = reader.int32();
  const brokersLength = reader.arrayLength(true, 11);
  const brokers: DescribeClusterBroker[] = [];
  for (let i = 0; i < brokersLength; i += 1) brokers.push(decodeDescribeClusterBroker(reader, version));
  const clusterAuthorizedOperations = reader.int32();
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, endpointType, clusterId, controllerId, brokers, clusterAuthorizedOperations };
}

function encodeDescribeClusterBroker(writer: Writer, message: DescribeClusterBrokerInit, version: number): void {
  writer.int32(message.brokerId);
  writer.string(message.host, true);
  writer.int32(message.port);
  writer.nullableString(message.rack ?? null, true);
  if (version >= 2) writer.boolean(message.isFenced ?? false);
  else if (message.isFenced !== undefined && message.isFenced) throw unsupportedField('DescribeClusterResponse', 'isFenced', version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeClusterResponse(writer: Writer, message: DescribeClusterResponseInit, version: number): void {
  checkVersion('DescribeClusterResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  if (version >= 1) writer.int8(message.endpointType ?? 1);
  else if (message.endpointType !== undefined && message.endpointType !== 1) throw unsupportedField('DescribeClusterResponse', 'endpointType', version);
  writer.string(message.clusterId, true);
  writer.int32(message.controllerId ?? -1);
  const brokers = message.brokers;
  writer.arrayLength(brokers.length, true);
  for (const item of brokers) encodeDescribeClusterBroker(writer, item, version);
  writer.int32(message.clusterAuthorizedOperations ?? -2147483648);
  writer.uvarint(0);
}

/** DescribeCluster as a whole. */
export const describeClusterMessages = defineApi<DescribeClusterRequest, DescribeClusterRequestInit, DescribeClusterResponse, DescribeClusterResponseInit>({
  apiKey: 60,
  name: 'DescribeCluster',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeClusterRequest,
  encodeRequest: encodeDescribeClusterRequest,
  decodeResponse: decodeDescribeClusterResponse,
  encodeResponse: encodeDescribeClusterResponse,
});
