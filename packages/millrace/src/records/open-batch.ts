import { MillraceError } from '../runtime/errors.ts';
import type { EventBatch } from './event-batch.ts';

export interface OpenOptions {
  /** Default false: TCP and the log have their own checks. */
  verifyCrc?: boolean;
  /** What the records may grow to when decompressed. Default 128 MiB. */
  maxBytes?: number;
}

/**
 * The batch that starts at `at`, as events: views into `bytes` where it is not compressed.
 * Throws `BATCH_CORRUPT` with the position, `COMPRESSION` for compressed bytes that cannot be restored within the cap.
 */
export function openBatch(_bytes: Buffer, _at: number, _options: OpenOptions = {}): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'openBatch is being built');
}
