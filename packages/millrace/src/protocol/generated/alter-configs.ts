// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterConfigsRequest: API key 33, versions 0-2. */
export interface AlterConfigsRequest {
  readonly resources: readonly AlterConfigsResource[];
  readonly validateOnly: boolean;
}

/** Part of AlterConfigsRequest. */
export interface AlterConfigsResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly AlterableConfig[];
}

/** Part of AlterConfigsRequest. */
export interface AlterableConfig {
  readonly name: string;
  readonly value: string | null;
}

function decodeAlterableConfig(reader: Reader, version: number): AlterableConfig {
  const flexible = version >= 2;
  const name = reader.string(flexible);
  const value = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, value };
}

function decodeAlterConfigsResource(reader: Reader, version: number): AlterConfigsResource {
  const flexible = version >= 2;
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const configsLength = reader.arrayLength(flexible, 3);
  const configs: AlterableConfig[] = [];
  for (let i = 0; i < configsLength; i += 1) configs.push(decodeAlterableConfig(reader, version));
  if (flexible) reader.skipTags();
  return { resourceType, resourceName, configs };
}

/**
 * AlterConfigsRequest: API key 33, versions 0-2, flexible from 2.
 *
 *   resources => []AlterConfigsResource
 *     resourceType => int8
 *     resourceName => string
 *     configs => []AlterableConfig
 *       name => string
 *       value => string  (may be null)
 *   validateOnly => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterConfigsRequest(reader: Reader, version: number): AlterConfigsRequest {
  const flexible = version >= 2;
  checkVersion('AlterConfigsRequest', version, 0, 2);
  const resourcesLength = reader.arrayLength(flexible, 4);
  const resources: AlterConfigsResource[] = [];
  for (let i = 0; i < resourcesLength; i += 1) resources.push(decodeAlterConfigsResource(reader, version));
  const validateOnly = reader.boolean();
  if (flexible) reader.skipTags();
  return { resources, validateOnly };
}

function encodeAlterableConfig(writer: Writer, message: AlterableConfig, version: number): void {
  const flexible = version >= 2;
  writer.string(message.name, flexible);
  writer.nullableString(message.value, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeAlterConfigsResource(writer: Writer, message: AlterConfigsResource, version: number): void {
  const flexible = version >= 2;
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  const configs = message.configs;
  writer.arrayLength(configs.length, flexible);
  for (const item of configs) encodeAlterableConfig(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterConfigsRequest(writer: Writer, message: AlterConfigsRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('AlterConfigsRequest', version, 0, 2);
  const resources = message.resources;
  writer.arrayLength(resources.length, flexible);
  for (const item of resources) encodeAlterConfigsResource(writer, item, version);
  writer.boolean(message.validateOnly);
  if (flexible) writer.uvarint(0);
}

/** AlterConfigsResponse: API key 33, versions 0-2. */
export interface AlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly AlterConfigsResourceResponse[];
}

/** Part of AlterConfigsResponse. */
export interface AlterConfigsResourceResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

function decodeAlterConfigsResourceResponse(reader: Reader, version: number): AlterConfigsResourceResponse {
  const flexible = version >= 2;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, resourceType, resourceName };
}

/**
 * AlterConfigsResponse: API key 33, versions 0-2, flexible from 2.
 *
 *   throttleTimeMs => int32
 *   responses => []AlterConfigsResourceResponse
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     resourceType => int8
 *     resourceName => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterConfigsResponse(reader: Reader, version: number): AlterConfigsResponse {
  const flexible = version >= 2;
  checkVersion('AlterConfigsResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const responsesLength = reader.arrayLength(flexible, 6);
  const responses: AlterConfigsResourceResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeAlterConfigsResourceResponse(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, responses };
}

function encodeAlterConfigsResourceResponse(writer: Writer, message: AlterConfigsResourceResponse, version: number): void {
  const flexible = version >= 2;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterConfigsResponse(writer: Writer, message: AlterConfigsResponse, version: number): void {
  const flexible = version >= 2;
  checkVersion('AlterConfigsResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  const responses = message.responses;
  writer.arrayLength(responses.length, flexible);
  for (const item of responses) encodeAlterConfigsResourceResponse(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** AlterConfigs as a whole. */
export const alterConfigsMessages = defineApi<AlterConfigsRequest, AlterConfigsRequest, AlterConfigsResponse, AlterConfigsResponse>({
  apiKey: 33,
  name: 'AlterConfigs',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 2,
  decodeRequest: decodeAlterConfigsRequest,
  encodeRequest: encodeAlterConfigsRequest,
  decodeResponse: decodeAlterConfigsResponse,
  encodeResponse: encodeAlterConfigsResponse,
});
