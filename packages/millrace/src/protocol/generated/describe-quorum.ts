// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** DescribeQuorumRequest: API key 55, versions 0-2. */
export interface DescribeQuorumRequest {
  readonly topics: readonly DescribeQuorumRequestTopicData[];
}

/** Part of DescribeQuorumRequest. */
export interface DescribeQuorumRequestTopicData {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumRequestPartitionData[];
}

/** Part of DescribeQuorumRequest. */
export interface DescribeQuorumRequestPartitionData {
  readonly partitionIndex: number;
}

function decodeDescribeQuorumRequestPartitionData(reader: Reader): DescribeQuorumRequestPartitionData {
  const partitionIndex = reader.int32();
  reader.skipTags();
  return { partitionIndex };
}

function decodeDescribeQuorumRequestTopicData(reader: Reader): DescribeQuorumRequestTopicData {
  const topicName = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 5);
  const partitions: DescribeQuorumRequestPartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDescribeQuorumRequestPartitionData(reader));
  reader.skipTags();
  return { topicName, partitions };
}

/**
 * DescribeQuorumRequest: API key 55, versions 0-2, flexible from 0.
 *
 *   topics => []DescribeQuorumRequestTopicData
 *     topicName => string
 *     partitions => []DescribeQuorumRequestPartitionData
 *       partitionIndex => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeQuorumRequest(reader: Reader, version: number): DescribeQuorumRequest {
  checkVersion('DescribeQuorumRequest', version, 0, 2);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: DescribeQuorumRequestTopicData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDescribeQuorumRequestTopicData(reader));
  reader.skipTags();
  return { topics };
}

function encodeDescribeQuorumRequestPartitionData(writer: Writer, message: DescribeQuorumRequestPartitionData): void {
  writer.int32(message.partitionIndex);
  writer.uvarint(0);
}

function encodeDescribeQuorumRequestTopicData(writer: Writer, message: DescribeQuorumRequestTopicData): void {
  writer.string(message.topicName, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeDescribeQuorumRequestPartitionData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeQuorumRequest(writer: Writer, message: DescribeQuorumRequest, version: number): void {
  checkVersion('DescribeQuorumRequest', version, 0, 2);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDescribeQuorumRequestTopicData(writer, item);
  writer.uvarint(0);
}

/** DescribeQuorumResponse: API key 55, versions 0-2. */
export interface DescribeQuorumResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly DescribeQuorumResponseTopicData[];
  readonly nodes: readonly Node[];
}

/** What is given to encode {@link DescribeQuorumResponse}: what has a default may be left out. */
export interface DescribeQuorumResponseInit {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly topics: readonly DescribeQuorumResponseTopicDataInit[];
  readonly nodes?: readonly Node[];
}

/** Part of DescribeQuorumResponse. */
export interface Node {
  readonly nodeId: number;
  readonly listeners: readonly Listener[];
}

/** Part of DescribeQuorumResponse. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Part of DescribeQuorumResponse. */
export interface DescribeQuorumResponseTopicData {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumResponsePartitionData[];
}

/** What is given to encode {@link DescribeQuorumResponseTopicData}: what has a default may be left out. */
export interface DescribeQuorumResponseTopicDataInit {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumResponsePartitionDataInit[];
}

/** Part of DescribeQuorumResponse. */
export interface DescribeQuorumResponsePartitionData {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly currentVoters: readonly ReplicaState[];
  readonly observers: readonly ReplicaState[];
}

/** What is given to encode {@link DescribeQuorumResponsePartitionData}: what has a default may be left out. */
export interface DescribeQuorumResponsePartitionDataInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly currentVoters: readonly ReplicaStateInit[];
  readonly observers: readonly ReplicaStateInit[];
}

/** Part of DescribeQuorumResponse. */
export interface ReplicaState {
  readonly replicaId: number;
  readonly replicaDirectoryId: string;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

/** What is given to encode {@link ReplicaState}: what has a default may be left out. */
export interface ReplicaStateInit {
  readonly replicaId: number;
  readonly replicaDirectoryId?: string;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp?: number;
  readonly lastCaughtUpTimestamp?: number;
}

function decodeReplicaState(reader: Reader, version: number): ReplicaState {
  const replicaId = reader.int32();
  let replicaDirectoryId: string = ZERO_UUID;
  if (version >= 2) replicaDirectoryId = reader.uuid();
  const logEndOffset = reader.int64();
  let lastFetchTimestamp: number = -1;
  if (version >= 1) lastFetchTimestamp = reader.int64();
  let lastCaughtUpTimestamp: number = -1;
  if (version >= 1) lastCaughtUpTimestamp = reader.int64();
  reader.skipTags();
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp };
}

function decodeDescribeQuorumResponsePartitionData(reader: Reader, version: number): DescribeQuorumResponsePartitionData {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  let errorMessage: string | null = '';
  if (version >= 2) errorMessage = reader.nullableString(true);
  const leaderId = reader.int32();
  const leaderEpoch = reader.int32();
  const highWatermark = reader.int64();
  const currentVotersLength = reader.arrayLength(true, 13);
  const currentVoters: ReplicaState[] = [];
  for (let i = 0; i < currentVotersLength; i += 1) currentVoters.push(decodeReplicaState(reader, version));
  const observersLength = reader.arrayLength(true, 13);
  const observers: ReplicaState[] = [];
  for (let i = 0; i < observersLength; i += 1) observers.push(decodeReplicaState(reader, version));
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage, leaderId, leaderEpoch, highWatermark, currentVoters, observers };
}

function decodeDescribeQuorumResponseTopicData(reader: Reader, version: number): DescribeQuorumResponseTopicData {
  const topicName = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 25);
  const partitions: DescribeQuorumResponsePartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDescribeQuorumResponsePartitionData(reader, version));
  reader.skipTags();
  return { topicName, partitions };
}

function decodeListener(reader: Reader): Listener {
  const name = reader.string(true);
  const host = reader.string(true);
  const port = reader.uint16();
  reader.skipTags();
  return { name, host, port };
}

function decodeNode(reader: Reader): Node {
  const nodeId = reader.int32();
  const listenersLength = reader.arrayLength(true, 5);
  const listeners: Listener[] = [];
  for (let i = 0; i < listenersLength; i += 1) listeners.push(decodeListener(reader));
  reader.skipTags();
  return { nodeId, listeners };
}

/**
 * DescribeQuorumResponse: API key 55, versions 0-2, flexible from 0.
 *
 *   errorCode => int16
 *   errorMessage => string  (versions 2, may be null)
 *   topics => []DescribeQuorumResponseTopicData
 *     topicName => string
 *     partitions => []DescribeQuorumResponsePartitionData
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (versions 2, may be null)
 *       leaderId => int32
 *       leaderEpoch => int32
 *       highWatermark => int64
 *       currentVoters => []ReplicaState
 *         replicaId => int32
 *         replicaDirectoryId => uuid  (versions 2)
 *         logEndOffset => int64
 *         lastFetchTimestamp => int64  (versions 1-2, default -1)
 *         lastCaughtUpTimestamp => int64  (versions 1-2, default -1)
 *       observers => []ReplicaState
 *         replicaId => int32
 *         replicaDirectoryId => uuid  (versions 2)
 *         logEndOffset => int64
 *         lastFetchTimestamp => int64  (versions 1-2, default -1)
 *         lastCaughtUpTimestamp => int64  (versions 1-2, default -1)
 *   nodes => []Node  (versions 2)
 *     nodeId => int32
 *     listeners => []Listener
 *       name => string
 *       host => string
 *       port => uint16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeQuorumResponse(reader: Reader, version: number): DescribeQuorumResponse {
  checkVersion('DescribeQuorumResponse', version, 0, 2);
  const errorCode = reader.int16();
  let errorMessage: string | null = '';
  if (version >= 2) errorMessage = reader.nullableString(true);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: DescribeQuorumResponseTopicData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDescribeQuorumResponseTopicData(reader, version));
  let nodes: readonly Node[] = emptyArray;
  if (version >= 2) {
    const nodesLength = reader.arrayLength(true, 6);
    const items: Node[] = [];
    for (let i = 0; i < nodesLength; i += 1) items.push(decodeNode(reader));
    nodes = items;
  }
  reader.skipTags();
  return { errorCode, errorMessage, topics, nodes };
}

function encodeReplicaState(writer: Writer, message: ReplicaStateInit, version: number): void {
  writer.int32(message.replicaId);
  if (version >= 2) writer.uuid(message.replicaDirectoryId ?? ZERO_UUID);
  else if (message.replicaDirectoryId !== undefined && message.replicaDirectoryId !== ZERO_UUID) throw unsupportedField('DescribeQuorumResponse', 'replicaDirectoryId', version);
  writer.int64(message.logEndOffset);
  if (version >= 1) writer.int64(message.lastFetchTimestamp ?? -1);
  if (version >= 1) writer.int64(message.lastCaughtUpTimestamp ?? -1);
  writer.uvarint(0);
}

function encodeDescribeQuorumResponsePartitionData(writer: Writer, message: DescribeQuorumResponsePartitionDataInit, version: number): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  if (version >= 2) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true);
  writer.int32(message.leaderId);
  writer.int32(message.leaderEpoch);
  writer.int64(message.highWatermark);
  const currentVoters = message.currentVoters;
  writer.arrayLength(currentVoters.length, true);
  for (const item of currentVoters) encodeReplicaState(writer, item, version);
  const observers = message.observers;
  writer.arrayLength(observers.length, true);
  for (const item of observers) encodeReplicaState(writer, item, version);
  writer.uvarint(0);
}

function encodeDescribeQuorumResponseTopicData(writer: Writer, message: DescribeQuorumResponseTopicDataInit, version: number): void {
  writer.string(message.topicName, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeDescribeQuorumResponsePartitionData(writer, item, version);
  writer.uvarint(0);
}

function encodeListener(writer: Writer, message: Listener): void {
  writer.string(message.name, true);
  writer.string(message.host, true);
  writer.uint16(message.port);
  writer.uvarint(0);
}

function encodeNode(writer: Writer, message: Node): void {
  writer.int32(message.nodeId);
  const listeners = message.listeners;
  writer.arrayLength(listeners.length, true);
  for (const item of listeners) encodeListener(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeQuorumResponse(writer: Writer, message: DescribeQuorumResponseInit, version: number): void {
  checkVersion('DescribeQuorumResponse', version, 0, 2);
  writer.int16(message.errorCode);
  if (version >= 2) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDescribeQuorumResponseTopicData(writer, item, version);
  if (version >= 2) {
    const nodes = message.nodes ?? emptyArray;
    writer.arrayLength(nodes.length, true);
    for (const item of nodes) encodeNode(writer, item);
  } else if (message.nodes !== undefined && message.nodes.length !== 0) {
    throw unsupportedField('DescribeQuorumResponse', 'nodes', version);
  }
  writer.uvarint(0);
}

/** DescribeQuorum as a whole. */
export const describeQuorumMessages = defineApi<DescribeQuorumRequest, DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumResponseInit>({
  apiKey: 55,
  name: 'DescribeQuorum',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeQuorumRequest,
  encodeRequest: encodeDescribeQuorumRequest,
  decodeResponse: decodeDescribeQuorumResponse,
  encodeResponse: encodeDescribeQuorumResponse,
});
