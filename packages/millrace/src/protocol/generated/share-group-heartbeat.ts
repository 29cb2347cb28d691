// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ShareGroupHeartbeatRequest: API key 76, version 1. */
export interface ShareGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly rackId: string | null;
  readonly subscribedTopicNames: readonly string[] | null;
}

/** What is given to encode {@link ShareGroupHeartbeatRequest}: what has a default may be left out. */
export interface ShareGroupHeartbeatRequestInit {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly rackId?: string | null;
  readonly subscribedTopicNames?: readonly string[] | null;
}

/**
 * ShareGroupHeartbeatRequest: API key 76, version 1, flexible from 1.
 *
 *   groupId => string
 *   memberId => string
 *   memberEpoch => int32
 *   rackId => string  (may be null, default null)
 *   subscribedTopicNames => []string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareGroupHeartbeatRequest(reader: Reader, version: number): ShareGroupHeartbeatRequest {
  checkVersion('ShareGroupHeartbeatRequest', version, 1, 1);
  const groupId = reader.string(true);
  const memberId = reader.string(true);
  const memberEpoch = reader.int32();
  const rackId = reader.nullableString(true);
  const subscribedTopicNamesLength = reader.nullableArrayLength(true, 1);
  let subscribedTopicNames: readonly string[] | null = null;
  if (subscribedTopicNamesLength >= 0) {
    const items: string[] = [];
    for (let i = 0; i < subscribedTopicNamesLength; i += 1) items.push(reader.string(true));
    subscribedTopicNames = items;
  }
  reader.skipTags();
  return { groupId, memberId, memberEpoch, rackId, subscribedTopicNames };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareGroupHeartbeatRequest(writer: Writer, message: ShareGroupHeartbeatRequestInit, version: number): void {
  checkVersion('ShareGroupHeartbeatRequest', version, 1, 1);
  writer.string(message.groupId, true);
  writer.string(message.memberId, true);
  writer.int32(message.memberEpoch);
  writer.nullableString(message.rackId ?? null, true);
  const subscribedTopicNames = message.subscribedTopicNames ?? null;
  if (subscribedTopicNames === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(subscribedTopicNames.length, true);
    for (const item of subscribedTopicNames) writer.string(item, true);
  }
  writer.uvarint(0);
}

/** ShareGroupHeartbeatResponse: API key 76, version 1. */
export interface ShareGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment: Assignment | null;
}

/** What is given to encode {@link ShareGroupHeartbeatResponse}: what has a default may be left out. */
export interface ShareGroupHeartbeatResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly memberId?: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment?: Assignment | null;
}

/** Part of ShareGroupHeartbeatResponse. */
export interface Assignment {
  readonly topicPartitions: readonly TopicPartitions[];
}

/** Part of ShareGroupHeartbeatResponse. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function decodeTopicPartitions(reader: Reader): TopicPartitions {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicId, partitions };
}

function decodeAssignment(reader: Reader): Assignment {
  const topicPartitionsLength = reader.arrayLength(true, 18);
  const topicPartitions: TopicPartitions[] = [];
  for (let i = 0; i < topicPartitionsLength; i += 1) topicPartitions.push(decodeTopicPartitions(reader));
  reader.skipTags();
  return { topicPartitions };
}

/**
 * ShareGroupHeartbeatResponse: API key 76, version 1, flexible from 1.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   memberId => string  (may be null, default null)
 *   memberEpoch => int32
 *   heartbeatIntervalMs => int32
 *   assignment => Assignment  (may be null, default null)
 *     topicPartitions => []TopicPartitions
 *       topicId => uuid
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareGroupHeartbeatResponse(reader: Reader, version: number): ShareGroupHeartbeatResponse {
  checkVersion('ShareGroupHeartbeatResponse', version, 1, 1);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const memberId = reader.nullableString(true);
  const memberEpoch = reader.int32();
  const heartbeatIntervalMs = reader.int32();
  const assignment = reader.int8() < 0 ? null : decodeAssignment(reader);
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment };
}

function encodeTopicPartitions(writer: Writer, message: TopicPartitions): void {
  writer.uuid(message.topicId);
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

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareGroupHeartbeatResponse(writer: Writer, message: ShareGroupHeartbeatResponseInit, version: number): void {
  checkVersion('ShareGroupHeartbeatResponse', version, 1, 1);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.nullableString(message.memberId ?? null, true);
  writer.int32(message.memberEpoch);
  writer.int32(message.heartbeatIntervalMs);
  const assignment = message.assignment ?? null;
  if (assignment === null) {
    writer.int8(-1);
  } else {
    writer.int8(1);
    encodeAssignment(writer, assignment);
  }
  writer.uvarint(0);
}

/** ShareGroupHeartbeat as a whole. */
export const shareGroupHeartbeatMessages = defineApi<ShareGroupHeartbeatRequest, ShareGroupHeartbeatRequestInit, ShareGroupHeartbeatResponse, ShareGroupHeartbeatResponseInit>({
  apiKey: 76,
  name: 'ShareGroupHeartbeat',
  validVersions: { min: 1, max: 1 },
  flexibleFrom: 1,
  decodeRequest: decodeShareGroupHeartbeatRequest,
  encodeRequest: encodeShareGroupHeartbeatRequest,
  decodeResponse: decodeShareGroupHeartbeatResponse,
  encodeResponse: encodeShareGroupHeartbeatResponse,
});
