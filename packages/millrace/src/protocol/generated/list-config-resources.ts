// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ListConfigResourcesRequest: API key 74, versions 0-1. */
export interface ListConfigResourcesRequest {
  readonly resourceTypes: readonly number[];
}

/** What is given to encode {@link ListConfigResourcesRequest}: what has a default may be left out. */
export interface ListConfigResourcesRequestInit {
  readonly resourceTypes?: readonly number[];
}

/**
 * ListConfigResourcesRequest: API key 74, versions 0-1, flexible from 0.
 *
 *   resourceTypes => []int8  (versions 1)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListConfigResourcesRequest(reader: Reader, version: number): ListConfigResourcesRequest {
  checkVersion('ListConfigResourcesRequest', version, 0, 1);
  let resourceTypes: readonly number[] = emptyArray;
  if (version >= 1) {
    const resourceTypesLength = reader.arrayLength(true, 1);
    const items: number[] = [];
    for (let i = 0; i < resourceTypesLength; i += 1) items.push(reader.int8());
    resourceTypes = items;
  }
  reader.skipTags();
  return { resourceTypes };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListConfigResourcesRequest(writer: Writer, message: ListConfigResourcesRequestInit, version: number): void {
  checkVersion('ListConfigResourcesRequest', version, 0, 1);
  if (version >= 1) {
    const resourceTypes = message.resourceTypes ?? emptyArray;
    writer.arrayLength(resourceTypes.length, true);
    for (const item of resourceTypes) writer.int8(item);
  } else if (message.resourceTypes !== undefined && message.resourceTypes.length !== 0) {
    throw unsupportedField('ListConfigResourcesRequest', 'resourceTypes', version);
  }
  writer.uvarint(0);
}

/** ListConfigResourcesResponse: API key 74, versions 0-1. */
export interface ListConfigResourcesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly configResources: readonly ConfigResource[];
}

/** What is given to encode {@link ListConfigResourcesResponse}: what has a default may be left out. */
export interface ListConfigResourcesResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly configResources: readonly ConfigResourceInit[];
}

/** Part of ListConfigResourcesResponse. */
export interface ConfigResource {
  readonly resourceName: string;
  readonly resourceType: number;
}

/** What is given to encode {@link ConfigResource}: what has a default may be left out. */
export interface ConfigResourceInit {
  readonly resourceName: string;
  readonly resourceType?: number;
}

function decodeConfigResource(reader: Reader, version: number): ConfigResource {
  const resourceName = reader.string(true);
  let resourceType: number = 16;
  if (version >= 1) resourceType = reader.int8();
  reader.skipTags();
  return { resourceName, resourceType };
}

/**
 * ListConfigResourcesResponse: API key 74, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   configResources => []ConfigResource
 *     resourceName => string
 *     resourceType => int8  (versions 1, default 16)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListConfigResourcesResponse(reader: Reader, version: number): ListConfigResourcesResponse {
  checkVersion('ListConfigResourcesResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const configResourcesLength = reader.arrayLength(true, 2);
  const configResources: ConfigResource[] = [];
  for (let i = 0; i < configResourcesLength; i += 1) configResources.push(decodeConfigResource(reader, version));
  reader.skipTags();
  return { throttleTimeMs, errorCode, configResources };
}

function encodeConfigResource(writer: Writer, message: ConfigResourceInit, version: number): void {
  writer.string(message.resourceName, true);
  if (version >= 1) writer.int8(message.resourceType ?? 16);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListConfigResourcesResponse(writer: Writer, message: ListConfigResourcesResponseInit, version: number): void {
  checkVersion('ListConfigResourcesResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  const configResources = message.configResources;
  writer.arrayLength(configResources.length, true);
  for (const item of configResources) encodeConfigResource(writer, item, version);
  writer.uvarint(0);
}

/** ListConfigResources as a whole. */
export const listConfigResourcesMessages = defineApi<ListConfigResourcesRequest, ListConfigResourcesRequestInit, ListConfigResourcesResponse, ListConfigResourcesResponseInit>({
  apiKey: 74,
  name: 'ListConfigResources',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeListConfigResourcesRequest,
  encodeRequest: encodeListConfigResourcesRequest,
  decodeResponse: decodeListConfigResourcesResponse,
  encodeResponse: encodeListConfigResourcesResponse,
});
