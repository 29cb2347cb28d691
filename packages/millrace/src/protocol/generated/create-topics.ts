// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** CreateTopicsRequest: API key 19, versions 2-7. */
export interface CreateTopicsRequest {
  readonly topics: readonly CreatableTopic[];
  readonly timeoutMs: number;
  readonly validateOnly: boolean;
}

/** What is given to encode {@link CreateTopicsRequest}: what has a default may be left out. */
export interface CreateTopicsRequestInit {
  readonly topics: readonly CreatableTopic[];
  readonly timeoutMs?: number;
  readonly validateOnly?: boolean;
}

/** Part of CreateTopicsRequest. */
export interface CreatableTopic {
  readonly name: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly CreatableReplicaAssignment[];
  readonly configs: readonly CreatableTopicConfig[];
}

/** Part of CreateTopicsRequest. */
export interface CreatableTopicConfig {
  readonly name: string;
  readonly value: string | null;
}

/** Part of CreateTopicsRequest. */
export interface CreatableReplicaAssignment {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

function decodeCreatableReplicaAssignment(reader: Reader, version: number): CreatableReplicaAssignment {
  const flexible = version >= 5;
  const partitionIndex = reader.int32();
  const brokerIdsLength = reader.arrayLength(flexible, 4);
  const brokerIds: number[] = [];
  for (let i = 0; i < brokerIdsLength; i += 1) brokerIds.push(reader.int32());
  if (flexible) reader.skipTags();
  return { partitionIndex, brokerIds };
}

function decodeCreatableTopicConfig(reader: Reader, version: number): CreatableTopicConfig {
  const flexible = version >= 5;
  const name = reader.string(flexible);
  const value = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, value };
}

function decodeCreatableTopic(reader: Reader, version: number): CreatableTopic {
  const flexible = version >= 5;
  const name = reader.string(flexible);
  const numPartitions = reader.int32();
  const replicationFactor = reader.int16();
  const assignmentsLength = reader.arrayLength(flexible, 6);
  const assignments: CreatableReplicaAssignment[] = [];
  for (let i = 0; i < assignmentsLength; i += 1) assignments.push(decodeCreatableReplicaAssignment(reader, version));
  const configsLength = reader.arrayLength(flexible, 3);
  const configs: CreatableTopicConfig[] = [];
  for (let i = 0; i < configsLength; i += 1) configs.push(decodeCreatableTopicConfig(reader, version));
  if (flexible) reader.skipTags();
  return { name, numPartitions, replicationFactor, assignments, configs };
}

/**
 * CreateTopicsRequest: API key 19, versions 2-7, flexible from 5.
 *
 *   topics => []CreatableTopic
 *     name => string
 *     numPartitions => int32
 *     replicationFactor => int16
 *     assignments => []CreatableReplicaAssignment
 *       partitionIndex => int32
 *       brokerIds => []int32
 *     configs => []CreatableTopicConfig
 *       name => string
 *       value => string  (may be null)
 *   timeoutMs => int32  (default 60000)
 *   validateOnly => bool  (default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateTopicsRequest(reader: Reader, version: number): CreateTopicsRequest {
  const flexible = version >= 5;
  checkVersion('CreateTopicsRequest', version, 2, 7);
  const topicsLength = reader.arrayLength(flexible, 10);
  const topics: CreatableTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeCreatableTopic(reader, version));
  const timeoutMs = reader.int32();
  const validateOnly = reader.boolean();
  if (flexible) reader.skipTags();
  return { topics, timeoutMs, validateOnly };
}

function encodeCreatableReplicaAssignment(writer: Writer, message: CreatableReplicaAssignment, version: number): void {
  const flexible = version >= 5;
  writer.int32(message.partitionIndex);
  const brokerIds = message.brokerIds;
  writer.arrayLength(brokerIds.length, flexible);
  for (const item of brokerIds) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

function encodeCreatableTopicConfig(writer: Writer, message: CreatableTopicConfig, version: number): void {
  const flexible = version >= 5;
  writer.string(message.name, flexible);
  writer.nullableString(message.value, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeCreatableTopic(writer: Writer, message: CreatableTopic, version: number): void {
  const flexible = version >= 5;
  writer.string(message.name, flexible);
  writer.int32(message.numPartitions);
  writer.int16(message.replicationFactor);
  const assignments = message.assignments;
  writer.arrayLength(assignments.length, flexible);
  for (const item of assignments) encodeCreatableReplicaAssignment(writer, item, version);
  const configs = message.configs;
  writer.arrayLength(configs.length, flexible);
  for (const item of configs) encodeCreatableTopicConfig(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateTopicsRequest(writer: Writer, message: CreateTopicsRequestInit, version: number): void {
  const flexible = version >= 5;
  checkVersion('CreateTopicsRequest', version, 2, 7);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeCreatableTopic(writer, item, version);
  writer.int32(message.timeoutMs ?? 60000);
  writer.boolean(message.validateOnly ?? false);
  if (flexible) writer.uvarint(0);
}

/** CreateTopicsResponse: API key 19, versions 2-7. */
export interface CreateTopicsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly CreatableTopicResult[];
}

/** What is given to encode {@link CreateTopicsResponse}: what has a default may be left out. */
export interface CreateTopicsResponseInit {
  readonly throttleTimeMs?: number;
  readonly topics: readonly CreatableTopicResultInit[];
}

/** Part of CreateTopicsResponse. */
export interface CreatableTopicResult {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topicConfigErrorCode: number;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly CreatableTopicConfigs[] | null;
}

/** What is given to encode {@link CreatableTopicResult}: what has a default may be left out. */
export interface CreatableTopicResultInit {
  readonly name: string;
  readonly topicId?: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly topicConfigErrorCode?: number;
  readonly numPartitions?: number;
  readonly replicationFactor?: number;
  readonly configs?: readonly CreatableTopicConfigsInit[] | null;
}

/** Part of CreateTopicsResponse. */
export interface CreatableTopicConfigs {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
}

/** What is given to encode {@link CreatableTopicConfigs}: what has a default may be left out. */
export interface CreatableTopicConfigsInit {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource?: number;
  readonly isSensitive: boolean;
}

function decodeCreatableTopicConfigs(reader: Reader): CreatableTopicConfigs {
  const name = reader.string(true);
  const value = reader.nullableString(true);
  const readOnly = reader.boolean();
  const configSource = reader.int8();
  const isSensitive = reader.boolean();
  reader.skipTags();
  return { name, value, readOnly, configSource, isSensitive };
}

function decodeCreatableTopicResult(reader: Reader, version: number): CreatableTopicResult {
  const flexible = version >= 5;
  const name = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 7) topicId = reader.uuid();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  let topicConfigErrorCode: number = 0;
  let numPartitions: number = -1;
  if (version >= 5) numPartitions = reader.int32();
  let replicationFactor: number = -1;
  if (version >= 5) replicationFactor = reader.int16();
  let configs: readonly CreatableTopicConfigs[] | null = emptyArray;
  if (version >= 5) {
    const configsLength = reader.nullableArrayLength(flexible, 6);
    if (configsLength >= 0) {
      const items: CreatableTopicConfigs[] = [];
      for (let i = 0; i < configsLength; i += 1) items.push(decodeCreatableTopicConfigs(reader));
      configs = items;
    } else {
      configs = null;
    }
  }
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          topicConfigErrorCode = reader.int16();
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs };
}

/**
 * CreateTopicsResponse: API key 19, versions 2-7, flexible from 5.
 *
 *   throttleTimeMs => int32
 *   topics => []CreatableTopicResult
 *     name => string
 *     topicId => uuid  (versions 7)
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     topicConfigErrorCode => int16  (versions 5-7, tag 0)
 *     numPartitions => int32  (versions 5-7, default -1)
 *     replicationFactor => int16  (versions 5-7, default -1)
 *     configs => []CreatableTopicConfigs  (versions 5-7, may be null)
 *       name => string
 *       value => string  (may be null)
 *       readOnly => bool
 *       configSource => int8  (default -1)
 *       isSensitive => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateTopicsResponse(reader: Reader, version: number): CreateTopicsResponse {
  const flexible = version >= 5;
  checkVersion('CreateTopicsResponse', version, 2, 7);
  const throttleTimeMs = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 6);
  const topics: CreatableTopicResult[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeCreatableTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, topics };
}

function encodeCreatableTopicConfigs(writer: Writer, message: CreatableTopicConfigsInit): void {
  writer.string(message.name, true);
  writer.nullableString(message.value, true);
  writer.boolean(message.readOnly);
  writer.int8(message.configSource ?? -1);
  writer.boolean(message.isSensitive);
  writer.uvarint(0);
}

function encodeCreatableTopicResult(writer: Writer, message: CreatableTopicResultInit, version: number): void {
  const flexible = version >= 5;
  writer.string(message.name, flexible);
  if (version >= 7) writer.uuid(message.topicId ?? ZERO_UUID);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, flexible);
  if (version >= 5) writer.int32(message.numPartitions ?? -1);
  if (version >= 5) writer.int16(message.replicationFactor ?? -1);
  if (version >= 5) {
    const configs = message.configs === undefined ? emptyArray : message.configs;
    if (configs === null) {
      writer.nullArray(flexible);
    } else {
      writer.arrayLength(configs.length, flexible);
      for (const item of configs) encodeCreatableTopicConfigs(writer, item);
    }
  }
  if (flexible) {
    let tags = 0;
    const topicConfigErrorCode = message.topicConfigErrorCode;
    const hasTopicConfigErrorCode = topicConfigErrorCode !== undefined && topicConfigErrorCode !== 0;
    if (hasTopicConfigErrorCode) tags += 1;
    writer.uvarint(tags);
    if (hasTopicConfigErrorCode) {
      writer.tag(0, 2);
      writer.int16(topicConfigErrorCode);
    }
  }
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateTopicsResponse(writer: Writer, message: CreateTopicsResponseInit, version: number): void {
  const flexible = version >= 5;
  checkVersion('CreateTopicsResponse', version, 2, 7);
  writer.int32(message.throttleTimeMs ?? 0);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeCreatableTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** CreateTopics as a whole. */
export const createTopicsMessages = defineApi<CreateTopicsRequest, CreateTopicsRequestInit, CreateTopicsResponse, CreateTopicsResponseInit>({
  apiKey: 19,
  name: 'CreateTopics',
  validVersions: { min: 2, max: 7 },
  flexibleFrom: 5,
  decodeRequest: decodeCreateTopicsRequest,
  encodeRequest: encodeCreateTopicsRequest,
  decodeResponse: decodeCreateTopicsResponse,
  encodeResponse: encodeCreateTopicsResponse,
});
