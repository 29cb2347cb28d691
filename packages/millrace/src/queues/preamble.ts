import { BatchBuilder } from '../records/batch-builder.ts';
import { type EventBatch, type Headers, noHeaders, type RecordOrigin } from '../records/event-batch.ts';
import { MillraceError } from '../runtime/errors.ts';
import type { Progress } from './progress.ts';

/**
 * The preamble of a transaction in an `EventLog`: one record in front of the batches, with what their bytes do
 * not say: where each begins, the headers that its events share, and how record metadata shows as headers.
 *
 * Preamble and batches carry this producer id, the preamble epoch 0 and the batches epoch 1. Both are set by the
 * log alone, so no event can look like a preamble; to Kafka's tools they are ordinary batches.
 */
export const preambleProducerId = 0x6d_69_6c_6c;

export interface Preamble {
  /** Records of the transaction, the preamble not counted. */
  readonly records: number;
  readonly batches: readonly PreambleBatch[];
  /** How far whoever put them has come: key and place each. Absent: it did not say. */
  readonly progress?: readonly (readonly [key: string, place: string])[];
}

interface PreambleBatch {
  readonly count: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly origin?: Omit<RecordOrigin, 'headerNames'> & {
    readonly headerNames?: readonly (readonly [string, string])[];
  };
}

/** Whether the bytes of the batches alone are not the whole truth. */
export function needsPreamble(batches: readonly EventBatch[]): boolean {
  return (
    batches.length !== 1 ||
    batches.some((batch) => batch.sharedHeaders.size > 0 || batch.origin !== undefined)
  );
}

export function encodePreamble(
  batches: readonly EventBatch[],
  progress: readonly Progress[] = [],
): EventBatch {
  const preamble: Preamble = {
    records: batches.reduce((sum, batch) => sum + batch.count, 0),
    batches: batches.map(describe),
    ...(progress.length === 0 ? {} : { progress: progress.map(({ key, place }) => [key, place]) }),
  };
  const builder = new BatchBuilder();
  builder.add(JSON.stringify(preamble), undefined, 'millrace.transaction', batches[0]!.baseTimestamp);
  return builder.build();
}

function describe(batch: EventBatch): PreambleBatch {
  const { count, sharedHeaders, origin } = batch;
  const headers = sharedHeaders.size === 0 ? {} : { headers: [...sharedHeaders] };
  if (origin === undefined) return { count, ...headers };
  const { headerNames, ...rest } = origin;
  const names = headerNames === undefined ? {} : { headerNames: [...headerNames] };
  return { count, ...headers, origin: { ...rest, ...names } };
}

/** Throws `LOG_CORRUPT` when the record is no preamble. */
export function decodePreamble(batch: EventBatch): Preamble {
  try {
    const parsed: unknown = JSON.parse(batch.event(0).body.toString('utf8'));
    if (isPreamble(parsed)) return parsed;
  } catch {
    // told below
  }
  throw new MillraceError(
    'LOG_CORRUPT',
    'a transaction of the file channel begins with a record that is no preamble',
  );
}

function isPreamble(value: unknown): value is Preamble {
  if (typeof value !== 'object' || value === null) return false;
  const { records, batches, progress = [] } = value as Partial<Preamble>;
  return (
    Number.isSafeInteger(records) &&
    Array.isArray(batches) &&
    batches.every((b) => Number.isSafeInteger(b?.count)) &&
    Array.isArray(progress) &&
    progress.every((it) => typeof it?.[0] === 'string' && typeof it[1] === 'string')
  );
}

/** The batch whose first event is record `distance` behind the preamble, as it was put. */
export function withPreamble(batch: EventBatch, preamble: Preamble, distance: number): EventBatch {
  let at = 1;
  for (const { count, headers, origin } of preamble.batches) {
    if (at === distance) {
      const shared: Headers = headers === undefined ? noHeaders : new Map(headers);
      const named = shared.size === 0 ? batch : batch.withSharedHeaders(shared);
      return origin === undefined ? named : named.withOrigin(originOf(origin));
    }
    at += count;
  }
  return batch;
}

function originOf(origin: NonNullable<PreambleBatch['origin']>): RecordOrigin {
  const { headerNames, ...rest } = origin;
  return headerNames === undefined ? rest : { ...rest, headerNames: new Map(headerNames) };
}
