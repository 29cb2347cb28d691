// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, MAX_INT64, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import { ZERO_UUID } from '../uuid.ts';
import type { RecordsInput, Writer } from '../writer.ts';

/** FetchRequest: API key 1, versions 4-18. */
export interface FetchRequest {
  readonly clusterId: string | null;
  readonly replicaId: number;
  readonly replicaState: ReplicaState;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly FetchTopic[];
  readonly forgottenTopicsData: readonly ForgottenTopic[];
  readonly rackId: string;
}

/** What is given to encode {@link FetchRequest}: what has a default may be left out. */
export interface FetchRequestInit {
  readonly clusterId?: string | null;
  readonly replicaId?: number;
  readonly replicaState?: ReplicaStateInit;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
  readonly topics: readonly FetchTopicInit[];
  readonly forgottenTopicsData?: readonly ForgottenTopicInit[];
  readonly rackId?: string;
}

/** Part of FetchRequest. */
export interface ForgottenTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** What is given to encode {@link ForgottenTopic}: what has a default may be left out. */
export interface ForgottenTopicInit {
  readonly topic?: string;
  readonly topicId?: string;
  readonly partitions: readonly number[];
}

/** Part of FetchRequest. */
export interface FetchTopic {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly FetchPartition[];
}

/** What is given to encode {@link FetchTopic}: what has a default may be left out. */
export interface FetchTopicInit {
  readonly topic?: string;
  readonly topicId?: string;
  readonly partitions: readonly FetchPartitionInit[];
}

/** Part of FetchRequest. */
export interface FetchPartition {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: number;
  readonly partitionMaxBytes: number;
  readonly replicaDirectoryId: string;
  readonly highWatermark: number;
}

/** What is given to encode {@link FetchPartition}: what has a default may be left out. */
export interface FetchPartitionInit {
  readonly partition: number;
  readonly currentLeaderEpoch?: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch?: number;
  readonly logStartOffset?: number;
  readonly partitionMaxBytes: number;
  readonly replicaDirectoryId?: string;
  readonly highWatermark?: number;
}

/** Part of FetchRequest. */
export interface ReplicaState {
  readonly replicaId: number;
  readonly replicaEpoch: number;
}

/** What is given to encode {@link ReplicaState}: what has a default may be left out. */
export interface ReplicaStateInit {
  readonly replicaId?: number;
  readonly replicaEpoch?: number;
}

const defaultReplicaState: ReplicaState = Object.freeze({ replicaId: -1, replicaEpoch: -1 });

function isDefaultReplicaState(value: ReplicaStateInit): boolean {
  return (value.replicaId === undefined || value.replicaId === -1) &&
    (value.replicaEpoch === undefined || value.replicaEpoch === -1);
}

function decodeReplicaState(reader: Reader): ReplicaState {
  const replicaId = reader.int32();
  const replicaEpoch = reader.int64();
  reader.skipTags();
  return { replicaId, replicaEpoch };
}

function decodeFetchPartition(reader: Reader, version: number): FetchPartition {
  const flexible = version >= 12;
  const partition = reader.int32();
  let currentLeaderEpoch: number = -1;
  if (version >= 9) currentLeaderEpoch = reader.int32();
  const fetchOffset = reader.int64();
  let lastFetchedEpoch: number = -1;
  if (version >= 12) lastFetchedEpoch = reader.int32();
  let logStartOffset: number = -1;
  if (version >= 5) logStartOffset = reader.int64();
  const partitionMaxBytes = reader.int32();
  let replicaDirectoryId: string = ZERO_UUID;
  let highWatermark: number = MAX_INT64;
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          if (version < 17) {
            reader.skipTo(end);
            break;
          }
          replicaDirectoryId = reader.uuid();
          reader.endTag(end);
          break;
        }
        case 1: {
          if (version < 18) {
            reader.skipTo(end);
            break;
          }
          highWatermark = reader.int64();
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes, replicaDirectoryId, highWatermark };
}

function decodeFetchTopic(reader: Reader, version: number): FetchTopic {
  const flexible = version >= 12;
  let topic: string = '';
  if (version <= 12) topic = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 13) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(flexible, 16);
  const partitions: FetchPartition[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodeFetchPartition(reader, version));
  if (flexible) reader.skipTags();
  return { topic, topicId, partitions };
}

function decodeForgottenTopic(reader: Reader, version: number): ForgottenTopic {
  const flexible = version >= 12;
  let topic: string = '';
  if (version <= 12) topic = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 13) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(flexible, 4);
  const partitions: number[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(reader.int32());
  if (flexible) reader.skipTags();
  return { topic, topicId, partitions };
}

/**
 * FetchRequest: API key 1, versions 4-18, flexible from 12.
 *
 *   clusterId => string  (versions 12-18, tag 0, may be null, default null)
 *   replicaId => int32  (versions 4-14, default -1)
 *   replicaState => ReplicaState  (versions 15-18, tag 1)
 *     replicaId => int32  (default -1)
 *     replicaEpoch => int64  (default -1)
 *   maxWaitMs => int32
 *   minBytes => int32
 *   maxBytes => int32  (default 0x7fffffff)
 *   isolationLevel => int8  (default 0)
 *   sessionId => int32  (versions 7-18, default 0)
 *   sessionEpoch => int32  (versions 7-18, default -1)
 *   topics => []FetchTopic
 *     topic => string  (versions 4-12)
 *     topicId => uuid  (versions 13-18)
 *     partitions => []FetchPartition
 *       partition => int32
 *       currentLeaderEpoch => int32  (versions 9-18, default -1)
 *       fetchOffset => int64
 *       lastFetchedEpoch => int32  (versions 12-18, default -1)
 *       logStartOffset => int64  (versions 5-18, default -1)
 *       partitionMaxBytes => int32
 *       replicaDirectoryId => uuid  (versions 17-18, tag 0)
 *       highWatermark => int64  (versions 18, tag 1, default 9223372036854775807)
 *   forgottenTopicsData => []ForgottenTopic  (versions 7-18)
 *     topic => string  (versions 7-12)
 *     topicId => uuid  (versions 13-18)
 *     partitions => []int32
 *   rackId => string  (versions 11-18, default '')
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeFetchRequest(reader: Reader, version: number): FetchRequest {
  const flexible = version >= 12;
  checkVersion('FetchRequest', version, 4, 18);
  let clusterId: string | null = null;
  let replicaId: number = -1;
  if (version <= 14) replicaId = reader.int32();
  let replicaState: ReplicaState = defaultReplicaState;
  const maxWaitMs = reader.int32();
  const minBytes = reader.int32();
  const maxBytes = reader.int32();
  const isolationLevel = reader.int8();
  let sessionId: number = 0;
  if (version >= 7) sessionId = reader.int32();
  let sessionEpoch: number = -1;
  if (version >= 7) sessionEpoch = reader.int32();
  const topicsLength = reader.arrayLength(flexible, 3);
  const topics: FetchTopic[] = [];
  for (let i = 0; i < topicsLength; i += 1) topics.push(decodeFetchTopic(reader, version));
  let forgottenTopicsData: readonly ForgottenTopic[] = emptyArray;
  if (version >= 7) {
    const forgottenTopicsDataLength = reader.arrayLength(flexible, 3);
    const items: ForgottenTopic[] = [];
    for (let i = 0; i < forgottenTopicsDataLength; i += 1) items.push(decodeForgottenTopic(reader, version));
    forgottenTopicsData = items;
  }
  let rackId: string = '';
  if (version >= 11) rackId = reader.string(flexible);
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          clusterId = reader.nullableString(true);
          reader.endTag(end);
          break;
        }
        case 1: {
          if (version < 15) {
            reader.skipTo(end);
            break;
          }
          replicaState = decodeReplicaState(reader);
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId };
}

function encodeReplicaState(writer: Writer, message: ReplicaStateInit): void {
  writer.int32(message.replicaId ?? -1);
  writer.int64(message.replicaEpoch ?? -1);
  writer.uvarint(0);
}

function encodeFetchPartition(writer: Writer, message: FetchPartitionInit, version: number): void {
  const flexible = version >= 12;
  writer.int32(message.partition);
  if (version >= 9) writer.int32(message.currentLeaderEpoch ?? -1);
  writer.int64(message.fetchOffset);
  if (version >= 12) writer.int32(message.lastFetchedEpoch ?? -1);
  else if (message.lastFetchedEpoch !== undefined && message.lastFetchedEpoch !== -1) throw unsupportedField('FetchRequest', 'lastFetchedEpoch', version);
  if (version >= 5) writer.int64(message.logStartOffset ?? -1);
  writer.int32(message.partitionMaxBytes);
  if (flexible) {
    let tags = 0;
    const replicaDirectoryId = message.replicaDirectoryId;
    const hasReplicaDirectoryId = version >= 17 && replicaDirectoryId !== undefined && replicaDirectoryId !== ZERO_UUID;
    if (hasReplicaDirectoryId) tags += 1;
    const highWatermark = message.highWatermark;
    const hasHighWatermark = version >= 18 && highWatermark !== undefined && highWatermark !== MAX_INT64;
    if (hasHighWatermark) tags += 1;
    writer.uvarint(tags);
    if (hasReplicaDirectoryId) {
      writer.tag(0, 16);
      writer.uuid(replicaDirectoryId);
    }
    if (hasHighWatermark) {
      writer.tag(1, 8);
      writer.int64(highWatermark);
    }
  }
}

function encodeFetchTopic(writer: Writer, message: FetchTopicInit, version: number): void {
  const flexible = version >= 12;
  if (version <= 12) writer.string(message.topic ?? '', flexible);
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodeFetchPartition(writer, item, version);
  if (flexible) writer.uvarint(0);
}

function encodeForgottenTopic(writer: Writer, message: ForgottenTopicInit, version: number): void {
  const flexible = version >= 12;
  if (version <= 12) writer.string(message.topic ?? '', flexible);
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) writer.int32(item);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeFetchRequest(writer: Writer, message: FetchRequestInit, version: number): void {
  const flexible = version >= 12;
  checkVersion('FetchRequest', version, 4, 18);
  if (version <= 14) writer.int32(message.replicaId ?? -1);
  else if (message.replicaId !== undefined && message.replicaId !== -1) throw unsupportedField('FetchRequest', 'replicaId', version);
  if (version < 15 && message.replicaState !== undefined && !isDefaultReplicaState(message.replicaState)) throw unsupportedField('FetchRequest', 'replicaState', version);
  writer.int32(message.maxWaitMs);
  writer.int32(message.minBytes);
  writer.int32(message.maxBytes ?? 2147483647);
  writer.int8(message.isolationLevel ?? 0);
  if (version >= 7) writer.int32(message.sessionId ?? 0);
  if (version >= 7) writer.int32(message.sessionEpoch ?? -1);
  const topics = message.topics;
  writer.arrayLength(topics.length, flexible);
  for (const item of topics) encodeFetchTopic(writer, item, version);
  if (version >= 7) {
    const forgottenTopicsData = message.forgottenTopicsData ?? emptyArray;
    writer.arrayLength(forgottenTopicsData.length, flexible);
    for (const item of forgottenTopicsData) encodeForgottenTopic(writer, item, version);
  } else if (message.forgottenTopicsData !== undefined && message.forgottenTopicsData.length !== 0) {
    throw unsupportedField('FetchRequest', 'forgottenTopicsData', version);
  }
  if (version >= 11) writer.string(message.rackId ?? '', flexible);
  if (flexible) {
    let tags = 0;
    const clusterId = message.clusterId;
    const hasClusterId = clusterId !== undefined && clusterId !== null;
    if (hasClusterId) tags += 1;
    const replicaState = message.replicaState;
    const hasReplicaState = version >= 15 && replicaState !== undefined && !isDefaultReplicaState(replicaState);
    if (hasReplicaState) tags += 1;
    writer.uvarint(tags);
    if (hasClusterId) {
      writer.tagged(0, (writer) => {
        writer.nullableString(clusterId, true);
      });
    }
    if (hasReplicaState) {
      writer.tagged(1, (writer) => {
        encodeReplicaState(writer, replicaState);
      });
    }
  }
}

/** FetchResponse: API key 1, versions 4-18. */
export interface FetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly FetchableTopicResponse[];
  readonly nodeEndpoints: readonly NodeEndpoint[];
}

/** What is given to encode {@link FetchResponse}: what has a default may be left out. */
export interface FetchResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly responses: readonly FetchableTopicResponseInit[];
  readonly nodeEndpoints?: readonly NodeEndpointInit[];
}

/** Part of FetchResponse. */
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

/** Part of FetchResponse. */
export interface FetchableTopicResponse {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionData[];
}

/** What is given to encode {@link FetchableTopicResponse}: what has a default may be left out. */
export interface FetchableTopicResponseInit {
  readonly topic?: string;
  readonly topicId?: string;
  readonly partitions: readonly PartitionDataInit[];
}

/** Part of FetchResponse. */
export interface PartitionData {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly divergingEpoch: EpochEndOffset;
  readonly currentLeader: LeaderIdAndEpoch;
  readonly snapshotId: SnapshotId;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly preferredReadReplica: number;
  readonly records: Buffer | null;
}

/** What is given to encode {@link PartitionData}: what has a default may be left out. */
export interface PartitionDataInit {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset?: number;
  readonly logStartOffset?: number;
  readonly divergingEpoch?: EpochEndOffsetInit;
  readonly currentLeader?: LeaderIdAndEpochInit;
  readonly snapshotId?: SnapshotIdInit;
  readonly abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly preferredReadReplica?: number;
  readonly records: RecordsInput | null;
}

/** Part of FetchResponse. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Part of FetchResponse. */
export interface SnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

/** What is given to encode {@link SnapshotId}: what has a default may be left out. */
export interface SnapshotIdInit {
  readonly endOffset?: number;
  readonly epoch?: number;
}

/** Part of FetchResponse. */
export interface LeaderIdAndEpoch {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** What is given to encode {@link LeaderIdAndEpoch}: what has a default may be left out. */
export interface LeaderIdAndEpochInit {
  readonly leaderId?: number;
  readonly leaderEpoch?: number;
}

/** Part of FetchResponse. */
export interface EpochEndOffset {
  readonly epoch: number;
  readonly endOffset: number;
}

/** What is given to encode {@link EpochEndOffset}: what has a default may be left out. */
export interface EpochEndOffsetInit {
  readonly epoch?: number;
  readonly endOffset?: number;
}

const defaultEpochEndOffset: EpochEndOffset = Object.freeze({ epoch: -1, endOffset: -1 });

function isDefaultEpochEndOffset(value: EpochEndOffsetInit): boolean {
  return (value.epoch === undefined || value.epoch === -1) &&
    (value.endOffset === undefined || value.endOffset === -1);
}

const defaultLeaderIdAndEpoch: LeaderIdAndEpoch = Object.freeze({ leaderId: -1, leaderEpoch: -1 });

function isDefaultLeaderIdAndEpoch(value: LeaderIdAndEpochInit): boolean {
  return (value.leaderId === undefined || value.leaderId === -1) &&
    (value.leaderEpoch === undefined || value.leaderEpoch === -1);
}

const defaultSnapshotId: SnapshotId = Object.freeze({ endOffset: -1, epoch: -1 });

function isDefaultSnapshotId(value: SnapshotIdInit): boolean {
  return (value.endOffset === undefined || value.endOffset === -1) &&
    (value.epoch === undefined || value.epoch === -1);
}

function decodeEpochEndOffset(reader: Reader): EpochEndOffset {
  const epoch = reader.int32();
  const endOffset = reader.int64();
  reader.skipTags();
  return { epoch, endOffset };
}

function decodeLeaderIdAndEpoch(reader: Reader): LeaderIdAndEpoch {
  const leaderId = reader.int32();
  const leaderEpoch = reader.int32();
  reader.skipTags();
  return { leaderId, leaderEpoch };
}

function decodeSnapshotId(reader: Reader): SnapshotId {
  const endOffset = reader.int64();
  const epoch = reader.int32();
  reader.skipTags();
  return { endOffset, epoch };
}

function decodeAbortedTransaction(reader: Reader, version: number): AbortedTransaction {
  const flexible = version >= 12;
  const producerId = reader.int64();
  const firstOffset = reader.int64();
  if (flexible) reader.skipTags();
  return { producerId, firstOffset };
}

function decodePartitionData(reader: Reader, version: number): PartitionData {
  const flexible = version >= 12;
  const partitionIndex = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  let logStartOffset: number = -1;
  if (version >= 5) logStartOffset = reader.int64();
  let divergingEpoch: EpochEndOffset = defaultEpochEndOffset;
  let currentLeader: LeaderIdAndEpoch = defaultLeaderIdAndEpoch;
  let snapshotId: SnapshotId = defaultSnapshotId;
  const abortedTransactionsLength = reader.nullableArrayLength(flexible, 16);
  let abortedTransactions: readonly AbortedTransaction[] | null = null;
  if (abortedTransactionsLength >= 0) {
    const items: AbortedTransaction[] = [];
    for (let i = 0; i < abortedTransactionsLength; i += 1) items.push(decodeAbortedTransaction(reader, version));
    abortedTransactions = items;
  }
  let preferredReadReplica: number = -1;
  if (version >= 11) preferredReadReplica = reader.int32();
  const records = reader.nullableBytes(flexible);
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          divergingEpoch = decodeEpochEndOffset(reader);
          reader.endTag(end);
          break;
        }
        case 1: {
          currentLeader = decodeLeaderIdAndEpoch(reader);
          reader.endTag(end);
          break;
        }
        case 2: {
          snapshotId = decodeSnapshotId(reader);
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records };
}

function decodeFetchableTopicResponse(reader: Reader, version: number): FetchableTopicResponse {
  const flexible = version >= 12;
  let topic: string = '';
  if (version <= 12) topic = reader.string(flexible);
  let topicId: string = ZERO_UUID;
  if (version >= 13) topicId = reader.uuid();
  const partitionsLength = reader.arrayLength(flexible, 30);
  const partitions: PartitionData[] = [];
  for (let i = 0; i < partitionsLength; i += 1) partitions.push(decodePartitionData(reader, version));
  if (flexible) reader.skipTags();
  return { topic, topicId, partitions };
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
 * FetchResponse: API key 1, versions 4-18, flexible from 12.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16  (versions 7-18)
 *   sessionId => int32  (versions 7-18, default 0)
 *   responses => []FetchableTopicResponse
 *     topic => string  (versions 4-12)
 *     topicId => uuid  (versions 13-18)
 *     partitions => []PartitionData
 *       partitionIndex => int32
 *       errorCode => int16
 *       highWatermark => int64
 *       lastStableOffset => int64  (default -1)
 *       logStartOffset => int64  (versions 5-18, default -1)
 *       divergingEpoch => EpochEndOffset  (versions 12-18, tag 0)
 *         epoch => int32  (default -1)
 *         endOffset => int64  (default -1)
 *       currentLeader => LeaderIdAndEpoch  (versions 12-18, tag 1)
 *         leaderId => int32  (default -1)
 *         leaderEpoch => int32  (default -1)
 *       snapshotId => SnapshotId  (versions 12-18, tag 2)
 *         endOffset => int64  (default -1)
 *         epoch => int32  (default -1)
 *       abortedTransactions => []AbortedTransaction  (may be null)
 *         producerId => int64
 *         firstOffset => int64
 *       preferredReadReplica => int32  (versions 11-18, default -1)
 *       records => records  (may be null)
 *   nodeEndpoints => []NodeEndpoint  (versions 16-18, tag 0)
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     rack => string  (may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeFetchResponse(reader: Reader, version: number): FetchResponse {
  const flexible = version >= 12;
  checkVersion('FetchResponse', version, 4, 18);
  const throttleTimeMs = reader.int32();
  let errorCode: number = 0;
  if (version >= 7) errorCode = reader.int16();
  let sessionId: number = 0;
  if (version >= 7) sessionId = reader.int32();
  const responsesLength = reader.arrayLength(flexible, 3);
  const responses: FetchableTopicResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeFetchableTopicResponse(reader, version));
  let nodeEndpoints: readonly NodeEndpoint[] = emptyArray;
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          if (version < 16) {
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
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints };
}

function encodeEpochEndOffset(writer: Writer, message: EpochEndOffsetInit): void {
  writer.int32(message.epoch ?? -1);
  writer.int64(message.endOffset ?? -1);
  writer.uvarint(0);
}

function encodeLeaderIdAndEpoch(writer: Writer, message: LeaderIdAndEpochInit): void {
  writer.int32(message.leaderId ?? -1);
  writer.int32(message.leaderEpoch ?? -1);
  writer.uvarint(0);
}

function encodeSnapshotId(writer: Writer, message: SnapshotIdInit): void {
  writer.int64(message.endOffset ?? -1);
  writer.int32(message.epoch ?? -1);
  writer.uvarint(0);
}

function encodeAbortedTransaction(writer: Writer, message: AbortedTransaction, version: number): void {
  const flexible = version >= 12;
  writer.int64(message.producerId);
  writer.int64(message.firstOffset);
  if (flexible) writer.uvarint(0);
}

function encodePartitionData(writer: Writer, message: PartitionDataInit, version: number): void {
  const flexible = version >= 12;
  writer.int32(message.partitionIndex);
  writer.int16(message.errorCode);
  writer.int64(message.highWatermark);
  writer.int64(message.lastStableOffset ?? -1);
  if (version >= 5) writer.int64(message.logStartOffset ?? -1);
  if (version < 12 && message.divergingEpoch !== undefined && !isDefaultEpochEndOffset(message.divergingEpoch)) throw unsupportedField('FetchResponse', 'divergingEpoch', version);
  if (version < 12 && message.currentLeader !== undefined && !isDefaultLeaderIdAndEpoch(message.currentLeader)) throw unsupportedField('FetchResponse', 'currentLeader', version);
  if (version < 12 && message.snapshotId !== undefined && !isDefaultSnapshotId(message.snapshotId)) throw unsupportedField('FetchResponse', 'snapshotId', version);
  const abortedTransactions = message.abortedTransactions === undefined ? emptyArray : message.abortedTransactions;
  if (abortedTransactions === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(abortedTransactions.length, flexible);
    for (const item of abortedTransactions) encodeAbortedTransaction(writer, item, version);
  }
  if (version >= 11) writer.int32(message.preferredReadReplica ?? -1);
  else if (message.preferredReadReplica !== undefined && message.preferredReadReplica !== -1) throw unsupportedField('FetchResponse', 'preferredReadReplica', version);
  writer.records(message.records, flexible);
  if (flexible) {
    let tags = 0;
    const divergingEpoch = message.divergingEpoch;
    const hasDivergingEpoch = divergingEpoch !== undefined && !isDefaultEpochEndOffset(divergingEpoch);
    if (hasDivergingEpoch) tags += 1;
    const currentLeader = message.currentLeader;
    const hasCurrentLeader = currentLeader !== undefined && !isDefaultLeaderIdAndEpoch(currentLeader);
    if (hasCurrentLeader) tags += 1;
    const snapshotId = message.snapshotId;
    const hasSnapshotId = snapshotId !== undefined && !isDefaultSnapshotId(snapshotId);
    if (hasSnapshotId) tags += 1;
    writer.uvarint(tags);
    if (hasDivergingEpoch) {
      writer.tagged(0, (writer) => {
        encodeEpochEndOffset(writer, divergingEpoch);
      });
    }
    if (hasCurrentLeader) {
      writer.tagged(1, (writer) => {
        encodeLeaderIdAndEpoch(writer, currentLeader);
      });
    }
    if (hasSnapshotId) {
      writer.tagged(2, (writer) => {
        encodeSnapshotId(writer, snapshotId);
      });
    }
  }
}

function encodeFetchableTopicResponse(writer: Writer, message: FetchableTopicResponseInit, version: number): void {
  const flexible = version >= 12;
  if (version <= 12) writer.string(message.topic ?? '', flexible);
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID);
  const partitions = message.partitions;
  writer.arrayLength(partitions.length, flexible);
  for (const item of partitions) encodePartitionData(writer, item, version);
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
export function encodeFetchResponse(writer: Writer, message: FetchResponseInit, version: number): void {
  const flexible = version >= 12;
  checkVersion('FetchResponse', version, 4, 18);
  writer.int32(message.throttleTimeMs ?? 0);
  if (version >= 7) writer.int16(message.errorCode ?? 0);
  if (version >= 7) writer.int32(message.sessionId ?? 0);
  else if (message.sessionId !== undefined && message.sessionId !== 0) throw unsupportedField('FetchResponse', 'sessionId', version);
  const responses = message.responses;
  writer.arrayLength(responses.length, flexible);
  for (const item of responses) encodeFetchableTopicResponse(writer, item, version);
  if (version < 16 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw unsupportedField('FetchResponse', 'nodeEndpoints', version);
  if (flexible) {
    let tags = 0;
    const nodeEndpoints = message.nodeEndpoints;
    const hasNodeEndpoints = version >= 16 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0;
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

/** Fetch as a whole. */
export const fetchMessages = defineApi<FetchRequest, FetchRequestInit, FetchResponse, FetchResponseInit>({
  apiKey: 1,
  name: 'Fetch',
  validVersions: { min: 4, max: 18 },
  flexibleFrom: 12,
  decodeRequest: decodeFetchRequest,
  encodeRequest: encodeFetchRequest,
  decodeResponse: decodeFetchResponse,
  encodeResponse: encodeFetchResponse,
});
