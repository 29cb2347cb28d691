// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ReadShareGroupStateRequest: API key 84, version 0. */
export interface ReadShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly ReadStateData[];
}

/** Part of ReadShareGroupStateRequest. */
export interface ReadStateData {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** Part of ReadShareGroupStateRequest. */
export interface PartitionData {
  readonly partition: number;
  readonly leaderEpoch: number;
}

function decodePartitionData(reader: Reader): PartitionData {
  const partition = reader.int32();
  const leaderEpoch = reader.int32();
  reader.skipTags();
  return { partition, leaderEpoch };
}

function decodeReadStateData(reader: Reader): ReadStateData {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 9);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ReadShareGroupStateRequest: API key 84, version 0, flexible from 0.
 *
 *   groupId => string
 *   topics => []ReadStateData
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partition => int32
 *       leaderEpoch => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeReadShareGroupStateRequest(reader: Reader, version: number): ReadShareGroupStateRequest {
  checkVersion('ReadShareGroupStateRequest', version, 0, 0);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 18);
  const topics: ReadStateData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeReadStateData(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodePartitionData(writer: Writer, message: PartitionData): void {
  writer.int32(message.partition);
  writer.int32(message.leaderEpoch);
  writer.uvarint(0);
}

function encodeReadStateData(writer: Writer, message: ReadStateData): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeReadShareGroupStateRequest(writer: Writer, message: ReadShareGroupStateRequest, version: number): void {
  checkVersion('ReadShareGroupStateRequest', version, 0, 0);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeReadStateData(writer, item);
  writer.uvarint(0);
}

/** ReadShareGroupStateResponse: API key 84, version 0. */
export interface ReadShareGroupStateResponse {
  readonly results: readonly ReadStateResult[];
}

/** What is given to encode {@link ReadShareGroupStateResponse}: what has a default may be left out. */
export interface ReadShareGroupStateResponseInit {
  readonly results: readonly ReadStateResultInit[];
}

/** Part of ReadShareGroupStateResponse. */
export interface ReadStateResult {
  readonly topicId: string;
  readonly partitions: readonly PartitionResult[];
}

/** What is given to encode {@link ReadStateResult}: what has a default may be left out. */
export interface ReadStateResultInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionResultInit[];
}

/** Part of ReadShareGroupStateResponse. */
export interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly stateEpoch: number;
  readonly startOffset: number;
  readonly stateBatches: readonly StateBatch[];
}

/** What is given to encode {@link PartitionResult}: what has a default may be left out. */
export interface PartitionResultInit {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly stateEpoch: number;
  readonly startOffset: number;
  readonly stateBatches: readonly StateBatch[];
}

/** Part of ReadShareGroupStateResponse. */
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

function decodePartitionResult(reader: Reader): PartitionResult {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const stateEpoch = reader.int32();
  const startOffset = reader.int64();
  const stateBatchesLength = reader.arrayLength(true, 20);
  const stateBatches: StateBatch[] = [];
  for (let i = 0; i < stateBatchesLength; i += 1) stateBatches.push(decodeStateBatch(reader));
  reader.skipTags();
  return { partition, errorCode, errorMessage, stateEpoch, startOffset, stateBatches };
}

function decodeReadStateResult(reader: Reader): ReadStateResult {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 21);
  const partitions: PartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResult(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ReadShareGroupStateResponse: API key 84, version 0, flexible from 0.
 *
 *   results => []ReadStateResult
 *     topicId => uuid
 *     partitions => []PartitionResult
 *       partition => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *       stateEpoch => int32
 *       startOffset => int64
 *       stateBatches => []StateBatch
 *         firstOffset => int64
 *         lastOffset => int64
 *         deliveryState => int8
 *         deliveryCount => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeReadShareGroupStateResponse(reader: Reader, version: number): ReadShareGroupStateResponse {
  checkVersion('ReadShareGroupStateResponse', version, 0, 0);
  const resultsLength = reader.arrayLength(true, 18);
  const results: ReadStateResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeReadStateResult(reader));
  reader.skipTags();
  return { results };
}

function encodeStateBatch(writer: Writer, message: StateBatch): void {
  writer.int64(message.firstOffset);
  writer.int64(message.lastOffset);
  writer.int8(message.deliveryState);
  writer.int16(message.deliveryCount);
  writer.uvarint(0);
}

function encodePartitionResult(writer: Writer, message: PartitionResultInit): void {
  writer.int32(message.partition);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.int32(message.stateEpoch);
  writer.int64(message.startOffset);
  const stateBatches = message.stateBatches;
  writer.arrayLength(stateBatches.length, true);
  for (const item of stateBatches) encodeStateBatch(writer, item);
  writer.uvarint(0);
}

function encodeReadStateResult(writer: Writer, message: ReadStateResultInit): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResult(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeReadShareGroupStateResponse(writer: Writer, message: ReadShareGroupStateResponseInit, version: number): void {
  checkVersion('ReadShareGroupStateResponse', version, 0, 0);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeReadStateResult(writer, item);
  writer.uvarint(0);
}

/** ReadShareGroupState as a whole. */
export const readShareGroupStateMessages = defineApi<ReadShareGroupStateRequest, ReadShareGroupStateRequest, ReadShareGroupStateResponse, ReadShareGroupStateResponseInit>({
  apiKey: 84,
  name: 'ReadShareGroupState',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeReadShareGroupStateRequest,
  encodeRequest: encodeReadShareGroupStateRequest,
  decodeResponse: decodeReadShareGroupStateResponse,
  encodeResponse: encodeReadShareGroupStateResponse,
});
