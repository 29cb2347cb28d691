// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** DescribeTopicPartitionsRequest: API key 75, version 0. */
export interface DescribeTopicPartitionsRequest {
  readonly topics: readonly TopicRequest[];
  readonly responsePartitionLimit: number;
  readonly cursor: DescribeTopicPartitionsRequestCursor | null;
}

/** What is given to encode {@link DescribeTopicPartitionsRequest}: what has a default may be left out. */
export interface DescribeTopicPartitionsRequestInit {
  readonly topics: readonly TopicRequest[];
  readonly responsePartitionLimit?: number;
  readonly cursor?: DescribeTopicPartitionsRequestCursor | null;
}

/** Part of DescribeTopicPartitionsRequest. */
export interface DescribeTopicPartitionsRequestCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

/** Part of DescribeTopicPartitionsRequest. */
export interface TopicRequest {
  readonly name: string;
}

function decodeTopicRequest(reader: Reader): TopicRequest {
  const name = reader.string(true);
  reader.skipTags();
  return { name };
}

function decodeDescribeTopicPartitionsRequestCursor(reader: Reader): DescribeTopicPartitionsRequestCursor {
  const topicName = reader.string(true);
  const partitionIndex = reader.int32();
  reader.skipTags();
  return { topicName, partitionIndex };
}

/**
 * DescribeTopicPartitionsRequest: API key 75, version 0, flexible from 0.
 *
 *   topics => []TopicRequest
 *     name => string
 *   responsePartitionLimit => int32  (default 2000)
 *   cursor => DescribeTopicPartitionsRequestCursor  (may be null, default null)
 *     topicName => string
 *     partitionIndex => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeTopicPartitionsRequest(reader: Reader, version: number): DescribeTopicPartitionsRequest {
  checkVersion('DescribeTopicPartitionsRequest', version, 0, 0);
  const topicsLength = reader.arrayLength(true, 2);
  const topics: TopicRequest[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTopicRequest(reader));
  const responsePartitionLimit = reader.int32();
  const cursor = reader.int8() < 0 ? null : decodeDescribeTopicPartitionsRequestCursor(reader);
  reader.skipTags();
  return { topics, responsePartitionLimit, cursor };
}

function encodeTopicRequest(writer: Writer, message: TopicRequest): void {
  writer.string(message.name, true);
  writer.uvarint(0);
}

function encodeDescribeTopicPartitionsRequestCursor(writer: Writer, message: DescribeTopicPartitionsRequestCursor): void {
  writer.string(message.topicName, true);
  writer.int32(message.partitionIndex);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeTopicPartitionsRequest(writer: Writer, message: DescribeTopicPartitionsRequestInit, version: number): void {
  checkVersion('DescribeTopicPartitionsRequest', version, 0, 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeTopicRequest(writer, item);
  writer.int32(message.responsePartitionLimit ?? 2000);
  const cursor = message.cursor ?? null;
  if (cursor === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeDescribeTopicPartitionsRequestCursor(writer, cursor);
  }
  writer.uvarint(0);
}

/** DescribeTopicPartitionsResponse: API key 75, version 0. */
export interface DescribeTopicPartitionsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeTopicPartitionsResponseTopic[];
  readonly nextCursor: DescribeTopicPartitionsResponseCursor | null;
}

/** What is given to encode {@link DescribeTopicPartitionsResponse}: what has a default may be left out. */
export interface DescribeTopicPartitionsResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics: readonly DescribeTopicPartitionsResponseTopicInit[];
  readonly nextCursor?: DescribeTopicPartitionsResponseCursor | null;
}

/** Part of DescribeTopicPartitionsResponse. */
export interface DescribeTopicPartitionsResponseCursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

/** Part of DescribeTopicPartitionsResponse. */
export interface DescribeTopicPartitionsResponseTopic {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly DescribeTopicPartitionsResponsePartition[];
  readonly topicAuthorizedOperations: number;
}

/** What is given to encode {@link DescribeTopicPartitionsResponseTopic}: what has a default may be left out. */
export interface DescribeTopicPartitionsResponseTopicInit {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId?: string;
  readonly isInternal?: boolean;
  readonly partitions: readonly DescribeTopicPartitionsResponsePartitionInit[];
  readonly topicAuthorizedOperations?: number;
}

/** Part of DescribeTopicPartitionsResponse. */
export interface DescribeTopicPartitionsResponsePartition {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly eligibleLeaderReplicas: readonly number[] | null;
  readonly lastKnownElr: readonly number[] | null;
  readonly offlineReplicas: readonly number[];
}

/** What is given to encode {@link DescribeTopicPartitionsResponsePartition}: what has a default may be left out. */
export interface DescribeTopicPartitionsResponsePartitionInit {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch?: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly eligibleLeaderReplicas?: readonly number[] | null;
  readonly lastKnownElr?: readonly number[] | null;
  readonly offlineReplicas?: readonly number[];
}

function decodeDescribeTopicPartitionsResponsePartition(reader: Reader): DescribeTopicPartitionsResponsePartition {
  const errorCode = reader.int16();
  const partitionIndex = reader.int32();
  const leaderId = reader.int32();
  const leaderEpoch = reader.int32();
  const replicaNodesLength = reader.arrayLength(true, 4);
  const replicaNodes: number[] = [];
  for (let i = 0; i < replicaNodesLength; i += 1) replicaNodes.push(reader.int32());
  const isrNodesLength = reader.arrayLength(true, 4);
  const isrNodes: number[] = [];
  for (let i = 0; i < isrNodesLength; i += 1) isrNodes.push(reader.int32());
  const eligibleLeaderReplicasLength = reader.nullableArrayLength(true, 4);
  let eligibleLeaderReplicas: readonly number[] | null = null;
  if (eligibleLeaderReplicasLength >= 0) {
    const items: number[] = [];
    for (let i = 0; i < eligibleLeaderReplicasLength; i += 1) items.push(reader.int32());
    eligibleLeaderReplicas = items;
  }
  const lastKnownElrLength = reader.nullableArrayLength(true, 4);
  let lastKnownElr: readonly number[] | null = null;
  if (lastKnownElrLength >= 0) {
    const items: number[] = [];
    for (let i = 0; i < lastKnownElrLength; i += 1) items.push(reader.int32());
    lastKnownElr = items;
  }
  const offlineReplicasLength = reader.arrayLength(true, 4);
  const offlineReplicas: number[] = [];
  for (let i = 0; i < offlineReplicasLength; i += 1) offlineReplicas.push(reader.int32());
  reader.skipTags();
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas };
}

function decodeDescribeTopicPartitionsResponseTopic(reader: Reader): DescribeTopicPartitionsResponseTopic {
  const errorCode = reader.int16();
  const name = reader.nullableString(true);
  const topicId = reader.uuid();
  const isInternal = reader.boolean();
  const partitionsLength = reader.arrayLength(true, 20);
  const partitions: DescribeTopicPartitionsResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDescribeTopicPartitionsResponsePartition(reader));
  const topicAuthorizedOperations = reader.int32();
  reader.skipTags();
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

function decodeDescribeTopicPartitionsResponseCursor(reader: Reader): DescribeTopicPartitionsResponseCursor {
  const topicName = reader.string(true);
  const partitionIndex = reader.int32();
  reader.skipTags();
  return { topicName, partitionIndex };
}

/**
 * DescribeTopicPartitionsResponse: API key 75, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   topics => []DescribeTopicPartitionsResponseTopic
 *     errorCode => int16
 *     name => string  (may be null)
 *     topicId => uuid
 *     isInternal => bool  (default false)
 *     partitions => []DescribeTopicPartitionsResponsePartition
 *       errorCode => int16
 *       partitionIndex => int32
 *       leaderId => int32
 *       leaderEpoch => int32  (default -1)
 *       replicaNodes => []int32
 *       isrNodes => []int32
 *       eligibleLeaderReplicas => []int32  (may be null, default null)
 *       lastKnownElr => []int32  (may be null, default null)
 *       offlineReplicas => []int32
 *     topicAuthorizedOperations => int32  (default -2147483648)
 *   nextCursor => DescribeTopicPartitionsResponseCursor  (may be null, default null)
 *     topicName => string
 *     partitionIndex => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeTopicPartitionsResponse(reader: Reader, version: number): DescribeTopicPartitionsResponse {
  checkVersion('DescribeTopicPartitionsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(true, 26);
  const topics: DescribeTopicPartitionsResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDescribeTopicPartitionsResponseTopic(reader));
  const nextCursor = reader.int8() < 0 ? null : decodeDescribeTopicPartitionsResponseCursor(reader);
  reader.skipTags();
  return { throttleTimeMs, topics, nextCursor };
}

function encodeDescribeTopicPartitionsResponsePartition(writer: Writer, message: DescribeTopicPartitionsResponsePartitionInit): void {
  writer.int16(message.errorCode);
  writer.int32(message.partitionIndex);
  writer.int32(message.leaderId);
  writer.int32(message.leaderEpoch ?? -1);
  const replicaNodes = message.replicaNodes;
  writer.arrayLength(replicaNodes.length, true);
  for (const item of replicaNodes) writer.int32(item);
  const isrNodes = message.isrNodes;
  writer.arrayLength(isrNodes.length, true);
  for (const item of isrNodes) writer.int32(item);
  const eligibleLeaderReplicas = message.eligibleLeaderReplicas ?? null;
  if (eligibleLeaderReplicas === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(eligibleLeaderReplicas.length, true);
    for (const item of eligibleLeaderReplicas) writer.int32(item);
  }
  const lastKnownElr = message.lastKnownElr ?? null;
  if (lastKnownElr === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(lastKnownElr.length, true);
    for (const item of lastKnownElr) writer.int32(item);
  }
  const offlineReplicas = message.offlineReplicas ?? emptyArray;
  writer.arrayLength(offlineReplicas.length, true);
  for (const item of offlineReplicas) writer.int32(item);
  writer.uvarint(0);
}

function encodeDescribeTopicPartitionsResponseTopic(writer: Writer, message: DescribeTopicPartitionsResponseTopicInit): void {
  writer.int16(message.errorCode);
  writer.nullableString(message.name, true);
  writer.uuid(message.topicId ?? ZERO_UUID);
  writer.boolean(message.isInternal ?? false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeDescribeTopicPartitionsResponsePartition(writer, item);
  writer.int32(message.topicAuthorizedOperations ?? -2147483648);
  writer.uvarint(0);
}

function encodeDescribeTopicPartitionsResponseCursor(writer: Writer, message: DescribeTopicPartitionsResponseCursor): void {
  writer.string(message.topicName, true);
  writer.int32(message.partitionIndex);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeTopicPartitionsResponse(writer: Writer, message: DescribeTopicPartitionsResponseInit, version: number): void {
  checkVersion('DescribeTopicPartitionsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDescribeTopicPartitionsResponseTopic(writer, item);
  const nextCursor = message.nextCursor ?? null;
  if (nextCursor === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeDescribeTopicPartitionsResponseCursor(writer, nextCursor);
  }
  writer.uvarint(0);
}

/** DescribeTopicPartitions as a whole. */
export const describeTopicPartitionsMessages = defineApi<DescribeTopicPartitionsRequest, DescribeTopicPartitionsRequestInit, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponseInit>({
  apiKey: 75,
  name: 'DescribeTopicPartitions',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeTopicPartitionsRequest,
  encodeRequest: encodeDescribeTopicPartitionsRequest,
  decodeResponse: decodeDescribeTopicPartitionsResponse,
  encodeResponse: encodeDescribeTopicPartitionsResponse,
});
