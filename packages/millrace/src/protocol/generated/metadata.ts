// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, nullField, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** MetadataRequest: API key 3, versions 0-13. */
export interface MetadataRequest {
  readonly topics: readonly MetadataRequestTopic[] | null;
  readonly allowAutoTopicCreation: boolean;
  readonly includeClusterAuthorizedOperations: boolean;
  readonly includeTopicAuthorizedOperations: boolean;
}

/** What is given to encode {@link MetadataRequest}: what has a default may be left out. */
export interface MetadataRequestInit {
  readonly topics: readonly MetadataRequestTopicInit[] | null;
  readonly allowAutoTopicCreation?: boolean;
  readonly includeClusterAuthorizedOperations?: boolean;
  readonly includeTopicAuthorizedOperations?: boolean;
}

/** Part of MetadataRequest. */
export interface MetadataRequestTopic {
  readonly topicId: string;
  readonly name: string | null;
}

/** What is given to encode {@link MetadataRequestTopic}: what has a default may be left out. */
export interface MetadataRequestTopicInit {
  readonly topicId?: string;
  readonly name: string | null;
}

function decodeMetadataRequestTopic(reader: Reader, version: number): MetadataRequestTopic {
  const flexible = version >= 9;
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  const name = version >= 10 ? (reader.nullableString(flexible)) : reader.string(flexible);
  if (flexible) reader.skipTags();
  return { topicId, name };
}

/**
 * MetadataRequest: API key 3, versions 0-13, flexible from 9.
 *
 *   topics => []MetadataRequestTopic  (may be null in versions 1-13)
 *     topicId => uuid  (versions 10-13)
 *     name => string  (may be null in versions 10-13)
 *   allowAutoTopicCreation => bool  (versions 4-13, default true)
 *   includeClusterAuthorizedOperations => bool  (versions 8-10)
 *   includeTopicAuthorizedOperations => bool  (versions 8-13)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeMetadataRequest(reader: Reader, version: number): MetadataRequest {
  const flexible = version >= 9;
  checkVersion('MetadataRequest', version, 0, 13);
  const topicsLength = version >= 1 ? reader.nullableArrayLength(flexible, 2) : reader.arrayLength(flexible, 2);
  let topics: readonly MetadataRequestTopic[] | null = null;
  if (topicsLength >= 0) {
    const items: MetadataRequestTopic[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeMetadataRequestTopic(reader, version));
    topics = items;
  }
  let allowAutoTopicCreation: boolean = true;
  if (version >= 4) allowAutoTopicCreation = reader.boolean();
  let includeClusterAuthorizedOperations: boolean = false;
  if (version >= 8 && version <= 10) includeClusterAuthorizedOperations = reader.boolean();
  let includeTopicAuthorizedOperations: boolean = false;
  if (version >= 8) includeTopicAuthorizedOperations = reader.boolean();
  if (flexible) reader.skipTags();
  return { topics, allowAutoTopicCreation, includeClusterAuthorizedOperations, includeTopicAuthorizedOperations };
}

function encodeMetadataRequestTopic(writer: Writer, message: MetadataRequestTopicInit, version: number): void {
  const flexible = version >= 9;
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  const name = message.name;
  if (name === null && version < 10) throw nullField('MetadataRequest', 'name', version);
  writer.nullableString(name, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeMetadataRequest(writer: Writer, message: MetadataRequestInit, version: number): void {
  const flexible = version >= 9;
  checkVersion('MetadataRequest', version, 0, 13);
  const topics = message.topics;
  if (topics === null && version < 1) throw nullField('MetadataRequest', 'topics', version);
  if (topics === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(topics.length, flexible);
    for (const item of topics) encodeMetadataRequestTopic(writer, item, version);
  }
  if (version >= 4) writer.boolean(message.allowAutoTopicCreation ?? true);
  else if (message.allowAutoTopicCreation !== undefined && !message.allowAutoTopicCreation) throw unsupportedField('MetadataRequest', 'allowAutoTopicCreation', version);
  if (version >= 8 && version <= 10) writer.boolean(message.includeClusterAuthorizedOperations ?? false);
  else if (message.includeClusterAuthorizedOperations !== undefined && message.includeClusterAuthorizedOperations) throw unsupportedField('MetadataRequest', 'includeClusterAuthorizedOperations', version);
  if (version >= 8) writer.boolean(message.includeTopicAuthorizedOperations ?? false);
  else if (message.includeTopicAuthorizedOperations !== undefined && message.includeTopicAuthorizedOperations) throw unsupportedField('MetadataRequest', 'includeTopicAuthorizedOperations', version);
  if (flexible) writer.uvarint(0);
}

/** MetadataResponse: API key 3, versions 0-13. */
export interface MetadataResponse {
  readonly throttleTimeMs: number;
  readonly brokers: readonly MetadataResponseBroker[];
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly topics: readonly MetadataResponseTopic[];
  readonly clusterAuthorizedOperations: number;
  readonly errorCode: number;
}

/** What is given to encode {@link MetadataResponse}: what has a default may be left out. */
export interface MetadataResponseInit {
  readonly throttleTimeMs?: number;
  readonly brokers: readonly MetadataResponseBrokerInit[];
  readonly clusterId?: string | null;
  readonly controllerId?: number;
  readonly topics: readonly MetadataResponseTopicInit[];
  readonly clusterAuthorizedOperations?: number;
  readonly errorCode?: number;
}

/** Part of MetadataResponse. */
export interface MetadataResponseTopic {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly MetadataResponsePartition[];
  readonly topicAuthorizedOperations: number;
}

/** What is given to encode {@link MetadataResponseTopic}: what has a default may be left out. */
export interface MetadataResponseTopicInit {
  readonly errorCode: number;
  readonly name: string | null;
  readonly topicId?: string;
  readonly isInternal?: boolean;
  readonly partitions: readonly MetadataResponsePartitionInit[];
  readonly topicAuthorizedOperations?: number;
}

/** Part of MetadataResponse. */
export interface MetadataResponsePartition {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
}

/** What is given to encode {@link MetadataResponsePartition}: what has a default may be left out. */
export interface MetadataResponsePartitionInit {
  readonly errorCode: number;
  readonly partitionIndex: number;
  readonly leaderId: number;
  readonly leaderEpoch?: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas?: readonly number[];
}

/** Part of MetadataResponse. */
export interface MetadataResponseBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** What is given to encode {@link MetadataResponseBroker}: what has a default may be left out. */
export interface MetadataResponseBrokerInit {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null;
}

function decodeMetadataResponseBroker(reader: Reader, version: number): MetadataResponseBroker {
  const flexible = version >= 9;
  const nodeId = reader.int32();
  const host = reader.string(flexible);
  const port = reader.int32();
  let rack: string | null = null;
  if (version >= 1) rack = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { nodeId, host, port, rack };
}

function decodeMetadataResponsePartition(reader: Reader, version: number): MetadataResponsePartition {
  const flexible = version >= 9;
  const errorCode = reader.int16();
  const partitionIndex = reader.int32();
  const leaderId = reader.int32();
  let leaderEpoch: number = -1;
  if (version >= 7) leaderEpoch = reader.int32();
  const replicaNodesLength = reader.arrayLength(flexible, 4);
  const replicaNodes: number[] = [];
  for (let i = 0; i < replicaNodesLength; i += 1) replicaNodes.push(reader.int32());
  const isrNodesLength = reader.arrayLength(flexible, 4);
  const isrNodes: number[] = [];
  for (let i = 0; i < isrNodesLength; i += 1) isrNodes.push(reader.int32());
  let offlineReplicas: readonly number[] = emptyArray;
  if (version >= 5) {
    const offlineReplicasLength = reader.arrayLength(flexible, 4);
    const items: number[] = [];
    for (let i = 0; i < offlineReplicasLength; i += 1) items.push(reader.int32());
    offlineReplicas = items;
  }
  if (flexible) reader.skipTags();
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
}

function decodeMetadataResponseTopic(reader: Reader, version: number): MetadataResponseTopic {
  const flexible = version >= 9;
  const errorCode = reader.int16();
  const name = version >= 12 ? (reader.nullableString(flexible)) : reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  let isInternal: boolean = false;
  if (version >= 1) isInternal = reader.boolean();
  const partitionsLength = reader.arrayLength(flexible, 18);
  const partitions: MetadataResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeMetadataResponsePartition(reader, version));
  let topicAuthorizedOperations: number = -2147483648;
  if (version >= 8) topicAuthorizedOperations = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

/**
 * MetadataResponse: API key 3, versions 0-13, flexible from 9.
 *
 *   throttleTimeMs => int32  (versions 3-13)
 *   brokers => []MetadataResponseBroker
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     rack => string  (versions 1-13, may be null, default null)
 *   clusterId => string  (versions 2-13, may be null, default null)
 *   controllerId => int32  (versions 1-13, default -1)
 *   topics => []MetadataResponseTopic
 *     errorCode => int16
 *     name => string  (may be null in versions 12-13)
 *     topicId => uuid  (versions 10-13)
 *     isInternal => bool  (versions 1-13, default false)
 *     partitions => []MetadataResponsePartition
 *       errorCode => int16
 *       partitionIndex => int32
 *       leaderId => int32
 *       leaderEpoch => int32  (versions 7-13, default -1)
 *       replicaNodes => []int32
 *       isrNodes => []int32
 *       offlineReplicas => []int32  (versions 5-13)
 *     topicAuthorizedOperations => int32  (versions 8-13, default -2147483648)
 *   clusterAuthorizedOperations => int32  (versions 8-10, default -2147483648)
 *   errorCode => int16  (versions 13)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeMetadataResponse(reader: Reader, version: number): MetadataResponse {
  const flexible = version >= 9;
  checkVersion('MetadataResponse', version, 0, 13);
  let throttleTimeMs: number = 0;
  if (version >= 3) throttleTimeMs = reader.int32();
  const brokersLength = reader.arrayLength(flexible, 10);
  const brokers: MetadataResponseBroker[] = [];
  for (let i = 0; i < brokersLength; i += 1) brokers.push(decodeMetadataResponseBroker(reader, version));
  let clusterId: string | null = null;
  if (version >= 2) clusterId = reader.nullableString(flexible);
  let controllerId: number = -1;
  if (version >= 1) controllerId = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 8);
  const topics: MetadataResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeMetadataResponseTopic(reader, version));
  let clusterAuthorizedOperations: number = -2147483648;
  if (version >= 8 && version <= 10) clusterAuthorizedOperations = reader.int32();
  let errorCode: number = 0;
  if (version >= 13) errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, clusterAuthorizedOperations, errorCode };
}

function encodeMetadataResponseBroker(writer: Writer, message: MetadataResponseBrokerInit, version: number): void {
  const flexible = version >= 9;
  writer.int32(message.nodeId);
  writer.string(message.host, flexible);
  writer.int32(message.port);
  if (version >= 1) writer.nullableString(message.rack ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeMetadataResponsePartition(writer: Writer, message: MetadataResponsePartitionInit, version: number): void {
  const flexible = version >= 9;
  writer.int16(message.errorCode);
  writer.int32(message.partitionIndex);
  writer.int32(message.leaderId);
  if (version >= 7) writer.int32(message.leaderEpoch ?? -1);
  const replicaNodes = message.replicaNodes;
  writer.arrayLength(replicaNodes.length, flexible);
  for (const item of replicaNodes) writer.int32(item);
  const isrNodes = message.isrNodes;
  writer.arrayLength(isrNodes.length, flexible);
  for (const item of isrNodes) writer.int32(item);
  if (version >= 5) {
    const offlineReplicas = message.offlineReplicas ?? emptyArray;
    writer.arrayLength(offlineReplicas.length, flexible);
    for (const item of offlineReplicas) writer.int32(item);
  }
  if (flexible) writer.uvarint(0);
}

function encodeMetadataResponseTopic(writer: Writer, message: MetadataResponseTopicInit, version: number): void {
  const flexible = version >= 9;
  writer.int16(message.errorCode);
  const name = message.name;
  if (name === null && version < 12) throw nullField('MetadataResponse', 'name', version);
  writer.nullableString(name, flexible);
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  if (version >= 1) writer.boolean(message.isInternal ?? false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeMetadataResponsePartition(writer, item, version);
  if (version >= 8) writer.int32(message.topicAuthorizedOperations ?? -2147483648);
  else if (message.topicAuthorizedOperations !== undefined && message.topicAuthorizedOperations !== -2147483648) throw unsupportedField('MetadataResponse', 'topicAuthorizedOperations', version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeMetadataResponse(writer: Writer, message: MetadataResponseInit, version: number): void {
  const flexible = version >= 9;
  checkVersion('MetadataResponse', version, 0, 13);
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0);
  const brokers = message.brokers;
  writer.arrayLength(brokers.length, flexible);
  for (const item of brokers) encodeMetadataResponseBroker(writer, item, version);
  if (version >= 2) writer.nullableString(message.clusterId ?? null, flexible);
  if (version >= 1) writer.int32(message.controllerId ?? -1);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeMetadataResponseTopic(writer, item, version);
  if (version >= 8 && version <= 10) writer.int32(message.clusterAuthorizedOperations ?? -2147483648);
  else if (message.clusterAuthorizedOperations !== undefined && message.clusterAuthorizedOperations !== -2147483648) throw unsupportedField('MetadataResponse', 'clusterAuthorizedOperations', version);
  if (version >= 13) writer.int16(message.errorCode ?? 0);
  if (flexible) writer.uvarint(0);
}

/** Metadata as a whole. */
export const metadataMessages = defineApi<MetadataRequest, MetadataRequestInit, MetadataResponse, MetadataResponseInit>({
  apiKey: 3,
  name: 'Metadata',
  validVersions: { min: 0, max: 13 },
  flexibleFrom: 9,
  decodeRequest: decodeMetadataRequest,
  encodeRequest: encodeMetadataRequest,
  decodeResponse: decodeMetadataResponse,
  encodeResponse: encodeMetadataResponse,
});
