// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeLogDirsRequest: API key 35, versions 1-5. */
export interface DescribeLogDirsRequest {
  readonly topics: readonly DescribableLogDirTopic[] | null;
}

/** Part of DescribeLogDirsRequest. */
export interface DescribableLogDirTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

function decodeDescribableLogDirTopic(reader: Reader, version: number): DescribableLogDirTopic {
  const flexible = version >= 2;
  const topic = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  if (flexible) reader.skipTags();
  return { topic, partitions };
}

/**
 * DescribeLogDirsRequest: API key 35, versions 1-5, flexible from 2.
 *
 *   topics => []DescribableLogDirTopic  (may be null)
 *     topic => string
 *     partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeLogDirsRequest(reader: Reader, version: number): DescribeLogDirsRequest {
  const flexible = version >= 2;
  checkVersion('DescribeLogDirsRequest', version, 1, 5);
  const topicsLength = reader.nullableArrayLength(flexible, 3);
  let topics: readonly DescribableLogDirTopic[] | null = null;
  if (topicsLength >= 0) {
    const items: DescribableLogDirTopic[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeDescribableLogDirTopic(reader, version));
    topics = items;
  }
  if (flexible) reader.skipTags();
  return { topics };
}

function encodeDescribableLogDirTopic(writer: Writer, message: DescribableLogDirTopic, version: number): void {
  const flexible = version >= 2;
  writer.string(message.topic, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeLogDirsRequest(writer: Writer, message: DescribeLogDirsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeLogDirsRequest', version, 1, 5);
  const topics = message.topics;
  if (topics === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(topics.length, flexible);
    for (const item of topics) encodeDescribableLogDirTopic(writer, item, version);
  }
  if (flexible) writer.uvarint(0);
}

/** DescribeLogDirsResponse: API key 35, versions 1-5. */
export interface DescribeLogDirsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly results: readonly DescribeLogDirsResult[];
}

/** What is given to encode {@link DescribeLogDirsResponse}: what has a default may be left out. */
export interface DescribeLogDirsResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode?: number;
  readonly results: readonly DescribeLogDirsResultInit[];
}

/** Part of DescribeLogDirsResponse. */
export interface DescribeLogDirsResult {
  readonly errorCode: number;
  readonly logDir: string;
  readonly topics: readonly DescribeLogDirsTopic[];
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly isCordoned: boolean;
}

/** What is given to encode {@link DescribeLogDirsResult}: what has a default may be left out. */
export interface DescribeLogDirsResultInit {
  readonly errorCode: number;
  readonly logDir: string;
  readonly topics: readonly DescribeLogDirsTopic[];
  readonly totalBytes?: number;
  readonly usableBytes?: number;
  readonly isCordoned?: boolean;
}

/** Part of DescribeLogDirsResponse. */
export interface DescribeLogDirsTopic {
  readonly name: string;
  readonly partitions: readonly DescribeLogDirsPartition[];
}

/** Part of DescribeLogDirsResponse. */
export interface DescribeLogDirsPartition {
  readonly partitionIndex: number;
  readonly partitionSize: number;
  readonly offsetLag: number;
  readonly isFutureKey: boolean;
}

function decodeDescribeLogDirsPartition(reader: Reader, version: number): DescribeLogDirsPartition {
  const flexible = version >= 2;
  const partitionIndex = reader.int32();
  const partitionSize = reader.int64();
  const offsetLag = reader.int64();
  const isFutureKey = reader.boolean();
  if (flexible) reader.skipTags();
  return { partitionIndex, partitionSize, offsetLag, isFutureKey };
}

function decodeDescribeLogDirsTopic(reader: Reader, version: number): DescribeLogDirsTopic {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 21);
  const partitions: DescribeLogDirsPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeDescribeLogDirsPartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

function decodeDescribeLogDirsResult(reader: Reader, version: number): DescribeLogDirsResult {
  const flexible = version >= 2;
  const errorCode = reader.int16();
  const logDir = reader.string(flexible);
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: DescribeLogDirsTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDescribeLogDirsTopic(reader, version));
  let totalBytes: number = -1;
  if (version >= 4) totalBytes = reader.int64();
  let usableBytes: number = -1;
  if (version >= 4) usableBytes = reader.int64();
  let isCordoned: boolean = false;
  if (version >= 5) isCordoned = reader.boolean();
  if (flexible) reader.skipTags();
  return { errorCode, logDir, topics, totalBytes, usableBytes, isCordoned };
}

/**
 * DescribeLogDirsResponse: API key 35, versions 1-5, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16  (versions 3-5)
 *   results => []DescribeLogDirsResult
 *     errorCode => int16
 *     logDir => string
 *     topics => []DescribeLogDirsTopic
 *       name => string
 *       partitions => []DescribeLogDirsPartition
 *         partitionIndex => int32
 *         partitionSize => int64
 *         offsetLag => int64
 *         isFutureKey => bool
 *     totalBytes => int64  (versions 4-5, default -1)
 *     usableBytes => int64  (versions 4-5, default -1)
 *     isCordoned => bool  (versions 5, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeLogDirsResponse(reader: Reader, version: number): DescribeLogDirsResponse {
  const flexible = version >= 2;
  checkVersion('DescribeLogDirsResponse', version, 1, 5);
  const throttleTimeMs = reader.int32();
  let errorCode: number = 0;
  if (version >= 3) errorCode = reader.int16();
  const resultsLength = reader.arrayLength(flexible, 5);
  const results: DescribeLogDirsResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeDescribeLogDirsResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, results };
}

function encodeDescribeLogDirsPartition(writer: Writer, message: DescribeLogDirsPartition, version: number): void {
  const flexible = version >= 2;
  writer.int32(message.partitionIndex);
  writer.int64(message.partitionSize);
  writer.int64(message.offsetLag);
  writer.boolean(message.isFutureKey);
  if (flexible) writer.uvarint(0);
}

function encodeDescribeLogDirsTopic(writer: Writer, message: DescribeLogDirsTopic, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeDescribeLogDirsPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

function encodeDescribeLogDirsResult(writer: Writer, message: DescribeLogDirsResultInit, version: number): void {
  const flexible = version >= 2;
  writer.int16(message.errorCode);
  writer.string(message.logDir, flexible);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeDescribeLogDirsTopic(writer, item, version);
  if (version >= 4) writer.int64(message.totalBytes ?? -1);
  if (version >= 4) writer.int64(message.usableBytes ?? -1);
  if (version >= 5) writer.boolean(message.isCordoned ?? false);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeLogDirsResponse(writer: Writer, message: DescribeLogDirsResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeLogDirsResponse', version, 1, 5);
  writer.int32(message.throttleTimeMs);
  if (version >= 3) writer.int16(message.errorCode ?? 0);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeDescribeLogDirsResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DescribeLogDirs as a whole. */
export const describeLogDirsMessages = defineApi<DescribeLogDirsRequest, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsResponseInit>({
  apiKey: 35,
  name: 'DescribeLogDirs',
  validVersions: { min: 1, max: 5 },
  flexibleFrom: 2,
  decodeRequest: decodeDescribeLogDirsRequest,
  encodeRequest: encodeDescribeLogDirsRequest,
  decodeResponse: decodeDescribeLogDirsResponse,
  encodeResponse: encodeDescribeLogDirsResponse,
});
