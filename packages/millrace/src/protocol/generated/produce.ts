// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { RecordsInput, Writer } from '../writer.ts';

/** ProduceRequest: API key 0, versions 3-13. */
export interface ProduceRequest {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topicData: readonly TopicProduceData[];
}

/** What is given to encode {@link ProduceRequest}: what has a default may be left out. */
export interface ProduceRequestInit {
  readonly transactionalId?: string | null;
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topicData: readonly TopicProduceDataInit[];
}

/** Part of ProduceRequest. */
export interface TopicProduceData {
  readonly name: string;
  readonly topicId: string;
  readonly partitionData: readonly PartitionProduceData[];
}

/** What is given to encode {@link TopicProduceData}: what has a default may be left out. */
export interface TopicProduceDataInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitionData: readonly PartitionProduceDataInit[];
}

/** Part of ProduceRequest. */
export interface PartitionProduceData {
  readonly index: number;
  readonly records: Buffer | null;
}

/** What is given to encode {@link PartitionProduceData}: what has a default may be left out. */
export interface PartitionProduceDataInit {
  readonly index: number;
  readonly records: RecordsInput | null;
}

function decodePartitionProduceData(reader: Reader, version: number): PartitionProduceData {
  const flexible = version >= 9;
  const index = reader.int32();
  const records = reader.nullableBytes(flexible);
  if (flexible) reader.skipTags();
  return { index, records };
}

function decodeTopicProduceData(reader: Reader, version: number): TopicProduceData {
  const flexible = version >= 9;
  let name: string = '';
  if (version <= 12) name = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 13) topicId = reader.uuid();
  const partitionDataLength = reader.arrayLength(flexible, 6);
  const partitionData: PartitionProduceData[] = [];
  for (let i = 0; i < partitionDataLength; i += 1) partitionData.push(decodePartitionProduceData(reader, version));
  if (flexible) reader.skipTags();
  return { name, topicId, partitionData };
}

/**
 * ProduceRequest: API key 0, versions 3-13, flexible from 9.
 *
 *   transactionalId => string  (may be null, default null)
 *   acks => int16
 *   timeoutMs => int32
 *   topicData => []TopicProduceData
 *     name => string  (versions 3-12)
 *     topicId => uuid  (versions 13)
 *     partitionData => []PartitionProduceData
 *       index => int32
 *       records => records  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeProduceRequest(reader: Reader, version: number): ProduceRequest {
  const flexible = version >= 9;
  checkVersion('ProduceRequest', version, 3, 13);
  const transactionalId = reader.nullableString(flexible);
  const acks = reader.int16();
  const timeoutMs = reader.int32();
  const topicDataLength = reader.arrayLength(flexible, 3);
  const topicData: TopicProduceData[] = [];
  for (let i = 0; i < topicDataLength; i += 1) topicData.push(decodeTopicProduceData(reader, version));
  if (flexible) reader.skipTags();
  return { transactionalId, acks, timeoutMs, topicData };
}

function encodePartitionProduceData(writer: Writer, message: PartitionProduceDataInit, version: number): void {
  const flexible = version >= 9;
  writer.int32(message.index);
  writer.records(message.records, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeTopicProduceData(writer: Writer, message: TopicProduceDataInit, version: number): void {
  const flexible = version >= 9;
  if (version <= 12) writer.string(message.name ?? '', flexible);
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitionData = message.partitionData;
  writer.arrayLength(partitionData.length, flexible);
  for (const item of partitionData) encodePartitionProduceData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeProduceRequest(writer: Writer, message: ProduceRequestInit, version: number): void {
  const flexible = version >= 9;
  checkVersion('ProduceRequest', version, 3, 13);
  writer.nullableString(message.transactionalId ?? null, flexible);
  writer.int16(message.acks);
  writer.int32(message.timeoutMs);
  const topicData = message.topicData;
  writer.arrayLength(topicData.length, flexible);
  for (const item of topicData) encodeTopicProduceData(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** ProduceResponse: API key 0, versions 3-13. */
export interface ProduceResponse {
  readonly responses: readonly TopicProduceResponse[];
  readonly throttleTimeMs: number;
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** What is given to encode {@link ProduceResponse}: what has a default may be left out. */
export interface ProduceResponseInit {
  readonly responses: readonly TopicProduceResponseInit[];
  readonly throttleTimeMs?: number;
  readonly nodeEndpoints?: readonly NodeEndpointInit[];
}

/** Part of ProduceResponse. */
export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** What is given to encode {@link NodeEndpoint}: what has a default may be left out. */
export interface NodeEndpointInit {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null;
}

/** Part of ProduceResponse. */
export interface TopicProduceResponse {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: readonly PartitionProduceResponse[];
}

/** What is given to encode {@link TopicProduceResponse}: what has a default may be left out. */
export interface TopicProduceResponseInit {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitionResponses: readonly PartitionProduceResponseInit[];
}

/** Part of ProduceResponse. */
export interface PartitionProduceResponse {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  readonly recordErrors: readonly BatchIndexAndErrorMessage[];
  readonly errorMessage: string | null;
  readonly currentLeader: LeaderIdAndEpoch;
}

/** What is given to encode {@link PartitionProduceResponse}: what has a default may be left out. */
export interface PartitionProduceResponseInit {
  readonly index: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs?: number;
  readonly logStartOffset?: number;
  readonly recordErrors?: readonly BatchIndexAndErrorMessageInit[];
  readonly errorMessage?: string | null;
  readonly currentLeader?: LeaderIdAndEpochInit;
}

/** Part of ProduceResponse. */
export interface LeaderIdAndEpoch {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** What is given to encode {@link LeaderIdAndEpoch}: what has a default may be left out. */
export interface LeaderIdAndEpochInit {
  readonly leaderId?: number;
  readonly leaderEpoch?: number;
}

/** Part of ProduceResponse. */
export interface BatchIndexAndErrorMessage {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string | null;
}

/** What is given to encode {@link BatchIndexAndErrorMessage}: what has a default may be left out. */
export interface BatchIndexAndErrorMessageInit {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage?: string | null;
}

const defaultLeaderIdAndEpoch: LeaderIdAndEpoch = Object.freeze({ leaderId: -1, leaderEpoch: -1 });

function isDefaultLeaderIdAndEpoch(value: LeaderIdAndEpochInit): boolean {
  return (value.leaderId === undefined || value.leaderId === -1) &&
    (value.leaderEpoch === undefined || value.leaderEpoch === -1);
}

function decodeBatchIndexAndErrorMessage(reader: Reader, version: number): BatchIndexAndErrorMessage {
  const flexible = version >= 9;
  const batchIndex = reader.int32();
  const batchIndexErrorMessage = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { batchIndex, batchIndexErrorMessage };
}

function decodeLeaderIdAndEpoch(reader: Reader): LeaderIdAndEpoch {
  const leaderId = reader.int32();
  const leaderEpoch = reader.int32();
  reader.skipTags();
  return { leaderId, leaderEpoch };
}

function decodePartitionProduceResponse(reader: Reader, version: number): PartitionProduceResponse {
  const flexible = version >= 9;
  const index = reader.int32();
  const errorCode = reader.int16();
  const baseOffset = reader.int64();
  const logAppendTimeMs = reader.int64();
  let logStartOffset: number = -1;
  if (version >= 5) logStartOffset = reader.int64();
  let recordErrors: readonly BatchIndexAndErrorMessage[] = emptyArray;
  if (version >= 8) {
    const recordErrorsLength = reader.arrayLength(flexible, 6);
    const items: BatchIndexAndErrorMessage[] = [];
    for (let i = 0; i < recordErrorsLength; i += 1) items.push(decodeBatchIndexAndErrorMessage(reader, version));
    recordErrors = items;
  }
  let errorMessage: string | null = null;
  if (version >= 8) errorMessage = reader.nullableString(flexible);
  let currentLeader: LeaderIdAndEpoch = defaultLeaderIdAndEpoch;
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          if (version < 10) {
            reader.skipTo(end);
            break;
          }
          currentLeader = decodeLeaderIdAndEpoch(reader);
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader };
}

function decodeTopicProduceResponse(reader: Reader, version: number): TopicProduceResponse {
  const flexible = version >= 9;
  let name: string = '';
  if (version <= 12) name = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 13) topicId = reader.uuid();
  const partitionResponsesLength = reader.arrayLength(flexible, 22);
  const partitionResponses: PartitionProduceResponse[] = [];
  for (let i = 0; i < partitionResponsesLength; i += 1) partitionResponses.push(decodePartitionProduceResponse(reader, version));
  if (flexible) reader.skipTags();
  return { name, topicId, partitionResponses };
}

function decodeNodeEndpoint(reader: Reader): NodeEndpoint {
  const nodeId = reader.int32();
  const host = reader.string(true);
  const port = reader.int32();
  const rack = reader.nullableString(true);
  reader.skipTags();
  return { nodeId, host, port, rack };
}

/**
 * ProduceResponse: API key 0, versions 3-13, flexible from 9.
 *
 *   responses => []TopicProduceResponse
 *     name => string  (versions 3-12)
 *     topicId => uuid  (versions 13)
 *     partitionResponses => []PartitionProduceResponse
 *       index => int32
 *       errorCode => int16
 *       baseOffset => int64
 *       logAppendTimeMs => int64  (default -1)
 *       logStartOffset => int64  (versions 5-13, default -1)
 *       recordErrors => []BatchIndexAndErrorMessage  (versions 8-13)
 *         batchIndex => int32
 *         batchIndexErrorMessage => string  (may be null, default null)
 *       errorMessage => string  (versions 8-13, may be null, default null)
 *       currentLeader => LeaderIdAndEpoch  (versions 10-13, tag 0)
 *         leaderId => int32  (default -1)
 *         leaderEpoch => int32  (default -1)
 *   throttleTimeMs => int32  (default 0)
 *   nodeEndpoints => []NodeEndpoint  (versions 10-13, tag 0)
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     rack => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeProduceResponse(reader: Reader, version: number): ProduceResponse {
  const flexible = version >= 9;
  checkVersion('ProduceResponse', version, 3, 13);
  const responsesLength = reader.arrayLength(flexible, 3);
  const responses: TopicProduceResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeTopicProduceResponse(reader, version));
  const throttleTimeMs = reader.int32();
  let nodeEndpoints: readonly NodeEndpoint[] = emptyArray;
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          if (version < 10) {
            reader.skipTo(end);
            break;
          }
          const nodeEndpointsLength = reader.arrayLength(true, 11);
          const items: NodeEndpoint[] = [];
          for (let i = 0; i < nodeEndpointsLength; i += 1) items.push(decodeNodeEndpoint(reader));
          nodeEndpoints = items;
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { responses, throttleTimeMs, nodeEndpoints };
}

function encodeBatchIndexAndErrorMessage(writer: Writer, message: BatchIndexAndErrorMessageInit, version: number): void {
  const flexible = version >= 9;
  writer.int32(message.batchIndex);
  writer.nullableString(message.batchIndexErrorMessage ?? null, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeLeaderIdAndEpoch(writer: Writer, message: LeaderIdAndEpochInit): void {
  writer.int32(message.leaderId ?? -1);
  writer.int32(message.leaderEpoch ?? -1);
  writer.uvarint(0);
}

function encodePartitionProduceResponse(writer: Writer, message: PartitionProduceResponseInit, version: number): void {
  const flexible = version >= 9;
  writer.int32(message.index);
  writer.int16(message.errorCode);
  writer.int64(message.baseOffset);
  writer.int64(message.logAppendTimeMs ?? -1);
  if (version >= 5) writer.int64(message.logStartOffset ?? -1);
  if (version >= 8) {
    const recordErrors = message.recordErrors ?? emptyArray;
    writer.arrayLength(recordErrors.length, flexible);
    for (const item of recordErrors) encodeBatchIndexAndErrorMessage(writer, item, version);
  }
  if (version >= 8) writer.nullableString(message.errorMessage ?? null, flexible);
  if (version < 10 && message.currentLeader !== undefined && !isDefaultLeaderIdAndEpoch(message.currentLeader)) throw unsupportedField('ProduceResponse', 'currentLeader', version);
  if (flexible) {
    let tags = 0;
    const currentLeader = message.currentLeader;
    const hasCurrentLeader = version >= 10 && currentLeader !== undefined && !isDefaultLeaderIdAndEpoch(currentLeader);
    if (hasCurrentLeader) tags += 1;
    writer.uvarint(tags);
    if (hasCurrentLeader) {
      writer.tagged(0, (writer) => {
        encodeLeaderIdAndEpoch(writer, currentLeader);
      });
    }
  }
}

function encodeTopicProduceResponse(writer: Writer, message: TopicProduceResponseInit, version: number): void {
  const flexible = version >= 9;
  if (version <= 12) writer.string(message.name ?? '', flexible);
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitionResponses = message.partitionResponses;
  writer.arrayLength(partitionResponses.length, flexible);
  for (const item of partitionResponses) encodePartitionProduceResponse(writer, item, version);
  if (flexible) writer.uvarint(0);
}

function encodeNodeEndpoint(writer: Writer, message: NodeEndpointInit): void {
  writer.int32(message.nodeId);
  writer.string(message.host, true);
  writer.int32(message.port);
  writer.nullableString(message.rack ?? null, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeProduceResponse(writer: Writer, message: ProduceResponseInit, version: number): void {
  const flexible = version >= 9;
  checkVersion('ProduceResponse', version, 3, 13);
  const responses = message.responses;
  writer.arrayLength(responses.length, flexible);
  for (const item of responses) encodeTopicProduceResponse(writer, item, version);
  writer.int32(message.throttleTimeMs ?? 0);
  if (version < 10 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw unsupportedField('ProduceResponse', 'nodeEndpoints', version);
  if (flexible) {
    let tags = 0;
    const nodeEndpoints = message.nodeEndpoints;
    const hasNodeEndpoints = version >= 10 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0;
    if (hasNodeEndpoints) tags += 1;
    writer.uvarint(tags);
    if (hasNodeEndpoints) {
      writer.tagged(0, (writer) => {
        writer.arrayLength(nodeEndpoints.length, true);
        for (const item of nodeEndpoints) encodeNodeEndpoint(writer, item);
      });
    }
  }
}

/** Produce as a whole. */
export const produceMessages = defineApi<ProduceRequest, ProduceRequestInit, ProduceResponse, ProduceResponseInit>({
  apiKey: 0,
  name: 'Produce',
  validVersions: { min: 3, max: 13 },
  flexibleFrom: 9,
  decodeRequest: decodeProduceRequest,
  encodeRequest: encodeProduceRequest,
  decodeResponse: decodeProduceResponse,
  encodeResponse: encodeProduceResponse,
});
