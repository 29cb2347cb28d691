// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeTransactionsRequest: API key 65, version 0. */
export interface DescribeTransactionsRequest {
  readonly transactionalIds: readonly string[];
}

/**
 * DescribeTransactionsRequest: API key 65, version 0, flexible from 0.
 *
 *   transactionalIds => []string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeTransactionsRequest(reader: Reader, version: number): DescribeTransactionsRequest {
  checkVersion('DescribeTransactionsRequest', version, 0, 0);
  const transactionalIdsLength = reader.arrayLength(true, 1);
  const transactionalIds: string[] = [];
  for (let i = 0; i < transactionalIdsLength; i += 1) transactionalIds.push(reader.string(true));
  reader.skipTags();
  return { transactionalIds };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeTransactionsRequest(writer: Writer, message: DescribeTransactionsRequest, version: number): void {
  checkVersion('DescribeTransactionsRequest', version, 0, 0);
  const transactionalIds = message.transactionalIds;
  writer.arrayLength(transactionalIds.length, true);
  for (const item of transactionalIds) writer.string(item, true);
  writer.uvarint(0);
}

/** DescribeTransactionsResponse: API key 65, version 0. */
export interface DescribeTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly transactionStates: readonly TransactionState[];
}

/** Part of DescribeTransactionsResponse. */
export interface TransactionState {
  readonly errorCode: number;
  readonly transactionalId: string;
  readonly transactionState: string;
  readonly transactionTimeoutMs: number;
  readonly transactionStartTimeMs: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly topics: readonly TopicData[];
}

/** Part of DescribeTransactionsResponse. */
export interface TopicData {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function decodeTopicData(reader: Reader): TopicData {
  const topic = reader.string(true);
  const partitionsLength = reader.arrayLength(true, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  reader.skipTags();
  return { topic, partitions };
}

function decodeTransactionState(reader: Reader): TransactionState {
  const errorCode = reader.int16();
  const transactionalId = reader.string(true);
  const transactionState = reader.string(true);
  const transactionTimeoutMs = reader.int32();
  const transactionStartTimeMs = reader.int64();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: TopicData[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeTopicData(reader));
  reader.skipTags();
  return { errorCode, transactionalId, transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch, topics };
}

/**
 * DescribeTransactionsResponse: API key 65, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   transactionStates => []TransactionState
 *     errorCode => int16
 *     transactionalId => string
 *     transactionState => string
 *     transactionTimeoutMs => int32
 *     transactionStartTimeMs => int64
 *     producerId => int64
 *     producerEpoch => int16
 *     topics => []TopicData
 *       topic => string
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeTransactionsResponse(reader: Reader, version: number): DescribeTransactionsResponse {
  checkVersion('DescribeTransactionsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const transactionStatesLength = reader.arrayLength(true, 28);
  const transactionStates: TransactionState[] = [];
  for (let i = 0; i < transactionStatesLength; i += 1) transactionStates.push(decodeTransactionState(reader));
  reader.skipTags();
  return { throttleTimeMs, transactionStates };
}

function encodeTopicData(writer: Writer, message: TopicData): void {
  writer.string(message.topic, true);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) writer.int32(item);
  writer.uvarint(0);
}

function encodeTransactionState(writer: Writer, message: TransactionState): void {
  writer.int16(message.errorCode);
  writer.string(message.transactionalId, true);
  writer.string(message.transactionState, true);
  writer.int32(message.transactionTimeoutMs);
  writer.int64(message.transactionStartTimeMs);
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeTopicData(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeTransactionsResponse(writer: Writer, message: DescribeTransactionsResponse, version: number): void {
  checkVersion('DescribeTransactionsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  const transactionStates = message.transactionStates;
  writer.arrayLength(transactionStates.length, true);
  for (const item of transactionStates) encodeTransactionState(writer, item);
  writer.uvarint(0);
}

/** DescribeTransactions as a whole. */
export const describeTransactionsMessages = defineApi<DescribeTransactionsRequest, DescribeTransactionsRequest, DescribeTransactionsResponse, DescribeTransactionsResponse>({
  apiKey: 65,
  name: 'DescribeTransactions',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeTransactionsRequest,
  encodeRequest: encodeDescribeTransactionsRequest,
  decodeResponse: decodeDescribeTransactionsResponse,
  encodeResponse: encodeDescribeTransactionsResponse,
});
