// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ConsumerGroupDescribeRequest: API key 69, versions 0-1. */
export interface ConsumerGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

/**
 * ConsumerGroupDescribeRequest: API key 69, versions 0-1, flexible from 0.
 *
 *   groupIds => []string
 *   includeAuthorizedOperations => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerGroupDescribeRequest(reader: Reader, version: number): ConsumerGroupDescribeRequest {
  checkVersion('ConsumerGroupDescribeRequest', version, 0, 1);
  const groupIdsLength = reader.arrayLength(true, 1);
  const groupIds: string[] = [];
  for (let i = 0; i < groupIdsLength; i += 1) groupIds.push(reader.string(true));
  const includeAuthorizedOperations = reader.boolean();
  reader.skipTags();
  return { groupIds, includeAuthorizedOperations };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerGroupDescribeRequest(writer: Writer, message: ConsumerGroupDescribeRequest, version: number): void {
  checkVersion('ConsumerGroupDescribeRequest', version, 0, 1);
  const groupIds = message.groupIds;
  writer.arrayLength(groupIds.length, true);
  for (const item of groupIds) writer.string(item, true);
  writer.boolean(message.includeAuthorizedOperations);
  writer.uvarint(0);
}

/** ConsumerGroupDescribeResponse: API key 69, versions 0-1. */
export interface ConsumerGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

/** What is given to encode {@link ConsumerGroupDescribeResponse}: what has a default may be left out. */
export interface ConsumerGroupDescribeResponseInit {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroupInit[];
}

/** Part of ConsumerGroupDescribeResponse. */
export interface DescribedGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly groupEpoch: number;
  readonly assignmentEpoch: number;
  readonly assignorName: string;
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
  readonly assignorName: string;
  readonly members: readonly MemberInit[];
  readonly authorizedOperations?: number;
}

/** Part of ConsumerGroupDescribeResponse. */
export interface Member {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string | null;
  readonly assignment: Assignment;
  readonly targetAssignment: Assignment;
  readonly memberType: number;
}

/** What is given to encode {@link Member}: what has a default may be left out. */
export interface MemberInit {
  readonly memberId: string;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex?: string | null;
  readonly assignment: Assignment;
  readonly targetAssignment: Assignment;
  readonly memberType?: number;
}

/** Part of ConsumerGroupDescribeResponse. */
export interface Assignment {
  readonly topicPartitions: readonly TopicPartitions[];
}

/** Part of ConsumerGroupDescribeResponse. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly topicName: string;
  readonly partitions: readonly number[];
}

function decodeTopicPartitions(reader: Reader): TopicPartitions {
  const topicId = reader.uuid();
  const topicName = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicId, topicName, partitions };
}

function decodeAssignment(reader: Reader): Assignment {
  const topicPartitionsLength = reader.arrayLength(true, 19);
  const topicPartitions: TopicPartitions[] = [];
  for (let i = 0; i < topicPartitionsLength; i += 1) topicPartitions.push(decodeTopicPartitions(reader));
  reader.skipTags();
  return { topicPartitions };
}

function decodeMember(reader: Reader, version: number): Member {
  const memberId = reader.string(true);
  const instanceId = reader.nullableString(true);
  const rackId = reader.nullableString(true);
  const memberEpoch = reader.int32();
  const clientId = reader.string(true);
  const clientHost = reader.string(true);
  const subscribedTopicNamesLength = reader.arrayLength(true, 1);
  const subscribedTopicNames: string[] = [];
  for (let i = 0; i < subscribedTopicNamesLength; i += 1) subscribedTopicNames.push(reader.string(true));
  const subscribedTopicRegex = reader.nullableString(true);
  const assignment = decodeAssignment(reader);
  const targetAssignment = decodeAssignment(reader);
  let memberType: number = -1;
  if (version >= 1) memberType = reader.int8();
  reader.skipTags();
  return { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, assignment, targetAssignment, memberType };
}

function decodeDescribedGroup(reader: Reader, version: number): DescribedGroup {
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const groupId = reader.string(true);
  const groupState = reader.string(true);
  const groupEpoch = reader.int32();
  const assignmentEpoch = reader.int32();
  const assignorName = reader.string(true);
  const membersLength = reader.arrayLength(true, 16);
  const members: Member[] = [];
  for (let i = 0; i < membersLength; i += 1) members.push(decodeMember(reader, version));
  const authorizedOperations = reader.int32();
  reader.skipTags();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations };
}

/**
 * ConsumerGroupDescribeResponse: API key 69, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   groups => []DescribedGroup
 *     errorCode => int16
 *     errorMessage => string  (may be null, default null)
 *     groupId => string
 *     groupState => string
 *     groupEpoch => int32
 *     assignmentEpoch => int32
 *     assignorName => string
 *     members => []Member
 *       memberId => string
 *       instanceId => string  (may be null, default null)
 *       rackId => string  (may be null, default null)
 *       memberEpoch => int32
 *       clientId => string
 *       clientHost => string
 *       subscribedTopicNames => []string
 *       subscribedTopicRegex => string  (may be null, default null)
 *       assignment => Assignment
 *         topicPartitions => []TopicPartitions
 *           topicId => uuid
 *           topicName => string
 *           partitions => []int32
 *       targetAssignment => Assignment
 *         topicPartitions => []TopicPartitions
 *           topicId => uuid
 *           topicName => string
 *           partitions => []int32
 *       memberType => int8  (versions 1, default -1)
 *     authorizedOperations => int32  (default -2147483648)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerGroupDescribeResponse(reader: Reader, version: number): ConsumerGroupDescribeResponse {
  checkVersion('ConsumerGroupDescribeResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const groupsLength = reader.arrayLength(true, 20);
  const groups: DescribedGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribedGroup(reader, version));
  reader.skipTags();
  return { throttleTimeMs, groups };
}

function encodeTopicPartitions(writer: Writer, message: TopicPartitions): void {
  writer.uuid(message.topicId);
  writer.string(message.topicName, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeAssignment(writer: Writer, message: Assignment): void {
  const topicPartitions = message.topicPartitions;
  writer.arrayLength(topicPartitions.length, true);
  for (const item of topicPartitions) encodeTopicPartitions(writer, item);
  writer.uvarint(0);
}

function encodeMember(writer: Writer, message: MemberInit, version: number): void {
  writer.string(message.memberId, true);
  writer.nullableString(message.instanceId ?? null, true);
  writer.nullableString(message.rackId ?? null, true);
  writer.int32(message.memberEpoch);
  writer.string(message.clientId, true);
  writer.string(message.clientHost, true);
  const subscribedTopicNames = message.subscribedTopicNames;
  writer.arrayLength(subscribedTopicNames.length, true);
  for (const item of subscribedTopicNames) writer.string(item, true);
  writer.nullableString(message.subscribedTopicRegex ?? null, true);
  encodeAssignment(writer, message.assignment);
  encodeAssignment(writer, message.targetAssignment);
  if (version >= 1) writer.int8(message.memberType ?? -1);
  writer.uvarint(0);
}

function encodeDescribedGroup(writer: Writer, message: DescribedGroupInit, version: number): void {
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.string(message.groupId, true);
  writer.string(message.groupState, true);
  writer.int32(message.groupEpoch);
  writer.int32(message.assignmentEpoch);
  writer.string(message.assignorName, true);
  const members = message.members;
  writer.arrayLength(members.length, true);
  for (const item of members) encodeMember(writer, item, version);
  writer.int32(message.authorizedOperations ?? -2147483648);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerGroupDescribeResponse(writer: Writer, message: ConsumerGroupDescribeResponseInit, version: number): void {
  checkVersion('ConsumerGroupDescribeResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  const groups = message.groups;
  writer.arrayLength(groups.length, true);
  for (const item of groups) encodeDescribedGroup(writer, item, version);
  writer.uvarint(0);
}

/** ConsumerGroupDescribe as a whole. */
export const consumerGroupDescribeMessages = defineApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribeResponseInit>({
  apiKey: 69,
  name: 'ConsumerGroupDescribe',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeConsumerGroupDescribeRequest,
  encodeRequest: encodeConsumerGroupDescribeRequest,
  decodeResponse: decodeConsumerGroupDescribeResponse,
  encodeResponse: encodeConsumerGroupDescribeResponse,
});
