// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ConsumerGroupHeartbeatRequest: API key 68, versions 0-1. */
export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly subscribedTopicNames: readonly string[] | null;
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignor: string | null;
  readonly topicPartitions: readonly ConsumerGroupHeartbeatRequestTopicPartitions[] | null;
}

/** What is given to encode {@link ConsumerGroupHeartbeatRequest}: what has a default may be left out. */
export interface ConsumerGroupHeartbeatRequestInit {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  readonly rebalanceTimeoutMs?: number;
  readonly subscribedTopicNames?: readonly string[] | null;
  readonly subscribedTopicRegex?: string | null;
  readonly serverAssignor?: string | null;
  readonly topicPartitions?: readonly ConsumerGroupHeartbeatRequestTopicPartitions[] | null;
}

/** Part of ConsumerGroupHeartbeatRequest. */
export interface ConsumerGroupHeartbeatRequestTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function decodeConsumerGroupHeartbeatRequestTopicPartitions(reader: Reader): ConsumerGroupHeartbeatRequestTopicPartitions {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ConsumerGroupHeartbeatRequest: API key 68, versions 0-1, flexible from 0.
 *
 *   groupId => string
 *   memberId => string
 *   memberEpoch => int32
 *   instanceId => string  (may be null, default null)
 *   rackId => string  (may be null, default null)
 *   rebalanceTimeoutMs => int32  (default -1)
 *   subscribedTopicNames => []string  (may be null, default null)
 *   subscribedTopicRegex => string  (versions 1, may be null, default null)
 *   serverAssignor => string  (may be null, default null)
 *   topicPartitions => []ConsumerGroupHeartbeatRequestTopicPartitions  (may be null, default null)
 *     topicId => uuid
 *     partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerGroupHeartbeatRequest(reader: Reader, version: number): ConsumerGroupHeartbeatRequest {
  checkVersion('ConsumerGroupHeartbeatRequest', version, 0, 1);
  const groupId = reader.string(true);
  const memberId = reader.string(true);
  const memberEpoch = reader.int32();
  const instanceId = reader.nullableString(true);
  const rackId = reader.nullableString(true);
  const rebalanceTimeoutMs = reader.int32();
  const subscribedTopicNamesLength = reader.nullableArrayLength(true, 1);
  let subscribedTopicNames: readonly string[] | null = null;
  if (subscribedTopicNamesLength >= 0) {
    const items: string[] = [];
    for (let i = 0; i < subscribedTopicNamesLength; i += 1) items.push(reader.string(true));
    subscribedTopicNames = items;
  }
  let subscribedTopicRegex: string | null = null;
  if (version >= 1) subscribedTopicRegex = reader.nullableString(true);
  const serverAssignor = reader.nullableString(true);
  const topicPartitionsLength = reader.nullableArrayLength(true, 18);
  let topicPartitions: readonly ConsumerGroupHeartbeatRequestTopicPartitions[] | null = null;
  if (topicPartitionsLength >= 0) {
    const items: ConsumerGroupHeartbeatRequestTopicPartitions[] = [];
    for (let i = 0; i < topicPartitionsLength; i += 1) items.push(decodeConsumerGroupHeartbeatRequestTopicPartitions(reader));
    topicPartitions = items;
  }
  reader.skipTags();
  return { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor, topicPartitions };
}

function encodeConsumerGroupHeartbeatRequestTopicPartitions(writer: Writer, message: ConsumerGroupHeartbeatRequestTopicPartitions): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerGroupHeartbeatRequest(writer: Writer, message: ConsumerGroupHeartbeatRequestInit, version: number): void {
  checkVersion('ConsumerGroupHeartbeatRequest', version, 0, 1);
  writer.string(message.groupId, true);
  writer.string(message.memberId, true);
  writer.int32(message.memberEpoch);
  writer.nullableString(message.instanceId ?? null, true);
  writer.nullableString(message.rackId ?? null, true);
  writer.int32(message.rebalanceTimeoutMs ?? -1);
  const subscribedTopicNames = message.subscribedTopicNames ?? null;
  if (subscribedTopicNames === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(subscribedTopicNames.length, true);
    for (const item of subscribedTopicNames) writer.string(item, true);
  }
  if (version >= 1) writer.nullableString(message.subscribedTopicRegex ?? null, true);
  else if (message.subscribedTopicRegex !== undefined && message.subscribedTopicRegex !== null) throw unsupportedField('ConsumerGroupHeartbeatRequest', 'subscribedTopicRegex', version);
  writer.nullableString(message.serverAssignor ?? null, true);
  const topicPartitions = message.topicPartitions ?? null;
  if (topicPartitions === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(topicPartitions.length, true);
    for (const item of topicPartitions) encodeConsumerGroupHeartbeatRequestTopicPartitions(writer, item);
  }
  writer.uvarint(0);
}

/** ConsumerGroupHeartbeatResponse: API key 68, versions 0-1. */
export interface ConsumerGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment: Assignment | null;
}

/** What is given to encode {@link ConsumerGroupHeartbeatResponse}: what has a default may be left out. */
export interface ConsumerGroupHeartbeatResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly memberId?: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment?: Assignment | null;
}

/** Part of ConsumerGroupHeartbeatResponse. */
export interface Assignment {
  readonly topicPartitions: readonly ConsumerGroupHeartbeatResponseTopicPartitions[];
}

/** Part of ConsumerGroupHeartbeatResponse. */
export interface ConsumerGroupHeartbeatResponseTopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

function decodeConsumerGroupHeartbeatResponseTopicPartitions(reader: Reader): ConsumerGroupHeartbeatResponseTopicPartitions {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicId, partitions };
}

function decodeAssignment(reader: Reader): Assignment {
  const topicPartitionsLength = reader.arrayLength(true, 18);
  const topicPartitions: ConsumerGroupHeartbeatResponseTopicPartitions[] = [];
  for (let i = 0; i < topicPartitionsLength; i += 1) topicPartitions.push(decodeConsumerGroupHeartbeatResponseTopicPartitions(reader));
  reader.skipTags();
  return { topicPartitions };
}

/**
 * ConsumerGroupHeartbeatResponse: API key 68, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   memberId => string  (may be null, default null)
 *   memberEpoch => int32
 *   heartbeatIntervalMs => int32
 *   assignment => Assignment  (may be null, default null)
 *     topicPartitions => []ConsumerGroupHeartbeatResponseTopicPartitions
 *       topicId => uuid
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeConsumerGroupHeartbeatResponse(reader: Reader, version: number): ConsumerGroupHeartbeatResponse {
  checkVersion('ConsumerGroupHeartbeatResponse', version, 0, 1);
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

function encodeConsumerGroupHeartbeatResponseTopicPartitions(writer: Writer, message: ConsumerGroupHeartbeatResponseTopicPartitions): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeAssignment(writer: Writer, message: Assignment): void {
  const topicPartitions = message.topicPartitions;
  writer.arrayLength(topicPartitions.length, true);
  for (const item of topicPartitions) encodeConsumerGroupHeartbeatResponseTopicPartitions(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeConsumerGroupHeartbeatResponse(writer: Writer, message: ConsumerGroupHeartbeatResponseInit, version: number): void {
  checkVersion('ConsumerGroupHeartbeatResponse', version, 0, 1);
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

/** ConsumerGroupHeartbeat as a whole. */
export const consumerGroupHeartbeatMessages = defineApi<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatRequestInit, ConsumerGroupHeartbeatResponse, ConsumerGroupHeartbeatResponseInit>({
  apiKey: 68,
  name: 'ConsumerGroupHeartbeat',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeConsumerGroupHeartbeatRequest,
  encodeRequest: encodeConsumerGroupHeartbeatRequest,
  decodeResponse: decodeConsumerGroupHeartbeatResponse,
  encodeResponse: encodeConsumerGroupHeartbeatResponse,
});
