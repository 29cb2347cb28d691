// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ShareAcknowledgeRequest: API key 79, versions 1-2. */
export interface ShareAcknowledgeRequest {
  readonly groupId: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  readonly isRenewAck: boolean;
  readonly topics: readonly AcknowledgeTopic[];
}

/** What is given to encode {@link ShareAcknowledgeRequest}: what has a default may be left out. */
export interface ShareAcknowledgeRequestInit {
  readonly groupId?: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  readonly isRenewAck?: boolean;
  readonly topics: readonly AcknowledgeTopic[];
}

/** Part of ShareAcknowledgeRequest. */
export interface AcknowledgeTopic {
  readonly topicId: string;
  readonly partitions: readonly AcknowledgePartition[];
}

/** Part of ShareAcknowledgeRequest. */
export interface AcknowledgePartition {
  readonly partitionIndex: number;
  readonly acknowledgementBatches: readonly AcknowledgementBatch[];
}

/** Part of ShareAcknowledgeRequest. */
export interface AcknowledgementBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly acknowledgeTypes: readonly number[];
}

function decodeAcknowledgementBatch(reader: Reader): AcknowledgementBatch {
  const firstOffset = reader.int64();
  const lastOffset = reader.int64();
  const acknowledgeTypesLength = reader.arrayLength(true, 1);
  const acknowledgeTypes: number[] = [];
  for (let i = 0; i < acknowledgeTypesLength; i += 1) acknowledgeTypes.push(reader.int8());
  reader.skipTags();
  return { firstOffset, lastOffset, acknowledgeTypes };
}

function decodeAcknowledgePartition(reader: Reader): AcknowledgePartition {
  const partitionIndex = reader.int32();
  const acknowledgementBatchesLength = reader.arrayLength(true, 18);
  const acknowledgementBatches: AcknowledgementBatch[] = [];
  for (let i = 0; i < acknowledgementBatchesLength; i += 1) acknowledgementBatches.push(decodeAcknowledgementBatch(reader));
  reader.skipTags();
  return { partitionIndex, acknowledgementBatches };
}

function decodeAcknowledgeTopic(reader: Reader): AcknowledgeTopic {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 6);
  const partitions: AcknowledgePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeAcknowledgePartition(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ShareAcknowledgeRequest: API key 79, versions 1-2, flexible from 1.
 *
 *   groupId => string  (may be null, default null)
 *   memberId => string  (may be null)
 *   shareSessionEpoch => int32
 *   isRenewAck => bool  (versions 2, default false)
 *   topics => []AcknowledgeTopic
 *     topicId => uuid
 *     partitions => []AcknowledgePartition
 *       partitionIndex => int32
 *       acknowledgementBatches => []AcknowledgementBatch
 *         firstOffset => int64
 *         lastOffset => int64
 *         acknowledgeTypes => []int8
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareAcknowledgeRequest(reader: Reader, version: number): ShareAcknowledgeRequest {
  checkVersion('ShareAcknowledgeRequest', version, 1, 2);
  const groupId = reader.nullableString(true);
  const memberId = reader.nullableString(true);
  const shareSessionEpoch = reader.int32();
  let isRenewAck: boolean = false;
  if (version >= 2) isRenewAck = reader.boolean();
  const topicsLength = reader.arrayLength(true, 18);
  const topics: AcknowledgeTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeAcknowledgeTopic(reader));
  reader.skipTags();
  return { groupId, memberId, shareSessionEpoch, isRenewAck, topics };
}

function encodeAcknowledgementBatch(writer: Writer, message: AcknowledgementBatch): void {
  writer.int64(message.firstOffset);
  writer.int64(message.lastOffset);
  const acknowledgeTypes = message.acknowledgeTypes;
  writer.arrayLength(acknowledgeTypes.length, true);
  for (const item of acknowledgeTypes) writer.int8(item);
  writer.uvarint(0);
}

function encodeAcknowledgePartition(writer: Writer, message: AcknowledgePartition): void {
  writer.int32(message.partitionIndex);
  const acknowledgementBatches = message.acknowledgementBatches;
  writer.arrayLength(acknowledgementBatches.length, true);
  for (const item of acknowledgementBatches) encodeAcknowledgementBatch(writer, item);
  writer.uvarint(0);
}

function encodeAcknowledgeTopic(writer: Writer, message: AcknowledgeTopic): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeAcknowledgePartition(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareAcknowledgeRequest(writer: Writer, message: ShareAcknowledgeRequestInit, version: number): void {
  checkVersion('ShareAcknowledgeRequest', version, 1, 2);
  writer.nullableString(message.groupId ?? null, true);
  writer.nullableString(message.memberId, true);
  writer.int32(message.shareSessionEpoch);
  if (version >= 2) writer.boolean(message.isRenewAck ?? false);
  else if (message.isRenewAck !== undefined && message.isRenewAck) throw unsupportedField('ShareAcknowledgeRequest', 'isRenewAck', version);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeAcknowledgeTopic(writer, item);
  writer.uvarint(0);
}

/** ShareAcknowledgeResponse: API key 79, versions 1-2. */
export interface ShareAcknowledgeResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly acquisitionLockTimeoutMs: number;
  readonly responses: readonly ShareAcknowledgeTopicResponse[];
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** What is given to encode {@link ShareAcknowledgeResponse}: what has a default may be left out. */
export interface ShareAcknowledgeResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly acquisitionLockTimeoutMs?: number;
  readonly responses: readonly ShareAcknowledgeTopicResponseInit[];
  readonly nodeEndpoints: readonly NodeEndpointInit[];
}

/** Part of ShareAcknowledgeResponse. */
export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** What is given to encode {@link NodeEndpoint}: what has a default may be left out. */
export interface NodeEndpointInit {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null;
}

/** Part of ShareAcknowledgeResponse. */
export interface ShareAcknowledgeTopicResponse {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** What is given to encode {@link ShareAcknowledgeTopicResponse}: what has a default may be left out. */
export interface ShareAcknowledgeTopicResponseInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionDataInit[];
}

/** Part of ShareAcknowledgeResponse. */
export interface PartitionData {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly currentLeader: LeaderIdAndEpoch;
}

/** What is given to encode {@link PartitionData}: what has a default may be left out. */
export interface PartitionDataInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly currentLeader: LeaderIdAndEpoch;
}

/** Part of ShareAcknowledgeResponse. */
export interface LeaderIdAndEpoch {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

function decodeLeaderIdAndEpoch(reader: Reader): LeaderIdAndEpoch {
  const leaderId = reader.int32();
  const leaderEpoch = reader.int32();
  reader.skipTags();
  return { leaderId, leaderEpoch };
}

function decodePartitionData(reader: Reader): PartitionData {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const currentLeader = decodeLeaderIdAndEpoch(reader);
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage, currentLeader };
}

function decodeShareAcknowledgeTopicResponse(reader: Reader): ShareAcknowledgeTopicResponse {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 17);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader));
  reader.skipTags();
  return { topicId, partitions };
}

function decodeNodeEndpoint(reader: Reader): NodeEndpoint {
  const nodeId = reader.int32();
  const host = reader.string(true);
  const port = reader.int32();
  const rack = reader.nullableString(true);
  reader.skipTags();
  return { nodeId, host, port, rack };
}

/**
 * ShareAcknowledgeResponse: API key 79, versions 1-2, flexible from 1.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   acquisitionLockTimeoutMs => int32  (versions 2)
 *   responses => []ShareAcknowledgeTopicResponse
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *       currentLeader => LeaderIdAndEpoch
 *         leaderId => int32
 *         leaderEpoch => int32
 *   nodeEndpoints => []NodeEndpoint
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     rack => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareAcknowledgeResponse(reader: Reader, version: number): ShareAcknowledgeResponse {
  checkVersion('ShareAcknowledgeResponse', version, 1, 2);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  let acquisitionLockTimeoutMs: number = 0;
  if (version >= 2) acquisitionLockTimeoutMs = reader.int32();
  const responsesLength = reader.arrayLength(true, 18);
  const responses: ShareAcknowledgeTopicResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeShareAcknowledgeTopicResponse(reader));
  const nodeEndpointsLength = reader.arrayLength(true, 11);
  const nodeEndpoints: NodeEndpoint[] = [];
  for (let i = 0; i < nodeEndpointsLength; i += 1) nodeEndpoints.push(decodeNodeEndpoint(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, acquisitionLockTimeoutMs, responses, nodeEndpoints };
}

function encodeLeaderIdAndEpoch(writer: Writer, message: LeaderIdAndEpoch): void {
  writer.int32(message.leaderId);
  writer.int32(message.leaderEpoch);
  writer.uvarint(0);
}

function encodePartitionData(writer: Writer, message: PartitionDataInit): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  encodeLeaderIdAndEpoch(writer, message.currentLeader);
  writer.uvarint(0);
}

function encodeShareAcknowledgeTopicResponse(writer: Writer, message: ShareAcknowledgeTopicResponseInit): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item);
  writer.uvarint(0);
}

function encodeNodeEndpoint(writer: Writer, message: NodeEndpointInit): void {
  writer.int32(message.nodeId);
  writer.string(message.host, true);
  writer.int32(message.port);
  writer.nullableString(message.rack ?? null, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareAcknowledgeResponse(writer: Writer, message: ShareAcknowledgeResponseInit, version: number): void {
  checkVersion('ShareAcknowledgeResponse', version, 1, 2);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  if (version >= 2) writer.int32(message.acquisitionLockTimeoutMs ?? 0);
  const responses = message.responses;
  writer.arrayLength(responses.length, true);
  for (const item of responses) encodeShareAcknowledgeTopicResponse(writer, item);
  const nodeEndpoints = message.nodeEndpoints;
  writer.arrayLength(nodeEndpoints.length, true);
  for (const item of nodeEndpoints) encodeNodeEndpoint(writer, item);
  writer.uvarint(0);
}

/** ShareAcknowledge as a whole. */
export const shareAcknowledgeMessages = defineApi<ShareAcknowledgeRequest, ShareAcknowledgeRequestInit, ShareAcknowledgeResponse, ShareAcknowledgeResponseInit>({
  apiKey: 79,
  name: 'ShareAcknowledge',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 1,
  decodeRequest: decodeShareAcknowledgeRequest,
  encodeRequest: encodeShareAcknowledgeRequest,
  decodeResponse: decodeShareAcknowledgeResponse,
  encodeResponse: encodeShareAcknowledgeResponse,
});
