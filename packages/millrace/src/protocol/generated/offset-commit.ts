// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** OffsetCommitRequest: API key 8, versions 2-10. */
export interface OffsetCommitRequest {
  readonly groupId: string;
  readonly generationIdOrMemberEpoch: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly retentionTimeMs: number;
  readonly topics: readonly OffsetCommitRequestTopic[];
}

/** What is given to encode {@link OffsetCommitRequest}: what has a default may be left out. */
export interface OffsetCommitRequestInit {
  readonly groupId: string;
  readonly generationIdOrMemberEpoch?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly retentionTimeMs?: number;
  readonly topics: readonly OffsetCommitRequestTopicInit[];
}

/** Part of OffsetCommitRequest. */
export interface OffsetCommitRequestTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly OffsetCommitRequestPartition[];
}

/** What is given to encode {@link OffsetCommitRequestTopic}: what has a default may be left out. */
export interface OffsetCommitRequestTopicInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitions: readonly OffsetCommitRequestPartitionInit[];
}

/** Part of OffsetCommitRequest. */
export interface OffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

/** What is given to encode {@link OffsetCommitRequestPartition}: what has a default may be left out. */
export interface OffsetCommitRequestPartitionInit {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number;
  readonly committedMetadata: string | null;
}

function decodeOffsetCommitRequestPartition(reader: Reader, version: number): OffsetCommitRequestPartition {
  const flexible = version >= 8;
  const partitionIndex = reader.int32();
  const committedOffset = reader.int64();
  let committedLeaderEpoch: number = -1;
  if (version >= 6) committedLeaderEpoch = reader.int32();
  const committedMetadata = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function decodeOffsetCommitRequestTopic(reader: Reader, version: number): OffsetCommitRequestTopic {
  const flexible = version >= 8;
  let name: string = '';
  if (version <= 9) name = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(flexible, 14);
  const partitions: OffsetCommitRequestPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetCommitRequestPartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, topicId, partitions };
}

/**
 * OffsetCommitRequest: API key 8, versions 2-10, flexible from 8.
 *
 *   groupId => string
 *   generationIdOrMemberEpoch => int32  (default -1)
 *   memberId => string
 *   groupInstanceId => string  (versions 7-10, may be null, default null)
 *   retentionTimeMs => int64  (versions 2-4, default -1)
 *   topics => []OffsetCommitRequestTopic
 *     name => string  (versions 2-9)
 *     topicId => uuid  (versions 10)
 *     partitions => []OffsetCommitRequestPartition
 *       partitionIndex => int32
 *       committedOffset => int64
 *       committedLeaderEpoch => int32  (versions 6-10, default -1)
 *       committedMetadata => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetCommitRequest(reader: Reader, version: number): OffsetCommitRequest {
  const flexible = version >= 8;
  checkVersion('OffsetCommitRequest', version, 2, 10);
  const groupId = reader.string(flexible);
  const generationIdOrMemberEpoch = reader.int32();
  const memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 7) groupInstanceId = reader.nullableString(flexible);
  let retentionTimeMs: number = -1;
  if (version <= 4) retentionTimeMs = reader.int64();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: OffsetCommitRequestTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetCommitRequestTopic(reader, version));
  if (flexible) reader.skipTags();
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics };
}

function encodeOffsetCommitRequestPartition(writer: Writer, message: OffsetCommitRequestPartitionInit, version: number): void {
  const flexible = version >= 8;
  writer.int32(message.partitionIndex);
  writer.int64(message.committedOffset);
  if (version >= 6) writer.int32(message.committedLeaderEpoch ?? -1);
  writer.nullableString(message.committedMetadata, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetCommitRequestTopic(writer: Writer, message: OffsetCommitRequestTopicInit, version: number): void {
  const flexible = version >= 8;
  if (version <= 9) writer.string(message.name ?? '', flexible);
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeOffsetCommitRequestPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetCommitRequest(writer: Writer, message: OffsetCommitRequestInit, version: number): void {
  const flexible = version >= 8;
  checkVersion('OffsetCommitRequest', version, 2, 10);
  writer.string(message.groupId, flexible);
  writer.int32(message.generationIdOrMemberEpoch ?? -1);
  writer.string(message.memberId ?? '', flexible);
  if (version >= 7) writer.nullableString(message.groupInstanceId ?? null, flexible);
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw unsupportedField('OffsetCommitRequest', 'groupInstanceId', version);
  if (version <= 4) writer.int64(message.retentionTimeMs ?? -1);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeOffsetCommitRequestTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** OffsetCommitResponse: API key 8, versions 2-10. */
export interface OffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetCommitResponseTopic[];
}

/** What is given to encode {@link OffsetCommitResponse}: what has a default may be left out. */
export interface OffsetCommitResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics: readonly OffsetCommitResponseTopicInit[];
}

/** Part of OffsetCommitResponse. */
export interface OffsetCommitResponseTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly OffsetCommitResponsePartition[];
}

/** What is given to encode {@link OffsetCommitResponseTopic}: what has a default may be left out. */
export interface OffsetCommitResponseTopicInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitions: readonly OffsetCommitResponsePartition[];
}

/** Part of OffsetCommitResponse. */
export interface OffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function decodeOffsetCommitResponsePartition(reader: Reader, version: number): OffsetCommitResponsePartition {
  const flexible = version >= 8;
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, errorCode };
}

function decodeOffsetCommitResponseTopic(reader: Reader, version: number): OffsetCommitResponseTopic {
  const flexible = version >= 8;
  let name: string = '';
  if (version <= 9) name = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(flexible, 6);
  const partitions: OffsetCommitResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetCommitResponsePartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, topicId, partitions };
}

/**
 * OffsetCommitResponse: API key 8, versions 2-10, flexible from 8.
 *
 *   throttleTimeMs => int32  (versions 3-10)
 *   topics => []OffsetCommitResponseTopic
 *     name => string  (versions 2-9)
 *     topicId => uuid  (versions 10)
 *     partitions => []OffsetCommitResponsePartition
 *       partitionIndex => int32
 *       errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetCommitResponse(reader: Reader, version: number): OffsetCommitResponse {
  const flexible = version >= 8;
  checkVersion('OffsetCommitResponse', version, 2, 10);
  let throttleTimeMs: number = 0;
  if (version >= 3) throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: OffsetCommitResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetCommitResponseTopic(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeOffsetCommitResponsePartition(writer: Writer, message: OffsetCommitResponsePartition, version: number): void {
  const flexible = version >= 8;
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetCommitResponseTopic(writer: Writer, message: OffsetCommitResponseTopicInit, version: number): void {
  const flexible = version >= 8;
  if (version <= 9) writer.string(message.name ?? '', flexible);
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeOffsetCommitResponsePartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetCommitResponse(writer: Writer, message: OffsetCommitResponseInit, version: number): void {
  const flexible = version >= 8;
  checkVersion('OffsetCommitResponse', version, 2, 10);
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeOffsetCommitResponseTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** OffsetCommit as a whole. */
export const offsetCommitMessages = defineApi<OffsetCommitRequest, OffsetCommitRequestInit, OffsetCommitResponse, OffsetCommitResponseInit>({
  apiKey: 8,
  name: 'OffsetCommit',
  validVersions: { min: 2, max: 10 },
  flexibleFrom: 8,
  decodeRequest: decodeOffsetCommitRequest,
  encodeRequest: encodeOffsetCommitRequest,
  decodeResponse: decodeOffsetCommitResponse,
  encodeResponse: encodeOffsetCommitResponse,
});
