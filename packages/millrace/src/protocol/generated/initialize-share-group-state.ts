// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** InitializeShareGroupStateRequest: API key 83, version 0. */
export interface InitializeShareGroupStateRequest {
  readonly groupId: string;
  readonly topics: readonly InitializeStateData[];
}

/** Part of InitializeShareGroupStateRequest. */
export interface InitializeStateData {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** Part of InitializeShareGroupStateRequest. */
export interface PartitionData {
  readonly partition: number;
  readonly stateEpoch: number;
  readonly startOffset: number;
}

function decodePartitionData(reader: Reader): PartitionData {
  const partition = reader.int32();
  const stateEpoch = reader.int32();
  const startOffset = reader.int64();
  reader.skipTags();
  return { partition, stateEpoch, startOffset };
}

function decodeInitializeStateData(reader: Reader): InitializeStateData {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 17);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * InitializeShareGroupStateRequest: API key 83, version 0, flexible from 0.
 *
 *   groupId => string
 *   topics => []InitializeStateData
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partition => int32
 *       stateEpoch => int32
 *       startOffset => int64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeInitializeShareGroupStateRequest(reader: Reader, version: number): InitializeShareGroupStateRequest {
  checkVersion('InitializeShareGroupStateRequest', version, 0, 0);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 18);
  const topics: InitializeStateData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeInitializeStateData(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodePartitionData(writer: Writer, message: PartitionData): void {
  writer.int32(message.partition);
  writer.int32(message.stateEpoch);
  writer.int64(message.startOffset);
  writer.uvarint(0);
}

function encodeInitializeStateData(writer: Writer, message: InitializeStateData): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeInitializeShareGroupStateRequest(writer: Writer, message: InitializeShareGroupStateRequest, version: number): void {
  checkVersion('InitializeShareGroupStateRequest', version, 0, 0);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeInitializeStateData(writer, item);
  writer.uvarint(0);
}

/** InitializeShareGroupStateResponse: API key 83, version 0. */
export interface InitializeShareGroupStateResponse {
  readonly results: readonly InitializeStateResult[];
}

/** What is given to encode {@link InitializeShareGroupStateResponse}: what has a default may be left out. */
export interface InitializeShareGroupStateResponseInit {
  readonly results: readonly InitializeStateResultInit[];
}

/** Part of InitializeShareGroupStateResponse. */
export interface InitializeStateResult {
  readonly topicId: string;
  readonly partitions: readonly PartitionResult[];
}

/** What is given to encode {@link InitializeStateResult}: what has a default may be left out. */
export interface InitializeStateResultInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionResultInit[];
}

/** Part of InitializeShareGroupStateResponse. */
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

function decodeInitializeStateResult(reader: Reader): InitializeStateResult {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 8);
  const partitions: PartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResult(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * InitializeShareGroupStateResponse: API key 83, version 0, flexible from 0.
 *
 *   results => []InitializeStateResult
 *     topicId => uuid
 *     partitions => []PartitionResult
 *       partition => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeInitializeShareGroupStateResponse(reader: Reader, version: number): InitializeShareGroupStateResponse {
  checkVersion('InitializeShareGroupStateResponse', version, 0, 0);
  const resultsLength = reader.arrayLength(true, 18);
  const results: InitializeStateResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeInitializeStateResult(reader));
  reader.skipTags();
  return { results };
}

function encodePartitionResult(writer: Writer, message: PartitionResultInit): void {
  writer.int32(message.partition);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

function encodeInitializeStateResult(writer: Writer, message: InitializeStateResultInit): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResult(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeInitializeShareGroupStateResponse(writer: Writer, message: InitializeShareGroupStateResponseInit, version: number): void {
  checkVersion('InitializeShareGroupStateResponse', version, 0, 0);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeInitializeStateResult(writer, item);
  writer.uvarint(0);
}

/** InitializeShareGroupState as a whole. */
export const initializeShareGroupStateMessages = defineApi<InitializeShareGroupStateRequest, InitializeShareGroupStateRequest, InitializeShareGroupStateResponse, InitializeShareGroupStateResponseInit>({
  apiKey: 83,
  name: 'InitializeShareGroupState',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeInitializeShareGroupStateRequest,
  encodeRequest: encodeInitializeShareGroupStateRequest,
  decodeResponse: decodeInitializeShareGroupStateResponse,
  encodeResponse: encodeInitializeShareGroupStateResponse,
});
