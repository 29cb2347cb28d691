// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** IncrementalAlterConfigsRequest: API key 44, versions 0-1. */
export interface IncrementalAlterConfigsRequest {
  readonly resources: readonly AlterConfigsResource[];
  readonly validateOnly: boolean;
}

/** Part of IncrementalAlterConfigsRequest. */
export interface AlterConfigsResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly AlterableConfig[];
}

/** Part of IncrementalAlterConfigsRequest. */
export interface AlterableConfig {
  readonly name: string;
  readonly configOperation: number;
  readonly value: string | null;
}

function decodeAlterableConfig(reader: Reader, version: number): AlterableConfig {
  const flexible = version >= 1;
  const name = reader.string(flexible);
  const configOperation = reader.int8();
  const value = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, configOperation, value };
}

function decodeAlterConfigsResource(reader: Reader, version: number): AlterConfigsResource {
  const flexible = version >= 1;
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const configsLength = reader.arrayLength(flexible, 4);
  const configs: AlterableConfig[] = [];
  for (let i = 0; i < configsLength; i += 1) configs.push(decodeAlterableConfig(reader, version));
  if (flexible) reader.skipTags();
  return { resourceType, resourceName, configs };
}

/**
 * IncrementalAlterConfigsRequest: API key 44, versions 0-1, flexible from 1.
 *
 *   resources => []AlterConfigsResource
 *     resourceType => int8
 *     resourceName => string
 *     configs => []AlterableConfig
 *       name => string
 *       configOperation => int8
 *       value => string  (may be null)
 *   validateOnly => bool
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeIncrementalAlterConfigsRequest(reader: Reader, version: number): IncrementalAlterConfigsRequest {
  const flexible = version >= 1;
  checkVersion('IncrementalAlterConfigsRequest', version, 0, 1);
  const resourcesLength = reader.arrayLength(flexible, 4);
  const resources: AlterConfigsResource[] = [];
  for (let i = 0; i < resourcesLength; i += 1) resources.push(decodeAlterConfigsResource(reader, version));
  const validateOnly = reader.boolean();
  if (flexible) reader.skipTags();
  return { resources, validateOnly };
}

function encodeAlterableConfig(writer: Writer, message: AlterableConfig, version: number): void {
  const flexible = version >= 1;
  writer.string(message.name, flexible);
  writer.int8(message.configOperation);
  writer.nullableString(message.value, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeAlterConfigsResource(writer: Writer, message: AlterConfigsResource, version: number): void {
  const flexible = version >= 1;
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  const configs = message.configs;
  writer.arrayLength(configs.length, flexible);
  for (const item of configs) encodeAlterableConfig(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeIncrementalAlterConfigsRequest(writer: Writer, message: IncrementalAlterConfigsRequest, version: number): void {
  const flexible = version >= 1;
  checkVersion('IncrementalAlterConfigsRequest', version, 0, 1);
  const resources = message.resources;
  writer.arrayLength(resources.length, flexible);
  for (const item of resources) encodeAlterConfigsResource(writer, item, version);
  writer.boolean(message.validateOnly);
  if (flexible) writer.uvarint(0);
}

/** IncrementalAlterConfigsResponse: API key 44, versions 0-1. */
export interface IncrementalAlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly AlterConfigsResourceResponse[];
}

/** Part of IncrementalAlterConfigsResponse. */
export interface AlterConfigsResourceResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

function decodeAlterConfigsResourceResponse(reader: Reader, version: number): AlterConfigsResourceResponse {
  const flexible = version >= 1;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, resourceType, resourceName };
}

/**
 * IncrementalAlterConfigsResponse: API key 44, versions 0-1, flexible from 1.
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
export function decodeIncrementalAlterConfigsResponse(reader: Reader, version: number): IncrementalAlterConfigsResponse {
  const flexible = version >= 1;
  checkVersion('IncrementalAlterConfigsResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const responsesLength = reader.arrayLength(flexible, 6);
  const responses: AlterConfigsResourceResponse[] = [];
  for (let i = 0; i < responsesLength; i += 1) responses.push(decodeAlterConfigsResourceResponse(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, responses };
}

function encodeAlterConfigsResourceResponse(writer: Writer, message: AlterConfigsResourceResponse, version: number): void {
  const flexible = version >= 1;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeIncrementalAlterConfigsResponse(writer: Writer, message: IncrementalAlterConfigsResponse, version: number): void {
  const flexible = version >= 1;
  checkVersion('IncrementalAlterConfigsResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  const responses = message.responses;
  writer.arrayLength(responses.length, flexible);
  for (const item of responses) encodeAlterConfigsResourceResponse(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** IncrementalAlterConfigs as a whole. */
export const incrementalAlterConfigsMessages = defineApi<IncrementalAlterConfigsRequest, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, IncrementalAlterConfigsResponse>({
  apiKey: 44,
  name: 'IncrementalAlterConfigs',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 1,
  decodeRequest: decodeIncrementalAlterConfigsRequest,
  encodeRequest: encodeIncrementalAlterConfigsRequest,
  decodeResponse: decodeIncrementalAlterConfigsResponse,
  encodeResponse: encodeIncrementalAlterConfigsResponse,
});
