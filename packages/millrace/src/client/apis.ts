/**
 * The requests that the client sends, with the versions it uses: up to the last that names topics instead of ids, down
 * to what Kafka 3.0 serves.
 */
import type { Api as ProtocolApi } from '../protocol/api.ts';
import { messages } from '../protocol/messages.ts';
import type { Reader } from '../protocol/reader.ts';
import type { Writer } from '../protocol/writer.ts';

export interface Api<Req, Res> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  isFlexible(version: number): boolean;
  encode(writer: Writer, message: Req, version: number): void;
  decode(reader: Reader, version: number): Res;
}

function api<ReqInit, Res>(
  message: ProtocolApi<unknown, ReqInit, Res, never>,
  minVersion: number,
  maxVersion: number = message.validVersions.max,
): Api<ReqInit, Res> {
  return {
    key: message.apiKey,
    name: message.name,
    minVersion,
    maxVersion: Math.min(maxVersion, message.validVersions.max),
    isFlexible: message.isFlexible,
    encode: message.encodeRequest,
    decode: message.decodeResponse,
  };
}

export const apiVersionsApi = api(messages.apiVersions, 0);
export const metadataApi = api(messages.metadata, 4);
export const findCoordinatorApi = api(messages.findCoordinator, 4);

export const produceApi = api(messages.produce, 3, 12);
export const initProducerIdApi = api(messages.initProducerId, 0, 4);

export const fetchApi = api(messages.fetch, 4, 12);
export const listOffsetsApi = api(messages.listOffsets, 1, 9);
export const joinGroupApi = api(messages.joinGroup, 5, 9);
export const syncGroupApi = api(messages.syncGroup, 3, 5);
export const heartbeatApi = api(messages.heartbeat, 3, 4);
export const leaveGroupApi = api(messages.leaveGroup, 3, 5);
export const offsetCommitApi = api(messages.offsetCommit, 7, 9);
export const offsetFetchApi = api(messages.offsetFetch, 8, 9);

/** Since Kafka 3.7; whoever uses it can do without. */
export const describeTopicPartitionsApi = api(messages.describeTopicPartitions, 0);
export const createTopicsApi = api(messages.createTopics, 2, 7);
export const deleteTopicsApi = api(messages.deleteTopics, 1, 5);
export const createPartitionsApi = api(messages.createPartitions, 0, 3);
export const describeConfigsApi = api(messages.describeConfigs, 1, 4);
export const incrementalAlterConfigsApi = api(messages.incrementalAlterConfigs, 0, 1);
export const listGroupsApi = api(messages.listGroups, 0, 5);
export const describeGroupsApi = api(messages.describeGroups, 0, 5);
export const deleteGroupsApi = api(messages.deleteGroups, 0, 2);
export const offsetDeleteApi = api(messages.offsetDelete, 0);
