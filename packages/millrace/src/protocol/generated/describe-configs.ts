// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeConfigsRequest: API key 32, versions 1-4. */
export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsResource[];
  readonly includeSynonyms: boolean;
  readonly includeDocumentation: boolean;
}

/** What is given to encode {@link DescribeConfigsRequest}: what has a default may be left out. */
export interface DescribeConfigsRequestInit {
  readonly resources: readonly DescribeConfigsResource[];
  readonly includeSynonyms?: boolean;
  readonly includeDocumentation?: boolean;
}

/** Part of DescribeConfigsRequest. */
export interface DescribeConfigsResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configurationKeys: readonly string[] | null;
}

function decodeDescribeConfigsResource(reader: Reader, version: number): DescribeConfigsResource {
  const flexible = version >= 4;
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const configurationKeysLength = reader.nullableArrayLength(flexible, 1);
  let configurationKeys: readonly string[] | null = null;
  if (configurationKeysLength >= 0) {
    const items: string[] = [];
    for (let i = 0; i < configurationKeysLength; i += 1) items.push(reader.string(flexible));
    configurationKeys = items;
  }
  if (flexible) reader.skipTags();
  return { resourceType, resourceName, configurationKeys };
}

/**
 * DescribeConfigsRequest: API key 32, versions 1-4, flexible from 4.
 *
 *   resources => []DescribeConfigsResource
 *     resourceType => int8
 *     resourceName => string
 *     configurationKeys => []string  (may be null)
 *   includeSynonyms => bool  (default false)
 *   includeDocumentation => bool  (versions 3-4, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeConfigsRequest(reader: Reader, version: number): DescribeConfigsRequest {
  const flexible = version >= 4;
  checkVersion('DescribeConfigsRequest', version, 1, 4);
  const resourcesLength = reader.arrayLength(flexible, 4);
  const resources: DescribeConfigsResource[] = [];
  for (let i = 0; i < resourcesLength; i += 1) resources.push(decodeDescribeConfigsResource(reader, version));
  const includeSynonyms = reader.boolean();
  let includeDocumentation: boolean = false;
  if (version >= 3) includeDocumentation = reader.boolean();
  if (flexible) reader.skipTags();
  return { resources, includeSynonyms, includeDocumentation };
}

function encodeDescribeConfigsResource(writer: Writer, message: DescribeConfigsResource, version: number): void {
  const flexible = version >= 4;
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  const configurationKeys = message.configurationKeys;
  if (configurationKeys === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(configurationKeys.length, flexible);
    for (const item of configurationKeys) writer.string(item, flexible);
  }
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeConfigsRequest(writer: Writer, message: DescribeConfigsRequestInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('DescribeConfigsRequest', version, 1, 4);
  const resources = message.resources;
  writer.arrayLength(resources.length, flexible);
  for (const item of resources) encodeDescribeConfigsResource(writer, item, version);
  writer.boolean(message.includeSynonyms ?? false);
  if (version >= 3) writer.boolean(message.includeDocumentation ?? false);
  else if (message.includeDocumentation !== undefined && message.includeDocumentation) throw unsupportedField('DescribeConfigsRequest', 'includeDocumentation', version);
  if (flexible) writer.uvarint(0);
}

/** DescribeConfigsResponse: API key 32, versions 1-4. */
export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DescribeConfigsResult[];
}

/** What is given to encode {@link DescribeConfigsResponse}: what has a default may be left out. */
export interface DescribeConfigsResponseInit {
  readonly throttleTimeMs: number;
  readonly results: readonly DescribeConfigsResultInit[];
}

/** Part of DescribeConfigsResponse. */
export interface DescribeConfigsResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly DescribeConfigsResourceResult[];
}

/** What is given to encode {@link DescribeConfigsResult}: what has a default may be left out. */
export interface DescribeConfigsResultInit {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly DescribeConfigsResourceResultInit[];
}

/** Part of DescribeConfigsResponse. */
export interface DescribeConfigsResourceResult {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly DescribeConfigsSynonym[];
  readonly configType: number;
  readonly documentation: string | null;
}

/** What is given to encode {@link DescribeConfigsResourceResult}: what has a default may be left out. */
export interface DescribeConfigsResourceResultInit {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource?: number;
  readonly isSensitive: boolean;
  readonly synonyms?: readonly DescribeConfigsSynonym[];
  readonly configType?: number;
  readonly documentation?: string | null;
}

/** Part of DescribeConfigsResponse. */
export interface DescribeConfigsSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

function decodeDescribeConfigsSynonym(reader: Reader, version: number): DescribeConfigsSynonym {
  const flexible = version >= 4;
  const name = reader.string(flexible);
  const value = reader.nullableString(flexible);
  const source = reader.int8();
  if (flexible) reader.skipTags();
  return { name, value, source };
}

function decodeDescribeConfigsResourceResult(reader: Reader, version: number): DescribeConfigsResourceResult {
  const flexible = version >= 4;
  const name = reader.string(flexible);
  const value = reader.nullableString(flexible);
  const readOnly = reader.boolean();
  const configSource = reader.int8();
  const isSensitive = reader.boolean();
  const synonymsLength = reader.arrayLength(flexible, 4);
  const synonyms: DescribeConfigsSynonym[] = [];
  for (let i = 0; i < synonymsLength; i += 1) synonyms.push(decodeDescribeConfigsSynonym(reader, version));
  let configType: number = 0;
  if (version >= 3) configType = reader.int8();
  let documentation: string | null = '';
  if (version >= 3) documentation = reader.nullableString(flexible);
  if (flexible) reader.skipTags();
  return { name, value, readOnly, configSource, isSensitive, synonyms, configType, documentation };
}

function decodeDescribeConfigsResult(reader: Reader, version: number): DescribeConfigsResult {
  const flexible = version >= 4;
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(flexible);
  const resourceType = reader.int8();
  const resourceName = reader.string(flexible);
  const configsLength = reader.arrayLength(flexible, 9);
  const configs: DescribeConfigsResourceResult[] = [];
  for (let i = 0; i < configsLength; i += 1) configs.push(decodeDescribeConfigsResourceResult(reader, version));
  if (flexible) reader.skipTags();
  return { errorCode, errorMessage, resourceType, resourceName, configs };
}

/**
 * DescribeConfigsResponse: API key 32, versions 1-4, flexible from 4.
 *
 *   throttleTimeMs => int32
 *   results => []DescribeConfigsResult
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     resourceType => int8
 *     resourceName => string
 *     configs => []DescribeConfigsResourceResult
 *       name => string
 *       value => string  (may be null)
 *       readOnly => bool
 *       configSource => int8  (default -1)
 *       isSensitive => bool
 *       synonyms => []DescribeConfigsSynonym
 *         name => string
 *         value => string  (may be null)
 *         source => int8
 *       configType => int8  (versions 3-4, default 0)
 *       documentation => string  (versions 3-4, may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeConfigsResponse(reader: Reader, version: number): DescribeConfigsResponse {
  const flexible = version >= 4;
  checkVersion('DescribeConfigsResponse', version, 1, 4);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(flexible, 7);
  const results: DescribeConfigsResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeDescribeConfigsResult(reader, version));
  if (flexible) reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeDescribeConfigsSynonym(writer: Writer, message: DescribeConfigsSynonym, version: number): void {
  const flexible = version >= 4;
  writer.string(message.name, flexible);
  writer.nullableString(message.value, flexible);
  writer.int8(message.source);
  if (flexible) writer.uvarint(0);
}

function encodeDescribeConfigsResourceResult(writer: Writer, message: DescribeConfigsResourceResultInit, version: number): void {
  const flexible = version >= 4;
  writer.string(message.name, flexible);
  writer.nullableString(message.value, flexible);
  writer.boolean(message.readOnly);
  writer.int8(message.configSource ?? -1);
  writer.boolean(message.isSensitive);
  const synonyms = message.synonyms ?? emptyArray;
  writer.arrayLength(synonyms.length, flexible);
  for (const item of synonyms) encodeDescribeConfigsSynonym(writer, item, version);
  if (version >= 3) writer.int8(message.configType ?? 0);
  if (version >= 3) writer.nullableString(message.documentation === undefined ? '' : message.documentation, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeDescribeConfigsResult(writer: Writer, message: DescribeConfigsResultInit, version: number): void {
  const flexible = version >= 4;
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, flexible);
  writer.int8(message.resourceType);
  writer.string(message.resourceName, flexible);
  const configs = message.configs;
  writer.arrayLength(configs.length, flexible);
  for (const item of configs) encodeDescribeConfigsResourceResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeConfigsResponse(writer: Writer, message: DescribeConfigsResponseInit, version: number): void {
  const flexible = version >= 4;
  checkVersion('DescribeConfigsResponse', version, 1, 4);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, flexible);
  for (const item of results) encodeDescribeConfigsResult(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** DescribeConfigs as a whole. */
export const describeConfigsMessages = defineApi<DescribeConfigsRequest, DescribeConfigsRequestInit, DescribeConfigsResponse, DescribeConfigsResponseInit>({
  apiKey: 32,
  name: 'DescribeConfigs',
  validVersions: { min: 1, max: 4 },
  flexibleFrom: 4,
  decodeRequest: decodeDescribeConfigsRequest,
  encodeRequest: encodeDescribeConfigsRequest,
  decodeResponse: decodeDescribeConfigsResponse,
  encodeResponse: encodeDescribeConfigsResponse,
});
