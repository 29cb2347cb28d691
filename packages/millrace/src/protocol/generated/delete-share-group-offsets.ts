// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DeleteShareGroupOffsetsRequest: API key 92, version 0. */
export interface DeleteShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteShareGroupOffsetsRequestTopic[];
}

/** Part of DeleteShareGroupOffsetsRequest. */
export interface DeleteShareGroupOffsetsRequestTopic {
  readonly topicName: string;
}

function decodeDeleteShareGroupOffsetsRequestTopic(reader: Reader): DeleteShareGroupOffsetsRequestTopic {
  const topicName = reader.string(true);
  reader.skipTags();
  return { topicName };
}

/**
 * DeleteShareGroupOffsetsRequest: API key 92, version 0, flexible from 0.
 *
 *   groupId => string
 *   topics => []DeleteShareGroupOffsetsRequestTopic
 *     topicName => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteShareGroupOffsetsRequest(reader: Reader, version: number): DeleteShareGroupOffsetsRequest {
  checkVersion('DeleteShareGroupOffsetsRequest', version, 0, 0);
  const groupId = reader.string(true);
  const topicsLength = reader.arrayLength(true, 2);
  const topics: DeleteShareGroupOffsetsRequestTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeDeleteShareGroupOffsetsRequestTopic(reader));
  reader.skipTags();
  return { groupId, topics };
}

function encodeDeleteShareGroupOffsetsRequestTopic(writer: Writer, message: DeleteShareGroupOffsetsRequestTopic): void {
  writer.string(message.topicName, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteShareGroupOffsetsRequest(writer: Writer, message: DeleteShareGroupOffsetsRequest, version: number): void {
  checkVersion('DeleteShareGroupOffsetsRequest', version, 0, 0);
  writer.string(message.groupId, true);
  const topics = message.topics;
  writer.arrayLength(topics.length, true);
  for (const item of topics) encodeDeleteShareGroupOffsetsRequestTopic(writer, item);
  writer.uvarint(0);
}

/** DeleteShareGroupOffsetsResponse: API key 92, version 0. */
export interface DeleteShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly DeleteShareGroupOffsetsResponseTopic[];
}

/** What is given to encode {@link DeleteShareGroupOffsetsResponse}: what has a default may be left out. */
export interface DeleteShareGroupOffsetsResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly responses: readonly DeleteShareGroupOffsetsResponseTopicInit[];
}

/** Part of DeleteShareGroupOffsetsResponse. */
export interface DeleteShareGroupOffsetsResponseTopic {
  readonly topicName: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link DeleteShareGroupOffsetsResponseTopic}: what has a default may be left out. */
export interface DeleteShareGroupOffsetsResponseTopicInit {
  readonly topicName: string;
  readonly topicId: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeDeleteShareGroupOffsetsResponseTopic(reader: Reader): DeleteShareGroupOffsetsResponseTopic {
  const topicName = reader.string(true);
  const topicId = reader.uuid();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { topicName, topicId, errorCode, errorMessage };
}

/**
 * DeleteShareGroupOffsetsResponse: API key 92, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null, default null)
 *   responses => []DeleteShareGroupOffsetsResponseTopic
 *     topicName => string
 *     topicId => uuid
 *     errorCode => int16
 *     errorMessage => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDeleteShareGroupOffsetsResponse(reader: Reader, version: number): DeleteShareGroupOffsetsResponse {
  checkVersion('DeleteShareGroupOffsetsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const responsesLength = reader.arrayLength(true, 21);
  const responses: DeleteShareGroupOffsetsResponseTopic[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeDeleteShareGroupOffsetsResponseTopic(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, responses };
}

function encodeDeleteShareGroupOffsetsResponseTopic(writer: Writer, message: DeleteShareGroupOffsetsResponseTopicInit): void {
  writer.string(message.topicName, true);
  writer.uuid(message.topicId);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDeleteShareGroupOffsetsResponse(writer: Writer, message: DeleteShareGroupOffsetsResponseInit, version: number): void {
  checkVersion('DeleteShareGroupOffsetsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage ?? null, true);
  const responses = message.responses;
  writer.arrayLength(responses.length, true);
  for (const item of responses) encodeDeleteShareGroupOffsetsResponseTopic(writer, item);
  writer.uvarint(0);
}

/** DeleteShareGroupOffsets as a whole. */
export const deleteShareGroupOffsetsMessages = defineApi<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, DeleteShareGroupOffsetsResponseInit>({
  apiKey: 92,
  name: 'DeleteShareGroupOffsets',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDeleteShareGroupOffsetsRequest,
  encodeRequest: encodeDeleteShareGroupOffsetsRequest,
  decodeResponse: decodeDeleteShareGroupOffsetsResponse,
  encodeResponse: encodeDeleteShareGroupOffsetsResponse,
});
