// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** CreatePartitionsRequest: API key 37, versions 0-3. */
export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsTopic[];
  readonly timeoutMs: number;
  readonly validateOnly: boolean;
}

/** Part of CreatePartitionsRequest. */
export interface CreatePartitionsTopic {
  readonly name: string;
  readonly count: number;
  readonly assignments: readonly CreatePartitionsAssignment[] | null;
}

/** Part of CreatePartitionsRequest. */
export interface CreatePartitionsAssignment {
  readonly brokerIds: readonly number[];
}

function decodeCreatePartitionsAssignment(reader: Reader, version: number): CreatePartitionsAssignment {
  const flexible = version >= 2;
  const brokerIdsLength = reader.arrayLength(flexible, 4);
  const brokerIds: number[] = [];
  for (let i = 0; i < brokerIdsLength; i += 1) brokerIds.push(reader.int32());
  if (flexible) reader.skipTags();
  return { brokerIds };
}

function decodeCreatePartitionsTopic(reader: Reader, version: number): CreatePartitionsTopic {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const count = reader.int32();
  const assignmentsLength = reader.nullableArrayLength(flexible, 2);
  let assignments: readonly CreatePartitionsAssignment[] | null = null;
  if (assignmentsLength >= 0) {
    const items: CreatePartitionsAssignment[] = [];
    for (let i = 0; i < assignmentsLength; i += 1) items.push(decodeCreatePartitionsAssignment(reader, version));
    assignments = items;
  }
  if (flexible) reader.skipTags();
  return { name, count, assignments };
}

/**
 * CreatePartitionsRequest: API key 37, versions 0-3, flexible from 2.
 *
 *   topics => []CreatePartitionsTopic
 *     name => string
 *     count => int32
 *     assignments => []CreatePartitionsAssignment  (may be null)
 *       brokerIds => []int32
 *   timeoutMs => int32
 *   validateOnly => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreatePartitionsRequest(reader: Reader, version: number): CreatePartitionsRequest {
  const flexible = version >= 2;
  checkVersion('CreatePartitionsRequest', version, 0, 3);
  const topicsLength = reader.arrayLength(flexible, 7);
  const topics: CreatePartitionsTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeCreatePartitionsTopic(reader, version));
  const timeoutMs = reader.int32();
  const validateOnly = reader.boolean();
  if (flexible) reader.skipTags();
  return { topics, timeoutMs, validateOnly };
}

function encodeCreatePartitionsAssignment(writer: Writer, message: CreatePartitionsAssignment, version: number): void {
  const flexible = version >= 2;
  const brokerIds = message.brokerIds;
  writer.arrayLength(brokerIds.length, flexible);
  for (const item of brokerIds) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

function encodeCreatePartitionsTopic(writer: Writer, message: CreatePartitionsTopic, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  writer.int32(message.count);
  const assignments = message.assignments;
  if (assignments === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(assignments.length, flexible);
    for (const item of assignments) encodeCreatePartitionsAssignment(writer, item, version);
  }
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreatePartitionsRequest(writer: Writer, message: CreatePartitionsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreatePartitionsRequest', version, 0, 3);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeCreatePartitionsTopic(writer, item, version);
  writer.int32(message.timeoutMs);
  writer.boolean(message.validateOnly);
  if (flexible) writer.uvarint(0);
}

/** CreatePartitionsResponse: API key 37, versions 0-3. */
export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreatePartitionsTopicResult[];
}

/** What is given to encode {@link CreatePartitionsResponse}: what has a default may be left out. */
export interface CreatePartitionsResponseInit {
  readonly throttleTimeMs: number;
  readonly results: readonly CreatePartitionsTopicResultInit[];
}

/** Part of CreatePartitionsResponse. */
export interface CreatePartitionsTopicResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link CreatePartitionsTopicResult}: what has a default may be left out. */
export interface CreatePartitionsTopicResultInit {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeCreatePartitionsTopicResult(reader: Reader, version: number): CreatePartitionsTopicResult {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, errorCode, errorMessage };
}

/**
 * CreatePartitionsResponse: API key 37, versions 0-3, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   results => []CreatePartitionsTopicResult
 *     name => string
 *     errorCode => int16
 *     errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreatePartitionsResponse(reader: Reader, version: number): CreatePartitionsResponse {
  const flexible = version >= 2;
  checkVersion('CreatePartitionsResponse', version, 0, 3);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(flexible, 5);
  const results: CreatePartitionsTopicResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeCreatePartitionsTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeCreatePartitionsTopicResult(writer: Writer, message: CreatePartitionsTopicResultInit, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreatePartitionsResponse(writer: Writer, message: CreatePartitionsResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreatePartitionsResponse', version, 0, 3);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeCreatePartitionsTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** CreatePartitions as a whole. */
export const createPartitionsMessages = defineApi<CreatePartitionsRequest, CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsResponseInit>({
  apiKey: 37,
  name: 'CreatePartitions',
  validVersions: { min: 0, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeCreatePartitionsRequest,
  encodeRequest: encodeCreatePartitionsRequest,
  decodeResponse: decodeCreatePartitionsResponse,
  encodeResponse: encodeCreatePartitionsResponse,
});
