// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, emptyArray, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** FindCoordinatorRequest: API key 10, versions 0-6. */
export interface FindCoordinatorRequest {
  readonly key: string;
  readonly keyType: number;
  readonly coordinatorKeys: readonly string[];
}

/** What is given to encode {@link FindCoordinatorRequest}: what has a default may be left out. */
export interface FindCoordinatorRequestInit {
  readonly key?: string;
  readonly keyType?: number;
  readonly coordinatorKeys?: readonly string[];
}

/**
 * FindCoordinatorRequest: API key 10, versions 0-6, flexible from 3.
 *
 *   key => string  (versions 0-3)
 *   keyType => int8  (versions 1-6, default 0)
 *   coordinatorKeys => []string  (versions 4-6)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeFindCoordinatorRequest(reader: Reader, version: number): FindCoordinatorRequest {
  const flexible = version >= 3;
  checkVersion('FindCoordinatorRequest', version, 0, 6);
  let key: string = '';
  if (version <= 3) key = reader.string(flexible);
  let keyType: number = 0;
  if (version >= 1) keyType = reader.int8();
  let coordinatorKeys: readonly string[] = emptyArray;
  if (version >= 4) {
    const coordinatorKeysLength = reader.arrayLength(flexible, 1);
    const items: string[] = [];
    for (let i = 0; i < coordinatorKeysLength; i += 1) items.push(reader.string(flexible));
    coordinatorKeys = items;
  }
  if (flexible) reader.skipTags();
  return { key, keyType, coordinatorKeys };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeFindCoordinatorRequest(writer: Writer, message: FindCoordinatorRequestInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('FindCoordinatorRequest', version, 0, 6);
  if (version <= 3) writer.string(message.key ?? '', flexible);
  else if (message.key !== undefined && message.key !== '') throw unsupportedField('FindCoordinatorRequest', 'key', version);
  if (version >= 1) writer.int8(message.keyType ?? 0);
  else if (message.keyType !== undefined && message.keyType !== 0) throw unsupportedField('FindCoordinatorRequest', 'keyType', version);
  if (version >= 4) {
    const coordinatorKeys = message.coordinatorKeys ?? emptyArray;
    writer.arrayLength(coordinatorKeys.length, flexible);
    for (const item of coordinatorKeys) writer.string(item, flexible);
  } else if (message.coordinatorKeys !== undefined && message.coordinatorKeys.length !== 0) {
    throw unsupportedField('FindCoordinatorRequest', 'coordinatorKeys', version);
  }
  if (flexible) writer.uvarint(0);
}

/** FindCoordinatorResponse: API key 10, versions 0-6. */
export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly coordinators: readonly Coordinator[];
}

/** What is given to encode {@link FindCoordinatorResponse}: what has a default may be left out. */
export interface FindCoordinatorResponseInit {
  readonly throttleTimeMs?: number;
  readonly errorCode?: number;
  readonly errorMessage?: string | null;
  readonly nodeId?: number;
  readonly host?: string;
  readonly port?: number;
  readonly coordinators?: readonly CoordinatorInit[];
}

/** Part of FindCoordinatorResponse. */
export interface Coordinator {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link Coordinator}: what has a default may be left out. */
export interface CoordinatorInit {
  readonly key: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

function decodeCoordinator(reader: Reader): Coordinator {
  const key = reader.string(true);
  const nodeId = reader.int32();
  const host = reader.string(true);
  const port = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { key, nodeId, host, port, errorCode, errorMessage };
}

/**
 * FindCoordinatorResponse: API key 10, versions 0-6, flexible from 3.
 *
 *   throttleTimeMs => int32  (versions 1-6)
 *   errorCode => int16  (versions 0-3)
 *   errorMessage => string  (versions 1-3, may be null)
 *   nodeId => int32  (versions 0-3)
 *   host => string  (versions 0-3)
 *   port => int32  (versions 0-3)
 *   coordinators => []Coordinator  (versions 4-6)
 *     key => string
 *     nodeId => int32
 *     host => string
 *     port => int32
 *     errorCode => int16
 *     errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeFindCoordinatorResponse(reader: Reader, version: number): FindCoordinatorResponse {
  const flexible = version >= 3;
  checkVersion('FindCoordinatorResponse', version, 0, 6);
  let throttleTimeMs: number = 0;
  if (version >= 1) throttleTimeMs = reader.int32();
  let errorCode: number = 0;
  if (version <= 3) errorCode = reader.int16();
  let errorMessage: string | null = '';
  if (version >= 1 && version <= 3) errorMessage = reader.nullableString(flexible);
  let nodeId: number = 0;
  if (version <= 3) nodeId = reader.int32();
  let host: string = '';
  if (version <= 3) host = reader.string(flexible);
  let port: number = 0;
  if (version <= 3) port = reader.int32();
  let coordinators: readonly Coordinator[] = emptyArray;
  if (version >= 4) {
    const coordinatorsLength = reader.arrayLength(flexible, 14);
    const items: Coordinator[] = [];
    for (let i = 0; i < coordinatorsLength; i += 1) items.push(decodeCoordinator(reader));
    coordinators = items;
  }
  if (flexible) reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators };
}

function encodeCoordinator(writer: Writer, message: CoordinatorInit): void {
  writer.string(message.key, true);
  writer.int32(message.nodeId);
  writer.string(message.host, true);
  writer.int32(message.port);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeFindCoordinatorResponse(writer: Writer, message: FindCoordinatorResponseInit, version: number): void {
  const flexible = version >= 3;
  checkVersion('FindCoordinatorResponse', version, 0, 6);
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0);
  if (version <= 3) writer.int16(message.errorCode ?? 0);
  else if (message.errorCode !== undefined && message.errorCode !== 0) throw unsupportedField('FindCoordinatorResponse', 'errorCode', version);
  if (version >= 1 && version <= 3) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, flexible);
  if (version <= 3) writer.int32(message.nodeId ?? 0);
  else if (message.nodeId !== undefined && message.nodeId !== 0) throw unsupportedField('FindCoordinatorResponse', 'nodeId', version);
  if (version <= 3) writer.string(message.host ?? '', flexible);
  else if (message.host !== undefined && message.host !== '') throw unsupportedField('FindCoordinatorResponse', 'host', version);
  if (version <= 3) writer.int32(message.port ?? 0);
  else if (message.port !== undefined && message.port !== 0) throw unsupportedField('FindCoordinatorResponse', 'port', version);
  if (version >= 4) {
    const coordinators = message.coordinators ?? emptyArray;
    writer.arrayLength(coordinators.length, flexible);
    for (const item of coordinators) encodeCoordinator(writer, item);
  } else if (message.coordinators !== undefined && message.coordinators.length !== 0) {
    throw unsupportedField('FindCoordinatorResponse', 'coordinators', version);
  }
  if (flexible) writer.uvarint(0);
}

/** FindCoordinator as a whole. */
export const findCoordinatorMessages = defineApi<FindCoordinatorRequest, FindCoordinatorRequestInit, FindCoordinatorResponse, FindCoordinatorResponseInit>({
  apiKey: 10,
  name: 'FindCoordinator',
  validVersions: { min: 0, max: 6 },
  flexibleFrom: 3,
  decodeRequest: decodeFindCoordinatorRequest,
  encodeRequest: encodeFindCoordinatorRequest,
  decodeResponse: decodeFindCoordinatorResponse,
  encodeResponse: encodeFindCoordinatorResponse,
});
