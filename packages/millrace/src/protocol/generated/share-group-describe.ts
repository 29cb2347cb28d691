// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ShareGroupDescribeRequest: API key 77, version 1. */
export interface ShareGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

/**
 * ShareGroupDescribeRequest: API key 77, version 1, flexible from 1.
 *
 *   groupIds => []string
 *   includeAuthorizedOperations => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareGroupDescribeRequest(reader: Reader, version: number): ShareGroupDescribeRequest {
  checkVersion('ShareGroupDescribeRequest', version, 1, 1);
  const groupIdsLength = reader.arrayLength(true, 1);
  const groupIds: string[] = [];
  for (let i = 0; i < groupIdsLength; i += 1) groupIds.push(reader.string(true));
  const includeAuthorizedOperations = reader.boolean();
  reader.skipTags();
  return { groupIds, includeAuthorizedOperations };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareGroupDescribeRequest(writer: Writer, message: ShareGroupDescribeRequest, version: number): void {
  checkVersion('ShareGroupDescribeRequest', version, 1, 1);
  const groupIds = message.groupIds;
  writer.arrayLength(groupIds.length, true);
  for (const item of groupIds) writer.string(item, true);
  writer.boolean(message.includeAuthorizedOperations);
  writer.uvarint(0);
}

/** ShareGroupDescribeResponse: API key 77, version 1. */
export interface ShareGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroup[];
}

/** What is given to encode {@link ShareGroupDescribeResponse}: what has a default may be left out. */
export interface ShareGroupDescribeResponseInit {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedGroupInit[];
}

/** Part of ShareGroupDescribeResponse. */
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

/** Part of ShareGroupDescribeResponse. */
export interface Member {
  readonly memberId: string;
  readonly rackId: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly assignment: Assignment;
}

/** What is given to encode {@link Member}: what has a default may be left out. */
export interface MemberInit {
  readonly memberId: string;
  readonly rackId?: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: readonly string[];
  readonly assignment: Assignment;
}

/** Part of ShareGroupDescribeResponse. */
export interface Assignment {
  readonly topicPartitions: readonly TopicPartitions[];
}

/** Part of ShareGroupDescribeResponse. */
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

function decodeMember(reader: Reader): Member {
  const memberId = reader.string(true);
  const rackId = reader.nullableString(true);
  const memberEpoch = reader.int32();
  const clientId = reader.string(true);
  const clientHost = reader.string(true);
  const subscribedTopicNamesLength = reader.arrayLength(true, 1);
  const subscribedTopicNames: string[] = [];
  for (let i = 0; i < subscribedTopicNamesLength; i += 1) subscribedTopicNames.push(reader.string(true));
  const assignment = decodeAssignment(reader);
  reader.skipTags();
  return { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assignment };
}

function decodeDescribedGroup(reader: Reader): DescribedGroup {
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const groupId = reader.string(true);
  const groupState = reader.string(true);
  const groupEpoch = reader.int32();
  const assignmentEpoch = reader.int32();
  const assignorName = reader.string(true);
  const membersLength = reader.arrayLength(true, 12);
  const members: Member[] = [];
  for (let i = 0; i < membersLength; i += 1) members.push(decodeMember(reader));
  const authorizedOperations = reader.int32();
  reader.skipTags();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations };
}

/**
 * ShareGroupDescribeResponse: API key 77, version 1, flexible from 1.
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
 *       rackId => string  (may be null, default null)
 *       memberEpoch => int32
 *       clientId => string
 *       clientHost => string
 *       subscribedTopicNames => []string
 *       assignment => Assignment
 *         topicPartitions => []TopicPartitions
 *           topicId => uuid
 *           topicName => string
 *           partitions => []int32
 *     authorizedOperations => int32  (default -2147483648)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareGroupDescribeResponse(reader: Reader, version: number): ShareGroupDescribeResponse {
  checkVersion('ShareGroupDescribeResponse', version, 1, 1);
  const throttleTimeMs = reader.int32();
  const groupsLength = reader.arrayLength(true, 20);
  const groups: DescribedGroup[] = [];
  for (let i = 0; i < groupsLength; i += 1) groups.push(decodeDescribedGroup(reader));
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

function encodeMember(writer: Writer, message: MemberInit): void {
  writer.string(message.memberId, true);
  writer.nullableString(message.rackId ?? null, true);
  writer.int32(message.memberEpoch);
  writer.string(message.clientId, true);
  writer.string(message.clientHost, true);
  const subscribedTopicNames = message.subscribedTopicNames;
  writer.arrayLength(subscribedTopicNames.length, true);
  for (const item of subscribedTopicNames) writer.string(item, true);
  encodeAssignment(writer, message.assignment);
  writer.uvarint(0);
}

function encodeDescribedGroup(writer: Writer, message: DescribedGroupInit): void {
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.string(message.groupId, true);
  writer.string(message.groupState, true);
  writer.int32(message.groupEpoch);
  writer.int32(message.assignmentEpoch);
  writer.string(message.assignorName, true);
  const members = message.members;
  writer.arrayLength(members.length, true);
  for (const item of members) encodeMember(writer, item);
  writer.int32(message.authorizedOperations ?? -2147483648);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareGroupDescribeResponse(writer: Writer, message: ShareGroupDescribeResponseInit, version: number): void {
  checkVersion('ShareGroupDescribeResponse', version, 1, 1);
  writer.int32(message.throttleTimeMs);
  const groups = message.groups;
  writer.arrayLength(groups.length, true);
  for (const item of groups) encodeDescribedGroup(writer, item);
  writer.uvarint(0);
}

/** ShareGroupDescribe as a whole. */
export const shareGroupDescribeMessages = defineApi<ShareGroupDescribeRequest, ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupDescribeResponseInit>({
  apiKey: 77,
  name: 'ShareGroupDescribe',
  validVersions: { min: 1, max: 1 },
  flexibleFrom: 1,
  decodeRequest: decodeShareGroupDescribeRequest,
  encodeRequest: encodeShareGroupDescribeRequest,
  decodeResponse: decodeShareGroupDescribeResponse,
  encodeResponse: encodeShareGroupDescribeResponse,
});
