// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ApiVersionsRequest: API key 18, versions 0-4. */
export interface ApiVersionsRequest {
  readonly clientSoftwareName: string;
  readonly clientSoftwareVersion: string;
}

/** What is given to encode {@link ApiVersionsRequest}: what has a default may be left out. */
export interface ApiVersionsRequestInit {
  readonly clientSoftwareName?: string;
  readonly clientSoftwareVersion?: string;
}

/**
 * ApiVersionsRequest: API key 18, versions 0-4, flexible from 3.
 *
 *   clientSoftwareName => string  (versions 3-4)
 *   clientSoftwareVersion => string  (versions 3-4)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeApiVersionsRequest(reader: Reader, version: number): ApiVersionsRequest {
  const flexible = version >= 3;
  checkVersion('ApiVersionsRequest', version, 0, 4);
  let clientSoftwareName: string = '';
  if (version >= 3) clientSoftwareName = reader.string(flexible);
  let clientSoftwareVersion: string = '';
  if (version >= 3) clientSoftwareVersion = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { clientSoftwareName, clientSoftwareVersion };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeApiVersionsRequest(writer: Writer, message: ApiVersionsRequestInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('ApiVersionsRequest', version, 0, 4);
  if (version >= 3) writer.string(message.clientSoftwareName ?? '', flexible);
  if (version >= 3) writer.string(message.clientSoftwareVersion ?? '', flexible);
  if (flexible) writer.uvarint(0);
}

/** ApiVersionsResponse: API key 18, versions 0-4. */
export interface ApiVersionsResponse {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersion[];
  readonly throttleTimeMs: number;
  readonly supportedFeatures: readonly SupportedFeatureKey[];
  readonly finalizedFeaturesEpoch: number;
  readonly finalizedFeatures: readonly FinalizedFeatureKey[];
  readonly zkMigrationReady: boolean;
}

/** What is given to encode {@link ApiVersionsResponse}: what has a default may be left out. */
export interface ApiVersionsResponseInit {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersion[];
  readonly throttleTimeMs?: number;
  readonly supportedFeatures?: readonly SupportedFeatureKey[];
  readonly finalizedFeaturesEpoch?: number;
  readonly finalizedFeatures?: readonly FinalizedFeatureKey[];
  readonly zkMigrationReady?: boolean;
}

/** Part of ApiVersionsResponse. */
export interface FinalizedFeatureKey {
  readonly name: string;
  readonly maxVersionLevel: number;
  readonly minVersionLevel: number;
}

/** Part of ApiVersionsResponse. */
export interface SupportedFeatureKey {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Part of ApiVersionsResponse. */
export interface ApiVersion {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

function decodeApiVersion(reader: Reader, version: number): ApiVersion {
  const flexible = version >= 3;
  const apiKey = reader.int16();
  const minVersion = reader.int16();
  const maxVersion = reader.int16();
  if (flexible) reader.skipTags();
  return { apiKey, minVersion, maxVersion };
}

function decodeSupportedFeatureKey(reader: Reader): SupportedFeatureKey {
  const name = reader.string(true);
  const minVersion = reader.int16();
  const maxVersion = reader.int16();
  reader.skipTags();
  return { name, minVersion, maxVersion };
}

function decodeFinalizedFeatureKey(reader: Reader): FinalizedFeatureKey {
  const name = reader.string(true);
  const maxVersionLevel = reader.int16();
  const minVersionLevel = reader.int16();
  reader.skipTags();
  return { name, maxVersionLevel, minVersionLevel };
}

/**
 * ApiVersionsResponse: API key 18, versions 0-4, flexible from 3.
 *
 *   errorCode => int16
 *   apiKeys => []ApiVersion
 *     apiKey => int16
 *     minVersion => int16
 *     maxVersion => int16
 *   throttleTimeMs => int32  (versions 1-4)
 *   supportedFeatures => []SupportedFeatureKey  (versions 3-4, tag 0)
 *     name => string
 *     minVersion => int16
 *     maxVersion => int16
 *   finalizedFeaturesEpoch => int64  (versions 3-4, tag 1, default -1)
 *   finalizedFeatures => []FinalizedFeatureKey  (versions 3-4, tag 2)
 *     name => string
 *     maxVersionLevel => int16
 *     minVersionLevel => int16
 *   zkMigrationReady => bool  (versions 3-4, tag 3, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeApiVersionsResponse(reader: Reader, version: number): ApiVersionsResponse {
  const flexible = version >= 3;
  checkVersion('ApiVersionsResponse', version, 0, 4);
  const errorCode = reader.int16();
  const apiKeysLength = reader.arrayLength(flexible, 6);
  const apiKeys: ApiVersion[] = [];
  for (let i = 0; i < apiKeysLength; i += 1) apiKeys.push(decodeApiVersion(reader, version));
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  let supportedFeatures: readonly SupportedFeatureKey[] = emptyArray;
  let finalizedFeaturesEpoch: number = -1;
  let finalizedFeatures: readonly FinalizedFeatureKey[] = emptyArray;
  let zkMigrationReady: boolean = false;
  if (flexible) {
    for (let tags = reader.tagCount(); tags > 0; tags -= 1) {
      const tag = reader.uvarint();
      const end = reader.tagEnd();
      switch (tag) {
        case 0: {
          const supportedFeaturesLength = reader.arrayLength(true, 6);
          const items: SupportedFeatureKey[] = [];
          for (let i = 0; i < supportedFeaturesLength; i += 1) items.push(decodeSupportedFeatureKey(reader));
          supportedFeatures = items;
          reader.endTag(end);
          break;
        }
        case 1: {
          finalizedFeaturesEpoch = reader.int64();
          reader.endTag(end);
          break;
        }
        case 2: {
          const finalizedFeaturesLength = reader.arrayLength(true, 6);
          const items: FinalizedFeatureKey[] = [];
          for (let i = 0; i < finalizedFeaturesLength; i += 1) items.push(decodeFinalizedFeatureKey(reader));
          finalizedFeatures = items;
          reader.endTag(end);
          break;
        }
        case 3: {
          zkMigrationReady = reader.boolean();
          reader.endTag(end);
          break;
        }
        default:
          reader.skipTo(end);
      }
    }
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady };
}

function encodeApiVersion(writer: Writer, message: ApiVersion, version: number): void {
  const flexible = version >= 3;
  writer.int16(message.apiKey);
  writer.int16(message.minVersion);
  writer.int16(message.maxVersion);
  if (flexible) writer.uvarint(0);
}

function encodeSupportedFeatureKey(writer: Writer, message: SupportedFeatureKey): void {
  writer.string(message.name, true);
  writer.int16(message.minVersion);
  writer.int16(message.maxVersion);
  writer.uvarint(0);
}

function encodeFinalizedFeatureKey(writer: Writer, message: FinalizedFeatureKey): void {
  writer.string(message.name, true);
  writer.int16(message.maxVersionLevel);
  writer.int16(message.minVersionLevel);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeApiVersionsResponse(writer: Writer, message: ApiVersionsResponseInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('ApiVersionsResponse', version, 0, 4);
  writer.int16(message.errorCode);
  const apiKeys = message.apiKeys;
  writer.arrayLength(apiKeys.length, flexible);
  for (const item of apiKeys) encodeApiVersion(writer, item, version);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  if (flexible) {
    let tags = 0;
    const supportedFeatures = message.supportedFeatures;
    const hasSupportedFeatures = supportedFeatures !== undefined && supportedFeatures.length !== 0;
    if (hasSupportedFeatures) tags += 1;
    const finalizedFeaturesEpoch = message.finalizedFeaturesEpoch;
    const hasFinalizedFeaturesEpoch = finalizedFeaturesEpoch !== undefined && finalizedFeaturesEpoch !== -1;
    if (hasFinalizedFeaturesEpoch) tags += 1;
    const finalizedFeatures = message.finalizedFeatures;
    const hasFinalizedFeatures = finalizedFeatures !== undefined && finalizedFeatures.length !== 0;
    if (hasFinalizedFeatures) tags += 1;
    const zkMigrationReady = message.zkMigrationReady;
    const hasZkMigrationReady = zkMigrationReady !== undefined && zkMigrationReady;
    if (hasZkMigrationReady) tags += 1;
    writer.uvarint(tags);
    if (hasSupportedFeatures) {
      writer.tagged(0, (writer) => {
        writer.arrayLength(supportedFeatures.length, true);
        for (const item of supportedFeatures) encodeSupportedFeatureKey(writer, item);
      });
    }
    if (hasFinalizedFeaturesEpoch) {
      writer.tag(1, 8);
      writer.int64(finalizedFeaturesEpoch);
    }
    if (hasFinalizedFeatures) {
      writer.tagged(2, (writer) => {
        writer.arrayLength(finalizedFeatures.length, true);
        for (const item of finalizedFeatures) encodeFinalizedFeatureKey(writer, item);
      });
    }
    if (hasZkMigrationReady) {
      writer.tag(3, 1);
      writer.boolean(zkMigrationReady);
    }
  }
}

/** ApiVersions as a whole. */
export const apiVersionsMessages = defineApi<ApiVersionsRequest, ApiVersionsRequestInit, ApiVersionsResponse, ApiVersionsResponseInit>({
  apiKey: 18,
  name: 'ApiVersions',
  validVersions: { min: 0, max: 4 },
  flexibleFrom: 3,
  decodeRequest: decodeApiVersionsRequest,
  encodeRequest: encodeApiVersionsRequest,
  decodeResponse: decodeApiVersionsResponse,
  encodeResponse: encodeApiVersionsResponse,
});
