// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** WriteTxnMarkersRequest: API key 27, versions 1-2. */
export interface WriteTxnMarkersRequest {
  readonly markers: readonly WritableTxnMarker[];
}

/** What is given to encode {@link WriteTxnMarkersRequest}: what has a default may be left out. */
export interface WriteTxnMarkersRequestInit {
  readonly markers: readonly WritableTxnMarkerInit[];
}

/** Part of WriteTxnMarkersRequest. */
export interface WritableTxnMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactionResult: boolean;
  readonly topics: readonly WritableTxnMarkerTopic[];
  readonly coordinatorEpoch: number;
  readonly transactionVersion: number;
}

/** What is given to encode {@link WritableTxnMarker}: what has a default may be left out. */
export interface WritableTxnMarkerInit {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactionResult: boolean;
  readonly topics: readonly WritableTxnMarkerTopic[];
  readonly coordinatorEpoch: number;
  readonly transactionVersion?: number;
}

/** Part of WriteTxnMarkersRequest. */
export interface WritableTxnMarkerTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function decodeWritableTxnMarkerTopic(reader: Reader): WritableTxnMarkerTopic {
  const name = reader.string(true);
  const partitionIndexesLength = reader.arrayLength(true, 4);
  const partitionIndexes: number[] = [];
  for (let i = 0; i < partitionIndexesLength; i += 1) partitionIndexes.push(reader.int32());
  reader.skipTags();
  return { name, partitionIndexes };
}

function decodeWritableTxnMarker(reader: Reader, version: number): WritableTxnMarker {
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const transactionResult = reader.boolean();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: WritableTxnMarkerTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeWritableTxnMarkerTopic(reader));
  const coordinatorEpoch = reader.int32();
  let transactionVersion: number = 0;
  if (version >= 2) transactionVersion = reader.int8();
  reader.skipTags();
  return { producerId, producerEpoch, transactionResult, topics, coordinatorEpoch, transactionVersion };
}

/**
 * WriteTxnMarkersRequest: API key 27, versions 1-2, flexible from 1.
 *
 *   markers => []WritableTxnMarker
 *     producerId => int64
 *     producerEpoch => int16
 *     transactionResult => bool
 *     topics => []WritableTxnMarkerTopic
 *       name => string
 *       partitionIndexes => []int32
 *     coordinatorEpoch => int32
 *     transactionVersion => int8  (versions 2, default 0)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeWriteTxnMarkersRequest(reader: Reader, version: number): WriteTxnMarkersRequest {
  checkVersion('WriteTxnMarkersRequest', version, 1, 2);
  const markersLength = reader.arrayLength(true, 17);
  const markers: WritableTxnMarker[] = [];
  for (let i = 0; i < markersLength; i += 1) markers.push(decodeWritableTxnMarker(reader, version));
  reader.skipTags();
  return { markers };
}

function encodeWritableTxnMarkerTopic(writer: Writer, message: WritableTxnMarkerTopic): void {
  writer.string(message.name, true);
  const partitionIndexes = message.partitionIndexes;
  writer.arrayLength(partitionIndexes.length, true);
  for (const item of partitionIndexes) writer.int32(item);
  writer.uvarint(0);
}

function encodeWritableTxnMarker(writer: Writer, message: WritableTxnMarkerInit, version: number): void {
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  writer.boolean(message.transactionResult);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeWritableTxnMarkerTopic(writer, item);
  writer.int32(message.coordinatorEpoch);
  if (version >= 2) writer.int8(message.transactionVersion ?? 0);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeWriteTxnMarkersRequest(writer: Writer, message: WriteTxnMarkersRequestInit, version: number): void {
  checkVersion('WriteTxnMarkersRequest', version, 1, 2);
  const markers = message.markers;
  writer.arrayLength(markers.length, true);
  for (const item of markers) encodeWritableTxnMarker(writer, item, version);
  writer.uvarint(0);
}

/** WriteTxnMarkersResponse: API key 27, versions 1-2. */
export interface WriteTxnMarkersResponse {
  readonly markers: readonly WritableTxnMarkerResult[];
}

/** Part of WriteTxnMarkersResponse. */
export interface WritableTxnMarkerResult {
  readonly producerId: number;
  readonly topics: readonly WritableTxnMarkerTopicResult[];
}

/** Part of WriteTxnMarkersResponse. */
export interface WritableTxnMarkerTopicResult {
  readonly name: string;
  readonly partitions: readonly WritableTxnMarkerPartitionResult[];
}

/** Part of WriteTxnMarkersResponse. */
export interface WritableTxnMarkerPartitionResult {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function decodeWritableTxnMarkerPartitionResult(reader: Reader): WritableTxnMarkerPartitionResult {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  reader.skipTags();
  return { partitionIndex, errorCode };
}

function decodeWritableTxnMarkerTopicResult(reader: Reader): WritableTxnMarkerTopicResult {
  const name = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 7);
  const partitions: WritableTxnMarkerPartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeWritableTxnMarkerPartitionResult(reader));
  reader.skipTags();
  return { name, partitions };
}

function decodeWritableTxnMarkerResult(reader: Reader): WritableTxnMarkerResult {
  const producerId = reader.int64();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: WritableTxnMarkerTopicResult[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeWritableTxnMarkerTopicResult(reader));
  reader.skipTags();
  return { producerId, topics };
}

/**
 * WriteTxnMarkersResponse: API key 27, versions 1-2, flexible from 1.
 *
 *   markers => []WritableTxnMarkerResult
 *     producerId => int64
 *     topics => []WritableTxnMarkerTopicResult
 *       name => string
 *       partitions => []WritableTxnMarkerPartitionResult
 *         partitionIndex => int32
 *         errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeWriteTxnMarkersResponse(reader: Reader, version: number): WriteTxnMarkersResponse {
  checkVersion('WriteTxnMarkersResponse', version, 1, 2);
  const markersLength = reader.arrayLength(true, 10);
  const markers: WritableTxnMarkerResult[] = [];
  for (let i = 0; i < markersLength; i += 1) markers.push(decodeWritableTxnMarkerResult(reader));
  reader.skipTags();
  return { markers };
}

function encodeWritableTxnMarkerPartitionResult(writer: Writer, message: WritableTxnMarkerPartitionResult): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.uvarint(0);
}

function encodeWritableTxnMarkerTopicResult(writer: Writer, message: WritableTxnMarkerTopicResult): void {
  writer.string(message.name, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeWritableTxnMarkerPartitionResult(writer, item);
  writer.uvarint(0);
}

function encodeWritableTxnMarkerResult(writer: Writer, message: WritableTxnMarkerResult): void {
  writer.int64(message.producerId);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeWritableTxnMarkerTopicResult(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeWriteTxnMarkersResponse(writer: Writer, message: WriteTxnMarkersResponse, version: number): void {
  checkVersion('WriteTxnMarkersResponse', version, 1, 2);
  const markers = message.markers;
  writer.arrayLength(markers.length, true);
  for (const item of markers) encodeWritableTxnMarkerResult(writer, item);
  writer.uvarint(0);
}

/** WriteTxnMarkers as a whole. */
export const writeTxnMarkersMessages = defineApi<WriteTxnMarkersRequest, WriteTxnMarkersRequestInit, WriteTxnMarkersResponse, WriteTxnMarkersResponse>({
  apiKey: 27,
  name: 'WriteTxnMarkers',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 1,
  decodeRequest: decodeWriteTxnMarkersRequest,
  encodeRequest: encodeWriteTxnMarkersRequest,
  decodeResponse: decodeWriteTxnMarkersResponse,
  encodeResponse: encodeWriteTxnMarkersResponse,
});
