// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeDelegationTokenRequest: API key 41, versions 1-3. */
export interface DescribeDelegationTokenRequest {
  readonly owners: readonly DescribeDelegationTokenOwner[] | null;
}

/** Part of DescribeDelegationTokenRequest. */
export interface DescribeDelegationTokenOwner {
  readonly principalType: string;
  readonly principalName: string;
}

function decodeDescribeDelegationTokenOwner(reader: Reader, version: number): DescribeDelegationTokenOwner {
  const flexible = version >= 2;
  const principalType = reader.string(flexible);
  const principalName = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { principalType, principalName };
}

/**
 * DescribeDelegationTokenRequest: API key 41, versions 1-3, flexible from 2.
 *
 *   owners => []DescribeDelegationTokenOwner  (may be null)
 *     principalType => string
 *     principalName => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeDelegationTokenRequest(reader: Reader, version: number): DescribeDelegationTokenRequest {
  const flexible = version >= 2;
  checkVersion('DescribeDelegationTokenRequest', version, 1, 3);
  const ownersLength = reader.nullableArrayLength(flexible, 3);
  let owners: readonly DescribeDelegationTokenOwner[] | null = null;
  if (ownersLength >= 0) {
    const items: DescribeDelegationTokenOwner[] = [];
    for (let i = 0; i < ownersLength; i += 1) items.push(decodeDescribeDelegationTokenOwner(reader, version));
    owners = items;
  }
  if (flexible) reader.skipTags();
  return { owners };
}

function encodeDescribeDelegationTokenOwner(writer: Writer, message: DescribeDelegationTokenOwner, version: number): void {
  const flexible = version >= 2;
  writer.string(message.principalType, flexible);
  writer.string(message.principalName, flexible);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeDelegationTokenRequest(writer: Writer, message: DescribeDelegationTokenRequest, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeDelegationTokenRequest', version, 1, 3);
  const owners = message.owners;
  if (owners === null) {
    writer.nullArray(flexible);
  } else {
    writer.arrayLength(owners.length, flexible);
    for (const item of owners) encodeDescribeDelegationTokenOwner(writer, item, version);
  }
  if (flexible) writer.uvarint(0);
}

/** DescribeDelegationTokenResponse: API key 41, versions 1-3. */
export interface DescribeDelegationTokenResponse {
  readonly errorCode: number;
  readonly tokens: readonly DescribedDelegationToken[];
  readonly throttleTimeMs: number;
}

/** What is given to encode {@link DescribeDelegationTokenResponse}: what has a default may be left out. */
export interface DescribeDelegationTokenResponseInit {
  readonly errorCode: number;
  readonly tokens: readonly DescribedDelegationTokenInit[];
  readonly throttleTimeMs: number;
}

/** Part of DescribeDelegationTokenResponse. */
export interface DescribedDelegationToken {
  readonly principalType: string;
  readonly principalName: string;
  readonly tokenRequesterPrincipalType: string;
  readonly tokenRequesterPrincipalName: string;
  readonly issueTimestamp: number;
  readonly expiryTimestamp: number;
  readonly maxTimestamp: number;
  readonly tokenId: string;
  readonly hmac: Buffer;
  readonly renewers: readonly DescribedDelegationTokenRenewer[];
}

/** What is given to encode {@link DescribedDelegationToken}: what has a default may be left out. */
export interface DescribedDelegationTokenInit {
  readonly principalType: string;
  readonly principalName: string;
  readonly tokenRequesterPrincipalType?: string;
  readonly tokenRequesterPrincipalName?: string;
  readonly issueTimestamp: number;
  readonly expiryTimestamp: number;
  readonly maxTimestamp: number;
  readonly tokenId: string;
  readonly hmac: Buffer;
  readonly renewers: readonly DescribedDelegationTokenRenewer[];
}

/** Part of DescribeDelegationTokenResponse. */
export interface DescribedDelegationTokenRenewer {
  readonly principalType: string;
  readonly principalName: string;
}

function decodeDescribedDelegationTokenRenewer(reader: Reader, version: number): DescribedDelegationTokenRenewer {
  const flexible = version >= 2;
  const principalType = reader.string(flexible);
  const principalName = reader.string(flexible);
  if (flexible) reader.skipTags();
  return { principalType, principalName };
}

function decodeDescribedDelegationToken(reader: Reader, version: number): DescribedDelegationToken {
  const flexible = version >= 2;
  const principalType = reader.string(flexible);
  const principalName = reader.string(flexible);
  let tokenRequesterPrincipalType: string = '';
  if (version >= 3) tokenRequesterPrincipalType = reader.string(flexible);
  let tokenRequesterPrincipalName: string = '';
  if (version >= 3) tokenRequesterPrincipalName = reader.string(flexible);
  const issueTimestamp = reader.int64();
  const expiryTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const tokenId = reader.string(flexible);
  const hmac = reader.bytes(flexible);
  const renewersLength = reader.arrayLength(flexible, 3);
  const renewers: DescribedDelegationTokenRenewer[] = [];
  for (let i = 0; i < renewersLength; i += 1) renewers.push(decodeDescribedDelegationTokenRenewer(reader, version));
  if (flexible) reader.skipTags();
  return { principalType, principalName, tokenRequesterPrincipalType, tokenRequesterPrincipalName, issueTimestamp, expiryTimestamp, maxTimestamp, tokenId, hmac, renewers };
}

/**
 * DescribeDelegationTokenResponse: API key 41, versions 1-3, flexible from 2.
 *
 *   errorCode => int16
 *   tokens => []DescribedDelegationToken
 *     principalType => string
 *     principalName => string
 *     tokenRequesterPrincipalType => string  (versions 3)
 *     tokenRequesterPrincipalName => string  (versions 3)
 *     issueTimestamp => int64
 *     expiryTimestamp => int64
 *     maxTimestamp => int64
 *     tokenId => string
 *     hmac => bytes
 *     renewers => []DescribedDelegationTokenRenewer
 *       principalType => string
 *       principalName => string
 *   throttleTimeMs => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeDelegationTokenResponse(reader: Reader, version: number): DescribeDelegationTokenResponse {
  const flexible = version >= 2;
  checkVersion('DescribeDelegationTokenResponse', version, 1, 3);
  const errorCode = reader.int16();
  const tokensLength = reader.arrayLength(flexible, 30);
  const tokens: DescribedDelegationToken[] = [];
  for (let i = 0; i < tokensLength; i += 1) tokens.push(decodeDescribedDelegationToken(reader, version));
  const throttleTimeMs = reader.int32();
  if (flexible) reader.skipTags();
  return { errorCode, tokens, throttleTimeMs };
}

function encodeDescribedDelegationTokenRenewer(writer: Writer, message: DescribedDelegationTokenRenewer, version: number): void {
  const flexible = version >= 2;
  writer.string(message.principalType, flexible);
  writer.string(message.principalName, flexible);
  if (flexible) writer.uvarint(0);
}

function encodeDescribedDelegationToken(writer: Writer, message: DescribedDelegationTokenInit, version: number): void {
  const flexible = version >= 2;
  writer.string(message.principalType, flexible);
  writer.string(message.principalName, flexible);
  if (version >= 3) writer.string(message.tokenRequesterPrincipalType ?? '', flexible);
  else if (message.tokenRequesterPrincipalType !== undefined && message.tokenRequesterPrincipalType !== '') throw unsupportedField('DescribeDelegationTokenResponse', 'tokenRequesterPrincipalType', version);
  if (version >= 3) writer.string(message.tokenRequesterPrincipalName ?? '', flexible);
  else if (message.tokenRequesterPrincipalName !== undefined && message.tokenRequesterPrincipalName !== '') throw unsupportedField('DescribeDelegationTokenResponse', 'tokenRequesterPrincipalName', version);
  writer.int64(message.issueTimestamp);
  writer.int64(message.expiryTimestamp);
  writer.int64(message.maxTimestamp);
  writer.string(message.tokenId, flexible);
  writer.bytes(message.hmac, flexible);
  const renewers = message.renewers;
  writer.arrayLength(renewers.length, flexible);
  for (const item of renewers) encodeDescribedDelegationTokenRenewer(writer, item, version);
  if (flexible) writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeDelegationTokenResponse(writer: Writer, message: DescribeDelegationTokenResponseInit, version: number): void {
  const flexible = version >= 2;
  checkVersion('DescribeDelegationTokenResponse', version, 1, 3);
  writer.int16(message.errorCode);
  const tokens = message.tokens;
  writer.arrayLength(tokens.length, flexible);
  for (const item of tokens) encodeDescribedDelegationToken(writer, item, version);
  writer.int32(message.throttleTimeMs);
  if (flexible) writer.uvarint(0);
}

/** DescribeDelegationToken as a whole. */
export const describeDelegationTokenMessages = defineApi<DescribeDelegationTokenRequest, DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, DescribeDelegationTokenResponseInit>({
  apiKey: 41,
  name: 'DescribeDelegationToken',
  validVersions: { min: 1, max: 3 },
  flexibleFrom: 2,
  decodeRequest: decodeDescribeDelegationTokenRequest,
  encodeRequest: encodeDescribeDelegationTokenRequest,
  decodeResponse: decodeDescribeDelegationTokenResponse,
  encodeResponse: encodeDescribeDelegationTokenResponse,
});
