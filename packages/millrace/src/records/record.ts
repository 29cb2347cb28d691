import { MillraceError } from '../runtime/errors.ts';

/** One record of a batch, as read from its bytes. Buffers are views. */
export interface RecordView {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The record's own headers as text, in their order; a null value shows as ''. */
  headers(): [string, string][];
  /** Where the next record starts. */
  readonly end: number;
}

/** Reads the record that starts at `at`. Throws `BATCH_CORRUPT` when a length runs past the bytes. */
export function readRecord(_records: Buffer, _at: number): RecordView {
  throw new MillraceError('BATCH_CORRUPT', 'readRecord is being built');
}
