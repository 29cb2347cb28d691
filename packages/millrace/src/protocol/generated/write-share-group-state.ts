// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** WriteShareGroupStateRequest: API key 85, versions 0-1. */
export interface WriteShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly WriteStateData[];
}

/** What is given to encode {@link WriteShareGroupStateRequest}: what has a default may be left out. */
export interface WriteShareGroupStateRequestInit {
  readonly groupId: string;
  readonly topics: readonly WriteStateDataInit[];
}

/** Part of WriteShareGroupStateRequest. */
export interface WriteStateData {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** What is given to encode {@link WriteStateData}: what has a default may be left out. */
export interface WriteStateDataInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionDataInit[];
}

/** Part of WriteShareGroupStateRequest. */
export interface PartitionData {
  readonly partition: number;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** What is given to encode {@link PartitionData}: what has a default may be left out. */
export interface PartitionDataInit {
  readonly partition: number;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  readonly deliveryCompleteCount?: number;
  readonly stateBatches: readonly StateBatch[];
}

/** Part of WriteShareGroupStateRequest. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

function decodeStateBatch(reader: Reader): StateBatch {
  const firstOffset = reader.int64();
  const lastOffset = reader.int64();
  const deliveryState = reader.int8();
  const deliveryCount = reader.int16();
  reader.skipTags();
  return { firstOffset, lastOffset, deliveryState, deliveryCount };
}

function decodePartitionData(reader: Reader, version: number): PartitionData {
  const partition = reader.int32();
  const stateEpoch = reader.int32();
  const leaderEpoch = reader.int32();
  const startOffset = reader.int64();
  let deliveryCompleteCount: number = -1;
  if (version >= 1) deliveryCompleteCount = reader.int32();
  const stateBatchesLength = reader.arrayLength(true, 20);
  const stateBatches: StateBatch[] = [];
  for (let i = 0; i < stateBatchesLength; i += 1) stateBatches.push(decodeStateBatch(reader));
  reader.skipTags();
  return { partition, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches };
}

function decodeWriteStateData(reader: Reader, version: number): WriteStateData {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 22);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader, version));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * WriteShareGroupStateRequest: API key 85, versions 0-1, flexible from 0.
 *
 *   groupId => string
 *   topics => []WriteStateData
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partition => int32
 *       stateEpoch => int32
 *       leaderEpoch => int32
 *       startOffset => int64
 *       deliveryCompleteCount => int32  (versions 1, default -1)
 *       stateBatches => []StateBatch
 *         firstOffset => int64
 *         lastOffset => int64
 *         deliveryState => int8
 *         deliveryCount => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeWriteShareGroupStateRequest(reader: Reader, version: number): WriteShareGroupStateRequest {
  checkVersion('WriteShareGroupStateRequest', version, 0, 1);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 18);
  const topics: WriteStateData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeWriteStateData(reader, version));
  reader.skipTags();
  return { groupId, topics };
}

function encodeStateBatch(writer: Writer, message: StateBatch): void {
  writer.int64(message.firstOffset);
  writer.int64(message.lastOffset);
  writer.int8(message.deliveryState);
  writer.int16(message.deliveryCount);
  writer.uvarint(0);
}

function encodePartitionData(writer: Writer, message: PartitionDataInit, version: number): void {
  writer.int32(message.partition);
  writer.int32(message.stateEpoch);
  writer.int32(message.leaderEpoch);
  writer.int64(message.startOffset);
  if (version >= 1) writer.int32(message.deliveryCompleteCount ?? -1);
  const stateBatches = message.stateBatches;
  writer.arrayLength(stateBatches.length, true);
  for (const item of stateBatches) encodeStateBatch(writer, item);
  writer.uvarint(0);
}

function encodeWriteStateData(writer: Writer, message: WriteStateDataInit, version: number): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item, version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeWriteShareGroupStateRequest(writer: Writer, message: WriteShareGroupStateRequestInit, version: number): void {
  checkVersion('WriteShareGroupStateRequest', version, 0, 1);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeWriteStateData(writer, item, version);
  writer.uvarint(0);
}

/** WriteShareGroupStateResponse: API key 85, versions 0-1. */
export interface WriteShareGroupStateResponse {
  readonly results: readonly WriteStateResult[];
}

/** What is given to encode {@link WriteShareGroupStateResponse}: what has a default may be left out. */
export interface WriteShareGroupStateResponseInit {
  readonly results: readonly WriteStateResultInit[];
}

/** Part of WriteShareGroupStateResponse. */
export interface WriteStateResult {
  readonly topicId: string;
  readonly partitions: readonly PartitionResult[];
}

/** What is given to encode {@link WriteStateResult}: what has a default may be left out. */
export interface WriteStateResultInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionResultInit[];
}

/** Part of WriteShareGroupStateResponse. */
export interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link PartitionResult}: what has a default may be left out. */
export interface PartitionResultInit {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodePartitionResult(reader: Reader): PartitionResult {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { partition, errorCode, errorMessage };
}

function decodeWriteStateResult(reader: Reader): WriteStateResult {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: PartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResult(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * WriteShareGroupStateResponse: API key 85, versions 0-1, flexible from 0.
 *
 *   results => []WriteStateResult
 *     topicId => uuid
 *     partitions => []PartitionResult
 *       partition => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeWriteShareGroupStateResponse(reader: Reader, version: number): WriteShareGroupStateResponse {
  checkVersion('WriteShareGroupStateResponse', version, 0, 1);
  const resultsLength = reader.arrayLength(true, 18);
  const results: WriteStateResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeWriteStateResult(reader));
  reader.skipTags();
  return { results };
}

function encodePartitionResult(writer: Writer, message: PartitionResultInit): void {
  writer.int32(message.partition);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

function encodeWriteStateResult(writer: Writer, message: WriteStateResultInit): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResult(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeWriteShareGroupStateResponse(writer: Writer, message: WriteShareGroupStateResponseInit, version: number): void {
  checkVersion('WriteShareGroupStateResponse', version, 0, 1);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeWriteStateResult(writer, item);
  writer.uvarint(0);
}

/** WriteShareGroupState as a whole. */
export const writeShareGroupStateMessages = defineApi<WriteShareGroupStateRequest, WriteShareGroupStateRequestInit, WriteShareGroupStateResponse, WriteShareGroupStateResponseInit>({
  apiKey: 85,
  name: 'WriteShareGroupState',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeWriteShareGroupStateRequest,
  encodeRequest: encodeWriteShareGroupStateRequest,
  decodeResponse: decodeWriteShareGroupStateResponse,
  encodeResponse: encodeWriteShareGroupStateResponse,
});
