// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** StreamsGroupDescribeRequest: API key 89, version 0. */
export interface StreamsGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

/**
 * StreamsGroupDescribeRequest: API key 89, version 0, flexible from 0.
 *
 *   groupIds => []string
 *   includeAuthorizedOperations => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeStreamsGroupDescribeRequest(reader: Reader, version: number): StreamsGroupDescribeRequest {
  checkVersion('StreamsGroupDescribeRequest', version, 0, 0);
  const groupIdsLength = reader.arrayLength(true, 1);
  const groupIds: string[] = [];
  for (let i = 0; i < groupIdsLength; i += 1) groupIds.push(reader.string(true));
  const includeAuthorizedOperations = reader.boolean();
  reader.skipTags();
  return { groupIds, includeAuthorizedOperations };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeStreamsGroupDescribeRequest(writer: Writer, message: StreamsGroupDescribeRequest, version: number): void {
  checkVersion('StreamsGroupDescribeRequest', version, 0, 0);
  const groupIds = message.groupIds;
  writer.arrayLength(groupIds.length, true);
  for (const item of groupIds) writer.string(item, true);
  writer.boolean(message.includeAuthorizedOperations);
  writer.uvarint(0);
}

/** StreamsGroupDescribeResponse: API key 89, version 0. */
export interface StreamsGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

/** What is given to encode {@link StreamsGroupDescribeResponse}: what has a default may be left out. */
export interface StreamsGroupDescribeResponseInit {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroupInit[];
}

/** Part of StreamsGroupDescribeResponse. */
export interface DescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  readonly topology: Topology | null;
  readonly members: readonly Member[];
  readonly authorizedOperations: number;
}

/** What is given to encode {@link DescribedGroup}: what has a default may be left out. */
export interface DescribedGroupInit {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  readonly topology?: TopologyInit | null;
  readonly members: readonly MemberInit[];
  readonly authorizedOperations?: number;
}

/** Part of StreamsGroupDescribeResponse. */
export interface Member {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly userEndpoint: Endpoint | null;
  readonly clientTags: readonly KeyValue[];
  readonly taskOffsets: readonly TaskOffset[];
  readonly taskEndOffsets: readonly TaskOffset[];
  readonly assignment: Assignment;
  readonly targetAssignment: Assignment;
  readonly isClassic: boolean;
}

/** What is given to encode {@link Member}: what has a default may be left out. */
export interface MemberInit {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly userEndpoint?: Endpoint | null;
  readonly clientTags: readonly KeyValue[];
  readonly taskOffsets: readonly TaskOffset[];
  readonly taskEndOffsets: readonly TaskOffset[];
  readonly assignment: Assignment;
  readonly targetAssignment: Assignment;
  readonly isClassic: boolean;
}

/** Part of StreamsGroupDescribeResponse. */
export interface Assignment {
  readonly activeTasks: readonly TaskIds[];
  readonly standbyTasks: readonly TaskIds[];
  readonly warmupTasks: readonly TaskIds[];
}

/** Part of StreamsGroupDescribeResponse. */
export interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

/** Part of StreamsGroupDescribeResponse. */
export interface TaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly offset: number;
}

/** Part of StreamsGroupDescribeResponse. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Part of StreamsGroupDescribeResponse. */
export interface Topology {
  readonly epoch: number;
  readonly subtopologies: readonly Subtopology[] | null;
}

/** What is given to encode {@link Topology}: what has a default may be left out. */
export interface TopologyInit {
  readonly epoch: number;
  readonly subtopologies?: readonly Subtopology[] | null;
}

/** Part of StreamsGroupDescribeResponse. */
export interface Subtopology {
  readonly subtopologyId: string;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly stateChangelogTopics: readonly TopicInfo[];
  readonly repartitionSourceTopics: readonly TopicInfo[];
}

/** Part of StreamsGroupDescribeResponse. */
export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly topicConfigs: readonly KeyValue[];
}

/** Part of StreamsGroupDescribeResponse. */
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

function decodeSubtopology(reader: Reader): Subtopology {
  const subtopologyId = reader.string(true);
  const sourceTopicsLength = reader.arrayLength(true, 1);
  const sourceTopics: string[] = [];
  for (let i = 0; i < sourceTopicsLength; i += 1) sourceTopics.push(reader.string(true));
  const repartitionSinkTopicsLength = reader.arrayLength(true, 1);
  const repartitionSinkTopics: string[] = [];
  for (let i = 0; i < repartitionSinkTopicsLength; i += 1) repartitionSinkTopics.push(reader.string(true));
  const stateChangelogTopicsLength = reader.arrayLength(true, 9);
  const stateChangelogTopics: TopicInfo[] = [];
  for (let i = 0; i < stateChangelogTopicsLength; i += 1) stateChangelogTopics.push(decodeTopicInfo(reader));
  const repartitionSourceTopicsLength = reader.arrayLength(true, 9);
  const repartitionSourceTopics: TopicInfo[] = [];
  for (let i = 0; i < repartitionSourceTopicsLength; i += 1) repartitionSourceTopics.push(decodeTopicInfo(reader));
  reader.skipTags();
  return { subtopologyId, sourceTopics, repartitionSinkTopics, stateChangelogTopics, repartitionSourceTopics };
}

function decodeTopology(reader: Reader): Topology {
  const epoch = reader.int32();
  const subtopologiesLength = reader.nullableArrayLength(true, 6);
  let subtopologies: readonly Subtopology[] | null = null;
  if (subtopologiesLength >= 0) {
    const items: Subtopology[] = [];
    for (let i = 0; i < subtopologiesLength; i += 1) items.push(decodeSubtopology(reader));
    subtopologies = items;
  }
  reader.skipTags();
  return { epoch, subtopologies };
}

function decodeEndpoint(reader: Reader): Endpoint {
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

function decodeTaskIds(reader: Reader): TaskIds {
  const subtopologyId = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { subtopologyId, partitions };
}

function decodeAssignment(reader: Reader): Assignment {
  const activeTasksLength = reader.arrayLength(true, 3);
  const activeTasks: TaskIds[] = [];
  for (let i = 0; i < activeTasksLength; i += 1) activeTasks.push(decodeTaskIds(reader));
  const standbyTasksLength = reader.arrayLength(true, 3);
  const standbyTasks: TaskIds[] = [];
  for (let i = 0; i < standbyTasksLength; i += 1) standbyTasks.push(decodeTaskIds(reader));
  const warmupTasksLength = reader.arrayLength(true, 3);
  const warmupTasks: TaskIds[] = [];
  for (let i = 0; i < warmupTasksLength; i += 1) warmupTasks.push(decodeTaskIds(reader));
  reader.skipTags();
  return { activeTasks, standbyTasks, warmupTasks };
}

function decodeMember(reader: Reader): Member {
  const memberId = reader.string(true);
  const memberEpoch = reader.int32();
  const instanceId = reader.nullableString(true);
  const rackId = reader.nullableString(true);
  const clientId = reader.string(true);
  const clientHost = reader.string(true);
  const topologyEpoch = reader.int32();
  const processId = reader.string(true);
  const userEndpoint = reader.int8() < 0 ? null : decodeEndpoint(reader);
  const clientTagsLength = reader.arrayLength(true, 3);
  const clientTags: KeyValue[] = [];
  for (let i = 0; i < clientTagsLength; i += 1) clientTags.push(decodeKeyValue(reader));
  const taskOffsetsLength = reader.arrayLength(true, 14);
  const taskOffsets: TaskOffset[] = [];
  for (let i = 0; i < taskOffsetsLength; i += 1) taskOffsets.push(decodeTaskOffset(reader));
  const taskEndOffsetsLength = reader.arrayLength(true, 14);
  const taskEndOffsets: TaskOffset[] = [];
  for (let i = 0; i < taskEndOffsetsLength; i += 1) taskEndOffsets.push(decodeTaskOffset(reader));
  const assignment = decodeAssignment(reader);
  const targetAssignment = decodeAssignment(reader);
  const isClassic = reader.boolean();
  reader.skipTags();
  return { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, topologyEpoch, processId, userEndpoint, clientTags, taskOffsets, taskEndOffsets, assignment, targetAssignment, isClassic };
}

function decodeDescribedGroup(reader: Reader): DescribedGroup {
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const groupId = reader.string(true);
  const groupState = reader.string(true);
  const groupEpoch = reader.int32();
  const assignmentEpoch = reader.int32();
  const topology = reader.int8() < 0 ? null : decodeTopology(reader);
  const membersLength = reader.arrayLength(true, 28);
  const members: Member[] = [];
  for (let i = 0; i < membersLength; i += 1) members.push(decodeMember(reader));
  const authorizedOperations = reader.int32();
  reader.skipTags();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, topology, members, authorizedOperations };
}

/**
 * StreamsGroupDescribeResponse: API key 89, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   groups => []DescribedGroup
 *     errorCode => int16
 *     errorMessage => string  (may be null, default null)
 *     groupId => string
 *     groupState => string
 *     groupEpoch => int32
 *     assignmentEpoch => int32
 *     topology => Topology  (may be null, default null)
 *       epoch => int32
 *       subtopologies => []Subtopology  (may be null, default null)
 *         subtopologyId => string
 *         sourceTopics => []string
 *         repartitionSinkTopics => []string
 *         stateChangelogTopics => []TopicInfo
 *           name => string
 *           partitions => int32
 *           replicationFactor => int16
 *           topicConfigs => []KeyValue
 *             key => string
 *             value => string
 *         repartitionSourceTopics => []TopicInfo
 *           name => string
 *           partitions => int32
 *           replicationFactor => int16
 *           topicConfigs => []KeyValue
 *             key => string
 *             value => string
 *     members => []Member
 *       memberId => string
 *       memberEpoch => int32
 *       instanceId => string  (may be null, default null)
 *       rackId => string  (may be null, default null)
 *       clientId => string
 *       clientHost => string
 *       topologyEpoch => int32
 *       processId => string
 *       userEndpoint => Endpoint  (may be null, default null)
 *         host => string
 *         port => uint16
 *       clientTags => []KeyValue
 *         key => string
 *         value => string
 *       taskOffsets => []TaskOffset
 *         subtopologyId => string
 *         partition => int32
 *         offset => int64
 *       taskEndOffsets => []TaskOffset
 *         subtopologyId => string
 *         partition => int32
 *         offset => int64
 *       assignment => Assignment
 *         activeTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *         standbyTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *         warmupTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *       targetAssignment => Assignment
 *         activeTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *         standbyTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *         warmupTasks => []TaskIds
 *           subtopologyId => string
 *           partitions => []int32
 *       isClassic => bool
 *     authorizedOperations => int32  (default -2147483648)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeStreamsGroupDescribeResponse(reader: Reader, version: number): StreamsGroupDescribeResponse {
  checkVersion('StreamsGroupDescribeResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const groupsLength = reader.arrayLength(true, 20);
  const groups: DescribedGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribedGroup(reader));
  reader.skipTags();
  return { throttleTimeMs, groups };
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

function encodeSubtopology(writer: Writer, message: Subtopology): void {
  writer.string(message.subtopologyId, true);
  const sourceTopics = message.sourceTopics;
  writer.arrayLength(sourceTopics.length, true);
  for (const item of sourceTopics) writer.string(item, true);
  const repartitionSinkTopics = message.repartitionSinkTopics;
  writer.arrayLength(repartitionSinkTopics.length, true);
  for (const item of repartitionSinkTopics) writer.string(item, true);
  const stateChangelogTopics = message.stateChangelogTopics;
  writer.arrayLength(stateChangelogTopics.length, true);
  for (const item of stateChangelogTopics) encodeTopicInfo(writer, item);
  const repartitionSourceTopics = message.repartitionSourceTopics;
  writer.arrayLength(repartitionSourceTopics.length, true);
  for (const item of repartitionSourceTopics) encodeTopicInfo(writer, item);
  writer.uvarint(0);
}

function encodeTopology(writer: Writer, message: TopologyInit): void {
  writer.int32(message.epoch);
  const subtopologies = message.subtopologies ?? null;
  if (subtopologies === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(subtopologies.length, true);
    for (const item of subtopologies) encodeSubtopology(writer, item);
  }
  writer.uvarint(0);
}

function encodeEndpoint(writer: Writer, message: Endpoint): void {
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

function encodeTaskIds(writer: Writer, message: TaskIds): void {
  writer.string(message.subtopologyId, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeAssignment(writer: Writer, message: Assignment): void {
  const activeTasks = message.activeTasks;
  writer.arrayLength(activeTasks.length, true);
  for (const item of activeTasks) encodeTaskIds(writer, item);
  const standbyTasks = message.standbyTasks;
  writer.arrayLength(standbyTasks.length, true);
  for (const item of standbyTasks) encodeTaskIds(writer, item);
  const warmupTasks = message.warmupTasks;
  writer.arrayLength(warmupTasks.length, true);
  for (const item of warmupTasks) encodeTaskIds(writer, item);
  writer.uvarint(0);
}

function encodeMember(writer: Writer, message: MemberInit): void {
  writer.string(message.memberId, true);
  writer.int32(message.memberEpoch);
  writer.nullableString(message.instanceId ?? null, true);
  writer.nullableString(message.rackId ?? null, true);
  writer.string(message.clientId, true);
  writer.string(message.clientHost, true);
  writer.int32(message.topologyEpoch);
  writer.string(message.processId, true);
  const userEndpoint = message.userEndpoint ?? null;
  if (userEndpoint === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeEndpoint(writer, userEndpoint);
  }
  const clientTags = message.clientTags;
  writer.arrayLength(clientTags.length, true);
  for (const item of clientTags) encodeKeyValue(writer, item);
  const taskOffsets = message.taskOffsets;
  writer.arrayLength(taskOffsets.length, true);
  for (const item of taskOffsets) encodeTaskOffset(writer, item);
  const taskEndOffsets = message.taskEndOffsets;
  writer.arrayLength(taskEndOffsets.length, true);
  for (const item of taskEndOffsets) encodeTaskOffset(writer, item);
  encodeAssignment(writer, message.assignment);
  encodeAssignment(writer, message.targetAssignment);
  writer.boolean(message.isClassic);
  writer.uvarint(0);
}

function encodeDescribedGroup(writer: Writer, message: DescribedGroupInit): void {
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.string(message.groupId, true);
  writer.string(message.groupState, true);
  writer.int32(message.groupEpoch);
  writer.int32(message.assignmentEpoch);
  const topology = message.topology ?? null;
  if (topology === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeTopology(writer, topology);
  }
  const members = message.members;
  writer.arrayLength(members.length, true);
  for (const item of members) encodeMember(writer, item);
  writer.int32(message.authorizedOperations ?? -2147483648);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeStreamsGroupDescribeResponse(writer: Writer, message: StreamsGroupDescribeResponseInit, version: number): void {
  checkVersion('StreamsGroupDescribeResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  const groups = message.groups;
  writer.arrayLength(groups.length, true);
  for (const item of groups) encodeDescribedGroup(writer, item);
  writer.uvarint(0);
}

/** StreamsGroupDescribe as a whole. */
export const streamsGroupDescribeMessages = defineApi<StreamsGroupDescribeRequest, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, StreamsGroupDescribeResponseInit>({
  apiKey: 89,
  name: 'StreamsGroupDescribe',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeStreamsGroupDescribeRequest,
  encodeRequest: encodeStreamsGroupDescribeRequest,
  decodeResponse: decodeStreamsGroupDescribeResponse,
  encodeResponse: encodeStreamsGroupDescribeResponse,
});
