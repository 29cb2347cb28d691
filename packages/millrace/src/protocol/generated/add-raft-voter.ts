// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** AddRaftVoterRequest: API key 80, versions 0-1. */
export interface AddRaftVoterRequest {
  readonly clusterId: string | null;
  readonly timeoutMs: number;
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly listeners: readonly Listener[];
  readonly ackWhenCommitted: boolean;
}

/** What is given to encode {@link AddRaftVoterRequest}: what has a default may be left out. */
export interface AddRaftVoterRequestInit {
  readonly clusterId: string | null;
  readonly timeoutMs: number;
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly listeners: readonly Listener[];
  readonly ackWhenCommitted?: boolean;
}

/** Part of AddRaftVoterRequest. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

function decodeListener(reader: Reader): Listener {
  const name = reader.string(true);
  const host = reader.string(true);
  const port = reader.uint16();
  reader.skipTags();
  return { name, host, port };
}

/**
 * AddRaftVoterRequest: API key 80, versions 0-1, flexible from 0.
 *
 *   clusterId => string  (may be null)
 *   timeoutMs => int32
 *   voterId => int32
 *   voterDirectoryId => uuid
 *   listeners => []Listener
 *     name => string
 *     host => string
 *     port => uint16
 *   ackWhenCommitted => bool  (versions 1, default true)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddRaftVoterRequest(reader: Reader, version: number): AddRaftVoterRequest {
  checkVersion('AddRaftVoterRequest', version, 0, 1);
  const clusterId = reader.nullableString(true);
  const timeoutMs = reader.int32();
  const voterId = reader.int32();
  const voterDirectoryId = reader.uuid();
  const listenersLength = reader.arrayLength(true, 5);
  const listeners: Listener[] = [];
  for (let i = 0; i < listenersLength; i += 1) listeners.push(decodeListener(reader));
  let ackWhenCommitted: boolean = true;
  if (version >= 1) ackWhenCommitted = reader.boolean();
  reader.skipTags();
  return { clusterId, timeoutMs, voterId, voterDirectoryId, listeners, ackWhenCommitted };
}

function encodeListener(writer: Writer, message: Listener): void {
  writer.string(message.name, true);
  writer.string(message.host, true);
  writer.uint16(message.port);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddRaftVoterRequest(writer: Writer, message: AddRaftVoterRequestInit, version: number): void {
  checkVersion('AddRaftVoterRequest', version, 0, 1);
  writer.nullableString(message.clusterId, true);
  writer.int32(message.timeoutMs);
  writer.int32(message.voterId);
  writer.uuid(message.voterDirectoryId);
  const listeners = message.listeners;
  writer.arrayLength(listeners.length, true);
  for (const item of listeners) encodeListener(writer, item);
  if (version >= 1) writer.boolean(message.ackWhenCommitted ?? true);
  else if (message.ackWhenCommitted !== undefined && !message.ackWhenCommitted) throw unsupportedField('AddRaftVoterRequest', 'ackWhenCommitted', version);
  writer.uvarint(0);
}

/** AddRaftVoterResponse: API key 80, versions 0-1. */
export interface AddRaftVoterResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is given to encode {@link AddRaftVoterResponse}: what has a default may be left out. */
export interface AddRaftVoterResponseInit {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/**
 * AddRaftVoterResponse: API key 80, versions 0-1, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   errorMessage => string  (may be null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeAddRaftVoterResponse(reader: Reader, version: number): AddRaftVoterResponse {
  checkVersion('AddRaftVoterResponse', version, 0, 1);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const errorMessage = reader.nullableString(true);
  reader.skipTags();
  return { throttleTimeMs, errorCode, errorMessage };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeAddRaftVoterResponse(writer: Writer, message: AddRaftVoterResponseInit, version: number): void {
  checkVersion('AddRaftVoterResponse', version, 0, 1);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true);
  writer.uvarint(0);
}

/** AddRaftVoter as a whole. */
export const addRaftVoterMessages = defineApi<AddRaftVoterRequest, AddRaftVoterRequestInit, AddRaftVoterResponse, AddRaftVoterResponseInit>({
  apiKey: 80,
  name: 'AddRaftVoter',
  validVersions: { min: 0, max: 1 },
  flexibleFrom: 0,
  decodeRequest: decodeAddRaftVoterRequest,
  encodeRequest: encodeAddRaftVoterRequest,
  decodeResponse: decodeAddRaftVoterResponse,
  encodeResponse: encodeAddRaftVoterResponse,
});
