// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AddPartitionsToTxnRequest: API key 24, versions 0-5. */
export interface AddPartitionsToTxnRequest {
  readonly transactions: readonly AddPartitionsToTxnTransaction[];
  readonly v3AndBelowTransactionalId: string;
  readonly v3AndBelowProducerId: number;
  readonly v3AndBelowProducerEpoch: number;
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnTopic[];
}

/** What is given to encode {@link AddPartitionsToTxnRequest}: what has a default may be left out. */
export interface AddPartitionsToTxnRequestInit {
  readonly transactions?: readonly AddPartitionsToTxnTransactionInit[];
  readonly v3AndBelowTransactionalId?: string;
  readonly v3AndBelowProducerId?: number;
  readonly v3AndBelowProducerEpoch?: number;
  readonly v3AndBelowTopics?: readonly AddPartitionsToTxnTopic[];
}

/** Part of AddPartitionsToTxnRequest. */
export interface AddPartitionsToTxnTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly verifyOnly: boolean;
  readonly topics: readonly AddPartitionsToTxnTopic[];
}

/** What is given to encode {@link AddPartitionsToTxnTransaction}: what has a default may be left out. */
export interface AddPartitionsToTxnTransactionInit {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly verifyOnly?: boolean;
  readonly topics: readonly AddPartitionsToTxnTopic[];
}

/** Part of AddPartitionsToTxnRequest. */
export interface AddPartitionsToTxnTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

function decodeAddPartitionsToTxnTopic(reader: Reader, version: number): AddPartitionsToTxnTopic {
  const flexible = version >= 3;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  if (flexible) reader.skipTags();
  return { name, partitions };
}

function decodeAddPartitionsToTxnTransaction(reader: Reader, version: number): AddPartitionsToTxnTransaction {
  const transactionalId = reader.string(true);
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const verifyOnly = reader.boolean();
  const topicsLength = reader.arrayLength(true, 3);
  const topics: AddPartitionsToTxnTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeAddPartitionsToTxnTopic(reader, version));
  reader.skipTags();
  return { transactionalId, producerId, producerEpoch, verifyOnly, topics };
}

/**
 * AddPartitionsToTxnRequest: API key 24, versions 0-5, flexible from 3.
 *
 *   transactions => []AddPartitionsToTxnTransaction  (versions 4-5)
 *     transactionalId => string
 *     producerId => int64
 *     producerEpoch => int16
 *     verifyOnly => bool  (default false)
 *     topics => []AddPartitionsToTxnTopic
 *       name => string
 *       partitions => []int32
 *   v3AndBelowTransactionalId => string  (versions 0-3)
 *   v3AndBelowProducerId => int64  (versions 0-3)
 *   v3AndBelowProducerEpoch => int16  (versions 0-3)
 *   v3AndBelowTopics => []AddPartitionsToTxnTopic  (versions 0-3)
 *     name => string
 *     partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddPartitionsToTxnRequest(reader: Reader, version: number): AddPartitionsToTxnRequest {
  const flexible = version >= 3;
  checkVersion('AddPartitionsToTxnRequest', version, 0, 5);
  let transactions: readonly AddPartitionsToTxnTransaction[] = emptyArray;
  if (version >= 4) {
    const transactionsLength = reader.arrayLength(flexible, 14);
    const items: AddPartitionsToTxnTransaction[] = [];
    for (let i = 0; i < transactionsLength; i += 1) items.push(decodeAddPartitionsToTxnTransaction(reader, version));
    transactions = items;
  }
  let v3AndBelowTransactionalId: string = '';
  if (version <= 3) v3AndBelowTransactionalId = reader.string(flexible);
  let v3AndBelowProducerId: number = 0;
  if (version <= 3) v3AndBelowProducerId = reader.int64();
  let v3AndBelowProducerEpoch: number = 0;
  if (version <= 3) v3AndBelowProducerEpoch = reader.int16();
  let v3AndBelowTopics: readonly AddPartitionsToTxnTopic[] = emptyArray;
  if (version <= 3) {
    const v3AndBelowTopicsLength = reader.arrayLength(flexible, 3);
    const items: AddPartitionsToTxnTopic[] = [];
    for (let i = 0; i < v3AndBelowTopicsLength; i += 1) items.push(decodeAddPartitionsToTxnTopic(reader, version));
    v3AndBelowTopics = items;
  }
  if (flexible) reader.skipTags();
  return { transactions, v3AndBelowTransactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch, v3AndBelowTopics };
}

function encodeAddPartitionsToTxnTopic(writer: Writer, message: AddPartitionsToTxnTopic, version: number): void {
  const flexible = version >= 3;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

function encodeAddPartitionsToTxnTransaction(writer: Writer, message: AddPartitionsToTxnTransactionInit, version: number): void {
  writer.string(message.transactionalId, true);
  writer.int64(message.producerId);
  writer.int16(message.producerEpoch);
  writer.boolean(message.verifyOnly ?? false);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeAddPartitionsToTxnTopic(writer, item, version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddPartitionsToTxnRequest(writer: Writer, message: AddPartitionsToTxnRequestInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('AddPartitionsToTxnRequest', version, 0, 5);
  if (version >= 4) {
    const transactions = message.transactions ?? emptyArray;
    writer.arrayLength(transactions.length, flexible);
    for (const item of transactions) encodeAddPartitionsToTxnTransaction(writer, item, version);
  } else if (message.transactions !== undefined && message.transactions.length !== 0) {
    throw unsupportedField('AddPartitionsToTxnRequest', 'transactions', version);
  }
  if (version <= 3) writer.string(message.v3AndBelowTransactionalId ?? '', flexible);
  else if (message.v3AndBelowTransactionalId !== undefined && message.v3AndBelowTransactionalId !== '') throw unsupportedField('AddPartitionsToTxnRequest', 'v3AndBelowTransactionalId', version);
  if (version <= 3) writer.int64(message.v3AndBelowProducerId ?? 0);
  else if (message.v3AndBelowProducerId !== undefined && message.v3AndBelowProducerId !== 0) throw unsupportedField('AddPartitionsToTxnRequest', 'v3AndBelowProducerId', version);
  if (version <= 3) writer.int16(message.v3AndBelowProducerEpoch ?? 0);
  else if (message.v3AndBelowProducerEpoch !== undefined && message.v3AndBelowProducerEpoch !== 0) throw unsupportedField('AddPartitionsToTxnRequest', 'v3AndBelowProducerEpoch', version);
  if (version <= 3) {
    const v3AndBelowTopics = message.v3AndBelowTopics ?? emptyArray;
    writer.arrayLength(v3AndBelowTopics.length, flexible);
    for (const item of v3AndBelowTopics) encodeAddPartitionsToTxnTopic(writer, item, version);
  } else if (message.v3AndBelowTopics !== undefined && message.v3AndBelowTopics.length !== 0) {
    throw unsupportedField('AddPartitionsToTxnRequest', 'v3AndBelowTopics', version);
  }
  if (flexible) writer.uvarint(0);
}

/** AddPartitionsToTxnResponse: API key 24, versions 0-5. */
export interface AddPartitionsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly resultsByTransaction: readonly AddPartitionsToTxnResult[];
  readonly resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[];
}

/** What is given to encode {@link AddPartitionsToTxnResponse}: what has a default may be left out. */
export interface AddPartitionsToTxnResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode?: number;
  readonly resultsByTransaction?: readonly AddPartitionsToTxnResult[];
  readonly resultsByTopicV3AndBelow?: readonly AddPartitionsToTxnTopicResult[];
}

/** Part of AddPartitionsToTxnResponse. */
export interface AddPartitionsToTxnResult {
  readonly transactionalId: string;
  readonly topicResults: readonly AddPartitionsToTxnTopicResult[];
}

/** Part of AddPartitionsToTxnResponse. */
export interface AddPartitionsToTxnTopicResult {
  readonly name: string;
  readonly resultsByPartition: readonly AddPartitionsToTxnPartitionResult[];
}

/** Part of AddPartitionsToTxnResponse. */
export interface AddPartitionsToTxnPartitionResult {
  readonly partitionIndex: number;
  readonly partitionErrorCode: number;
}

function decodeAddPartitionsToTxnPartitionResult(reader: Reader, version: number): AddPartitionsToTxnPartitionResult {
  const flexible = version >= 3;
  const partitionIndex = reader.int32();
  const partitionErrorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, partitionErrorCode };
}

function decodeAddPartitionsToTxnTopicResult(reader: Reader, version: number): AddPartitionsToTxnTopicResult {
  const flexible = version >= 3;
  const name = reader.string(flexible);
  const resultsByPartitionLength = reader.arrayLength(flexible, 6);
  const resultsByPartition: AddPartitionsToTxnPartitionResult[] = [];
  for (let i = 0; i < resultsByPartitionLength; i += 1) resultsByPartition.push(decodeAddPartitionsToTxnPartitionResult(reader, version));
  if (flexible) reader.skipTags();
  return { name, resultsByPartition };
}

function decodeAddPartitionsToTxnResult(reader: Reader, version: number): AddPartitionsToTxnResult {
  const transactionalId = reader.string(true);
  const topicResultsLength = reader.arrayLength(true, 3);
  const topicResults: AddPartitionsToTxnTopicResult[] = [];
  for (let i = 0; i < topicResultsLength; i += 1) topicResults.push(decodeAddPartitionsToTxnTopicResult(reader, version));
  reader.skipTags();
  return { transactionalId, topicResults };
}

/**
 * AddPartitionsToTxnResponse: API key 24, versions 0-5, flexible from 3.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16  (versions 4-5)
 *   resultsByTransaction => []AddPartitionsToTxnResult  (versions 4-5)
 *     transactionalId => string
 *     topicResults => []AddPartitionsToTxnTopicResult
 *       name => string
 *       resultsByPartition => []AddPartitionsToTxnPartitionResult
 *         partitionIndex => int32
 *         partitionErrorCode => int16
 *   resultsByTopicV3AndBelow => []AddPartitionsToTxnTopicResult  (versions 0-3)
 *     name => string
 *     resultsByPartition => []AddPartitionsToTxnPartitionResult
 *       partitionIndex => int32
 *       partitionErrorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddPartitionsToTxnResponse(reader: Reader, version: number): AddPartitionsToTxnResponse {
  const flexible = version >= 3;
  checkVersion('AddPartitionsToTxnResponse', version, 0, 5);
  const throttleTimeMs = reader.int32();
  let errorCode: number = 0;
  if (version >= 4) errorCode = reader.int16();
  let resultsByTransaction: readonly AddPartitionsToTxnResult[] = emptyArray;
  if (version >= 4) {
    const resultsByTransactionLength = reader.arrayLength(flexible, 3);
    const items: AddPartitionsToTxnResult[] = [];
    for (let i = 0; i < resultsByTransactionLength; i += 1) items.push(decodeAddPartitionsToTxnResult(reader, version));
    resultsByTransaction = items;
  }
  let resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[] = emptyArray;
  if (version <= 3) {
    const resultsByTopicV3AndBelowLength = reader.arrayLength(flexible, 3);
    const items: AddPartitionsToTxnTopicResult[] = [];
    for (let i = 0; i < resultsByTopicV3AndBelowLength; i += 1) items.push(decodeAddPartitionsToTxnTopicResult(reader, version));
    resultsByTopicV3AndBelow = items;
  }
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, resultsByTransaction, resultsByTopicV3AndBelow };
}

function encodeAddPartitionsToTxnPartitionResult(writer: Writer, message: AddPartitionsToTxnPartitionResult, version: number): void {
  const flexible = version >= 3;
  writer.int32(message.partitionIndex);
  writer.int16(message.partitionErrorCode);
  if (flexible) writer.uvarint(0);
}

function encodeAddPartitionsToTxnTopicResult(writer: Writer, message: AddPartitionsToTxnTopicResult, version: number): void {
  const flexible = version >= 3;
  writer.string(message.name, flexible);
  const resultsByPartition = message.resultsByPartition;
  writer.arrayLength(resultsByPartition.length, flexible);
  for (const item of resultsByPartition) encodeAddPartitionsToTxnPartitionResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

function encodeAddPartitionsToTxnResult(writer: Writer, message: AddPartitionsToTxnResult, version: number): void {
  writer.string(message.transactionalId, true);
  const topicResults = message.topicResults;
  writer.arrayLength(topicResults.length, true);
  for (const item of topicResults) encodeAddPartitionsToTxnTopicResult(writer, item, version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddPartitionsToTxnResponse(writer: Writer, message: AddPartitionsToTxnResponseInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('AddPartitionsToTxnResponse', version, 0, 5);
  writer.int32(message.throttleTimeMs);
  if (version >= 4) writer.int16(message.errorCode ?? 0);
  if (version >= 4) {
    const resultsByTransaction = message.resultsByTransaction ?? emptyArray;
    writer.arrayLength(resultsByTransaction.length, flexible);
    for (const item of resultsByTransaction) encodeAddPartitionsToTxnResult(writer, item, version);
  } else if (message.resultsByTransaction !== undefined && message.resultsByTransaction.length !== 0) {
    throw unsupportedField('AddPartitionsToTxnResponse', 'resultsByTransaction', version);
  }
  if (version <= 3) {
    const resultsByTopicV3AndBelow = message.resultsByTopicV3AndBelow ?? emptyArray;
    writer.arrayLength(resultsByTopicV3AndBelow.length, flexible);
    for (const item of resultsByTopicV3AndBelow) encodeAddPartitionsToTxnTopicResult(writer, item, version);
  } else if (message.resultsByTopicV3AndBelow !== undefined && message.resultsByTopicV3AndBelow.length !== 0) {
    throw unsupportedField('AddPartitionsToTxnResponse', 'resultsByTopicV3AndBelow', version);
  }
  if (flexible) writer.uvarint(0);
}

/** AddPartitionsToTxn as a whole. */
export const addPartitionsToTxnMessages = defineApi<AddPartitionsToTxnRequest, AddPartitionsToTxnRequestInit, AddPartitionsToTxnResponse, AddPartitionsToTxnResponseInit>({
  apiKey: 24,
  name: 'AddPartitionsToTxn',
  validVersions: { min: 0, max: 5 },
  flexibleFrom: 3,
  decodeRequest: decodeAddPartitionsToTxnRequest,
  encodeRequest: encodeAddPartitionsToTxnRequest,
  decodeResponse: decodeAddPartitionsToTxnResponse,
  encodeResponse: encodeAddPartitionsToTxnResponse,
});
