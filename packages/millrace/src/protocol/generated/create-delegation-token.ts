// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** CreateDelegationTokenRequest: API key 38, versions 1-3. */
export interface CreateDelegationTokenRequest {
  readonly ownerPrincipalType: string | null;
  readonly ownerPrincipalName: string | null;
  readonly renewers: readonly CreatableRenewers[];
  readonly maxLifetimeMs: number;
}

/** What is given to encode {@link CreateDelegationTokenRequest}: what has a default may be left out. */
export interface CreateDelegationTokenRequestInit {
  readonly ownerPrincipalType?: string | null;
  readonly ownerPrincipalName?: string | null;
  readonly renewers: readonly CreatableRenewers[];
  readonly maxLifetimeMs: number;
}

/** Part of CreateDelegationTokenRequest. */
export interface CreatableRenewers {
  readonly principalType: string;
  readonly principalName: string;
}

function decodeCreatableRenewers(reader: Reader, version: number): CreatableRenewers {
  const flexible = version >= 2;
  const principalType = reader.string(flexible);
  const principalName = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { principalType, principalName };
}

/**
 * CreateDelegationTokenRequest: API key 38, versions 1-3, flexible from 2.
 *
 *   ownerPrincipalType => string  (versions 3, may be null)
 *   ownerPrincipalName => string  (versions 3, may be null)
 *   renewers => []CreatableRenewers
 *     principalType => string
 *     principalName => string
 *   maxLifetimeMs => int64
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateDelegationTokenRequest(reader: Reader, version: number): CreateDelegationTokenRequest {
  const flexible = version >= 2;
  checkVersion('CreateDelegationTokenRequest', version, 1, 3);
  let ownerPrincipalType: string | null = '';
  if (version >= 3) ownerPrincipalType = reader.nullableString(flexible);
  let ownerPrincipalName: string | null = '';
  if (version >= 3) ownerPrincipalName = reader.nullableString(flexible);
  const renewersLength = reader.arrayLength(flexible, 3);
  const renewers: CreatableRenewers[] = [];
  for (let i = 0; i < renewersLength; i += 1) renewers.push(decodeCreatableRenewers(reader, version));
  const maxLifetimeMs = reader.int64();
  if (flexible) reader.skipTags();
  return { ownerPrincipalType, ownerPrincipalName, renewers, maxLifetimeMs };
}

function encodeCreatableRenewers(writer: Writer, message: CreatableRenewers, version: number): void {
  const flexible = version >= 2;
  writer.string(message.principalType, flexible);
  writer.string(message.principalName, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateDelegationTokenRequest(writer: Writer, message: CreateDelegationTokenRequestInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreateDelegationTokenRequest', version, 1, 3);
  if (version >= 3) writer.nullableString(message.ownerPrincipalType === undefined ? '' : message.ownerPrincipalType, flexible);
  else if (message.ownerPrincipalType !== undefined && message.ownerPrincipalType !== '') throw unsupportedField('CreateDelegationTokenRequest', 'ownerPrincipalType', version);
  if (version >= 3) writer.nullableString(message.ownerPrincipalName === undefined ? '' : message.ownerPrincipalName, flexible);
  else if (message.ownerPrincipalName !== undefined && message.ownerPrincipalName !== '') throw unsupportedField('CreateDelegationTokenRequest', 'ownerPrincipalName', version);
  const renewers = message.renewers;
  writer.arrayLength(renewers.length, flexible);
  for (const item of renewers) encodeCreatableRenewers(writer, item, version);
  writer.int64(message.maxLifetimeMs);
  if (flexible) writer.uvarint(0);
}

/** CreateDelegationTokenResponse: API key 38, versions 1-3. */
export interface CreateDelegationTokenResponse {
  readonly errorCode: number;
  readonly principalType: string;
  readonly principalName: string;
  readonly tokenRequesterPrincipalType: string;
  readonly tokenRequesterPrincipalName: string;
  readonly issueTimestampMs: number;
  readonly expiryTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly tokenId: string;
  readonly hmac: Buffer;
  readonly throttleTimeMs: number;
}

/** What is given to encode {@link CreateDelegationTokenResponse}: what has a default may be left out. */
export interface CreateDelegationTokenResponseInit {
  readonly errorCode: number;
  readonly principalType: string;
  readonly principalName: string;
  readonly tokenRequesterPrincipalType?: string;
  readonly tokenRequesterPrincipalName?: string;
  readonly issueTimestampMs: number;
  readonly expiryTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly tokenId: string;
  readonly hmac: Buffer;
  readonly throttleTimeMs: number;
}

/**
 * CreateDelegationTokenResponse: API key 38, versions 1-3, flexible from 2.
 *
 *   errorCode => int16
 *   principalType => string
 *   principalName => string
 *   tokenRequesterPrincipalType => string  (versions 3)
 *   tokenRequesterPrincipalName => string  (versions 3)
 *   issueTimestampMs => int64
 *   expiryTimestampMs => int64
 *   maxTimestampMs => int64
 *   tokenId => string
 *   hmac => bytes
 *   throttleTimeMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeCreateDelegationTokenResponse(reader: Reader, version: number): CreateDelegationTokenResponse {
  const flexible = version >= 2;
  checkVersion('CreateDelegationTokenResponse', version, 1, 3);
  const errorCode = reader.int16();
  const principalType = reader.string(flexible);
  const principalName = reader.string(flexible);
  let tokenRequesterPrincipalType: string = '';
  if (version >= 3) tokenRequesterPrincipalType = reader.string(flexible);
  let tokenRequesterPrincipalName: string = '';
  if (version >= 3) tokenRequesterPrincipalName = reader.string(flexible);
  const issueTimestampMs = reader.int64();
  const expiryTimestampMs = reader.int64();
  const maxTimestampMs = reader.int64();
  const tokenId = reader.string(flexible);
  const hmac = reader.bytes(flexible);
  const throttleTimeMs = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, principalType, principalName, tokenRequesterPrincipalType, tokenRequesterPrincipalName, issueTimestampMs, expiryTimestampMs, maxTimestampMs, tokenId, hmac, throttleTimeMs };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeCreateDelegationTokenResponse(writer: Writer, message: CreateDelegationTokenResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('CreateDelegationTokenResponse', version, 1, 3);
  writer.int16(message.errorCode);
  writer.string(message.principalType, flexible);
  writer.string(message.principalName, flexible);
  if (version >= 3) writer.string(message.tokenRequesterPrincipalType ?? '', flexible);
  else if (message.tokenRequesterPrincipalType !== undefined && message.tokenRequesterPrincipalType !== '') throw unsupportedField('CreateDelegationTokenResponse', 'tokenRequesterPrincipalType', version);
  if (version >= 3) writer.string(message.tokenRequesterPrincipalName ?? '', flexible);
  else if (message.tokenRequesterPrincipalName !== undefined && message.tokenRequesterPrincipalName !== '') throw unsupportedField('CreateDelegationTokenResponse', 'tokenRequesterPrincipalName', version);
  writer.int64(message.issueTimestampMs);
  writer.int64(message.expiryTimestampMs);
  writer.int64(message.maxTimestampMs);
  writer.string(message.tokenId, flexible);
  writer.bytes(message.hmac, flexible);
  writer.int32(message.throttleTimeMs);
  if (flexible) writer.uvarint(0);
}

/** CreateDelegationToken as a whole. */
export const createDelegationTokenMessages = defineApi<CreateDelegationTokenRequest, CreateDelegationTokenRequestInit, CreateDelegationTokenResponse, CreateDelegationTokenResponseInit>({
  apiKey: 38,
  name: 'CreateDelegationToken',
  validVersions: { min: 1, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeCreateDelegationTokenRequest,
  encodeRequest: encodeCreateDelegationTokenRequest,
  decodeResponse: decodeCreateDelegationTokenResponse,
  encodeResponse: encodeCreateDelegationTokenResponse,
});
