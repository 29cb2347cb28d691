// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DeleteShareGroupStateRequest: API key 86, version 0. */
export interface DeleteShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteStateData[];
}

/** Part of DeleteShareGroupStateRequest. */
export interface DeleteStateData {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** Part of DeleteShareGroupStateRequest. */
export interface PartitionData {
  readonly partition: number;
}

function decodePartitionData(reader: Reader): PartitionData {
  const partition = reader.int32();
  reader.skipTags();
  return { partition };
}

function decodeDeleteStateData(reader: Reader): DeleteStateData {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 5);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * DeleteShareGroupStateRequest: API key 86, version 0, flexible from 0.
 *
 *   groupId => string
 *   topics => []DeleteStateData
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partition => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteShareGroupStateRequest(reader: Reader, version: number): DeleteShareGroupStateRequest {
  checkVersion('DeleteShareGroupStateRequest', version, 0, 0);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 18);
  const topics: DeleteStateData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDeleteStateData(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodePartitionData(writer: Writer, message: PartitionData): void {
  writer.int32(message.partition);
  writer.uvarint(0);
}

function encodeDeleteStateData(writer: Writer, message: DeleteStateData): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteShareGroupStateRequest(writer: Writer, message: DeleteShareGroupStateRequest, version: number): void {
  checkVersion('DeleteShareGroupStateRequest', version, 0, 0);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDeleteStateData(writer, item);
  writer.uvarint(0);
}

/** DeleteShareGroupStateResponse: API key 86, version 0. */
export interface DeleteShareGroupStateResponse {
  readonly results: readonly DeleteStateResult[];
}

/** What is given to encode {@link DeleteShareGroupStateResponse}: what has a default may be left out. */
export interface DeleteShareGroupStateResponseInit {
  readonly results: readonly DeleteStateResultInit[];
}

/** Part of DeleteShareGroupStateResponse. */
export interface DeleteStateResult {
  readonly topicId: string;
  readonly partitions: readonly PartitionResult[];
}

/** What is given to encode {@link DeleteStateResult}: what has a default may be left out. */
export interface DeleteStateResultInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionResultInit[];
}

/** Part of DeleteShareGroupStateResponse. */
export interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link PartitionResult}: what has a default may be left out. */
export interface PartitionResultInit {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodePartitionResult(reader: Reader): PartitionResult {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { partition, errorCode, errorMessage };
}

function decodeDeleteStateResult(reader: Reader): DeleteStateResult {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: PartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResult(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * DeleteShareGroupStateResponse: API key 86, version 0, flexible from 0.
 *
 *   results => []DeleteStateResult
 *     topicId => uuid
 *     partitions => []PartitionResult
 *       partition => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteShareGroupStateResponse(reader: Reader, version: number): DeleteShareGroupStateResponse {
  checkVersion('DeleteShareGroupStateResponse', version, 0, 0);
  const resultsLength = reader.arrayLength(true, 18);
  const results: DeleteStateResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeDeleteStateResult(reader));
  reader.skipTags();
  return { results };
}

function encodePartitionResult(writer: Writer, message: PartitionResultInit): void {
  writer.int32(message.partition);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

function encodeDeleteStateResult(writer: Writer, message: DeleteStateResultInit): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResult(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteShareGroupStateResponse(writer: Writer, message: DeleteShareGroupStateResponseInit, version: number): void {
  checkVersion('DeleteShareGroupStateResponse', version, 0, 0);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeDeleteStateResult(writer, item);
  writer.uvarint(0);
}

/** DeleteShareGroupState as a whole. */
export const deleteShareGroupStateMessages = defineApi<DeleteShareGroupStateRequest, DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, DeleteShareGroupStateResponseInit>({
  apiKey: 86,
  name: 'DeleteShareGroupState',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDeleteShareGroupStateRequest,
  encodeRequest: encodeDeleteShareGroupStateRequest,
  decodeResponse: decodeDeleteShareGroupStateResponse,
  encodeResponse: encodeDeleteShareGroupStateResponse,
});
