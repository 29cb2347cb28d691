// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterShareGroupOffsetsRequest: API key 91, version 0. */
export interface AlterShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly AlterShareGroupOffsetsRequestTopic[];
}

/** Part of AlterShareGroupOffsetsRequest. */
export interface AlterShareGroupOffsetsRequestTopic {
  readonly topicName: string;
  readonly partitions: readonly AlterShareGroupOffsetsRequestPartition[];
}

/** Part of AlterShareGroupOffsetsRequest. */
export interface AlterShareGroupOffsetsRequestPartition {
  readonly partitionIndex: number;
  readonly startOffset: number;
}

function decodeAlterShareGroupOffsetsRequestPartition(reader: Reader): AlterShareGroupOffsetsRequestPartition {
  const partitionIndex = reader.int32();
  const startOffset = reader.int64();
  reader.skipTags();
  return { partitionIndex, startOffset };
}

function decodeAlterShareGroupOffsetsRequestTopic(reader: Reader): AlterShareGroupOffsetsRequestTopic {
  const topicName = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 13);
  const partitions: AlterShareGroupOffsetsRequestPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeAlterShareGroupOffsetsRequestPartition(reader));
  reader.skipTags();
  return { topicName, partitions };
}

/**
 * AlterShareGroupOffsetsRequest: API key 91, version 0, flexible from 0.
 *
 *   groupId => string
 *   topics => []AlterShareGroupOffsetsRequestTopic
 *     topicName => string
 *     partitions => []AlterShareGroupOffsetsRequestPartition
 *       partitionIndex => int32
 *       startOffset => int64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterShareGroupOffsetsRequest(reader: Reader, version: number): AlterShareGroupOffsetsRequest {
  checkVersion('AlterShareGroupOffsetsRequest', version, 0, 0);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: AlterShareGroupOffsetsRequestTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeAlterShareGroupOffsetsRequestTopic(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodeAlterShareGroupOffsetsRequestPartition(writer: Writer, message: AlterShareGroupOffsetsRequestPartition): void {
  writer.int32(message.partitionIndex);
  writer.int64(message.startOffset);
  writer.uvarint(0);
}

function encodeAlterShareGroupOffsetsRequestTopic(writer: Writer, message: AlterShareGroupOffsetsRequestTopic): void {
  writer.string(message.topicName, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeAlterShareGroupOffsetsRequestPartition(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterShareGroupOffsetsRequest(writer: Writer, message: AlterShareGroupOffsetsRequest, version: number): void {
  checkVersion('AlterShareGroupOffsetsRequest', version, 0, 0);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeAlterShareGroupOffsetsRequestTopic(writer, item);
  writer.uvarint(0);
}

/** AlterShareGroupOffsetsResponse: API key 91, version 0. */
export interface AlterShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly AlterShareGroupOffsetsResponseTopic[];
}

/** What is given to encode {@link AlterShareGroupOffsetsResponse}: what has a default may be left out. */
export interface AlterShareGroupOffsetsResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly responses: readonly AlterShareGroupOffsetsResponseTopicInit[];
}

/** Part of AlterShareGroupOffsetsResponse. */
export interface AlterShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  readonly topicId: string;
  readonly partitions: readonly AlterShareGroupOffsetsResponsePartition[];
}

/** What is given to encode {@link AlterShareGroupOffsetsResponseTopic}: what has a default may be left out. */
export interface AlterShareGroupOffsetsResponseTopicInit {
  readonly topicName: string;
  readonly topicId: string;
  readonly partitions: readonly AlterShareGroupOffsetsResponsePartitionInit[];
}

/** Part of AlterShareGroupOffsetsResponse. */
export interface AlterShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link AlterShareGroupOffsetsResponsePartition}: what has a default may be left out. */
export interface AlterShareGroupOffsetsResponsePartitionInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeAlterShareGroupOffsetsResponsePartition(reader: Reader): AlterShareGroupOffsetsResponsePartition {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage };
}

function decodeAlterShareGroupOffsetsResponseTopic(reader: Reader): AlterShareGroupOffsetsResponseTopic {
  const topicName = reader.string(true);
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: AlterShareGroupOffsetsResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeAlterShareGroupOffsetsResponsePartition(reader));
  reader.skipTags();
  return { topicName, topicId, partitions };
}

/**
 * AlterShareGroupOffsetsResponse: API key 91, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   responses => []AlterShareGroupOffsetsResponseTopic
 *     topicName => string
 *     topicId => uuid
 *     partitions => []AlterShareGroupOffsetsResponsePartition
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterShareGroupOffsetsResponse(reader: Reader, version: number): AlterShareGroupOffsetsResponse {
  checkVersion('AlterShareGroupOffsetsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const responsesLength = reader.arrayLength(true, 19);
  const responses: AlterShareGroupOffsetsResponseTopic[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeAlterShareGroupOffsetsResponseTopic(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, responses };
}

function encodeAlterShareGroupOffsetsResponsePartition(writer: Writer, message: AlterShareGroupOffsetsResponsePartitionInit): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

function encodeAlterShareGroupOffsetsResponseTopic(writer: Writer, message: AlterShareGroupOffsetsResponseTopicInit): void {
  writer.string(message.topicName, true);
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeAlterShareGroupOffsetsResponsePartition(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterShareGroupOffsetsResponse(writer: Writer, message: AlterShareGroupOffsetsResponseInit, version: number): void {
  checkVersion('AlterShareGroupOffsetsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  const responses = message.responses;
  writer.arrayLength(responses.length, true);
  for (const item of responses) encodeAlterShareGroupOffsetsResponseTopic(writer, item);
  writer.uvarint(0);
}

/** AlterShareGroupOffsets as a whole. */
export const alterShareGroupOffsetsMessages = defineApi<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, AlterShareGroupOffsetsResponseInit>({
  apiKey: 91,
  name: 'AlterShareGroupOffsets',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeAlterShareGroupOffsetsRequest,
  encodeRequest: encodeAlterShareGroupOffsetsRequest,
  decodeResponse: decodeAlterShareGroupOffsetsResponse,
  encodeResponse: encodeAlterShareGroupOffsetsResponse,
});
