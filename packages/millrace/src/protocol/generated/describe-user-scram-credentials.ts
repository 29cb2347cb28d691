// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** DescribeUserScramCredentialsRequest: API key 50, version 0. */
export interface DescribeUserScramCredentialsRequest {
  readonly users: readonly UserName[] | null;
}

/** Part of DescribeUserScramCredentialsRequest. */
export interface UserName {
  readonly name: string;
}

function decodeUserName(reader: Reader): UserName {
  const name = reader.string(true);
  reader.skipTags();
  return { name };
}

/**
 * DescribeUserScramCredentialsRequest: API key 50, version 0, flexible from 0.
 *
 *   users => []UserName  (may be null)
 *     name => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeUserScramCredentialsRequest(reader: Reader, version: number): DescribeUserScramCredentialsRequest {
  checkVersion('DescribeUserScramCredentialsRequest', version, 0, 0);
  const usersLength = reader.nullableArrayLength(true, 2);
  let users: readonly UserName[] | null = null;
  if (usersLength >= 0) {
    const items: UserName[] = [];
    for (let i = 0; i < usersLength; i += 1) items.push(decodeUserName(reader));
    users = items;
  }
  reader.skipTags();
  return { users };
}

function encodeUserName(writer: Writer, message: UserName): void {
  writer.string(message.name, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeUserScramCredentialsRequest(writer: Writer, message: DescribeUserScramCredentialsRequest, version: number): void {
  checkVersion('DescribeUserScramCredentialsRequest', version, 0, 0);
  const users = message.users;
  if (users === null) {
    writer.nullArray(true);
  } else {
    writer.arrayLength(users.length, true);
    for (const item of users) encodeUserName(writer, item);
  }
  writer.uvarint(0);
}

/** DescribeUserScramCredentialsResponse: API key 50, version 0. */
export interface DescribeUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results: readonly DescribeUserScramCredentialsResult[];
}

/** Part of DescribeUserScramCredentialsResponse. */
export interface DescribeUserScramCredentialsResult {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly credentialInfos: readonly CredentialInfo[];
}

/** Part of DescribeUserScramCredentialsResponse. */
export interface CredentialInfo {
  readonly mechanism: number;
  readonly iterations: number;
}

function decodeCredentialInfo(reader: Reader): CredentialInfo {
  const mechanism = reader.int8();
  const iterations = reader.int32();
  reader.skipTags();
  return { mechanism, iterations };
}

function decodeDescribeUserScramCredentialsResult(reader: Reader): DescribeUserScramCredentialsResult {
  const user = reader.string(true);
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const credentialInfosLength = reader.arrayLength(true, 6);
  const credentialInfos: CredentialInfo[] = [];
  for (let i = 0; i < credentialInfosLength; i += 1) credentialInfos.push(decodeCredentialInfo(reader));
  reader.skipTags();
  return { user, errorCode, errorMessage, credentialInfos };
}

/**
 * DescribeUserScramCredentialsResponse: API key 50, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *   results => []DescribeUserScramCredentialsResult
 *     user => string
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *     credentialInfos => []CredentialInfo
 *       mechanism => int8
 *       iterations => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeDescribeUserScramCredentialsResponse(reader: Reader, version: number): DescribeUserScramCredentialsResponse {
  checkVersion('DescribeUserScramCredentialsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  const resultsLength = reader.arrayLength(true, 6);
  const results: DescribeUserScramCredentialsResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeDescribeUserScramCredentialsResult(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function encodeCredentialInfo(writer: Writer, message: CredentialInfo): void {
  writer.int8(message.mechanism);
  writer.int32(message.iterations);
  writer.uvarint(0);
}

function encodeDescribeUserScramCredentialsResult(writer: Writer, message: DescribeUserScramCredentialsResult): void {
  writer.string(message.user, true);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  const credentialInfos = message.credentialInfos;
  writer.arrayLength(credentialInfos.length, true);
  for (const item of credentialInfos) encodeCredentialInfo(writer, item);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeDescribeUserScramCredentialsResponse(writer: Writer, message: DescribeUserScramCredentialsResponse, version: number): void {
  checkVersion('DescribeUserScramCredentialsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeDescribeUserScramCredentialsResult(writer, item);
  writer.uvarint(0);
}

/** DescribeUserScramCredentials as a whole. */
export const describeUserScramCredentialsMessages = defineApi<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, DescribeUserScramCredentialsResponse>({
  apiKey: 50,
  name: 'DescribeUserScramCredentials',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeDescribeUserScramCredentialsRequest,
  encodeRequest: encodeDescribeUserScramCredentialsRequest,
  decodeResponse: decodeDescribeUserScramCredentialsResponse,
  encodeResponse: encodeDescribeUserScramCredentialsResponse,
});
