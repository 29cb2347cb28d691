// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** TxnOffsetCommitRequest: API key 28, versions 0-5. */
export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly TxnOffsetCommitRequestTopic[];
}

/** What is given to encode {@link TxnOffsetCommitRequest}: what has a default may be left out. */
export interface TxnOffsetCommitRequestInit {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly generationId?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly topics: readonly TxnOffsetCommitRequestTopicInit[];
}

/** Part of TxnOffsetCommitRequest. */
export interface TxnOffsetCommitRequestTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitRequestPartition[];
}

/** What is given to encode {@link TxnOffsetCommitRequestTopic}: what has a default may be left out. */
export interface TxnOffsetCommitRequestTopicInit {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitRequestPartitionInit[];
}

/** Part of TxnOffsetCommitRequest. */
export interface TxnOffsetCommitRequestPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

/** What is given to encode {@link TxnOffsetCommitRequestPartition}: what has a default may be left out. */
export interface TxnOffsetCommitRequestPartitionInit {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number;
  readonly committedMetadata: string | null;
}

function decodeTxnOffsetCommitRequestPartition(reader: Reader, version: number): TxnOffsetCommitRequestPartition {
  const flexible = version >= 3;
  const partitionIndex = reader.int32();
  const committedOffset = reader.int64();
  let committedLeaderEpoch: number = -1;
  if (version >= 2) committedLeaderEpoch = reader.int32();
  const committedMetadata = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function decodeTxnOffsetCommitRequestTopic(reader: Reader, version: number): TxnOffsetCommitRequestTopic {
  const flexible = version >= 3;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 14);
  const partitions: TxnOffsetCommitRequestPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeTxnOffsetCommitRequestPartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * TxnOffsetCommitRequest: API key 28, versions 0-5, flexible from 3.
 *
 *   transactionalId => string
 *   groupId => string
 *   producerId => int64
 *   producerEpoch => int16
 *   generationId => int32  (versions 3-5, default -1)
 *   memberId => string  (versions 3-5, default '')
 *   groupInstanceId => string  (versions 3-5, may be null, default null)
 *   topics => []TxnOffsetCommitRequestTopic
 *     name => string
 *     partitions => []TxnOffsetCommitRequestPartition
 *       partitionIndex => int32
 *       committedOffset => int64
 *       committedLeaderEpoch => int32  (versions 2-5, default -1)
 *       committedMetadata => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeTxnOffsetCommitRequest(reader: Reader, version: number): TxnOffsetCommitRequest {
  const flexible = version >= 3;
  checkVersion('TxnOffsetCommitRequest', version, 0, 5);
  const transactionalId = reader.string(flexible);
  const groupId = reader.string(flexible);
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  let generationId: number = -1;
  if (version >= 3) generationId = reader.int32();
  let memberId: string = '';
  if (version >= 3) memberId = reader.string(flexible);
  let groupInstanceId: string | null = null;
  if (version >= 3) groupInstanceId = reader.nullableString(flexible);
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: TxnOffsetCommitRequestTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTxnOffsetCommitRequestTopic(reader, version));
  if (flexible) reader.skipTags();
  return { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics };
}

function encodeTxnOffsetCommitRequestPartition(writer: Writer, message: TxnOffsetCommitRequestPartitionInit, version: number): void {
  const flexible = version >= 3;
  writer.int32(message.partitionIndex);
  writer.int64(message.committedOffset);
  if (version >= 2) writer.int32(message.committedLeaderEpoch ?? -1);
  writer.nullableString(message.committedMetadata, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeTxnOffsetCommitRequestTopic(writer: Writer, message: TxnOffsetCommitRequestTopicInit, version: number): void {
  const flexible = version >= 3;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeTxnOffsetCommitRequestPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeTxnOffsetCommitRequest(writer: Writer, message: TxnOffsetCommitRequestInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('TxnOffsetCommitRequest', version, 0, 5);
  writer.string(message.transactionalId, flexible);
  writer.string(message.groupId, flexible);
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  if (version >= 3) writer.int32(message.generationId ?? -1);
  else if (message.generationId !== undefined && message.generationId !== -1) throw unsupportedField('TxnOffsetCommitRequest', 'generationId', version);
  if (version >= 3) writer.string(message.memberId ?? '', flexible);
  else if (message.memberId !== undefined && message.memberId !== '') throw unsupportedField('TxnOffsetCommitRequest', 'memberId', version);
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible);
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw unsupportedField('TxnOffsetCommitRequest', 'groupInstanceId', version);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeTxnOffsetCommitRequestTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** TxnOffsetCommitResponse: API key 28, versions 0-5. */
export interface TxnOffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly TxnOffsetCommitResponseTopic[];
}

/** Part of TxnOffsetCommitResponse. */
export interface TxnOffsetCommitResponseTopic {
  readonly name: string;
  readonly partitions: readonly TxnOffsetCommitResponsePartition[];
}

/** Part of TxnOffsetCommitResponse. */
export interface TxnOffsetCommitResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function decodeTxnOffsetCommitResponsePartition(reader: Reader, version: number): TxnOffsetCommitResponsePartition {
  const flexible = version >= 3;
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, errorCode };
}

function decodeTxnOffsetCommitResponseTopic(reader: Reader, version: number): TxnOffsetCommitResponseTopic {
  const flexible = version >= 3;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 6);
  const partitions: TxnOffsetCommitResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeTxnOffsetCommitResponsePartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

/**
 * TxnOffsetCommitResponse: API key 28, versions 0-5, flexible from 3.
 *
 *   throttleTimeMs => int32
 *   topics => []TxnOffsetCommitResponseTopic
 *     name => string
 *     partitions => []TxnOffsetCommitResponsePartition
 *       partitionIndex => int32
 *       errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeTxnOffsetCommitResponse(reader: Reader, version: number): TxnOffsetCommitResponse {
  const flexible = version >= 3;
  checkVersion('TxnOffsetCommitResponse', version, 0, 5);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: TxnOffsetCommitResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTxnOffsetCommitResponseTopic(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeTxnOffsetCommitResponsePartition(writer: Writer, message: TxnOffsetCommitResponsePartition, version: number): void {
  const flexible = version >= 3;
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

function encodeTxnOffsetCommitResponseTopic(writer: Writer, message: TxnOffsetCommitResponseTopic, version: number): void {
  const flexible = version >= 3;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeTxnOffsetCommitResponsePartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeTxnOffsetCommitResponse(writer: Writer, message: TxnOffsetCommitResponse, version: number): void {
  const flexible = version >= 3;
  checkVersion('TxnOffsetCommitResponse', version, 0, 5);
  writer.int32(message.throttleTimeMs);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeTxnOffsetCommitResponseTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** TxnOffsetCommit as a whole. */
export const txnOffsetCommitMessages = defineApi<TxnOffsetCommitRequest, TxnOffsetCommitRequestInit, TxnOffsetCommitResponse, TxnOffsetCommitResponse>({
  apiKey: 28,
  name: 'TxnOffsetCommit',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 3,
  decodeRequest: decodeTxnOffsetCommitRequest,
  encodeRequest: encodeTxnOffsetCommitRequest,
  decodeResponse: decodeTxnOffsetCommitResponse,
  encodeResponse: encodeTxnOffsetCommitResponse,
});
