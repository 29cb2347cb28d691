// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterPartitionReassignmentsRequest: API key 45, versions 0-1. */
export interface AlterPartitionReassignmentsRequest {
  readonly timeoutMs: number;
  readonly allowReplicationFactorChange: boolean;
  readonly topics: readonly ReassignableTopic[];
}

/** What is given to encode {@link AlterPartitionReassignmentsRequest}: what has a default may be left out. */
export interface AlterPartitionReassignmentsRequestInit {
  readonly timeoutMs?: number;
  readonly allowReplicationFactorChange?: boolean;
  readonly topics: readonly ReassignableTopicInit[];
}

/** Part of AlterPartitionReassignmentsRequest. */
export interface ReassignableTopic {
  readonly name: string;
  readonly partitions: readonly ReassignablePartition[];
}

/** What is given to encode {@link ReassignableTopic}: what has a default may be left out. */
export interface ReassignableTopicInit {
  readonly name: string;
  readonly partitions: readonly ReassignablePartitionInit[];
}

/** Part of AlterPartitionReassignmentsRequest. */
export interface ReassignablePartition {
  readonly partitionIndex: number;
  readonly replicas: readonly number[] | null;
}

/** What is given to encode {@link ReassignablePartition}: what has a default may be left out. */
export interface ReassignablePartitionInit {
  readonly partitionIndex: number;
  readonly replicas?: readonly number[] | null;
}

function decodeReassignablePartition(reader: Reader): ReassignablePartition {
  const partitionIndex = reader.int32();
  const replicasLength = reader.nullableArrayLength(true, 4);
  let replicas: readonly number[] | null = null;
  if (replicasLength >= 0) {
    const items: number[] = [];
    for (let i = 0; i < replicasLength; i += 1) items.push(reader.int32());
    replicas = items;
  }
  reader.skipTags();
  return { partitionIndex, replicas };
}

function decodeReassignableTopic(reader: Reader): ReassignableTopic {
  const name = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 6);
  const partitions: ReassignablePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeReassignablePartition(reader));
  reader.skipTags();
  return { name, partitions };
}

/**
 * AlterPartitionReassignmentsRequest: API key 45, versions 0-1, flexible from 0.
 *
 *   timeoutMs => int32  (default 60000)
 *   allowReplicationFactorChange => bool  (versions 1, default true)
 *   topics => []ReassignableTopic
 *     name => string
 *     partitions => []ReassignablePartition
 *       partitionIndex => int32
 *       replicas => []int32  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterPartitionReassignmentsRequest(reader: Reader, version: number): AlterPartitionReassignmentsRequest {
  checkVersion('AlterPartitionReassignmentsRequest', version, 0, 1);
  const timeoutMs = reader.int32();
  let allowReplicationFactorChange: boolean = true;
  if (version >= 1) allowReplicationFactorChange = reader.boolean();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: ReassignableTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeReassignableTopic(reader));
  reader.skipTags();
  return { timeoutMs, allowReplicationFactorChange, topics };
}

function encodeReassignablePartition(writer: Writer, message: ReassignablePartitionInit): void {
  writer.int32(message.partitionIndex);
  const replicas = message.replicas ?? null;
  if (replicas === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(replicas.length, true);
    for (const item of replicas) writer.int32(item);
  }
  writer.uvarint(0);
}

function encodeReassignableTopic(writer: Writer, message: ReassignableTopicInit): void {
  writer.string(message.name, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeReassignablePartition(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterPartitionReassignmentsRequest(writer: Writer, message: AlterPartitionReassignmentsRequestInit, version: number): void {
  checkVersion('AlterPartitionReassignmentsRequest', version, 0, 1);
  writer.int32(message.timeoutMs ?? 60000);
  if (version >= 1) writer.boolean(message.allowReplicationFactorChange ?? true);
  else if (message.allowReplicationFactorChange !== undefined && !message.allowReplicationFactorChange) throw unsupportedField('AlterPartitionReassignmentsRequest', 'allowReplicationFactorChange', version);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeReassignableTopic(writer, item);
  writer.uvarint(0);
}

/** AlterPartitionReassignmentsResponse: API key 45, versions 0-1. */
export interface AlterPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  readonly allowReplicationFactorChange: boolean;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly ReassignableTopicResponse[];
}

/** What is given to encode {@link AlterPartitionReassignmentsResponse}: what has a default may be left out. */
export interface AlterPartitionReassignmentsResponseInit {
  readonly throttleTimeMs: number;
  readonly allowReplicationFactorChange?: boolean;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly ReassignableTopicResponse[];
}

/** Part of AlterPartitionReassignmentsResponse. */
export interface ReassignableTopicResponse {
  readonly name: string;
  readonly partitions: readonly ReassignablePartitionResponse[];
}

/** Part of AlterPartitionReassignmentsResponse. */
export interface ReassignablePartitionResponse {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

function decodeReassignablePartitionResponse(reader: Reader): ReassignablePartitionResponse {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage };
}

function decodeReassignableTopicResponse(reader: Reader): ReassignableTopicResponse {
  const name = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: ReassignablePartitionResponse[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeReassignablePartitionResponse(reader));
  reader.skipTags();
  return { name, partitions };
}

/**
 * AlterPartitionReassignmentsResponse: API key 45, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   allowReplicationFactorChange => bool  (versions 1, default true)
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   responses => []ReassignableTopicResponse
 *     name => string
 *     partitions => []ReassignablePartitionResponse
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterPartitionReassignmentsResponse(reader: Reader, version: number): AlterPartitionReassignmentsResponse {
  checkVersion('AlterPartitionReassignmentsResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  let allowReplicationFactorChange: boolean = true;
  if (version >= 1) allowReplicationFactorChange = reader.boolean();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const responsesLength = reader.arrayLength(true, 3);
  const responses: ReassignableTopicResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeReassignableTopicResponse(reader));
  reader.skipTags();
  return { throttleTimeMs, allowReplicationFactorChange, errorCode, errorMessage, responses };
}

function encodeReassignablePartitionResponse(writer: Writer, message: ReassignablePartitionResponse): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  writer.uvarint(0);
}

function encodeReassignableTopicResponse(writer: Writer, message: ReassignableTopicResponse): void {
  writer.string(message.name, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeReassignablePartitionResponse(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterPartitionReassignmentsResponse(writer: Writer, message: AlterPartitionReassignmentsResponseInit, version: number): void {
  checkVersion('AlterPartitionReassignmentsResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  if (version >= 1) writer.boolean(message.allowReplicationFactorChange ?? true);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  const responses = message.responses;
  writer.arrayLength(responses.length, true);
  for (const item of responses) encodeReassignableTopicResponse(writer, item);
  writer.uvarint(0);
}

/** AlterPartitionReassignments as a whole. */
export const alterPartitionReassignmentsMessages = defineApi<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsRequestInit, AlterPartitionReassignmentsResponse, AlterPartitionReassignmentsResponseInit>({
  apiKey: 45,
  name: 'AlterPartitionReassignments',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeAlterPartitionReassignmentsRequest,
  encodeRequest: encodeAlterPartitionReassignmentsRequest,
  decodeResponse: decodeAlterPartitionReassignmentsResponse,
  encodeResponse: encodeAlterPartitionReassignmentsResponse,
});
