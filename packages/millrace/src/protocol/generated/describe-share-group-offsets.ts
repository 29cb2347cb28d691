// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeShareGroupOffsetsRequest: API key 90, versions 0-1. */
export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly DescribeShareGroupOffsetsRequestGroup[];
}

/** Part of DescribeShareGroupOffsetsRequest. */
export interface DescribeShareGroupOffsetsRequestGroup {
  readonly groupId: string;
  readonly topics: readonly DescribeShareGroupOffsetsRequestTopic[] | null;
}

/** Part of DescribeShareGroupOffsetsRequest. */
export interface DescribeShareGroupOffsetsRequestTopic {
  readonly topicName: string;
  readonly partitions: readonly number[];
}

function decodeDescribeShareGroupOffsetsRequestTopic(reader: Reader): DescribeShareGroupOffsetsRequestTopic {
  const topicName = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicName, partitions };
}

function decodeDescribeShareGroupOffsetsRequestGroup(reader: Reader): DescribeShareGroupOffsetsRequestGroup {
  const groupId = reader.string(true);
  const topicsLength = reader.nullableArrayLength(true, 3);
  let topics: readonly DescribeShareGroupOffsetsRequestTopic[] | null = null;
  if (topicsLength >= 0) {
    const items: DescribeShareGroupOffsetsRequestTopic[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeDescribeShareGroupOffsetsRequestTopic(reader));
    topics = items;
  }
  reader.skipTags();
  return { groupId, topics };
}

/**
 * DescribeShareGroupOffsetsRequest: API key 90, versions 0-1, flexible from 0.
 *
 *   groups => []DescribeShareGroupOffsetsRequestGroup
 *     groupId => string
 *     topics => []DescribeShareGroupOffsetsRequestTopic  (may be null)
 *       topicName => string
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeShareGroupOffsetsRequest(reader: Reader, version: number): DescribeShareGroupOffsetsRequest {
  checkVersion('DescribeShareGroupOffsetsRequest', version, 0, 1);
  const groupsLength = reader.arrayLength(true, 3);
  const groups: DescribeShareGroupOffsetsRequestGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribeShareGroupOffsetsRequestGroup(reader));
  reader.skipTags();
  return { groups };
}

function encodeDescribeShareGroupOffsetsRequestTopic(writer: Writer, message: DescribeShareGroupOffsetsRequestTopic): void {
  writer.string(message.topicName, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeDescribeShareGroupOffsetsRequestGroup(writer: Writer, message: DescribeShareGroupOffsetsRequestGroup): void {
  writer.string(message.groupId, true);
  const topics = message.topics;
  if (topics === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(topics.length, true);
    for (const item of topics) encodeDescribeShareGroupOffsetsRequestTopic(writer, item);
  }
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeShareGroupOffsetsRequest(writer: Writer, message: DescribeShareGroupOffsetsRequest, version: number): void {
  checkVersion('DescribeShareGroupOffsetsRequest', version, 0, 1);
  const groups = message.groups;
  writer.arrayLength(groups.length, true);
  for (const item of groups) encodeDescribeShareGroupOffsetsRequestGroup(writer, item);
  writer.uvarint(0);
}

/** DescribeShareGroupOffsetsResponse: API key 90, versions 0-1. */
export interface DescribeShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribeShareGroupOffsetsResponseGroup[];
}

/** What is given to encode {@link DescribeShareGroupOffsetsResponse}: what has a default may be left out. */
export interface DescribeShareGroupOffsetsResponseInit {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribeShareGroupOffsetsResponseGroupInit[];
}

/** Part of DescribeShareGroupOffsetsResponse. */
export interface DescribeShareGroupOffsetsResponseGroup {
  readonly groupId: string;
  readonly topics: readonly DescribeShareGroupOffsetsResponseTopic[];
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link DescribeShareGroupOffsetsResponseGroup}: what has a default may be left out. */
export interface DescribeShareGroupOffsetsResponseGroupInit {
  readonly groupId: string;
  readonly topics: readonly DescribeShareGroupOffsetsResponseTopicInit[];
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/** Part of DescribeShareGroupOffsetsResponse. */
export interface DescribeShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  readonly topicId: string;
  readonly partitions: readonly DescribeShareGroupOffsetsResponsePartition[];
}

/** What is given to encode {@link DescribeShareGroupOffsetsResponseTopic}: what has a default may be left out. */
export interface DescribeShareGroupOffsetsResponseTopicInit {
  readonly topicName: string;
  readonly topicId: string;
  readonly partitions: readonly DescribeShareGroupOffsetsResponsePartitionInit[];
}

/** Part of DescribeShareGroupOffsetsResponse. */
export interface DescribeShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number;
  readonly startOffset: number;
  readonly leaderEpoch: number;
  readonly lag: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link DescribeShareGroupOffsetsResponsePartition}: what has a default may be left out. */
export interface DescribeShareGroupOffsetsResponsePartitionInit {
  readonly partitionIndex: number;
  readonly startOffset: number;
  readonly leaderEpoch: number;
  readonly lag?: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeDescribeShareGroupOffsetsResponsePartition(reader: Reader, version: number): DescribeShareGroupOffsetsResponsePartition {
  const partitionIndex = reader.int32();
  const startOffset = reader.int64();
  const leaderEpoch = reader.int32();
  let lag: number = -1;
  if (version >= 1) lag = reader.int64();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { partitionIndex, startOffset, leaderEpoch, lag, errorCode, errorMessage };
}

function decodeDescribeShareGroupOffsetsResponseTopic(reader: Reader, version: number): DescribeShareGroupOffsetsResponseTopic {
  const topicName = reader.string(true);
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 20);
  const partitions: DescribeShareGroupOffsetsResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDescribeShareGroupOffsetsResponsePartition(reader, version));
  reader.skipTags();
  return { topicName, topicId, partitions };
}

function decodeDescribeShareGroupOffsetsResponseGroup(reader: Reader, version: number): DescribeShareGroupOffsetsResponseGroup {
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 19);
  const topics: DescribeShareGroupOffsetsResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDescribeShareGroupOffsetsResponseTopic(reader, version));
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { groupId, topics, errorCode, errorMessage };
}

/**
 * DescribeShareGroupOffsetsResponse: API key 90, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   groups => []DescribeShareGroupOffsetsResponseGroup
 *     groupId => string
 *     topics => []DescribeShareGroupOffsetsResponseTopic
 *       topicName => string
 *       topicId => uuid
 *       partitions => []DescribeShareGroupOffsetsResponsePartition
 *         partitionIndex => int32
 *         startOffset => int64
 *         leaderEpoch => int32
 *         lag => int64  (versions 1, default -1)
 *         errorCode => int16
 *         errorMessage => string  (may be null, default null)
 *     errorCode => int16
 *     errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeShareGroupOffsetsResponse(reader: Reader, version: number): DescribeShareGroupOffsetsResponse {
  checkVersion('DescribeShareGroupOffsetsResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const groupsLength = reader.arrayLength(true, 6);
  const groups: DescribeShareGroupOffsetsResponseGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribeShareGroupOffsetsResponseGroup(reader, version));
  reader.skipTags();
  return { throttleTimeMs, groups };
}

function encodeDescribeShareGroupOffsetsResponsePartition(writer: Writer, message: DescribeShareGroupOffsetsResponsePartitionInit, version: number): void {
  writer.int32(message.partitionIndex);
  writer.int64(message.startOffset);
  writer.int32(message.leaderEpoch);
  if (version >= 1) writer.int64(message.lag ?? -1);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

function encodeDescribeShareGroupOffsetsResponseTopic(writer: Writer, message: DescribeShareGroupOffsetsResponseTopicInit, version: number): void {
  writer.string(message.topicName, true);
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeDescribeShareGroupOffsetsResponsePartition(writer, item, version);
  writer.uvarint(0);
}

function encodeDescribeShareGroupOffsetsResponseGroup(writer: Writer, message: DescribeShareGroupOffsetsResponseGroupInit, version: number): void {
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDescribeShareGroupOffsetsResponseTopic(writer, item, version);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeShareGroupOffsetsResponse(writer: Writer, message: DescribeShareGroupOffsetsResponseInit, version: number): void {
  checkVersion('DescribeShareGroupOffsetsResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  const groups = message.groups;
  writer.arrayLength(groups.length, true);
  for (const item of groups) encodeDescribeShareGroupOffsetsResponseGroup(writer, item, version);
  writer.uvarint(0);
}

/** DescribeShareGroupOffsets as a whole. */
export const describeShareGroupOffsetsMessages = defineApi<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, DescribeShareGroupOffsetsResponseInit>({
  apiKey: 90,
  name: 'DescribeShareGroupOffsets',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeShareGroupOffsetsRequest,
  encodeRequest: encodeDescribeShareGroupOffsetsRequest,
  decodeResponse: decodeDescribeShareGroupOffsetsResponse,
  encodeResponse: encodeDescribeShareGroupOffsetsResponse,
});
