// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** StreamsGroupHeartbeatRequest: API key 88, version 0. */
export interface StreamsGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly endpointInformationEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly topology: Topology | null;
  readonly activeTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly standbyTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly warmupTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly processId: string | null;
  readonly userEndpoint: StreamsGroupHeartbeatRequestEndpoint | null;
  readonly clientTags: readonly KeyValue[] | null;
  readonly taskOffsets: readonly TaskOffset[] | null;
  readonly taskEndOffsets: readonly TaskOffset[] | null;
  readonly shutdownApplication: boolean;
}

/** What is given to encode {@link StreamsGroupHeartbeatRequest}: what has a default may be left out. */
export interface StreamsGroupHeartbeatRequestInit {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly endpointInformationEpoch: number;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  readonly rebalanceTimeoutMs?: number;
  readonly topology?: Topology | null;
  readonly activeTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly standbyTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly warmupTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null;
  readonly processId?: string | null;
  readonly userEndpoint?: StreamsGroupHeartbeatRequestEndpoint | null;
  readonly clientTags?: readonly KeyValue[] | null;
  readonly taskOffsets?: readonly TaskOffset[] | null;
  readonly taskEndOffsets?: readonly TaskOffset[] | null;
  readonly shutdownApplication?: boolean;
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface TaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface StreamsGroupHeartbeatRequestEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface StreamsGroupHeartbeatRequestTaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface Topology {
  readonly epoch: number;
  readonly subtopologies: readonly Subtopology[];
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface Subtopology {
  readonly subtopologyId: string;
  readonly sourceTopics: readonly string[];
  readonly sourceTopicRegex: readonly string[];
  readonly stateChangelogTopics: readonly TopicInfo[];
  readonly repartitionSinkTopics: readonly string[];
  readonly repartitionSourceTopics: readonly TopicInfo[];
  readonly copartitionGroups: readonly CopartitionGroup[];
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface CopartitionGroup {
  readonly sourceTopics: readonly number[];
  readonly sourceTopicRegex: readonly number[];
  readonly repartitionSourceTopics: readonly number[];
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly topicConfigs: readonly KeyValue[];
}

/** Part of StreamsGroupHeartbeatRequest. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

function decodeKeyValue(reader: Reader): KeyValue {
  const key = reader.string(true);
  const value = reader.string(true);
  reader.skipTags();
  return { key, value };
}

function decodeTopicInfo(reader: Reader): TopicInfo {
  const name = reader.string(true);
  const partitions = reader.int32();
  const replicationFactor = reader.int16();
  const topicConfigsLength = reader.arrayLength(true, 3);
  const topicConfigs: KeyValue[] = [];
  for (let i = 0; i < topicConfigsLength; i += 1) topicConfigs.push(decodeKeyValue(reader));
  reader.skipTags();
  return { name, partitions, replicationFactor, topicConfigs };
}

function decodeCopartitionGroup(reader: Reader): CopartitionGroup {
  const sourceTopicsLength = reader.arrayLength(true, 2);
  const sourceTopics: number[] = [];
  for (let i = 0; i < sourceTopicsLength; i += 1) sourceTopics.push(reader.int16());
  const sourceTopicRegexLength = reader.arrayLength(true, 2);
  const sourceTopicRegex: number[] = [];
  for (let i = 0; i < sourceTopicRegexLength; i += 1) sourceTopicRegex.push(reader.int16());
  const repartitionSourceTopicsLength = reader.arrayLength(true, 2);
  const repartitionSourceTopics: number[] = [];
  for (let i = 0; i < repartitionSourceTopicsLength; i += 1) repartitionSourceTopics.push(reader.int16());
  reader.skipTags();
  return { sourceTopics, sourceTopicRegex, repartitionSourceTopics };
}

function decodeSubtopology(reader: Reader): Subtopology {
  const subtopologyId = reader.string(true);
  const sourceTopicsLength = reader.arrayLength(true, 1);
  const sourceTopics: string[] = [];
  for (let i = 0; i < sourceTopicsLength; i += 1) sourceTopics.push(reader.string(true));
  const sourceTopicRegexLength = reader.arrayLength(true, 1);
  const sourceTopicRegex: string[] = [];
  for (let i = 0; i < sourceTopicRegexLength; i += 1) sourceTopicRegex.push(reader.string(true));
  const stateChangelogTopicsLength = reader.arrayLength(true, 9);
  const stateChangelogTopics: TopicInfo[] = [];
  for (let i = 0; i < stateChangelogTopicsLength; i += 1) stateChangelogTopics.push(decodeTopicInfo(reader));
  const repartitionSinkTopicsLength = reader.arrayLength(true, 1);
  const repartitionSinkTopics: string[] = [];
  for (let i = 0; i < repartitionSinkTopicsLength; i += 1) repartitionSinkTopics.push(reader.string(true));
  const repartitionSourceTopicsLength = reader.arrayLength(true, 9);
  const repartitionSourceTopics: TopicInfo[] = [];
  for (let i = 0; i < repartitionSourceTopicsLength; i += 1) repartitionSourceTopics.push(decodeTopicInfo(reader));
  const copartitionGroupsLength = reader.arrayLength(true, 4);
  const copartitionGroups: CopartitionGroup[] = [];
  for (let i = 0; i < copartitionGroupsLength; i += 1) copartitionGroups.push(decodeCopartitionGroup(reader));
  reader.skipTags();
  return { subtopologyId, sourceTopics, sourceTopicRegex, stateChangelogTopics, repartitionSinkTopics, repartitionSourceTopics, copartitionGroups };
}

function decodeTopology(reader: Reader): Topology {
  const epoch = reader.int32();
  const subtopologiesLength = reader.arrayLength(true, 8);
  const subtopologies: Subtopology[] = [];
  for (let i = 0; i < subtopologiesLength; i += 1) subtopologies.push(decodeSubtopology(reader));
  reader.skipTags();
  return { epoch, subtopologies };
}

function decodeStreamsGroupHeartbeatRequestTaskIds(reader: Reader): StreamsGroupHeartbeatRequestTaskIds {
  const subtopologyId = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { subtopologyId, partitions };
}

function decodeStreamsGroupHeartbeatRequestEndpoint(reader: Reader): StreamsGroupHeartbeatRequestEndpoint {
  const host = reader.string(true);
  const port = reader.uint16();
  reader.skipTags();
  return { host, port };
}

function decodeTaskOffset(reader: Reader): TaskOffset {
  const subtopologyId = reader.string(true);
  const partition = reader.int32();
  const offset = reader.int64();
  reader.skipTags();
  return { subtopologyId, partition, offset };
}

/**
 * StreamsGroupHeartbeatRequest: API key 88, version 0, flexible from 0.
 *
 *   groupId => string
 *   memberId => string
 *   memberEpoch => int32
 *   endpointInformationEpoch => int32
 *   instanceId => string  (may be null, default null)
 *   rackId => string  (may be null, default null)
 *   rebalanceTimeoutMs => int32  (default -1)
 *   topology => Topology  (may be null, default null)
 *     epoch => int32
 *     subtopologies => []Subtopology
 *       subtopologyId => string
 *       sourceTopics => []string
 *       sourceTopicRegex => []string
 *       stateChangelogTopics => []TopicInfo
 *         name => string
 *         partitions => int32
 *         replicationFactor => int16
 *         topicConfigs => []KeyValue
 *           key => string
 *           value => string
 *       repartitionSinkTopics => []string
 *       repartitionSourceTopics => []TopicInfo
 *         name => string
 *         partitions => int32
 *         replicationFactor => int16
 *         topicConfigs => []KeyValue
 *           key => string
 *           value => string
 *       copartitionGroups => []CopartitionGroup
 *         sourceTopics => []int16
 *         sourceTopicRegex => []int16
 *         repartitionSourceTopics => []int16
 *   activeTasks => []StreamsGroupHeartbeatRequestTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   standbyTasks => []StreamsGroupHeartbeatRequestTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   warmupTasks => []StreamsGroupHeartbeatRequestTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   processId => string  (may be null, default null)
 *   userEndpoint => StreamsGroupHeartbeatRequestEndpoint  (may be null, default null)
 *     host => string
 *     port => uint16
 *   clientTags => []KeyValue  (may be null, default null)
 *     key => string
 *     value => string
 *   taskOffsets => []TaskOffset  (may be null, default null)
 *     subtopologyId => string
 *     partition => int32
 *     offset => int64
 *   taskEndOffsets => []TaskOffset  (may be null, default null)
 *     subtopologyId => string
 *     partition => int32
 *     offset => int64
 *   shutdownApplication => bool  (default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeStreamsGroupHeartbeatRequest(reader: Reader, version: number): StreamsGroupHeartbeatRequest {
  checkVersion('StreamsGroupHeartbeatRequest', version, 0, 0);
  const groupId = reader.string(true);
  const memberId = reader.string(true);
  const memberEpoch = reader.int32();
  const endpointInformationEpoch = reader.int32();
  const instanceId = reader.nullableString(true);
  const rackId = reader.nullableString(true);
  const rebalanceTimeoutMs = reader.int32();
  const topology = reader.int8() < 0 ? null : decodeTopology(reader);
  const activeTasksLength = reader.nullableArrayLength(true, 3);
  let activeTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null = null;
  if (activeTasksLength >= 0) {
    const items: StreamsGroupHeartbeatRequestTaskIds[] = [];
    for (let i = 0; i < activeTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader));
    activeTasks = items;
  }
  const standbyTasksLength = reader.nullableArrayLength(true, 3);
  let standbyTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null = null;
  if (standbyTasksLength >= 0) {
    const items: StreamsGroupHeartbeatRequestTaskIds[] = [];
    for (let i = 0; i < standbyTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader));
    standbyTasks = items;
  }
  const warmupTasksLength = reader.nullableArrayLength(true, 3);
  let warmupTasks: readonly StreamsGroupHeartbeatRequestTaskIds[] | null = null;
  if (warmupTasksLength >= 0) {
    const items: StreamsGroupHeartbeatRequestTaskIds[] = [];
    for (let i = 0; i < warmupTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader));
    warmupTasks = items;
  }
  const processId = reader.nullableString(true);
  const userEndpoint = reader.int8() < 0 ? null : decodeStreamsGroupHeartbeatRequestEndpoint(reader);
  const clientTagsLength = reader.nullableArrayLength(true, 3);
  let clientTags: readonly KeyValue[] | null = null;
  if (clientTagsLength >= 0) {
    const items: KeyValue[] = [];
    for (let i = 0; i < clientTagsLength; i += 1) items.push(decodeKeyValue(reader));
    clientTags = items;
  }
  const taskOffsetsLength = reader.nullableArrayLength(true, 14);
  let taskOffsets: readonly TaskOffset[] | null = null;
  if (taskOffsetsLength >= 0) {
    const items: TaskOffset[] = [];
    for (let i = 0; i < taskOffsetsLength; i += 1) items.push(decodeTaskOffset(reader));
    taskOffsets = items;
  }
  const taskEndOffsetsLength = reader.nullableArrayLength(true, 14);
  let taskEndOffsets: readonly TaskOffset[] | null = null;
  if (taskEndOffsetsLength >= 0) {
    const items: TaskOffset[] = [];
    for (let i = 0; i < taskEndOffsetsLength; i += 1) items.push(decodeTaskOffset(reader));
    taskEndOffsets = items;
  }
  const shutdownApplication = reader.boolean();
  reader.skipTags();
  return { groupId, memberId, memberEpoch, endpointInformationEpoch, instanceId, rackId, rebalanceTimeoutMs, topology, activeTasks, standbyTasks, warmupTasks, processId, userEndpoint, clientTags, taskOffsets, taskEndOffsets, shutdownApplication };
}

function encodeKeyValue(writer: Writer, message: KeyValue): void {
  writer.string(message.key, true);
  writer.string(message.value, true);
  writer.uvarint(0);
}

function encodeTopicInfo(writer: Writer, message: TopicInfo): void {
  writer.string(message.name, true);
  writer.int32(message.partitions);
  writer.int16(message.replicationFactor);
  const topicConfigs = message.topicConfigs;
  writer.arrayLength(topicConfigs.length, true);
  for (const item of topicConfigs) encodeKeyValue(writer, item);
  writer.uvarint(0);
}

function encodeCopartitionGroup(writer: Writer, message: CopartitionGroup): void {
  const sourceTopics = message.sourceTopics;
  writer.arrayLength(sourceTopics.length, true);
  for (const item of sourceTopics) writer.int16(item);
  const sourceTopicRegex = message.sourceTopicRegex;
  writer.arrayLength(sourceTopicRegex.length, true);
  for (const item of sourceTopicRegex) writer.int16(item);
  const repartitionSourceTopics = message.repartitionSourceTopics;
  writer.arrayLength(repartitionSourceTopics.length, true);
  for (const item of repartitionSourceTopics) writer.int16(item);
  writer.uvarint(0);
}

function encodeSubtopology(writer: Writer, message: Subtopology): void {
  writer.string(message.subtopologyId, true);
  const sourceTopics = message.sourceTopics;
  writer.arrayLength(sourceTopics.length, true);
  for (const item of sourceTopics) writer.string(item, true);
  const sourceTopicRegex = message.sourceTopicRegex;
  writer.arrayLength(sourceTopicRegex.length, true);
  for (const item of sourceTopicRegex) writer.string(item, true);
  const stateChangelogTopics = message.stateChangelogTopics;
  writer.arrayLength(stateChangelogTopics.length, true);
  for (const item of stateChangelogTopics) encodeTopicInfo(writer, item);
  const repartitionSinkTopics = message.repartitionSinkTopics;
  writer.arrayLength(repartitionSinkTopics.length, true);
  for (const item of repartitionSinkTopics) writer.string(item, true);
  const repartitionSourceTopics = message.repartitionSourceTopics;
  writer.arrayLength(repartitionSourceTopics.length, true);
  for (const item of repartitionSourceTopics) encodeTopicInfo(writer, item);
  const copartitionGroups = message.copartitionGroups;
  writer.arrayLength(copartitionGroups.length, true);
  for (const item of copartitionGroups) encodeCopartitionGroup(writer, item);
  writer.uvarint(0);
}

function encodeTopology(writer: Writer, message: Topology): void {
  writer.int32(message.epoch);
  const subtopologies = message.subtopologies;
  writer.arrayLength(subtopologies.length, true);
  for (const item of subtopologies) encodeSubtopology(writer, item);
  writer.uvarint(0);
}

function encodeStreamsGroupHeartbeatRequestTaskIds(writer: Writer, message: StreamsGroupHeartbeatRequestTaskIds): void {
  writer.string(message.subtopologyId, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeStreamsGroupHeartbeatRequestEndpoint(writer: Writer, message: StreamsGroupHeartbeatRequestEndpoint): void {
  writer.string(message.host, true);
  writer.uint16(message.port);
  writer.uvarint(0);
}

function encodeTaskOffset(writer: Writer, message: TaskOffset): void {
  writer.string(message.subtopologyId, true);
  writer.int32(message.partition);
  writer.int64(message.offset);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeStreamsGroupHeartbeatRequest(writer: Writer, message: StreamsGroupHeartbeatRequestInit, version: number): void {
  checkVersion('StreamsGroupHeartbeatRequest', version, 0, 0);
  writer.string(message.groupId, true);
  writer.string(message.memberId, true);
  writer.int32(message.memberEpoch);
  writer.int32(message.endpointInformationEpoch);
  writer.nullableString(message.instanceId ?? null, true);
  writer.nullableString(message.rackId ?? null, true);
  writer.int32(message.rebalanceTimeoutMs ?? -1);
  const topology = message.topology ?? null;
  if (topology === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeTopology(writer, topology);
  }
  const activeTasks = message.activeTasks ?? null;
  if (activeTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(activeTasks.length, true);
    for (const item of activeTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, item);
  }
  const standbyTasks = message.standbyTasks ?? null;
  if (standbyTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(standbyTasks.length, true);
    for (const item of standbyTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, item);
  }
  const warmupTasks = message.warmupTasks ?? null;
  if (warmupTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(warmupTasks.length, true);
    for (const item of warmupTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, item);
  }
  writer.nullableString(message.processId ?? null, true);
  const userEndpoint = message.userEndpoint ?? null;
  if (userEndpoint === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeStreamsGroupHeartbeatRequestEndpoint(writer, userEndpoint);
  }
  const clientTags = message.clientTags ?? null;
  if (clientTags === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(clientTags.length, true);
    for (const item of clientTags) encodeKeyValue(writer, item);
  }
  const taskOffsets = message.taskOffsets ?? null;
  if (taskOffsets === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(taskOffsets.length, true);
    for (const item of taskOffsets) encodeTaskOffset(writer, item);
  }
  const taskEndOffsets = message.taskEndOffsets ?? null;
  if (taskEndOffsets === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(taskEndOffsets.length, true);
    for (const item of taskEndOffsets) encodeTaskOffset(writer, item);
  }
  writer.boolean(message.shutdownApplication ?? false);
  writer.uvarint(0);
}

/** StreamsGroupHeartbeatResponse: API key 88, version 0. */
export interface StreamsGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly acceptableRecoveryLag: number;
  readonly taskOffsetIntervalMs: number;
  readonly status: readonly Status[] | null;
  readonly activeTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly standbyTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly warmupTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly endpointInformationEpoch: number;
  readonly partitionsByUserEndpoint: readonly EndpointToPartitions[] | null;
}

/** What is given to encode {@link StreamsGroupHeartbeatResponse}: what has a default may be left out. */
export interface StreamsGroupHeartbeatResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly acceptableRecoveryLag: number;
  readonly taskOffsetIntervalMs: number;
  readonly status: readonly Status[] | null;
  readonly activeTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly standbyTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly warmupTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null;
  readonly endpointInformationEpoch: number;
  readonly partitionsByUserEndpoint?: readonly EndpointToPartitions[] | null;
}

/** Part of StreamsGroupHeartbeatResponse. */
export interface EndpointToPartitions {
  readonly userEndpoint: StreamsGroupHeartbeatResponseEndpoint;
  readonly activePartitions: readonly TopicPartition[];
  readonly standbyPartitions: readonly TopicPartition[];
}

/** Part of StreamsGroupHeartbeatResponse. */
export interface TopicPartition {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** Part of StreamsGroupHeartbeatResponse. */
export interface StreamsGroupHeartbeatResponseEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Part of StreamsGroupHeartbeatResponse. */
export interface StreamsGroupHeartbeatResponseTaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

/** Part of StreamsGroupHeartbeatResponse. */
export interface Status {
  readonly statusCode: number;
  readonly statusDetail: string;
}

function decodeStatus(reader: Reader): Status {
  const statusCode = reader.int8();
  const statusDetail = reader.string(true);
  reader.skipTags();
  return { statusCode, statusDetail };
}

function decodeStreamsGroupHeartbeatResponseTaskIds(reader: Reader): StreamsGroupHeartbeatResponseTaskIds {
  const subtopologyId = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { subtopologyId, partitions };
}

function decodeStreamsGroupHeartbeatResponseEndpoint(reader: Reader): StreamsGroupHeartbeatResponseEndpoint {
  const host = reader.string(true);
  const port = reader.uint16();
  reader.skipTags();
  return { host, port };
}

function decodeTopicPartition(reader: Reader): TopicPartition {
  const topic = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topic, partitions };
}

function decodeEndpointToPartitions(reader: Reader): EndpointToPartitions {
  const userEndpoint = decodeStreamsGroupHeartbeatResponseEndpoint(reader);
  const activePartitionsLength = reader.arrayLength(true, 3);
  const activePartitions: TopicPartition[] = [];
  for (let i = 0; i < activePartitionsLength; i += 1) activePartitions.push(decodeTopicPartition(reader));
  const standbyPartitionsLength = reader.arrayLength(true, 3);
  const standbyPartitions: TopicPartition[] = [];
  for (let i = 0; i < standbyPartitionsLength; i += 1) standbyPartitions.push(decodeTopicPartition(reader));
  reader.skipTags();
  return { userEndpoint, activePartitions, standbyPartitions };
}

/**
 * StreamsGroupHeartbeatResponse: API key 88, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   memberId => string
 *   memberEpoch => int32
 *   heartbeatIntervalMs => int32
 *   acceptableRecoveryLag => int32
 *   taskOffsetIntervalMs => int32
 *   status => []Status  (may be null)
 *     statusCode => int8
 *     statusDetail => string
 *   activeTasks => []StreamsGroupHeartbeatResponseTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   standbyTasks => []StreamsGroupHeartbeatResponseTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   warmupTasks => []StreamsGroupHeartbeatResponseTaskIds  (may be null, default null)
 *     subtopologyId => string
 *     partitions => []int32
 *   endpointInformationEpoch => int32
 *   partitionsByUserEndpoint => []EndpointToPartitions  (may be null, default null)
 *     userEndpoint => StreamsGroupHeartbeatResponseEndpoint
 *       host => string
 *       port => uint16
 *     activePartitions => []TopicPartition
 *       topic => string
 *       partitions => []int32
 *     standbyPartitions => []TopicPartition
 *       topic => string
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeStreamsGroupHeartbeatResponse(reader: Reader, version: number): StreamsGroupHeartbeatResponse {
  checkVersion('StreamsGroupHeartbeatResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const memberId = reader.string(true);
  const memberEpoch = reader.int32();
  const heartbeatIntervalMs = reader.int32();
  const acceptableRecoveryLag = reader.int32();
  const taskOffsetIntervalMs = reader.int32();
  const statusLength = reader.nullableArrayLength(true, 3);
  let status: readonly Status[] | null = null;
  if (statusLength >= 0) {
    const items: Status[] = [];
    for (let i = 0; i < statusLength; i += 1) items.push(decodeStatus(reader));
    status = items;
  }
  const activeTasksLength = reader.nullableArrayLength(true, 3);
  let activeTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null = null;
  if (activeTasksLength >= 0) {
    const items: StreamsGroupHeartbeatResponseTaskIds[] = [];
    for (let i = 0; i < activeTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader));
    activeTasks = items;
  }
  const standbyTasksLength = reader.nullableArrayLength(true, 3);
  let standbyTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null = null;
  if (standbyTasksLength >= 0) {
    const items: StreamsGroupHeartbeatResponseTaskIds[] = [];
    for (let i = 0; i < standbyTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader));
    standbyTasks = items;
  }
  const warmupTasksLength = reader.nullableArrayLength(true, 3);
  let warmupTasks: readonly StreamsGroupHeartbeatResponseTaskIds[] | null = null;
  if (warmupTasksLength >= 0) {
    const items: StreamsGroupHeartbeatResponseTaskIds[] = [];
    for (let i = 0; i < warmupTasksLength; i += 1) items.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader));
    warmupTasks = items;
  }
  const endpointInformationEpoch = reader.int32();
  const partitionsByUserEndpointLength = reader.nullableArrayLength(true, 7);
  let partitionsByUserEndpoint: readonly EndpointToPartitions[] | null = null;
  if (partitionsByUserEndpointLength >= 0) {
    const items: EndpointToPartitions[] = [];
    for (let i = 0; i < partitionsByUserEndpointLength; i += 1) items.push(decodeEndpointToPartitions(reader));
    partitionsByUserEndpoint = items;
  }
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, acceptableRecoveryLag, taskOffsetIntervalMs, status, activeTasks, standbyTasks, warmupTasks, endpointInformationEpoch, partitionsByUserEndpoint };
}

function encodeStatus(writer: Writer, message: Status): void {
  writer.int8(message.statusCode);
  writer.string(message.statusDetail, true);
  writer.uvarint(0);
}

function encodeStreamsGroupHeartbeatResponseTaskIds(writer: Writer, message: StreamsGroupHeartbeatResponseTaskIds): void {
  writer.string(message.subtopologyId, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeStreamsGroupHeartbeatResponseEndpoint(writer: Writer, message: StreamsGroupHeartbeatResponseEndpoint): void {
  writer.string(message.host, true);
  writer.uint16(message.port);
  writer.uvarint(0);
}

function encodeTopicPartition(writer: Writer, message: TopicPartition): void {
  writer.string(message.topic, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeEndpointToPartitions(writer: Writer, message: EndpointToPartitions): void {
  encodeStreamsGroupHeartbeatResponseEndpoint(writer, message.userEndpoint);
  const activePartitions = message.activePartitions;
  writer.arrayLength(activePartitions.length, true);
  for (const item of activePartitions) encodeTopicPartition(writer, item);
  const standbyPartitions = message.standbyPartitions;
  writer.arrayLength(standbyPartitions.length, true);
  for (const item of standbyPartitions) encodeTopicPartition(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeStreamsGroupHeartbeatResponse(writer: Writer, message: StreamsGroupHeartbeatResponseInit, version: number): void {
  checkVersion('StreamsGroupHeartbeatResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.string(message.memberId, true);
  writer.int32(message.memberEpoch);
  writer.int32(message.heartbeatIntervalMs);
  writer.int32(message.acceptableRecoveryLag);
  writer.int32(message.taskOffsetIntervalMs);
  const status = message.status;
  if (status === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(status.length, true);
    for (const item of status) encodeStatus(writer, item);
  }
  const activeTasks = message.activeTasks ?? null;
  if (activeTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(activeTasks.length, true);
    for (const item of activeTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, item);
  }
  const standbyTasks = message.standbyTasks ?? null;
  if (standbyTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(standbyTasks.length, true);
    for (const item of standbyTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, item);
  }
  const warmupTasks = message.warmupTasks ?? null;
  if (warmupTasks === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(warmupTasks.length, true);
    for (const item of warmupTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, item);
  }
  writer.int32(message.endpointInformationEpoch);
  const partitionsByUserEndpoint = message.partitionsByUserEndpoint ?? null;
  if (partitionsByUserEndpoint === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(partitionsByUserEndpoint.length, true);
    for (const item of partitionsByUserEndpoint) encodeEndpointToPartitions(writer, item);
  }
  writer.uvarint(0);
}

/** StreamsGroupHeartbeat as a whole. */
export const streamsGroupHeartbeatMessages = defineApi<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatRequestInit, StreamsGroupHeartbeatResponse, StreamsGroupHeartbeatResponseInit>({
  apiKey: 88,
  name: 'StreamsGroupHeartbeat',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeStreamsGroupHeartbeatRequest,
  encodeRequest: encodeStreamsGroupHeartbeatRequest,
  decodeResponse: decodeStreamsGroupHeartbeatResponse,
  encodeResponse: encodeStreamsGroupHeartbeatResponse,
});
