import { MillraceError } from '../runtime/errors.ts';
import type { EventBatch } from './event-batch.ts';

export interface EncodeLinesOptions {
  /** At most so many events; at least 1. */
  maxEvents: number;
  /** Drop one `\r` before the `\n`. Default false. */
  stripCarriageReturn?: boolean;
  /** Unix ms of the batch; Kafka's record timestamp unless the sink sets another. */
  timestampMs: number;
}

export interface EncodedLines {
  /** Null when there is no whole line. */
  batch: EventBatch | null;
  /** Bytes taken from `from` on: up to after the last `\n` taken. */
  consumed: number;
}

/** The whole lines of `chunk[from, to)` as a batch, one event per line, without its `\n`. The bytes are copied. */
export function encodeLines(
  _chunk: Buffer,
  _from: number,
  _to: number,
  _options: EncodeLinesOptions,
): EncodedLines {
  throw new MillraceError('BATCH_CORRUPT', 'encodeLines is being built');
}
