// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ElectLeadersRequest: API key 43, versions 0-2. */
export interface ElectLeadersRequest {
  readonly electionType: number;
  readonly topicPartitions: readonly TopicPartitions[] | null;
  readonly timeoutMs: number;
}

/** What is given to encode {@link ElectLeadersRequest}: what has a default may be left out. */
export interface ElectLeadersRequestInit {
  readonly electionType?: number;
  readonly topicPartitions: readonly TopicPartitions[] | null;
  readonly timeoutMs?: number;
}

/** Part of ElectLeadersRequest. */
export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function decodeTopicPartitions(reader: Reader, version: number): TopicPartitions {
  const flexible = version >= 2;
  const topic = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  if (flexible) reader.skipTags();
  return { topic, partitions };
}

/**
 * ElectLeadersRequest: API key 43, versions 0-2, flexible from 2.
 *
 *   electionType => int8  (versions 1-2)
 *   topicPartitions => []TopicPartitions  (may be null)
 *     topic => string
 *     partitions => []int32
 *   timeoutMs => int32  (default 60000)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeElectLeadersRequest(reader: Reader, version: number): ElectLeadersRequest {
  const flexible = version >= 2;
  checkVersion('ElectLeadersRequest', version, 0, 2);
  let electionType: number = 0;
  if (version >= 1) electionType = reader.int8();
  const topicPartitionsLength = reader.nullableArrayLength(flexible, 3);
  let topicPartitions: readonly TopicPartitions[] | null = null;
  if (topicPartitionsLength >= 0) {
    const items: TopicPartitions[] = [];
    for (let i = 0; i < topicPartitionsLength; i += 1) items.push(decodeTopicPartitions(reader, version));
    topicPartitions = items;
  }
  const timeoutMs = reader.int32();
  if (flexible) reader.skipTags();
  return { electionType, topicPartitions, timeoutMs };
}

function encodeTopicPartitions(writer: Writer, message: TopicPartitions, version: number): void {
  const flexible = version >= 2;
  writer.string(message.topic, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeElectLeadersRequest(writer: Writer, message: ElectLeadersRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('ElectLeadersRequest', version, 0, 2);
  if (version >= 1) writer.int8(message.electionType ?? 0);
  else if (message.electionType !== undefined && message.electionType !== 0) throw unsupportedField('ElectLeadersRequest', 'electionType', version);
  const topicPartitions = message.topicPartitions;
  if (topicPartitions === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(topicPartitions.length, flexible);
    for (const item of topicPartitions) encodeTopicPartitions(writer, item, version);
  }
  writer.int32(message.timeoutMs ?? 60000);
  if (flexible) writer.uvarint(0);
}

/** ElectLeadersResponse: API key 43, versions 0-2. */
export interface ElectLeadersResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly replicaElectionResults: readonly ReplicaElectionResult[];
}

/** What is given to encode {@link ElectLeadersResponse}: what has a default may be left out. */
export interface ElectLeadersResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode?: number;
  readonly replicaElectionResults: readonly ReplicaElectionResult[];
}

/** Part of ElectLeadersResponse. */
export interface ReplicaElectionResult {
  readonly topic: string;
  readonly partitionResult: readonly PartitionResult[];
}

/** Part of ElectLeadersResponse. */
export interface PartitionResult {
  readonly partitionId: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

function decodePartitionResult(reader: Reader, version: number): PartitionResult {
  const flexible = version >= 2;
  const partitionId = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { partitionId, errorCode, errorMessage };
}

function decodeReplicaElectionResult(reader: Reader, version: number): ReplicaElectionResult {
  const flexible = version >= 2;
  const topic = reader.string(flexible);
  const partitionResultLength = reader.arrayLength(flexible, 8);
  const partitionResult: PartitionResult[] = [];
  for (let i = 0; i < partitionResultLength; i += 1) partitionResult.push(decodePartitionResult(reader, version));
  if (flexible) reader.skipTags();
  return { topic, partitionResult };
}

/**
 * ElectLeadersResponse: API key 43, versions 0-2, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16  (versions 1-2)
 *   replicaElectionResults => []ReplicaElectionResult
 *     topic => string
 *     partitionResult => []PartitionResult
 *       partitionId => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeElectLeadersResponse(reader: Reader, version: number): ElectLeadersResponse {
  const flexible = version >= 2;
  checkVersion('ElectLeadersResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  let errorCode: number = 0;
  if (version >= 1) errorCode = reader.int16();
  const replicaElectionResultsLength = reader.arrayLength(flexible, 3);
  const replicaElectionResults: ReplicaElectionResult[] = [];
  for (let i = 0; i < replicaElectionResultsLength; i += 1) replicaElectionResults.push(decodeReplicaElectionResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, replicaElectionResults };
}

function encodePartitionResult(writer: Writer, message: PartitionResult, version: number): void {
  const flexible = version >= 2;
  writer.int32(message.partitionId);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeReplicaElectionResult(writer: Writer, message: ReplicaElectionResult, version: number): void {
  const flexible = version >= 2;
  writer.string(message.topic, flexible);
  const partitionResult = message.partitionResult;
  writer.arrayLength(partitionResult.length, flexible);
  for (const item of partitionResult) encodePartitionResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeElectLeadersResponse(writer: Writer, message: ElectLeadersResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('ElectLeadersResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  if (version >= 1) writer.int16(message.errorCode ?? 0);
  else if (message.errorCode !== undefined && message.errorCode !== 0) throw unsupportedField('ElectLeadersResponse', 'errorCode', version);
  const replicaElectionResults = message.replicaElectionResults;
  writer.arrayLength(replicaElectionResults.length, flexible);
  for (const item of replicaElectionResults) encodeReplicaElectionResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** ElectLeaders as a whole. */
export const electLeadersMessages = defineApi<ElectLeadersRequest, ElectLeadersRequestInit, ElectLeadersResponse, ElectLeadersResponseInit>({
  apiKey: 43,
  name: 'ElectLeaders',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeElectLeadersRequest,
  encodeRequest: encodeElectLeadersRequest,
  decodeResponse: decodeElectLeadersResponse,
  encodeResponse: encodeElectLeadersResponse,
});
