// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ListOffsetsRequest: API key 2, versions 1-11. */
export interface ListOffsetsRequest {
  readonly replicaId: number;
  readonly isolationLevel: number;
  readonly topics: readonly ListOffsetsTopic[];
  readonly timeoutMs: number;
}

/** What is given to encode {@link ListOffsetsRequest}: what has a default may be left out. */
export interface ListOffsetsRequestInit {
  readonly replicaId: number;
  readonly isolationLevel?: number;
  readonly topics: readonly ListOffsetsTopicInit[];
  readonly timeoutMs?: number;
}

/** Part of ListOffsetsRequest. */
export interface ListOffsetsTopic {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartition[];
}

/** What is given to encode {@link ListOffsetsTopic}: what has a default may be left out. */
export interface ListOffsetsTopicInit {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartitionInit[];
}

/** Part of ListOffsetsRequest. */
export interface ListOffsetsPartition {
  readonly partitionIndex: number;
  readonly currentLeaderEpoch: number;
  readonly timestamp: number;
}

/** What is given to encode {@link ListOffsetsPartition}: what has a default may be left out. */
export interface ListOffsetsPartitionInit {
  readonly partitionIndex: number;
  readonly currentLeaderEpoch?: number;
  readonly timestamp: number;
}

function decodeListOffsetsPartition(reader: Reader, version: number): ListOffsetsPartition {
  const flexible = version >= 6;
  const partitionIndex = reader.int32();
  let currentLeaderEpoch: number = -1;
  if (version >= 4) currentLeaderEpoch = reader.int32();
  const timestamp = reader.int64();
  if (flexible) reader.skipTags();
  return { partitionIndex, currentLeaderEpoch, timestamp };
}

function decodeListOffsetsTopic(reader: Reader, version: number): ListOffsetsTopic {
  const flexible = version >= 6;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 12);
  const partitions: ListOffsetsPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeListOffsetsPartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * ListOffsetsRequest: API key 2, versions 1-11, flexible from 6.
 *
 *   replicaId => int32
 *   isolationLevel => int8  (versions 2-11)
 *   topics => []ListOffsetsTopic
 *     name => string
 *     partitions => []ListOffsetsPartition
 *       partitionIndex => int32
 *       currentLeaderEpoch => int32  (versions 4-11, default -1)
 *       timestamp => int64
 *   timeoutMs => int32  (versions 10-11)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListOffsetsRequest(reader: Reader, version: number): ListOffsetsRequest {
  const flexible = version >= 6;
  checkVersion('ListOffsetsRequest', version, 1, 11);
  const replicaId = reader.int32();
  let isolationLevel: number = 0;
  if (version >= 2) isolationLevel = reader.int8();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: ListOffsetsTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeListOffsetsTopic(reader, version));
  let timeoutMs: number = 0;
  if (version >= 10) timeoutMs = reader.int32();
  if (flexible) reader.skipTags();
  return { replicaId, isolationLevel, topics, timeoutMs };
}

function encodeListOffsetsPartition(writer: Writer, message: ListOffsetsPartitionInit, version: number): void {
  const flexible = version >= 6;
  writer.int32(message.partitionIndex);
  if (version >= 4) writer.int32(message.currentLeaderEpoch ?? -1);
  writer.int64(message.timestamp);
  if (flexible) writer.uvarint(0);
}

function encodeListOffsetsTopic(writer: Writer, message: ListOffsetsTopicInit, version: number): void {
  const flexible = version >= 6;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeListOffsetsPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListOffsetsRequest(writer: Writer, message: ListOffsetsRequestInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('ListOffsetsRequest', version, 1, 11);
  writer.int32(message.replicaId);
  if (version >= 2) writer.int8(message.isolationLevel ?? 0);
  else if (message.isolationLevel !== undefined && message.isolationLevel !== 0) throw unsupportedField('ListOffsetsRequest', 'isolationLevel', version);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeListOffsetsTopic(writer, item, version);
  if (version >= 10) writer.int32(message.timeoutMs ?? 0);
  if (flexible) writer.uvarint(0);
}

/** ListOffsetsResponse: API key 2, versions 1-11. */
export interface ListOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly ListOffsetsTopicResponse[];
}

/** What is given to encode {@link ListOffsetsResponse}: what has a default may be left out. */
export interface ListOffsetsResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics: readonly ListOffsetsTopicResponseInit[];
}

/** Part of ListOffsetsResponse. */
export interface ListOffsetsTopicResponse {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartitionResponse[];
}

/** What is given to encode {@link ListOffsetsTopicResponse}: what has a default may be left out. */
export interface ListOffsetsTopicResponseInit {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartitionResponseInit[];
}

/** Part of ListOffsetsResponse. */
export interface ListOffsetsPartitionResponse {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** What is given to encode {@link ListOffsetsPartitionResponse}: what has a default may be left out. */
export interface ListOffsetsPartitionResponseInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly timestamp?: number;
  readonly offset?: number;
  readonly leaderEpoch?: number;
}

function decodeListOffsetsPartitionResponse(reader: Reader, version: number): ListOffsetsPartitionResponse {
  const flexible = version >= 6;
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const timestamp = reader.int64();
  const offset = reader.int64();
  let leaderEpoch: number = -1;
  if (version >= 4) leaderEpoch = reader.int32();
  if (flexible) reader.skipTags();
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch };
}

function decodeListOffsetsTopicResponse(reader: Reader, version: number): ListOffsetsTopicResponse {
  const flexible = version >= 6;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 22);
  const partitions: ListOffsetsPartitionResponse[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeListOffsetsPartitionResponse(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * ListOffsetsResponse: API key 2, versions 1-11, flexible from 6.
 *
 *   throttleTimeMs => int32  (versions 2-11)
 *   topics => []ListOffsetsTopicResponse
 *     name => string
 *     partitions => []ListOffsetsPartitionResponse
 *       partitionIndex => int32
 *       errorCode => int16
 *       timestamp => int64  (default -1)
 *       offset => int64  (default -1)
 *       leaderEpoch => int32  (versions 4-11, default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListOffsetsResponse(reader: Reader, version: number): ListOffsetsResponse {
  const flexible = version >= 6;
  checkVersion('ListOffsetsResponse', version, 1, 11);
  let throttleTimeMs: number = 0;
  if (version >= 2) throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: ListOffsetsTopicResponse[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeListOffsetsTopicResponse(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeListOffsetsPartitionResponse(writer: Writer, message: ListOffsetsPartitionResponseInit, version: number): void {
  const flexible = version >= 6;
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.int64(message.timestamp ?? -1);
  writer.int64(message.offset ?? -1);
  if (version >= 4) writer.int32(message.leaderEpoch ?? -1);
  else if (message.leaderEpoch !== undefined && message.leaderEpoch !== -1) throw unsupportedField('ListOffsetsResponse', 'leaderEpoch', version);
  if (flexible) writer.uvarint(0);
}

function encodeListOffsetsTopicResponse(writer: Writer, message: ListOffsetsTopicResponseInit, version: number): void {
  const flexible = version >= 6;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeListOffsetsPartitionResponse(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListOffsetsResponse(writer: Writer, message: ListOffsetsResponseInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('ListOffsetsResponse', version, 1, 11);
  if (version >= 2) writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeListOffsetsTopicResponse(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** ListOffsets as a whole. */
export const listOffsetsMessages = defineApi<ListOffsetsRequest, ListOffsetsRequestInit, ListOffsetsResponse, ListOffsetsResponseInit>({
  apiKey: 2,
  name: 'ListOffsets',
  validVersions: { min: 1, max: 11 },
  flexibleFrom: 6,
  decodeRequest: decodeListOffsetsRequest,
  encodeRequest: encodeListOffsetsRequest,
  decodeResponse: decodeListOffsetsResponse,
  encodeResponse: encodeListOffsetsResponse,
});
