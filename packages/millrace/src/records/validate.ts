import { MillraceError } from '../runtime/errors.ts';
import type { BatchHeader } from './batch-header.ts';

/**
 * Checks a producer's batch as a broker must before it appends it: whole, checksum right, no control bit, record count
 * and offset deltas 0, 1, 2 … Allocates nothing unless compressed. Throws `BATCH_CORRUPT` or `COMPRESSION`.
 */
export function validateProducedBatch(_bytes: Buffer, _at: number, _maxBytes?: number): BatchHeader {
  throw new MillraceError('BATCH_CORRUPT', 'validateProducedBatch is being built');
}
