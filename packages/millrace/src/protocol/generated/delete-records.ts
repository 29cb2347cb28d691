// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DeleteRecordsRequest: API key 21, versions 0-2. */
export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsTopic[];
  readonly timeoutMs: number;
}

/** Part of DeleteRecordsRequest. */
export interface DeleteRecordsTopic {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartition[];
}

/** Part of DeleteRecordsRequest. */
export interface DeleteRecordsPartition {
  readonly partitionIndex: number;
  readonly offset: number;
}

function decodeDeleteRecordsPartition(reader: Reader, version: number): DeleteRecordsPartition {
  const flexible = version >= 2;
  const partitionIndex = reader.int32();
  const offset = reader.int64();
  if (flexible) reader.skipTags();
  return { partitionIndex, offset };
}

function decodeDeleteRecordsTopic(reader: Reader, version: number): DeleteRecordsTopic {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 12);
  const partitions: DeleteRecordsPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDeleteRecordsPartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * DeleteRecordsRequest: API key 21, versions 0-2, flexible from 2.
 *
 *   topics => []DeleteRecordsTopic
 *     name => string
 *     partitions => []DeleteRecordsPartition
 *       partitionIndex => int32
 *       offset => int64
 *   timeoutMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteRecordsRequest(reader: Reader, version: number): DeleteRecordsRequest {
  const flexible = version >= 2;
  checkVersion('DeleteRecordsRequest', version, 0, 2);
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: DeleteRecordsTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDeleteRecordsTopic(reader, version));
  const timeoutMs = reader.int32();
  if (flexible) reader.skipTags();
  return { topics, timeoutMs };
}

function encodeDeleteRecordsPartition(writer: Writer, message: DeleteRecordsPartition, version: number): void {
  const flexible = version >= 2;
  writer.int32(message.partitionIndex);
  writer.int64(message.offset);
  if (flexible) writer.uvarint(0);
}

function encodeDeleteRecordsTopic(writer: Writer, message: DeleteRecordsTopic, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeDeleteRecordsPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteRecordsRequest(writer: Writer, message: DeleteRecordsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteRecordsRequest', version, 0, 2);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeDeleteRecordsTopic(writer, item, version);
  writer.int32(message.timeoutMs);
  if (flexible) writer.uvarint(0);
}

/** DeleteRecordsResponse: API key 21, versions 0-2. */
export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DeleteRecordsTopicResult[];
}

/** Part of DeleteRecordsResponse. */
export interface DeleteRecordsTopicResult {
  readonly name: string;
  readonly partitions: readonly DeleteRecordsPartitionResult[];
}

/** Part of DeleteRecordsResponse. */
export interface DeleteRecordsPartitionResult {
  readonly partitionIndex: number;
  readonly lowWatermark: number;
  readonly errorCode: number;
}

function decodeDeleteRecordsPartitionResult(reader: Reader, version: number): DeleteRecordsPartitionResult {
  const flexible = version >= 2;
  const partitionIndex = reader.int32();
  const lowWatermark = reader.int64();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, lowWatermark, errorCode };
}

function decodeDeleteRecordsTopicResult(reader: Reader, version: number): DeleteRecordsTopicResult {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 14);
  const partitions: DeleteRecordsPartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDeleteRecordsPartitionResult(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * DeleteRecordsResponse: API key 21, versions 0-2, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   topics => []DeleteRecordsTopicResult
 *     name => string
 *     partitions => []DeleteRecordsPartitionResult
 *       partitionIndex => int32
 *       lowWatermark => int64
 *       errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteRecordsResponse(reader: Reader, version: number): DeleteRecordsResponse {
  const flexible = version >= 2;
  checkVersion('DeleteRecordsResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: DeleteRecordsTopicResult[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDeleteRecordsTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeDeleteRecordsPartitionResult(writer: Writer, message: DeleteRecordsPartitionResult, version: number): void {
  const flexible = version >= 2;
  writer.int32(message.partitionIndex);
  writer.int64(message.lowWatermark);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

function encodeDeleteRecordsTopicResult(writer: Writer, message: DeleteRecordsTopicResult, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeDeleteRecordsPartitionResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteRecordsResponse(writer: Writer, message: DeleteRecordsResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('DeleteRecordsResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeDeleteRecordsTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DeleteRecords as a whole. */
export const deleteRecordsMessages = defineApi<DeleteRecordsRequest, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsResponse>({
  apiKey: 21,
  name: 'DeleteRecords',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeDeleteRecordsRequest,
  encodeRequest: encodeDeleteRecordsRequest,
  decodeResponse: decodeDeleteRecordsResponse,
  encodeResponse: encodeDeleteRecordsResponse,
});
