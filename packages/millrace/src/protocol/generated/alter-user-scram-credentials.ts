// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AlterUserScramCredentialsRequest: API key 51, version 0. */
export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly ScramCredentialDeletion[];
  readonly upsertions: readonly ScramCredentialUpsertion[];
}

/** Part of AlterUserScramCredentialsRequest. */
export interface ScramCredentialUpsertion {
  readonly name: string;
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly saltedPassword: Buffer;
}

/** Part of AlterUserScramCredentialsRequest. */
export interface ScramCredentialDeletion {
  readonly name: string;
  readonly mechanism: number;
}

function decodeScramCredentialDeletion(reader: Reader): ScramCredentialDeletion {
  const name = reader.string(true);
  const mechanism = reader.int8();
  reader.skipTags();
  return { name, mechanism };
}

function decodeScramCredentialUpsertion(reader: Reader): ScramCredentialUpsertion {
  const name = reader.string(true);
  const mechanism = reader.int8();
  const iterations = reader.int32();
  const salt = reader.bytes(true);
  const saltedPassword = reader.bytes(true);
  reader.skipTags();
  return { name, mechanism, iterations, salt, saltedPassword };
}

/**
 * AlterUserScramCredentialsRequest: API key 51, version 0, flexible from 0.
 *
 *   deletions => []ScramCredentialDeletion
 *     name => string
 *     mechanism => int8
 *   upsertions => []ScramCredentialUpsertion
 *     name => string
 *     mechanism => int8
 *     iterations => int32
 *     salt => bytes
 *     saltedPassword => bytes
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterUserScramCredentialsRequest(reader: Reader, version: number): AlterUserScramCredentialsRequest {
  checkVersion('AlterUserScramCredentialsRequest', version, 0, 0);
  const deletionsLength = reader.arrayLength(true, 3);
  const deletions: ScramCredentialDeletion[] = [];
  for (let i = 0; i < deletionsLength; i += 1) deletions.push(decodeScramCredentialDeletion(reader));
  const upsertionsLength = reader.arrayLength(true, 9);
  const upsertions: ScramCredentialUpsertion[] = [];
  for (let i = 0; i < upsertionsLength; i += 1) upsertions.push(decodeScramCredentialUpsertion(reader));
  reader.skipTags();
  return { deletions, upsertions };
}

function encodeScramCredentialDeletion(writer: Writer, message: ScramCredentialDeletion): void {
  writer.string(message.name, true);
  writer.int8(message.mechanism);
  writer.uvarint(0);
}

function encodeScramCredentialUpsertion(writer: Writer, message: ScramCredentialUpsertion): void {
  writer.string(message.name, true);
  writer.int8(message.mechanism);
  writer.int32(message.iterations);
  writer.bytes(message.salt, true);
  writer.bytes(message.saltedPassword, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterUserScramCredentialsRequest(writer: Writer, message: AlterUserScramCredentialsRequest, version: number): void {
  checkVersion('AlterUserScramCredentialsRequest', version, 0, 0);
  const deletions = message.deletions;
  writer.arrayLength(deletions.length, true);
  for (const item of deletions) encodeScramCredentialDeletion(writer, item);
  const upsertions = message.upsertions;
  writer.arrayLength(upsertions.length, true);
  for (const item of upsertions) encodeScramCredentialUpsertion(writer, item);
  writer.uvarint(0);
}

/** AlterUserScramCredentialsResponse: API key 51, version 0. */
export interface AlterUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AlterUserScramCredentialsResult[];
}

/** Part of AlterUserScramCredentialsResponse. */
export interface AlterUserScramCredentialsResult {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

function decodeAlterUserScramCredentialsResult(reader: Reader): AlterUserScramCredentialsResult {
  const user = reader.string(true);
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { user, errorCode, errorMessage };
}

/**
 * AlterUserScramCredentialsResponse: API key 51, version 0, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   results => []AlterUserScramCredentialsResult
 *     user => string
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAlterUserScramCredentialsResponse(reader: Reader, version: number): AlterUserScramCredentialsResponse {
  checkVersion('AlterUserScramCredentialsResponse', version, 0, 0);
  const throttleTimeMs = reader.int32();
  const resultsLength = reader.arrayLength(true, 5);
  const results: AlterUserScramCredentialsResult[] = [];
  for (let i = 0; i < resultsLength; i += 1) results.push(decodeAlterUserScramCredentialsResult(reader));
  reader.skipTags();
  return { throttleTimeMs, results };
}

function encodeAlterUserScramCredentialsResult(writer: Writer, message: AlterUserScramCredentialsResult): void {
  writer.string(message.user, true);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAlterUserScramCredentialsResponse(writer: Writer, message: AlterUserScramCredentialsResponse, version: number): void {
  checkVersion('AlterUserScramCredentialsResponse', version, 0, 0);
  writer.int32(message.throttleTimeMs);
  const results = message.results;
  writer.arrayLength(results.length, true);
  for (const item of results) encodeAlterUserScramCredentialsResult(writer, item);
  writer.uvarint(0);
}

/** AlterUserScramCredentials as a whole. */
export const alterUserScramCredentialsMessages = defineApi<AlterUserScramCredentialsRequest, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, AlterUserScramCredentialsResponse>({
  apiKey: 51,
  name: 'AlterUserScramCredentials',
  validVersions: { min: 0, max: 0 },
  flexibleFrom: 0,
  decodeRequest: decodeAlterUserScramCredentialsRequest,
  encodeRequest: encodeAlterUserScramCredentialsRequest,
  decodeResponse: decodeAlterUserScramCredentialsResponse,
  encodeResponse: encodeAlterUserScramCredentialsResponse,
});
