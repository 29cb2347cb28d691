// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ListPartitionReassignmentsRequest: API key 46, version 0. */
export interface ListPartitionReassignmentsRequest {
  readonly timeoutMs: number;
  readonly topics: readonly ListPartitionReassignmentsTopics[] | null;
}

/** What is given to encode {@link ListPartitionReassignmentsRequest}: what has a default may be left out. */
export interface ListPartitionReassignmentsRequestInit {
  readonly timeoutMs?: number;
  readonly topics?: readonly ListPartitionReassignmentsTopics[] | null;
}

/** Part of ListPartitionReassignmentsRequest. */
export interface ListPartitionReassignmentsTopics {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function decodeListPartitionReassignmentsTopics(reader: Reader): ListPartitionReassignmentsTopics {
  const name = reader.string(true);
  const partitionIndexesLength = reader.arrayLength(true, 4);
  const partitionIndexes: number[] = [];
  for (let i = 0; i < partitionIndexesLength; i += 1) partitionIndexes.push(reader.int32());
  reader.skipTags();
  return { name, partitionIndexes };
}

/**
 * ListPartitionReassignmentsRequest: API key 46, version 0, flexible from 0.
 *
 *   timeoutMs => int32  (default 60000)
 *   topics => []ListPartitionReassignmentsTopics  (may be null, default null)
 *     name => string
 *     partitionIndexes => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListPartitionReassignmentsRequest(reader: Reader, version: number): ListPartitionReassignmentsRequest {
  checkVersion('ListPartitionReassignmentsRequest', version, 0, 0);
  const timeoutMs = reader.int32();
  const topicsLength = reader.nullableArrayLength(true, 3);
  let topics: readonly ListPartitionReassignmentsTopics[] | null = null;
  if (topicsLength >= 0) {
    const items: ListPartitionReassignmentsTopics[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeListPartitionReassignmentsTopics(reader));
    topics = items;
  }
  reader.skipTags();
  return { timeoutMs, topics };
}

function encodeListPartitionReassignmentsTopics(writer: Writer, message: ListPartitionReassignmentsTopics): void {
  writer.string(message.name, true);
  const partitionIndexes = message.partitionIndexes;
  writer.arrayLength(partitionIndexes.length, true);
  for (const item of partitionIndexes) writer.int32(item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListPartitionReassignmentsRequest(writer: Writer, message: ListPartitionReassignmentsRequestInit, version: number): void {
  checkVersion('ListPartitionReassignmentsRequest', version, 0, 0);
  writer.int32(message.timeoutMs ?? 60000);
  const topics = message.topics ?? null;
  if (topics === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(topics.length, true);
    for (const item of topics) encodeListPartitionReassignmentsTopics(writer, item);
  }
  writer.uvarint(0);
}

/** ListPartitionReassignmentsResponse: API key 46, version 0. */
export interface ListPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly OngoingTopicReassignment[];
}

/** Part of ListPartitionReassignmentsResponse. */
export interface OngoingTopicReassignment {
  readonly name: string;
  readonly partitions: readonly OngoingPartitionReassignment[];
}

/** Part of ListPartitionReassignmentsResponse. */
export interface OngoingPartitionReassignment {
  readonly partitionIndex: number;
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

function decodeOngoingPartitionReassignment(reader: Reader): OngoingPartitionReassignment {
  const partitionIndex = reader.int32();
  const replicasLength = reader.arrayLength(true, 4);
  const replicas: number[] = [];
  for (let i = 0; i < replicasLength; i += 1) replicas.push(reader.int32());
  const addingReplicasLength = reader.arrayLength(true, 4);
  const addingReplicas: number[] = [];
  for (let i = 0; i < addingReplicasLength; i += 1) addingReplicas.push(reader.int32());
  const removingReplicasLength = reader.arrayLength(true, 4);
  const removingReplicas: number[] = [];
  for (let i = 0; i < removingReplicasLength; i += 1) removingReplicas.push(reader.int32());
  reader.skipTags();
  return { partitionIndex, replicas, addingReplicas, removingReplicas };
}

function decodeOngoingTopicReassignment(reader: Reader): OngoingTopicReassignment {
  const name = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: OngoingPartitionReassignment[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOngoingPartitionReassignment(reader));
  reader.skipTags();
  return { name, partitions };
}

/**
 * ListPartitionReassignmentsResponse: API key 46, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   topics => []OngoingTopicReassignment
 *     name => string
 *     partitions => []OngoingPartitionReassignment
 *       partitionIndex => int32
 *       replicas => []int32
 *       addingReplicas => []int32
 *       removingReplicas => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListPartitionReassignmentsResponse(reader: Reader, version: number): ListPartitionReassignmentsResponse {
  checkVersion('ListPartitionReassignmentsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: OngoingTopicReassignment[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOngoingTopicReassignment(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, topics };
}

function encodeOngoingPartitionReassignment(writer: Writer, message: OngoingPartitionReassignment): void {
  writer.int32(message.partitionIndex);
  const replicas = message.replicas;
  writer.arrayLength(replicas.length, true);
  for (const item of replicas) writer.int32(item);
  const addingReplicas = message.addingReplicas;
  writer.arrayLength(addingReplicas.length, true);
  for (const item of addingReplicas) writer.int32(item);
  const removingReplicas = message.removingReplicas;
  writer.arrayLength(removingReplicas.length, true);
  for (const item of removingReplicas) writer.int32(item);
  writer.uvarint(0);
}

function encodeOngoingTopicReassignment(writer: Writer, message: OngoingTopicReassignment): void {
  writer.string(message.name, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeOngoingPartitionReassignment(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListPartitionReassignmentsResponse(writer: Writer, message: ListPartitionReassignmentsResponse, version: number): void {
  checkVersion('ListPartitionReassignmentsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeOngoingTopicReassignment(writer, item);
  writer.uvarint(0);
}

/** ListPartitionReassignments as a whole. */
export const listPartitionReassignmentsMessages = defineApi<ListPartitionReassignmentsRequest, ListPartitionReassignmentsRequestInit, ListPartitionReassignmentsResponse, ListPartitionReassignmentsResponse>({
  apiKey: 46,
  name: 'ListPartitionReassignments',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeListPartitionReassignmentsRequest,
  encodeRequest: encodeListPartitionReassignmentsRequest,
  decodeResponse: decodeListPartitionReassignmentsResponse,
  encodeResponse: encodeListPartitionReassignmentsResponse,
});
