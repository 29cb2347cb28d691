// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import { checkVersion, unsupportedField } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ListTransactionsRequest: API key 66, versions 0-2. */
export interface ListTransactionsRequest {
  readonly stateFilters: readonly string[];
  readonly producerIdFilters: readonly number[];
  readonly durationFilter: number;
  readonly transactionalIdPattern: string | null;
}

/** What is given to encode {@link ListTransactionsRequest}: what has a default may be left out. */
export interface ListTransactionsRequestInit {
  readonly stateFilters: readonly string[];
  readonly producerIdFilters: readonly number[];
  readonly durationFilter?: number;
  readonly transactionalIdPattern?: string | null;
}

/**
 * ListTransactionsRequest: API key 66, versions 0-2, flexible from 0.
 *
 *   stateFilters => []string
 *   producerIdFilters => []int64
 *   durationFilter => int64  (versions 1-2, default -1)
 *   transactionalIdPattern => string  (versions 2, may be null, default null)
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListTransactionsRequest(reader: Reader, version: number): ListTransactionsRequest {
  checkVersion('ListTransactionsRequest', version, 0, 2);
  const stateFiltersLength = reader.arrayLength(true, 1);
  const stateFilters: string[] = [];
  for (let i = 0; i < stateFiltersLength; i += 1) stateFilters.push(reader.string(true));
  const producerIdFiltersLength = reader.arrayLength(true, 8);
  const producerIdFilters: number[] = [];
  for (let i = 0; i < producerIdFiltersLength; i += 1) producerIdFilters.push(reader.int64());
  let durationFilter: number = -1;
  if (version >= 1) durationFilter = reader.int64();
  let transactionalIdPattern: string | null = null;
  if (version >= 2) transactionalIdPattern = reader.nullableString(true);
  reader.skipTags();
  return { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListTransactionsRequest(writer: Writer, message: ListTransactionsRequestInit, version: number): void {
  checkVersion('ListTransactionsRequest', version, 0, 2);
  const stateFilters = message.stateFilters;
  writer.arrayLength(stateFilters.length, true);
  for (const item of stateFilters) writer.string(item, true);
  const producerIdFilters = message.producerIdFilters;
  writer.arrayLength(producerIdFilters.length, true);
  for (const item of producerIdFilters) writer.int64(item);
  if (version >= 1) writer.int64(message.durationFilter ?? -1);
  else if (message.durationFilter !== undefined && message.durationFilter !== -1) throw unsupportedField('ListTransactionsRequest', 'durationFilter', version);
  if (version >= 2) writer.nullableString(message.transactionalIdPattern ?? null, true);
  else if (message.transactionalIdPattern !== undefined && message.transactionalIdPattern !== null) throw unsupportedField('ListTransactionsRequest', 'transactionalIdPattern', version);
  writer.uvarint(0);
}

/** ListTransactionsResponse: API key 66, versions 0-2. */
export interface ListTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly unknownStateFilters: readonly string[];
  readonly transactionStates: readonly TransactionState[];
}

/** Part of ListTransactionsResponse. */
export interface TransactionState {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly transactionState: string;
}

function decodeTransactionState(reader: Reader): TransactionState {
  const transactionalId = reader.string(true);
  const producerId = reader.int64();
  const transactionState = reader.string(true);
  reader.skipTags();
  return { transactionalId, producerId, transactionState };
}

/**
 * ListTransactionsResponse: API key 66, versions 0-2, flexible from 0.
 *
 *   throttleTimeMs => int32
 *   errorCode => int16
 *   unknownStateFilters => []string
 *   transactionStates => []TransactionState
 *     transactionalId => string
 *     producerId => int64
 *     transactionState => string
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeListTransactionsResponse(reader: Reader, version: number): ListTransactionsResponse {
  checkVersion('ListTransactionsResponse', version, 0, 2);
  const throttleTimeMs = reader.int32();
  const errorCode = reader.int16();
  const unknownStateFiltersLength = reader.arrayLength(true, 1);
  const unknownStateFilters: string[] = [];
  for (let i = 0; i < unknownStateFiltersLength; i += 1) unknownStateFilters.push(reader.string(true));
  const transactionStatesLength = reader.arrayLength(true, 11);
  const transactionStates: TransactionState[] = [];
  for (let i = 0; i < transactionStatesLength; i += 1) transactionStates.push(decodeTransactionState(reader));
  reader.skipTags();
  return { throttleTimeMs, errorCode, unknownStateFilters, transactionStates };
}

function encodeTransactionState(writer: Writer, message: TransactionState): void {
  writer.string(message.transactionalId, true);
  writer.int64(message.producerId);
  writer.string(message.transactionState, true);
  writer.uvarint(0);
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeListTransactionsResponse(writer: Writer, message: ListTransactionsResponse, version: number): void {
  checkVersion('ListTransactionsResponse', version, 0, 2);
  writer.int32(message.throttleTimeMs);
  writer.int16(message.errorCode);
  const unknownStateFilters = message.unknownStateFilters;
  writer.arrayLength(unknownStateFilters.length, true);
  for (const item of unknownStateFilters) writer.string(item, true);
  const transactionStates = message.transactionStates;
  writer.arrayLength(transactionStates.length, true);
  for (const item of transactionStates) encodeTransactionState(writer, item);
  writer.uvarint(0);
}

/** ListTransactions as a whole. */
export const listTransactionsMessages = defineApi<ListTransactionsRequest, ListTransactionsRequestInit, ListTransactionsResponse, ListTransactionsResponse>({
  apiKey: 66,
  name: 'ListTransactions',
  validVersions: { min: 0, max: 2 },
  flexibleFrom: 0,
  decodeRequest: decodeListTransactionsRequest,
  encodeRequest: encodeListTransactionsRequest,
  decodeResponse: decodeListTransactionsResponse,
  encodeResponse: encodeListTransactionsResponse,
});
