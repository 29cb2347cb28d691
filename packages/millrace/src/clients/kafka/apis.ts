/**
 * The requests that every client sends, with the versions it uses: up to the last that names topics instead of ids,
 * down to what Kafka 3.0 serves. Each kind of client has a file of its own, so that a producer loads no other's codecs.
 */
import type { Api as ProtocolApi } from '../../protocol/api.ts';
import { apiVersionsMessages } from '../../protocol/generated/api-versions.ts';
import { fetchMessages } from '../../protocol/generated/fetch.ts';
import { findCoordinatorMessages } from '../../protocol/generated/find-coordinator.ts';
import { initProducerIdMessages } from '../../protocol/generated/init-producer-id.ts';
import { metadataMessages } from '../../protocol/generated/metadata.ts';
import { produceMessages } from '../../protocol/generated/produce.ts';
import type { Reader } from '../../protocol/reader.ts';
import type { Writer } from '../../protocol/writer.ts';

export interface Api<Req, Res> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  isFlexible(version: number): boolean;
  encode(writer: Writer, message: Req, version: number): void;
  decode(reader: Reader, version: number): Res;
}

/** The API in the versions that the client uses. */
export function api<ReqInit, Res>(
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

export const apiVersionsApi = api(apiVersionsMessages, 0);
export const metadataApi = api(metadataMessages, 4);
export const findCoordinatorApi = api(findCoordinatorMessages, 4);
export const produceApi = api(produceMessages, 3, 12);
export const initProducerIdApi = api(initProducerIdMessages, 0, 4);
export const fetchApi = api(fetchMessages, 4, 12);
