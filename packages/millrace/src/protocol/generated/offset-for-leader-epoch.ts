// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** OffsetForLeaderEpochRequest: API key 23, versions 2-4. */
export interface OffsetForLeaderEpochRequest {
  readonly replicaId: number;
  readonly topics: readonly OffsetForLeaderTopic[];
}

/** What is given to encode {@link OffsetForLeaderEpochRequest}: what has a default may be left out. */
export interface OffsetForLeaderEpochRequestInit {
  readonly replicaId?: number;
  readonly topics: readonly OffsetForLeaderTopicInit[];
}

/** Part of OffsetForLeaderEpochRequest. */
export interface OffsetForLeaderTopic {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderPartition[];
}

/** What is given to encode {@link OffsetForLeaderTopic}: what has a default may be left out. */
export interface OffsetForLeaderTopicInit {
  readonly topic: string;
  readonly partitions: readonly OffsetForLeaderPartitionInit[];
}

/** Part of OffsetForLeaderEpochRequest. */
export interface OffsetForLeaderPartition {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly leaderEpoch: number;
}

/** What is given to encode {@link OffsetForLeaderPartition}: what has a default may be left out. */
export interface OffsetForLeaderPartitionInit {
  readonly partition: number;
  readonly currentLeaderEpoch?: number;
  readonly leaderEpoch: number;
}

function decodeOffsetForLeaderPartition(reader: Reader, version: number): OffsetForLeaderPartition {
  const flexible = version >= 4;
  const partition = reader.int32();
  const currentLeaderEpoch = reader.int32();
  const leaderEpoch = reader.int32();
  if (flexible) reader.skipTags();
  return { partition, currentLeaderEpoch, leaderEpoch };
}

function decodeOffsetForLeaderTopic(reader: Reader, version: number): OffsetForLeaderTopic {
  const flexible = version >= 4;
  const topic = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 12);
  const partitions: OffsetForLeaderPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetForLeaderPartition(reader, version));
  if (flexible) reader.skipTags();
  return { topic, partitions };
}

/**
 * OffsetForLeaderEpochRequest: API key 23, versions 2-4, flexible from 4.
 *
 *   replicaId => int32  (versions 3-4, default -2)
 *   topics => []OffsetForLeaderTopic
 *     topic => string
 *     partitions => []OffsetForLeaderPartition
 *       partition => int32
 *       currentLeaderEpoch => int32  (default -1)
 *       leaderEpoch => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetForLeaderEpochRequest(reader: Reader, version: number): OffsetForLeaderEpochRequest {
  const flexible = version >= 4;
  checkVersion('OffsetForLeaderEpochRequest', version, 2, 4);
  let replicaId: number = -2;
  if (version >= 3) replicaId = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: OffsetForLeaderTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetForLeaderTopic(reader, version));
  if (flexible) reader.skipTags();
  return { replicaId, topics };
}

function encodeOffsetForLeaderPartition(writer: Writer, message: OffsetForLeaderPartitionInit, version: number): void {
  const flexible = version >= 4;
  writer.int32(message.partition);
  writer.int32(message.currentLeaderEpoch ?? -1);
  writer.int32(message.leaderEpoch);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetForLeaderTopic(writer: Writer, message: OffsetForLeaderTopicInit, version: number): void {
  const flexible = version >= 4;
  writer.string(message.topic, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeOffsetForLeaderPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetForLeaderEpochRequest(writer: Writer, message: OffsetForLeaderEpochRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('OffsetForLeaderEpochRequest', version, 2, 4);
  if (version >= 3) writer.int32(message.replicaId ?? -2);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeOffsetForLeaderTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** OffsetForLeaderEpochResponse: API key 23, versions 2-4. */
export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetForLeaderTopicResult[];
}

/** What is given to encode {@link OffsetForLeaderEpochResponse}: what has a default may be left out. */
export interface OffsetForLeaderEpochResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics: readonly OffsetForLeaderTopicResultInit[];
}

/** Part of OffsetForLeaderEpochResponse. */
export interface OffsetForLeaderTopicResult {
  readonly topic: string;
  readonly partitions: readonly EpochEndOffset[];
}

/** What is given to encode {@link OffsetForLeaderTopicResult}: what has a default may be left out. */
export interface OffsetForLeaderTopicResultInit {
  readonly topic: string;
  readonly partitions: readonly EpochEndOffsetInit[];
}

/** Part of OffsetForLeaderEpochResponse. */
export interface EpochEndOffset {
  readonly errorCode: number;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/** What is given to encode {@link EpochEndOffset}: what has a default may be left out. */
export interface EpochEndOffsetInit {
  readonly errorCode: number;
  readonly partition: number;
  readonly leaderEpoch?: number;
  readonly endOffset?: number;
}

function decodeEpochEndOffset(reader: Reader, version: number): EpochEndOffset {
  const flexible = version >= 4;
  const errorCode = reader.int16();
  const partition = reader.int32();
  const leaderEpoch = reader.int32();
  const endOffset = reader.int64();
  if (flexible) reader.skipTags();
  return { errorCode, partition, leaderEpoch, endOffset };
}

function decodeOffsetForLeaderTopicResult(reader: Reader, version: number): OffsetForLeaderTopicResult {
  const flexible = version >= 4;
  const topic = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 18);
  const partitions: EpochEndOffset[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeEpochEndOffset(reader, version));
  if (flexible) reader.skipTags();
  return { topic, partitions };
}

/**
 * OffsetForLeaderEpochResponse: API key 23, versions 2-4, flexible from 4.
 *
 *   throttleTimeMs => int32
 *   topics => []OffsetForLeaderTopicResult
 *     topic => string
 *     partitions => []EpochEndOffset
 *       errorCode => int16
 *       partition => int32
 *       leaderEpoch => int32  (default -1)
 *       endOffset => int64  (default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetForLeaderEpochResponse(reader: Reader, version: number): OffsetForLeaderEpochResponse {
  const flexible = version >= 4;
  checkVersion('OffsetForLeaderEpochResponse', version, 2, 4);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: OffsetForLeaderTopicResult[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetForLeaderTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeEpochEndOffset(writer: Writer, message: EpochEndOffsetInit, version: number): void {
  const flexible = version >= 4;
  writer.int16(message.errorCode);
  writer.int32(message.partition);
  writer.int32(message.leaderEpoch ?? -1);
  writer.int64(message.endOffset ?? -1);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetForLeaderTopicResult(writer: Writer, message: OffsetForLeaderTopicResultInit, version: number): void {
  const flexible = version >= 4;
  writer.string(message.topic, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeEpochEndOffset(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetForLeaderEpochResponse(writer: Writer, message: OffsetForLeaderEpochResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('OffsetForLeaderEpochResponse', version, 2, 4);
  writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeOffsetForLeaderTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** OffsetForLeaderEpoch as a whole. */
export const offsetForLeaderEpochMessages = defineApi<OffsetForLeaderEpochRequest, OffsetForLeaderEpochRequestInit, OffsetForLeaderEpochResponse, OffsetForLeaderEpochResponseInit>({
  apiKey: 23,
  name: 'OffsetForLeaderEpoch',
  validVersions: { min: 2, max: 4 },
  flexibleFrom: 4,
  decodeRequest: decodeOffsetForLeaderEpochRequest,
  encodeRequest: encodeOffsetForLeaderEpochRequest,
  decodeResponse: decodeOffsetForLeaderEpochResponse,
  encodeResponse: encodeOffsetForLeaderEpochResponse,
});
