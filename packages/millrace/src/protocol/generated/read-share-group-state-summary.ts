// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ReadShareGroupStateSummaryRequest: API key 87, versions 0-1. */
export interface ReadShareGroupStateSummaryRequest {
  readonly groupId: string;
  readonly topics: readonly ReadStateSummaryData[];
}

/** Part of ReadShareGroupStateSummaryRequest. */
export interface ReadStateSummaryData {
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** Part of ReadShareGroupStateSummaryRequest. */
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

function decodeReadStateSummaryData(reader: Reader): ReadStateSummaryData {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 9);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ReadShareGroupStateSummaryRequest: API key 87, versions 0-1, flexible from 0.
 *
 *   groupId => string
 *   topics => []ReadStateSummaryData
 *     topicId => uuid
 *     partitions => []PartitionData
 *       partition => int32
 *       leaderEpoch => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeReadShareGroupStateSummaryRequest(reader: Reader, version: number): ReadShareGroupStateSummaryRequest {
  checkVersion('ReadShareGroupStateSummaryRequest', version, 0, 1);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 18);
  const topics: ReadStateSummaryData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeReadStateSummaryData(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodePartitionData(writer: Writer, message: PartitionData): void {
  writer.int32(message.partition);
  writer.int32(message.leaderEpoch);
  writer.uvarint(0);
}

function encodeReadStateSummaryData(writer: Writer, message: ReadStateSummaryData): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeReadShareGroupStateSummaryRequest(writer: Writer, message: ReadShareGroupStateSummaryRequest, version: number): void {
  checkVersion('ReadShareGroupStateSummaryRequest', version, 0, 1);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeReadStateSummaryData(writer, item);
  writer.uvarint(0);
}

/** ReadShareGroupStateSummaryResponse: API key 87, versions 0-1. */
export interface ReadShareGroupStateSummaryResponse {
  readonly results: readonly ReadStateSummaryResult[];
}

/** What is given to encode {@link ReadShareGroupStateSummaryResponse}: what has a default may be left out. */
export interface ReadShareGroupStateSummaryResponseInit {
  readonly results: readonly ReadStateSummaryResultInit[];
}

/** Part of ReadShareGroupStateSummaryResponse. */
export interface ReadStateSummaryResult {
  readonly topicId: string;
  readonly partitions: readonly PartitionResult[];
}

/** What is given to encode {@link ReadStateSummaryResult}: what has a default may be left out. */
export interface ReadStateSummaryResultInit {
  readonly topicId: string;
  readonly partitions: readonly PartitionResultInit[];
}

/** Part of ReadShareGroupStateSummaryResponse. */
export interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
}

/** What is given to encode {@link PartitionResult}: what has a default may be left out. */
export interface PartitionResultInit {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  readonly deliveryCompleteCount?: number;
}

function decodePartitionResult(reader: Reader, version: number): PartitionResult {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const stateEpoch = reader.int32();
  const leaderEpoch = reader.int32();
  const startOffset = reader.int64();
  let deliveryCompleteCount: number = -1;
  if (version >= 1) deliveryCompleteCount = reader.int32();
  reader.skipTags();
  return { partition, errorCode, errorMessage, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount };
}

function decodeReadStateSummaryResult(reader: Reader, version: number): ReadStateSummaryResult {
  const topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 24);
  const partitions: PartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResult(reader, version));
  reader.skipTags();
  return { topicId, partitions };
}

/**
 * ReadShareGroupStateSummaryResponse: API key 87, versions 0-1, flexible from 0.
 *
 *   results => []ReadStateSummaryResult
 *     topicId => uuid
 *     partitions => []PartitionResult
 *       partition => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *       stateEpoch => int32
 *       leaderEpoch => int32
 *       startOffset => int64
 *       deliveryCompleteCount => int32  (versions 1, default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeReadShareGroupStateSummaryResponse(reader: Reader, version: number): ReadShareGroupStateSummaryResponse {
  checkVersion('ReadShareGroupStateSummaryResponse', version, 0, 1);
  const resultsLength = reader.arrayLength(true, 18);
  const results: ReadStateSummaryResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeReadStateSummaryResult(reader, version));
  reader.skipTags();
  return { results };
}

function encodePartitionResult(writer: Writer, message: PartitionResultInit, version: number): void {
  writer.int32(message.partition);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.int32(message.stateEpoch);
  writer.int32(message.leaderEpoch);
  writer.int64(message.startOffset);
  if (version >= 1) writer.int32(message.deliveryCompleteCount ?? -1);
  writer.uvarint(0);
}

function encodeReadStateSummaryResult(writer: Writer, message: ReadStateSummaryResultInit, version: number): void {
  writer.uuid(message.topicId);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResult(writer, item, version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeReadShareGroupStateSummaryResponse(writer: Writer, message: ReadShareGroupStateSummaryResponseInit, version: number): void {
  checkVersion('ReadShareGroupStateSummaryResponse', version, 0, 1);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeReadStateSummaryResult(writer, item, version);
  writer.uvarint(0);
}

/** ReadShareGroupStateSummary as a whole. */
export const readShareGroupStateSummaryMessages = defineApi<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse, ReadShareGroupStateSummaryResponseInit>({
  apiKey: 87,
  name: 'ReadShareGroupStateSummary',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeReadShareGroupStateSummaryRequest,
  encodeRequest: encodeReadShareGroupStateSummaryRequest,
  decodeResponse: decodeReadShareGroupStateSummaryResponse,
  encodeResponse: encodeReadShareGroupStateSummaryResponse,
});
