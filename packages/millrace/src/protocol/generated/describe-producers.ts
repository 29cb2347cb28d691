// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeProducersRequest: API key 61, version 0. */
export interface DescribeProducersRequest {
  readonly topics: readonly TopicRequest[];
}

/** Part of DescribeProducersRequest. */
export interface TopicRequest {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function decodeTopicRequest(reader: Reader): TopicRequest {
  const name = reader.string(true);
  const partitionIndexesLength = reader.arrayLength(true, 4);
  const partitionIndexes: number[] = [];
  for (let i = 0; i < partitionIndexesLength; i += 1) partitionIndexes.push(reader.int32());
  reader.skipTags();
  return { name, partitionIndexes };
}

/**
 * DescribeProducersRequest: API key 61, version 0, flexible from 0.
 *
 *   topics => []TopicRequest
 *     name => string
 *     partitionIndexes => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeProducersRequest(reader: Reader, version: number): DescribeProducersRequest {
  checkVersion('DescribeProducersRequest', version, 0, 0);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: TopicRequest[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTopicRequest(reader));
  reader.skipTags();
  return { topics };
}

function encodeTopicRequest(writer: Writer, message: TopicRequest): void {
  writer.string(message.name, true);
  const partitionIndexes = message.partitionIndexes;
  writer.arrayLength(partitionIndexes.length, true);
  for (const item of partitionIndexes) writer.int32(item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeProducersRequest(writer: Writer, message: DescribeProducersRequest, version: number): void {
  checkVersion('DescribeProducersRequest', version, 0, 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeTopicRequest(writer, item);
  writer.uvarint(0);
}

/** DescribeProducersResponse: API key 61, version 0. */
export interface DescribeProducersResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly TopicResponse[];
}

/** What is given to encode {@link DescribeProducersResponse}: what has a default may be left out. */
export interface DescribeProducersResponseInit {
  readonly throttleTimeMs: number;
  readonly topics: readonly TopicResponseInit[];
}

/** Part of DescribeProducersResponse. */
export interface TopicResponse {
  readonly name: string;
  readonly partitions: readonly PartitionResponse[];
}

/** What is given to encode {@link TopicResponse}: what has a default may be left out. */
export interface TopicResponseInit {
  readonly name: string;
  readonly partitions: readonly PartitionResponseInit[];
}

/** Part of DescribeProducersResponse. */
export interface PartitionResponse {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly activeProducers: readonly ProducerState[];
}

/** What is given to encode {@link PartitionResponse}: what has a default may be left out. */
export interface PartitionResponseInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly activeProducers: readonly ProducerStateInit[];
}

/** Part of DescribeProducersResponse. */
export interface ProducerState {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

/** What is given to encode {@link ProducerState}: what has a default may be left out. */
export interface ProducerStateInit {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence?: number;
  readonly lastTimestamp?: number;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset?: number;
}

function decodeProducerState(reader: Reader): ProducerState {
  const producerId = reader.int64();
  const producerEpoch = reader.int32();
  const lastSequence = reader.int32();
  const lastTimestamp = reader.int64();
  const coordinatorEpoch = reader.int32();
  const currentTxnStartOffset = reader.int64();
  reader.skipTags();
  return { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset };
}

function decodePartitionResponse(reader: Reader): PartitionResponse {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const activeProducersLength = reader.arrayLength(true, 37);
  const activeProducers: ProducerState[] = [];
  for (let i = 0; i < activeProducersLength; i += 1) activeProducers.push(decodeProducerState(reader));
  reader.skipTags();
  return { partitionIndex, errorCode, errorMessage, activeProducers };
}

function decodeTopicResponse(reader: Reader): TopicResponse {
  const name = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 9);
  const partitions: PartitionResponse[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionResponse(reader));
  reader.skipTags();
  return { name, partitions };
}

/**
 * DescribeProducersResponse: API key 61, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   topics => []TopicResponse
 *     name => string
 *     partitions => []PartitionResponse
 *       partitionIndex => int32
 *       errorCode => int16
 *       errorMessage => string  (may be null, default null)
 *       activeProducers => []ProducerState
 *         producerId => int64
 *         producerEpoch => int32
 *         lastSequence => int32  (default -1)
 *         lastTimestamp => int64  (default -1)
 *         coordinatorEpoch => int32
 *         currentTxnStartOffset => int64  (default -1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeProducersResponse(reader: Reader, version: number): DescribeProducersResponse {
  checkVersion('DescribeProducersResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: TopicResponse[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTopicResponse(reader));
  reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeProducerState(writer: Writer, message: ProducerStateInit): void {
  writer.int64(message.producerId);
  writer.int32(message.producerEpoch);
  writer.int32(message.lastSequence ?? -1);
  writer.int64(message.lastTimestamp ?? -1);
  writer.int32(message.coordinatorEpoch);
  writer.int64(message.currentTxnStartOffset ?? -1);
  writer.uvarint(0);
}

function encodePartitionResponse(writer: Writer, message: PartitionResponseInit): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  const activeProducers = message.activeProducers;
  writer.arrayLength(activeProducers.length, true);
  for (const item of activeProducers) encodeProducerState(writer, item);
  writer.uvarint(0);
}

function encodeTopicResponse(writer: Writer, message: TopicResponseInit): void {
  writer.string(message.name, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodePartitionResponse(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeProducersResponse(writer: Writer, message: DescribeProducersResponseInit, version: number): void {
  checkVersion('DescribeProducersResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeTopicResponse(writer, item);
  writer.uvarint(0);
}

/** DescribeProducers as a whole. */
export const describeProducersMessages = defineApi<DescribeProducersRequest, DescribeProducersRequest, DescribeProducersResponse, DescribeProducersResponseInit>({
  apiKey: 61,
  name: 'DescribeProducers',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeProducersRequest,
  encodeRequest: encodeDescribeProducersRequest,
  decodeResponse: decodeDescribeProducersResponse,
  encodeResponse: encodeDescribeProducersResponse,
});
