// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** OffsetDeleteRequest: API key 47, version 0. */
export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteRequestTopic[];
}

/** Part of OffsetDeleteRequest. */
export interface OffsetDeleteRequestTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteRequestPartition[];
}

/** Part of OffsetDeleteRequest. */
export interface OffsetDeleteRequestPartition {
  readonly partitionIndex: number;
}

function decodeOffsetDeleteRequestPartition(reader: Reader): OffsetDeleteRequestPartition {
  const partitionIndex = reader.int32();
  return { partitionIndex };
}

function decodeOffsetDeleteRequestTopic(reader: Reader): OffsetDeleteRequestTopic {
  const name = reader.string(false);
  const partitionsLength = reader.arrayLength(false, 4);
  const partitions: OffsetDeleteRequestPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetDeleteRequestPartition(reader));
  return { name, partitions };
}

/**
 * OffsetDeleteRequest: API key 47, version 0, never flexible.
 *
 *   groupId => string
 *   topics => []OffsetDeleteRequestTopic
 *     name => string
 *     partitions => []OffsetDeleteRequestPartition
 *       partitionIndex => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetDeleteRequest(reader: Reader, version: number): OffsetDeleteRequest {
  checkVersion('OffsetDeleteRequest', version, 0, 0);
  const groupId = reader.string(false);
  const topicsLength = reader.arrayLength(false, 6);
  const topics: OffsetDeleteRequestTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetDeleteRequestTopic(reader));
  return { groupId, topics };
}

function encodeOffsetDeleteRequestPartition(writer: Writer, message: OffsetDeleteRequestPartition): void {
  writer.int32(message.partitionIndex);
}

function encodeOffsetDeleteRequestTopic(writer: Writer, message: OffsetDeleteRequestTopic): void {
  writer.string(message.name, false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, false);
  for (const item of partitions) encodeOffsetDeleteRequestPartition(writer, item);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetDeleteRequest(writer: Writer, message: OffsetDeleteRequest, version: number): void {
  checkVersion('OffsetDeleteRequest', version, 0, 0);
  writer.string(message.groupId, false);
  const topics = message.topics;
  writer.arrayLength(topics.length, false);
  for (const item of topics) encodeOffsetDeleteRequestTopic(writer, item);
}

/** OffsetDeleteResponse: API key 47, version 0. */
export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetDeleteResponseTopic[];
}

/** What is given to encode {@link OffsetDeleteResponse}: what has a default may be left out. */
export interface OffsetDeleteResponseInit {
  readonly errorCode: number;
  readonly throttleTimeMs?: number;
  readonly topics: readonly OffsetDeleteResponseTopic[];
}

/** Part of OffsetDeleteResponse. */
export interface OffsetDeleteResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetDeleteResponsePartition[];
}

/** Part of OffsetDeleteResponse. */
export interface OffsetDeleteResponsePartition {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

function decodeOffsetDeleteResponsePartition(reader: Reader): OffsetDeleteResponsePartition {
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  return { partitionIndex, errorCode };
}

function decodeOffsetDeleteResponseTopic(reader: Reader): OffsetDeleteResponseTopic {
  const name = reader.string(false);
  const partitionsLength = reader.arrayLength(false, 6);
  const partitions: OffsetDeleteResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetDeleteResponsePartition(reader));
  return { name, partitions };
}

/**
 * OffsetDeleteResponse: API key 47, version 0, never flexible.
 *
 *   errorCode => int16
 *   throttleTimeMs => int32
 *   topics => []OffsetDeleteResponseTopic
 *     name => string
 *     partitions => []OffsetDeleteResponsePartition
 *       partitionIndex => int32
 *       errorCode => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetDeleteResponse(reader: Reader, version: number): OffsetDeleteResponse {
  checkVersion('OffsetDeleteResponse', version, 0, 0);
  const errorCode = reader.int16();
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(false, 6);
  const topics: OffsetDeleteResponseTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetDeleteResponseTopic(reader));
  return { errorCode, throttleTimeMs, topics };
}

function encodeOffsetDeleteResponsePartition(writer: Writer, message: OffsetDeleteResponsePartition): void {
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
}

function encodeOffsetDeleteResponseTopic(writer: Writer, message: OffsetDeleteResponseTopic): void {
  writer.string(message.name, false);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, false);
  for (const item of partitions) encodeOffsetDeleteResponsePartition(writer, item);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetDeleteResponse(writer: Writer, message: OffsetDeleteResponseInit, version: number): void {
  checkVersion('OffsetDeleteResponse', version, 0, 0);
  writer.int16(message.errorCode);
  writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, false);
  for (const item of topics) encodeOffsetDeleteResponseTopic(writer, item);
}

/** OffsetDelete as a whole. */
export const offsetDeleteMessages = defineApi<OffsetDeleteRequest, OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponseInit>({
  apiKey: 47,
  name: 'OffsetDelete',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: null,
  decodeRequest: decodeOffsetDeleteRequest,
  encodeRequest: encodeOffsetDeleteRequest,
  decodeResponse: decodeOffsetDeleteResponse,
  encodeResponse: encodeOffsetDeleteResponse,
});
