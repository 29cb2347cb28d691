// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, nullField, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** OffsetFetchRequest: API key 9, versions 1-10. */
export interface OffsetFetchRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchRequestTopic[] | null;
  readonly groups: readonly OffsetFetchRequestGroup[];
  readonly requireStable: boolean;
}

/** What is given to encode {@link OffsetFetchRequest}: what has a default may be left out. */
export interface OffsetFetchRequestInit {
  readonly groupId?: string;
  readonly topics?: readonly OffsetFetchRequestTopic[] | null;
  readonly groups?: readonly OffsetFetchRequestGroupInit[];
  readonly requireStable?: boolean;
}

/** Part of OffsetFetchRequest. */
export interface OffsetFetchRequestGroup {
  readonly groupId: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly OffsetFetchRequestTopics[] | null;
}

/** What is given to encode {@link OffsetFetchRequestGroup}: what has a default may be left out. */
export interface OffsetFetchRequestGroupInit {
  readonly groupId: string;
  readonly memberId?: string | null;
  readonly memberEpoch?: number;
  readonly topics: readonly OffsetFetchRequestTopicsInit[] | null;
}

/** Part of OffsetFetchRequest. */
export interface OffsetFetchRequestTopics {
  readonly name: string;
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

/** What is given to encode {@link OffsetFetchRequestTopics}: what has a default may be left out. */
export interface OffsetFetchRequestTopicsInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitionIndexes: readonly number[];
}

/** Part of OffsetFetchRequest. */
export interface OffsetFetchRequestTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

function decodeOffsetFetchRequestTopic(reader: Reader, version: number): OffsetFetchRequestTopic {
  const flexible = version >= 6;
  const name = reader.string(flexible);
  const partitionIndexesLength = reader.arrayLength(flexible, 4);
  const partitionIndexes: number[] = [];
  for (let i = 0; i < partitionIndexesLength; i += 1) partitionIndexes.push(reader.int32());
  if (flexible) reader.skipTags();
  return { name, partitionIndexes };
}

function decodeOffsetFetchRequestTopics(reader: Reader, version: number): OffsetFetchRequestTopics {
  let name: string = '';
  if (version <= 9) name = reader.string(true);
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  const partitionIndexesLength = reader.arrayLength(true, 4);
  const partitionIndexes: number[] = [];
  for (let i = 0; i < partitionIndexesLength; i += 1) partitionIndexes.push(reader.int32());
  reader.skipTags();
  return { name, topicId, partitionIndexes };
}

function decodeOffsetFetchRequestGroup(reader: Reader, version: number): OffsetFetchRequestGroup {
  const groupId = reader.string(true);
  let memberId: string | null = null;
  if (version >= 9) memberId = reader.nullableString(true);
  let memberEpoch: number = -1;
  if (version >= 9) memberEpoch = reader.int32();
  const topicsLength = reader.nullableArrayLength(true, 3);
  let topics: readonly OffsetFetchRequestTopics[] | null = null;
  if (topicsLength >= 0) {
    const items: OffsetFetchRequestTopics[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeOffsetFetchRequestTopics(reader, version));
    topics = items;
  }
  reader.skipTags();
  return { groupId, memberId, memberEpoch, topics };
}

/**
 * OffsetFetchRequest: API key 9, versions 1-10, flexible from 6.
 *
 *   groupId => string  (versions 1-7)
 *   topics => []OffsetFetchRequestTopic  (versions 1-7, may be null in versions 2-7)
 *     name => string
 *     partitionIndexes => []int32
 *   groups => []OffsetFetchRequestGroup  (versions 8-10)
 *     groupId => string
 *     memberId => string  (versions 9-10, may be null, default null)
 *     memberEpoch => int32  (versions 9-10, default -1)
 *     topics => []OffsetFetchRequestTopics  (may be null)
 *       name => string  (versions 8-9)
 *       topicId => uuid  (versions 10)
 *       partitionIndexes => []int32
 *   requireStable => bool  (versions 7-10, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetFetchRequest(reader: Reader, version: number): OffsetFetchRequest {
  const flexible = version >= 6;
  checkVersion('OffsetFetchRequest', version, 1, 10);
  let groupId: string = '';
  if (version <= 7) groupId = reader.string(flexible);
  let topics: readonly OffsetFetchRequestTopic[] | null = emptyArray;
  if (version <= 7) {
    const topicsLength = version >= 2 ? reader.nullableArrayLength(flexible, 3) : reader.arrayLength(flexible, 3);
    if (topicsLength >= 0) {
      const items: OffsetFetchRequestTopic[] = [];
      for (let i = 0; i < topicsLength; i += 1) items.push(decodeOffsetFetchRequestTopic(reader, version));
      topics = items;
    } else {
      topics = null;
    }
  }
  let groups: readonly OffsetFetchRequestGroup[] = emptyArray;
  if (version >= 8) {
    const groupsLength = reader.arrayLength(flexible, 3);
    const items: OffsetFetchRequestGroup[] = [];
    for (let i = 0; i < groupsLength; i += 1) items.push(decodeOffsetFetchRequestGroup(reader, version));
    groups = items;
  }
  let requireStable: boolean = false;
  if (version >= 7) requireStable = reader.boolean();
  if (flexible) reader.skipTags();
  return { groupId, topics, groups, requireStable };
}

function encodeOffsetFetchRequestTopic(writer: Writer, message: OffsetFetchRequestTopic, version: number): void {
  const flexible = version >= 6;
  writer.string(message.name, flexible);
  const partitionIndexes = message.partitionIndexes;
  writer.arrayLength(partitionIndexes.length, flexible);
  for (const item of partitionIndexes) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetFetchRequestTopics(writer: Writer, message: OffsetFetchRequestTopicsInit, version: number): void {
  if (version <= 9) writer.string(message.name ?? '', true);
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitionIndexes = message.partitionIndexes;
  writer.arrayLength(partitionIndexes.length, true);
  for (const item of partitionIndexes) writer.int32(item);
  writer.uvarint(0);
}

function encodeOffsetFetchRequestGroup(writer: Writer, message: OffsetFetchRequestGroupInit, version: number): void {
  writer.string(message.groupId, true);
  if (version >= 9) writer.nullableString(message.memberId ?? null, true);
  if (version >= 9) writer.int32(message.memberEpoch ?? -1);
  const topics = message.topics;
  if (topics === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(topics.length, true);
    for (const item of topics) encodeOffsetFetchRequestTopics(writer, item, version);
  }
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetFetchRequest(writer: Writer, message: OffsetFetchRequestInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('OffsetFetchRequest', version, 1, 10);
  if (version <= 7) writer.string(message.groupId ?? '', flexible);
  else if (message.groupId !== undefined && message.groupId !== '') throw unsupportedField('OffsetFetchRequest', 'groupId', version);
  if (version <= 7) {
    const topics = message.topics === undefined ? emptyArray : message.topics;
    if (topics === null && version < 2) throw nullField('OffsetFetchRequest', 'topics', version);
    if (topics === null) {
      writer.nullArray(flexible);
    } else {
      writer.arrayLength(topics.length, flexible);
      for (const item of topics) encodeOffsetFetchRequestTopic(writer, item, version);
    }
  } else if (message.topics !== undefined && (message.topics === null || message.topics.length !== 0)) {
    throw unsupportedField('OffsetFetchRequest', 'topics', version);
  }
  if (version >= 8) {
    const groups = message.groups ?? emptyArray;
    writer.arrayLength(groups.length, flexible);
    for (const item of groups) encodeOffsetFetchRequestGroup(writer, item, version);
  } else if (message.groups !== undefined && message.groups.length !== 0) {
    throw unsupportedField('OffsetFetchRequest', 'groups', version);
  }
  if (version >= 7) writer.boolean(message.requireStable ?? false);
  else if (message.requireStable !== undefined && message.requireStable) throw unsupportedField('OffsetFetchRequest', 'requireStable', version);
  if (flexible) writer.uvarint(0);
}

/** OffsetFetchResponse: API key 9, versions 1-10. */
export interface OffsetFetchResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetFetchResponseTopic[];
  readonly errorCode: number;
  readonly groups: readonly OffsetFetchResponseGroup[];
}

/** What is given to encode {@link OffsetFetchResponse}: what has a default may be left out. */
export interface OffsetFetchResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics?: readonly OffsetFetchResponseTopicInit[];
  readonly errorCode?: number;
  readonly groups?: readonly OffsetFetchResponseGroupInit[];
}

/** Part of OffsetFetchResponse. */
export interface OffsetFetchResponseGroup {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchResponseTopics[];
  readonly errorCode: number;
}

/** What is given to encode {@link OffsetFetchResponseGroup}: what has a default may be left out. */
export interface OffsetFetchResponseGroupInit {
  readonly groupId: string;
  readonly topics: readonly OffsetFetchResponseTopicsInit[];
  readonly errorCode?: number;
}

/** Part of OffsetFetchResponse. */
export interface OffsetFetchResponseTopics {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly OffsetFetchResponsePartitions[];
}

/** What is given to encode {@link OffsetFetchResponseTopics}: what has a default may be left out. */
export interface OffsetFetchResponseTopicsInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitions: readonly OffsetFetchResponsePartitionsInit[];
}

/** Part of OffsetFetchResponse. */
export interface OffsetFetchResponsePartitions {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

/** What is given to encode {@link OffsetFetchResponsePartitions}: what has a default may be left out. */
export interface OffsetFetchResponsePartitionsInit {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

/** Part of OffsetFetchResponse. */
export interface OffsetFetchResponseTopic {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponsePartition[];
}

/** What is given to encode {@link OffsetFetchResponseTopic}: what has a default may be left out. */
export interface OffsetFetchResponseTopicInit {
  readonly name: string;
  readonly partitions: readonly OffsetFetchResponsePartitionInit[];
}

/** Part of OffsetFetchResponse. */
export interface OffsetFetchResponsePartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

/** What is given to encode {@link OffsetFetchResponsePartition}: what has a default may be left out. */
export interface OffsetFetchResponsePartitionInit {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch?: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

function decodeOffsetFetchResponsePartition(reader: Reader, version: number): OffsetFetchResponsePartition {
  const flexible = version >= 6;
  const partitionIndex = reader.int32();
  const committedOffset = reader.int64();
  let committedLeaderEpoch: number = -1;
  if (version >= 5) committedLeaderEpoch = reader.int32();
  const metadata = reader.nullableString(flexible);
  const errorCode = reader.int16();
  if (flexible) reader.skipTags();
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function decodeOffsetFetchResponseTopic(reader: Reader, version: number): OffsetFetchResponseTopic {
  const flexible = version >= 6;
  const name = reader.string(flexible);
  const partitionsLength = reader.arrayLength(flexible, 16);
  const partitions: OffsetFetchResponsePartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetFetchResponsePartition(reader, version));
  if (flexible) reader.skipTags();
  return { name, partitions };
}

function decodeOffsetFetchResponsePartitions(reader: Reader): OffsetFetchResponsePartitions {
  const partitionIndex = reader.int32();
  const committedOffset = reader.int64();
  const committedLeaderEpoch = reader.int32();
  const metadata = reader.nullableString(true);
  const errorCode = reader.int16();
  reader.skipTags();
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function decodeOffsetFetchResponseTopics(reader: Reader, version: number): OffsetFetchResponseTopics {
  let name: string = '';
  if (version <= 9) name = reader.string(true);
  let topicId: string = ZERO_UUID;
  if (version >= 10) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(true, 20);
  const partitions: OffsetFetchResponsePartitions[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeOffsetFetchResponsePartitions(reader));
  reader.skipTags();
  return { name, topicId, partitions };
}

function decodeOffsetFetchResponseGroup(reader: Reader, version: number): OffsetFetchResponseGroup {
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 3);
  const topics: OffsetFetchResponseTopics[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeOffsetFetchResponseTopics(reader, version));
  const errorCode = reader.int16();
  reader.skipTags();
  return { groupId, topics, errorCode };
}

/**
 * OffsetFetchResponse: API key 9, versions 1-10, flexible from 6.
 *
 *   throttleTimeMs => int32  (versions 3-10)
 *   topics => []OffsetFetchResponseTopic  (versions 1-7)
 *     name => string
 *     partitions => []OffsetFetchResponsePartition
 *       partitionIndex => int32
 *       committedOffset => int64
 *       committedLeaderEpoch => int32  (versions 5-7, default -1)
 *       metadata => string  (may be null)
 *       errorCode => int16
 *   errorCode => int16  (versions 2-7, default 0)
 *   groups => []OffsetFetchResponseGroup  (versions 8-10)
 *     groupId => string
 *     topics => []OffsetFetchResponseTopics
 *       name => string  (versions 8-9)
 *       topicId => uuid  (versions 10)
 *       partitions => []OffsetFetchResponsePartitions
 *         partitionIndex => int32
 *         committedOffset => int64
 *         committedLeaderEpoch => int32  (default -1)
 *         metadata => string  (may be null)
 *         errorCode => int16
 *     errorCode => int16  (default 0)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeOffsetFetchResponse(reader: Reader, version: number): OffsetFetchResponse {
  const flexible = version >= 6;
  checkVersion('OffsetFetchResponse', version, 1, 10);
  let throttleTimeMs: number = 0;
  if (version >= 3) throttleTimeMs = reader.int32();
  let topics: readonly OffsetFetchResponseTopic[] = emptyArray;
  if (version <= 7) {
    const topicsLength = reader.arrayLength(flexible, 3);
    const items: OffsetFetchResponseTopic[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeOffsetFetchResponseTopic(reader, version));
    topics = items;
  }
  let errorCode: number = 0;
  if (version >= 2 && version <= 7) errorCode = reader.int16();
  let groups: readonly OffsetFetchResponseGroup[] = emptyArray;
  if (version >= 8) {
    const groupsLength = reader.arrayLength(flexible, 5);
    const items: OffsetFetchResponseGroup[] = [];
    for (let i = 0; i < groupsLength; i += 1) items.push(decodeOffsetFetchResponseGroup(reader, version));
    groups = items;
  }
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics, errorCode, groups };
}

function encodeOffsetFetchResponsePartition(writer: Writer, message: OffsetFetchResponsePartitionInit, version: number): void {
  const flexible = version >= 6;
  writer.int32(message.partitionIndex);
  writer.int64(message.committedOffset);
  if (version >= 5) writer.int32(message.committedLeaderEpoch ?? -1);
  writer.nullableString(message.metadata, flexible);
  writer.int16(message.errorCode);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetFetchResponseTopic(writer: Writer, message: OffsetFetchResponseTopicInit, version: number): void {
  const flexible = version >= 6;
  writer.string(message.name, flexible);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeOffsetFetchResponsePartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

function encodeOffsetFetchResponsePartitions(writer: Writer, message: OffsetFetchResponsePartitionsInit): void {
  writer.int32(message.partitionIndex);
  writer.int64(message.committedOffset);
  writer.int32(message.committedLeaderEpoch ?? -1);
  writer.nullableString(message.metadata, true);
  writer.int16(message.errorCode);
  writer.uvarint(0);
}

function encodeOffsetFetchResponseTopics(writer: Writer, message: OffsetFetchResponseTopicsInit, version: number): void {
  if (version <= 9) writer.string(message.name ?? '', true);
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, true);
  for (const item of partitions) encodeOffsetFetchResponsePartitions(writer, item);
  writer.uvarint(0);
}

function encodeOffsetFetchResponseGroup(writer: Writer, message: OffsetFetchResponseGroupInit, version: number): void {
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeOffsetFetchResponseTopics(writer, item, version);
  writer.int16(message.errorCode ?? 0);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeOffsetFetchResponse(writer: Writer, message: OffsetFetchResponseInit, version: number): void {
  const flexible = version >= 6;
  checkVersion('OffsetFetchResponse', version, 1, 10);
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0);
  if (version <= 7) {
    const topics = message.topics ?? emptyArray;
    writer.arrayLength(topics.length, flexible);
    for (const item of topics) encodeOffsetFetchResponseTopic(writer, item, version);
  } else if (message.topics !== undefined && message.topics.length !== 0) {
    throw unsupportedField('OffsetFetchResponse', 'topics', version);
  }
  if (version >= 2 && version <= 7) writer.int16(message.errorCode ?? 0);
  if (version >= 8) {
    const groups = message.groups ?? emptyArray;
    writer.arrayLength(groups.length, flexible);
    for (const item of groups) encodeOffsetFetchResponseGroup(writer, item, version);
  } else if (message.groups !== undefined && message.groups.length !== 0) {
    throw unsupportedField('OffsetFetchResponse', 'groups', version);
  }
  if (flexible) writer.uvarint(0);
}

/** OffsetFetch as a whole. */
export const offsetFetchMessages = defineApi<OffsetFetchRequest, OffsetFetchRequestInit, OffsetFetchResponse, OffsetFetchResponseInit>({
  apiKey: 9,
  name: 'OffsetFetch',
  validVersions: { min: 1, max: 10 },
  flexibleFrom: 6,
  decodeRequest: decodeOffsetFetchRequest,
  encodeRequest: encodeOffsetFetchRequest,
  decodeResponse: decodeOffsetFetchResponse,
  encodeResponse: encodeOffsetFetchResponse,
});
