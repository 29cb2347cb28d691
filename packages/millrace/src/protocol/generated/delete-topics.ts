// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, nullField, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { Writer } from '../writer.ts';

/** DeleteTopicsRequest: API key 20, versions 1-6. */
export interface DeleteTopicsRequest {
  readonly topics: readonly DeleteTopicState[];
  readonly topicNames: readonly string[];
  readonly timeoutMs: number;
}

/** What is given to encode {@link DeleteTopicsRequest}: what has a default may be left out. */
export interface DeleteTopicsRequestInit {
  readonly topics?: readonly DeleteTopicStateInit[];
  readonly topicNames?: readonly string[];
  readonly timeoutMs: number;
}

/** Part of DeleteTopicsRequest. */
export interface DeleteTopicState {
  readonly name: string | null;
  readonly topicId: string;
}

/** What is given to encode {@link DeleteTopicState}: what has a default may be left out. */
export interface DeleteTopicStateInit {
  readonly name?: string | null;
  readonly topicId: string;
}

function decodeDeleteTopicState(reader: Reader): DeleteTopicState {
  const name = reader.nullableString(true);
  const topicId = reader.uuid();
  reader.skipTags();
  return { name, topicId };
}

/**
 * DeleteTopicsRequest: API key 20, versions 1-6, flexible from 4.
 *
 *   topics => []DeleteTopicState  (versions 6)
 *     name => string  (may be null, default null)
 *     topicId => uuid
 *   topicNames => []string  (versions 1-5)
 *   timeoutMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteTopicsRequest(reader: Reader, version: number): DeleteTopicsRequest {
  const flexible = version >= 4;
  checkVersion('DeleteTopicsRequest', version, 1, 6);
  let topics: readonly DeleteTopicState[] = emptyArray;
  if (version >= 6) {
    const topicsLength = reader.arrayLength(flexible, 18);
    const items: DeleteTopicState[] = [];
    for (let i = 0; i < topicsLength; i += 1) items.push(decodeDeleteTopicState(reader));
    topics = items;
  }
  let topicNames: readonly string[] = emptyArray;
  if (version <= 5) {
    const topicNamesLength = reader.arrayLength(flexible, 1);
    const items: string[] = [];
    for (let i = 0; i < topicNamesLength; i += 1) items.push(reader.string(flexible));
    topicNames = items;
  }
  const timeoutMs = reader.int32();
  if (flexible) reader.skipTags();
  return { topics, topicNames, timeoutMs };
}

function encodeDeleteTopicState(writer: Writer, message: DeleteTopicStateInit): void {
  writer.nullableString(message.name ?? null, true);
  writer.uuid(message.topicId);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteTopicsRequest(writer: Writer, message: DeleteTopicsRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('DeleteTopicsRequest', version, 1, 6);
  if (version >= 6) {
    const topics = message.topics ?? emptyArray;
    writer.arrayLength(topics.length, flexible);
    for (const item of topics) encodeDeleteTopicState(writer, item);
  } else if (message.topics !== undefined && message.topics.length !== 0) {
    throw unsupportedField('DeleteTopicsRequest', 'topics', version);
  }
  if (version <= 5) {
    const topicNames = message.topicNames ?? emptyArray;
    writer.arrayLength(topicNames.length, flexible);
    for (const item of topicNames) writer.string(item, flexible);
  }
  writer.int32(message.timeoutMs);
  if (flexible) writer.uvarint(0);
}

/** DeleteTopicsResponse: API key 20, versions 1-6. */
export interface DeleteTopicsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly DeletableTopicResult[];
}

/** What is given to encode {@link DeleteTopicsResponse}: what has a default may be left out. */
export interface DeleteTopicsResponseInit {
  readonly throttleTimeMs?: number;
  readonly responses: readonly DeletableTopicResultInit[];
}

/** Part of DeleteTopicsResponse. */
export interface DeletableTopicResult {
  readonly name: string | null;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link DeletableTopicResult}: what has a default may be left out. */
export interface DeletableTopicResultInit {
  readonly name: string | null;
  readonly topicId?: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeDeletableTopicResult(reader: Reader, version: number): DeletableTopicResult {
  const flexible = version >= 4;
  const name = version >= 6 ? (reader.nullableString(flexible)) : reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 6) topicId = reader.uuid();
  const errorCode = reader.int16();
  let errorMessage: string | null = null;
  if (version >= 5) errorMessage = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, topicId, errorCode, errorMessage };
}

/**
 * DeleteTopicsResponse: API key 20, versions 1-6, flexible from 4.
 *
 *   throttleTimeMs => int32
 *   responses => []DeletableTopicResult
 *     name => string  (may be null in versions 6)
 *     topicId => uuid  (versions 6)
 *     errorCode => int16
 *     errorMessage => string  (versions 5-6, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteTopicsResponse(reader: Reader, version: number): DeleteTopicsResponse {
  const flexible = version >= 4;
  checkVersion('DeleteTopicsResponse', version, 1, 6);
  const throttleTimeMs = reader.int32();
  const responsesLength = reader.arrayLength(flexible, 4);
  const responses: DeletableTopicResult[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeDeletableTopicResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, responses };
}

function encodeDeletableTopicResult(writer: Writer, message: DeletableTopicResultInit, version: number): void {
  const flexible = version >= 4;
  const name = message.name;
  if (name === null && version < 6) throw nullField('DeleteTopicsResponse', 'name', version);
  writer.nullableString(name, flexible);
  if (version >= 6) writer.uuid(message.topicId ?? ZERO_UUID);
  writer.int16(message.errorCode);
  if (version >= 5) writer.nullableString(message.errorMessage ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteTopicsResponse(writer: Writer, message: DeleteTopicsResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('DeleteTopicsResponse', version, 1, 6);
  writer.int32(message.throttleTimeMs ?? 0);
  const responses = message.responses;
  writer.arrayLength(responses.length, flexible);
  for (const item of responses) encodeDeletableTopicResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DeleteTopics as a whole. */
export const deleteTopicsMessages = defineApi<DeleteTopicsRequest, DeleteTopicsRequestInit, DeleteTopicsResponse, DeleteTopicsResponseInit>({
  apiKey: 20,
  name: 'DeleteTopics',
  validVersions: { min: 1, max: 6 },
  flexibleFrom: 4,
  decodeRequest: decodeDeleteTopicsRequest,
  encodeRequest: encodeDeleteTopicsRequest,
  decodeResponse: decodeDeleteTopicsResponse,
  encodeResponse: encodeDeleteTopicsResponse,
});
