// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { RecordsInput, Writer } from '../writer.ts';

/** ShareFetchRequest: API key 78, versions 1-2. */
export interface ShareFetchRequest {
  readonly groupId: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  readonly shareAcquireMode: number;
  readonly isRenewAck: boolean;
  readonly topics: readonly FetchTopic[];
  readonly forgottenTopicsData: readonly ForgottenTopic[];
}

/** What is given to encode {@link ShareFetchRequest}: what has a default may be left out. */
export interface ShareFetchRequestInit {
  readonly groupId?: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes?: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  readonly shareAcquireMode?: number;
  readonly isRenewAck?: boolean;
  readonly topics: readonly FetchTopic[];
  readonly forgottenTopicsData: readonly ForgottenTopic[];
}

/** Part of ShareFetchRequest. */
export interface ForgottenTopic {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** Part of ShareFetchRequest. */
export interface FetchTopic {
  readonly topicId: string;
  readonly partitions: readonly FetchPartition[];
}

/** Part of ShareFetchRequest. */
export interface FetchPartition {
  readonly partitionIndex: number;
  readonly acknowledgementBatches: readonly AcknowledgementBatch[];
}

/** Part of ShareFetchRequest. */
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

function decodeFetchPartition(reader: Reader): FetchPartition {
  const partitionIndex = reader.int32();
  const acknowledgementBatchesLength = reader.arrayLength(true, 18);
  const acknowledgementBatches: AcknowledgementBatch[] = [];
  for (let i = 0; i < acknowledgementBatchesLength; i += 1) acknowledgementBatches.push(decodeAcknowledgementBatch(reader));
  reader.skipTags();
  return { partitionIndex, acknowledgementBatches };
}

function decodeFetchTopic(reader: Reader): FetchTopic {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 6);
  const partitions: FetchPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeFetchPartition(reader));
  reader.skipTags();
  return { topicId, partitions };
}

function decodeForgottenTopic(reader: Reader): ForgottenTopic {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ShareFetchRequest: API key 78, versions 1-2, flexible from 1.
 *
 *   groupId => string  (may be null, default null)
 *   memberId => string  (may be null)
 *   shareSessionEpoch => int32
 *   maxWaitMs => int32
 *   minBytes => int32
 *   maxBytes => int32  (default 0x7fffffff)
 *   maxRecords => int32
 *   batchSize => int32
 *   shareAcquireMode => int8  (versions 2, default 0)
 *   isRenewAck => bool  (versions 2, default false)
 *   topics => []FetchTopic
 *     topicId => uuid
 *     partitions => []FetchPartition
 *       partitionIndex => int32
 *       acknowledgementBatches => []AcknowledgementBatch
 *         firstOffset => int64
 *         lastOffset => int64
 *         acknowledgeTypes => []int8
 *   forgottenTopicsData => []ForgottenTopic
 *     topicId => uuid
 *     partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareFetchRequest(reader: Reader, version: number): ShareFetchRequest {
  checkVersion('ShareFetchRequest', version, 1, 2);
  const groupId = reader.nullableString(true);
  const memberId = reader.nullableString(true);
  const shareSessionEpoch = reader.int32();
  const maxWaitMs = reader.int32();
  const minBytes = reader.int32();
  const maxBytes = reader.int32();
  const maxRecords = reader.int32();
  const batchSize = reader.int32();
  let shareAcquireMode: number = 0;
  if (version >= 2) shareAcquireMode = reader.int8();
  let isRenewAck: boolean = false;
  if (version >= 2) isRenewAck = reader.boolean();
  const topicsLength = reader.arrayLength(true, 18);
  const topics: FetchTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeFetchTopic(reader));
  const forgottenTopicsDataLength = reader.arrayLength(true, 18);
  const forgottenTopicsData: ForgottenTopic[] = [];
  for (let i = 0; i < forgottenTopicsDataLength; i += 1) forgottenTopicsData.push(decodeForgottenTopic(reader));
  reader.skipTags();
  return { groupId, memberId, shareSessionEpoch, maxWaitMs, minBytes, maxBytes, maxRecords, batchSize, shareAcquireMode, isRenewAck, topics, forgottenTopicsData };
}

function encodeAcknowledgementBatch(writer: Writer, message: AcknowledgementBatch): void {
  writer.int64(message.firstOffset);
  writer.int64(message.lastOffset);
  const acknowledgeTypes = message.acknowledgeTypes;
  writer.arrayLength(acknowledgeTypes.length, true);
  for (const item of acknowledgeTypes) writer.int8(item);
  writer.uvarint(0);
}

function encodeFetchPartition(writer: Writer, message: FetchPartition): void {
  writer.int32(message.partitionIndex);
  const acknowledgementBatches = message.acknowledgementBatches;
  writer.arrayLength(acknowledgementBatches.length, true);
  for (const item of acknowledgementBatches) encodeAcknowledgementBatch(writer, item);
  writer.uvarint(0);
}

function encodeFetchTopic(writer: Writer, message: FetchTopic): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeFetchPartition(writer, item);
  writer.uvarint(0);
}

function encodeForgottenTopic(writer: Writer, message: ForgottenTopic): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeShareFetchRequest(writer: Writer, message: ShareFetchRequestInit, version: number): void {
  checkVersion('ShareFetchRequest', version, 1, 2);
  writer.nullableString(message.groupId ?? null, true);
  writer.nullableString(message.memberId, true);
  writer.int32(message.shareSessionEpoch);
  writer.int32(message.maxWaitMs);
  writer.int32(message.minBytes);
  writer.int32(message.maxBytes ?? 2147483647);
  writer.int32(message.maxRecords);
  writer.int32(message.batchSize);
  if (version >= 2) writer.int8(message.shareAcquireMode ?? 0);
  if (version >= 2) writer.boolean(message.isRenewAck ?? false);
  else if (message.isRenewAck !== undefined && message.isRenewAck) throw unsupportedField('ShareFetchRequest', 'isRenewAck', version);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeFetchTopic(writer, item);
  const forgottenTopicsData = message.forgottenTopicsData;
  writer.arrayLength(forgottenTopicsData.length, true);
  for (const item of forgottenTopicsData) encodeForgottenTopic(writer, item);
  writer.uvarint(0);
}

/** ShareFetchResponse: API key 78, versions 1-2. */
export interface ShareFetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly acquisitionLockTimeoutMs: number;
  readonly responses: readonly ShareFetchableTopicResponse[];
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** What is given to encode {@link ShareFetchResponse}: what has a default may be left out. */
export interface ShareFetchResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly acquisitionLockTimeoutMs: number;
  readonly responses: readonly ShareFetchableTopicResponseInit[];
  readonly nodeEndpoints: readonly NodeEndpointInit[];
}

/** Part of ShareFetchResponse. */
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

/** Part of ShareFetchResponse. */
export interface ShareFetchableTopicResponse {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** What is given to encode {@link ShareFetchableTopicResponse}: what has a default may be left out. */
export interface ShareFetchableTopicResponseInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionDataInit[];
}

/** Part of ShareFetchResponse. */
export interface PartitionData {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly acknowledgeErrorCode: number;
  readonly acknowledgeErrorMessage: string | null;
  readonly currentLeader: LeaderIdAndEpoch;
  readonly records: Buffer;
  readonly acquiredRecords: readonly AcquiredRecords[];
}

/** What is given to encode {@link PartitionData}: what has a default may be left out. */
export interface PartitionDataInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly acknowledgeErrorCode: number;
  readonly acknowledgeErrorMessage?: string | null;
  readonly currentLeader: LeaderIdAndEpoch;
  readonly records: RecordsInput;
  readonly acquiredRecords: readonly AcquiredRecords[];
}

/** Part of ShareFetchResponse. */
export interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/** Part of ShareFetchResponse. */
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

function decodeAcquiredRecords(reader: Reader): AcquiredRecords {
  const firstOffset = reader.int64();
  const lastOffset = reader.int64();
  const deliveryCount = reader.int16();
  reader.skipTags();
  return { firstOffset, lastOffset, deliveryCount };
}

function decodePartitionData(reader: Reader): PartitionData {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const acknowledgeErrorCode = reader.int16();
  const acknowledgeErrorMessage = reader.nullableString(true);
  const currentLeader = decodeLeaderIdAndEpoch(reader);
  const records = reader.bytes(true);
  const acquiredRecordsLength = reader.arrayLength(true, 19);
  const acquiredRecords: AcquiredRecords[] = [];
  for (let i = 0; i < acquiredRecordsLength; i += 1) acquiredRecords.push(decodeAcquiredRecords(reader));
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage, acknowledgeErrorCode, acknowledgeErrorMessage, currentLeader, records, acquiredRecords };
}

function decodeShareFetchableTopicResponse(reader: Reader): ShareFetchableTopicResponse {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 22);
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
 * ShareFetchResponse: API key 78, versions 1-2, flexible from 1.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   acquisitionLockTimeoutMs => int32
 *   responses => []ShareFetchableTopicResponse
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *       acknowledgeErrorCode => int16
 *       acknowledgeErrorMessage => string  (may be null, default null)
 *       currentLeader => LeaderIdAndEpoch
 *         leaderId => int32
 *         leaderEpoch => int32
 *       records => records
 *       acquiredRecords => []AcquiredRecords
 *         firstOffset => int64
 *         lastOffset => int64
 *         deliveryCount => int16
 *   nodeEndpoints => []NodeEndpoint
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     rack => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeShareFetchResponse(reader: Reader, version: number): ShareFetchResponse {
  checkVersion('ShareFetchResponse', version, 1, 2);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const acquisitionLockTimeoutMs = reader.int32();
  const responsesLength = reader.arrayLength(true, 18);
  const responses: ShareFetchableTopicResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeShareFetchableTopicResponse(reader));
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

function encodeAcquiredRecords(writer: Writer, message: AcquiredRecords): void {
  writer.int64(message.firstOffset);
  writer.int64(message.lastOffset);
  writer.int16(message.deliveryCount);
  writer.uvarint(0);
}

function encodePartitionData(writer: Writer, message: PartitionDataInit): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.int16(message.acknowledgeErrorCode);
  writer.nullableString(message.acknowledgeErrorMessage ?? null, true);
  encodeLeaderIdAndEpoch(writer, message.currentLeader);
  writer.records(message.records, true);
  const acquiredRecords = message.acquiredRecords;
  writer.arrayLength(acquiredRecords.length, true);
  for (const item of acquiredRecords) encodeAcquiredRecords(writer, item);
  writer.uvarint(0);
}

function encodeShareFetchableTopicResponse(writer: Writer, message: ShareFetchableTopicResponseInit): void {
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
export function encodeShareFetchResponse(writer: Writer, message: ShareFetchResponseInit, version: number): void {
  checkVersion('ShareFetchResponse', version, 1, 2);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.int32(message.acquisitionLockTimeoutMs);
  const responses = message.responses;
  writer.arrayLength(responses.length, true);
  for (const item of responses) encodeShareFetchableTopicResponse(writer, item);
  const nodeEndpoints = message.nodeEndpoints;
  writer.arrayLength(nodeEndpoints.length, true);
  for (const item of nodeEndpoints) encodeNodeEndpoint(writer, item);
  writer.uvarint(0);
}

/** ShareFetch as a whole. */
export const shareFetchMessages = defineApi<ShareFetchRequest, ShareFetchRequestInit, ShareFetchResponse, ShareFetchResponseInit>({
  apiKey: 78,
  name: 'ShareFetch',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 1,
  decodeRequest: decodeShareFetchRequest,
  encodeRequest: encodeShareFetchRequest,
  decodeResponse: decodeShareFetchResponse,
  encodeResponse: encodeShareFetchResponse,
});
