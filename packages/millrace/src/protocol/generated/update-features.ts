// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** UpdateFeaturesRequest: API key 57, versions 0-2. */
export interface UpdateFeaturesRequest {
  readonly timeoutMs: number;
  readonly featureUpdates: readonly FeatureUpdateKey[];
  readonly validateOnly: boolean;
}

/** What is given to encode {@link UpdateFeaturesRequest}: what has a default may be left out. */
export interface UpdateFeaturesRequestInit {
  readonly timeoutMs?: number;
  readonly featureUpdates: readonly FeatureUpdateKeyInit[];
  readonly validateOnly?: boolean;
}

/** Part of UpdateFeaturesRequest. */
export interface FeatureUpdateKey {
  readonly feature: string;
  readonly maxVersionLevel: number;
  readonly allowDowngrade: boolean;
  readonly upgradeType: number;
}

/** What is given to encode {@link FeatureUpdateKey}: what has a default may be left out. */
export interface FeatureUpdateKeyInit {
  readonly feature: string;
  readonly maxVersionLevel: number;
  readonly allowDowngrade?: boolean;
  readonly upgradeType?: number;
}

function decodeFeatureUpdateKey(reader: Reader, version: number): FeatureUpdateKey {
  const feature = reader.string(true);
  const maxVersionLevel = reader.int16();
  let allowDowngrade: boolean = false;
  if (version <= 0) allowDowngrade = reader.boolean();
  let upgradeType: number = 1;
  if (version >= 1) upgradeType = reader.int8();
  reader.skipTags();
  return { feature, maxVersionLevel, allowDowngrade, upgradeType };
}

/**
 * UpdateFeaturesRequest: API key 57, versions 0-2, flexible from 0.
 *
 *   timeoutMs => int32  (default 60000)
 *   featureUpdates => []FeatureUpdateKey
 *     feature => string
 *     maxVersionLevel => int16
 *     allowDowngrade => bool  (versions 0)
 *     upgradeType => int8  (versions 1-2, default 1)
 *   validateOnly => bool  (versions 1-2, default false)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeUpdateFeaturesRequest(reader: Reader, version: number): UpdateFeaturesRequest {
  checkVersion('UpdateFeaturesRequest', version, 0, 2);
  const timeoutMs = reader.int32();
  const featureUpdatesLength = reader.arrayLength(true, 5);
  const featureUpdates: FeatureUpdateKey[] = [];
  for (let i = 0; i < featureUpdatesLength; i += 1) featureUpdates.push(decodeFeatureUpdateKey(reader, version));
  let validateOnly: boolean = false;
  if (version >= 1) validateOnly = reader.boolean();
  reader.skipTags();
  return { timeoutMs, featureUpdates, validateOnly };
}

function encodeFeatureUpdateKey(writer: Writer, message: FeatureUpdateKeyInit, version: number): void {
  writer.string(message.feature, true);
  writer.int16(message.maxVersionLevel);
  if (version <= 0) writer.boolean(message.allowDowngrade ?? false);
  else if (message.allowDowngrade !== undefined && message.allowDowngrade) throw unsupportedField('UpdateFeaturesRequest', 'allowDowngrade', version);
  if (version >= 1) writer.int8(message.upgradeType ?? 1);
  else if (message.upgradeType !== undefined && message.upgradeType !== 1) throw unsupportedField('UpdateFeaturesRequest', 'upgradeType', version);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeUpdateFeaturesRequest(writer: Writer, message: UpdateFeaturesRequestInit, version: number): void {
  checkVersion('UpdateFeaturesRequest', version, 0, 2);
  writer.int32(message.timeoutMs ?? 60000);
  const featureUpdates = message.featureUpdates;
  writer.arrayLength(featureUpdates.length, true);
  for (const item of featureUpdates) encodeFeatureUpdateKey(writer, item, version);
  if (version >= 1) writer.boolean(message.validateOnly ?? false);
  else if (message.validateOnly !== undefined && message.validateOnly) throw unsupportedField('UpdateFeaturesRequest', 'validateOnly', version);
  writer.uvarint(0);
}

/** UpdateFeaturesResponse: API key 57, versions 0-2. */
export interface UpdateFeaturesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results: readonly UpdatableFeatureResult[];
}

/** What is given to encode {@link UpdateFeaturesResponse}: what has a default may be left out. */
export interface UpdateFeaturesResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results?: readonly UpdatableFeatureResult[];
}

/** Part of UpdateFeaturesResponse. */
export interface UpdatableFeatureResult {
  readonly feature: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

function decodeUpdatableFeatureResult(reader: Reader): UpdatableFeatureResult {
  const feature = reader.string(true);
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { feature, errorCode, errorMessage };
}

/**
 * UpdateFeaturesResponse: API key 57, versions 0-2, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   results => []UpdatableFeatureResult  (versions 0-1)
 *     feature => string
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeUpdateFeaturesResponse(reader: Reader, version: number): UpdateFeaturesResponse {
  checkVersion('UpdateFeaturesResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  let results: readonly UpdatableFeatureResult[] = emptyArray;
  if (version <= 1) {
    const resultsLength = reader.arrayLength(true, 5);
    const items: UpdatableFeatureResult[] = [];
    for (let i = 0; i < resultsLength; i += 1) items.push(decodeUpdatableFeatureResult(reader));
    results = items;
  }
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function encodeUpdatableFeatureResult(writer: Writer, message: UpdatableFeatureResult): void {
  writer.string(message.feature, true);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeUpdateFeaturesResponse(writer: Writer, message: UpdateFeaturesResponseInit, version: number): void {
  checkVersion('UpdateFeaturesResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  if (version <= 1) {
    const results = message.results ?? emptyArray;
    writer.arrayLength(results.length, true);
    for (const item of results) encodeUpdatableFeatureResult(writer, item);
  }
  writer.uvarint(0);
}

/** UpdateFeatures as a whole. */
export const updateFeaturesMessages = defineApi<UpdateFeaturesRequest, UpdateFeaturesRequestInit, UpdateFeaturesResponse, UpdateFeaturesResponseInit>({
  apiKey: 57,
  name: 'UpdateFeatures',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 0,
  decodeRequest: decodeUpdateFeaturesRequest,
  encodeRequest: encodeUpdateFeaturesRequest,
  decodeResponse: decodeUpdateFeaturesResponse,
  encodeResponse: encodeUpdateFeaturesResponse,
});
