// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterReplicaLogDirsRequest: API key 34, versions 1-2. */
export interface AlterReplicaLogDirsRequest {
  readonly dirs: readonly AlterReplicaLogDir[];
}

/** Part of AlterReplicaLogDirsRequest. */
export interface AlterReplicaLogDir {
  readonly path: string;
  readonly topics: readonly AlterReplicaLogDirTopic[];
}

/** Part of AlterReplicaLogDirsRequest. */
export interface AlterReplicaLogDirTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

function decodeAlterReplicaLogDirTopic(reader: Reader, version: number): AlterReplicaLogDirTopic {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  if (flexible) reader.skipTags();
  return { name, partitions };
}

function decodeAlterReplicaLogDir(reader: Reader, version: number): AlterReplicaLogDir {
  const flexible = version >= 2;
  const path = reader.string(flexible);
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: AlterReplicaLogDirTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeAlterReplicaLogDirTopic(reader, version));
  if (flexible) reader.skipTags();
  return { path, topics };
}

/**
 * AlterReplicaLogDirsRequest: API key 34, versions 1-2, flexible from 2.
 *
 *   dirs => []AlterReplicaLogDir
 *     path => string
 *     topics => []AlterReplicaLogDirTopic
 *       name => string
 *       partitions => []int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterReplicaLogDirsRequest(reader: Reader, version: number): AlterReplicaLogDirsRequest {
  const flexible = version >= 2;
  checkVersion('AlterReplicaLogDirsRequest', version, 1, 2);
  const dirsLength = reader.arrayLength(flexible, 3);
  const dirs: AlterReplicaLogDir[] = [];
  for (let i = 0; i < dirsLength; i += 1) dirs.push(decodeAlterReplicaLogDir(reader, version));
  if (flexible) reader.skipTags();
  return { dirs };
}

function encodeAlterReplicaLogDirTopic(writer: Writer, message: AlterReplicaLogDirTopic, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

function encodeAlterReplicaLogDir(writer: Writer, message: AlterReplicaLogDir, version: number): void {
  const flexible = version >= 2;
  writer.string(message.path, flexible);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeAlterReplicaLogDirTopic(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterReplicaLogDirsRequest(writer: Writer, message: AlterReplicaLogDirsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('AlterReplicaLogDirsRequest', version, 1, 2);
  const dirs = message.dirs;
  writer.arrayLength(dirs.length, flexible);
  for (const item of dirs) encodeAlterReplicaLogDir(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** AlterReplicaLogDirsResponse: API key 34, versions 1-2. */
export interface AlterReplicaLogDirsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AlterReplicaLogDirTopicResult[];
}

/** Part of AlterReplicaLogDirsResponse. */
export interface AlterReplicaLogDirTopicResult {
  readonly topicName: string;
  readonly partitions: readonly AlterReplicaLogDirPartitionResult[];
}

/** Part of AlterReplicaLogDirsResponse. */
export interface AlterReplicaLogDirPartitionResult {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function decodeAlterReplicaLogDirPartitionResult(reader: Reader, version: number): AlterReplicaLogDirPartitionResult {
  const flexible = version >= 2;
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, errorCode };
}

function decodeAlterReplicaLogDirTopicResult(reader: Reader, version: number): AlterReplicaLogDirTopicResult {
  const flexible = version >= 2;
  const topicName = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 6);
  const partitions: AlterReplicaLogDirPartitionResult[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeAlterReplicaLogDirPartitionResult(reader, version));
  if (flexible) reader.skipTags();
  return { topicName, partitions };
}

/**
 * AlterReplicaLogDirsResponse: API key 34, versions 1-2, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   results => []AlterReplicaLogDirTopicResult
 *     topicName => string
 *     partitions => []AlterReplicaLogDirPartitionResult
 *       partitionIndex => int32
 *       errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterReplicaLogDirsResponse(reader: Reader, version: number): AlterReplicaLogDirsResponse {
  const flexible = version >= 2;
  checkVersion('AlterReplicaLogDirsResponse', version, 1, 2);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(flexible, 3);
  const results: AlterReplicaLogDirTopicResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeAlterReplicaLogDirTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeAlterReplicaLogDirPartitionResult(writer: Writer, message: AlterReplicaLogDirPartitionResult, version: number): void {
  const flexible = version >= 2;
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

function encodeAlterReplicaLogDirTopicResult(writer: Writer, message: AlterReplicaLogDirTopicResult, version: number): void {
  const flexible = version >= 2;
  writer.string(message.topicName, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeAlterReplicaLogDirPartitionResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterReplicaLogDirsResponse(writer: Writer, message: AlterReplicaLogDirsResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('AlterReplicaLogDirsResponse', version, 1, 2);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeAlterReplicaLogDirTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** AlterReplicaLogDirs as a whole. */
export const alterReplicaLogDirsMessages = defineApi<AlterReplicaLogDirsRequest, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, AlterReplicaLogDirsResponse>({
  apiKey: 34,
  name: 'AlterReplicaLogDirs',
  validVersions: { min: 1, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeAlterReplicaLogDirsRequest,
  encodeRequest: encodeAlterReplicaLogDirsRequest,
  decodeResponse: decodeAlterReplicaLogDirsResponse,
  encodeResponse: encodeAlterReplicaLogDirsResponse,
});
