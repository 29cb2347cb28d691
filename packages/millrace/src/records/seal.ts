import { MillraceError } from '../runtime/errors.ts';
import type { CompressionType } from './compression.ts';
import type { EventBatch } from './event-batch.ts';

export interface SealOptions {
  /** Default 0; a broker patches it on append. */
  baseOffset?: number;
  /** Default -1. */
  leaderEpoch?: number;
  /** Default -1: not idempotent. */
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  /** Default `none`. */
  compression?: CompressionType;
  /** Unix ms; replaces the batch's base where its records have no timestamps of their own. */
  timestampMs?: number;
  /** Sets the transactional bit. */
  transactional?: boolean;
}

/** A whole record batch in two pieces, for one `writev`. */
export interface SealedBatch {
  /** 61 bytes with the checksum set, in a buffer of their own. */
  header: Buffer;
  /** The record section, compressed where asked; may be a view into the batch: never write to it. */
  records: Buffer;
  count: number;
  /** Both together. */
  sizeBytes: number;
}

/** Makes the batch ready to leave. A slice's offset deltas are renumbered from 0 (one copy); else nothing is copied. */
export function sealBatch(_batch: EventBatch, _options: SealOptions): SealedBatch {
  throw new MillraceError('BATCH_CORRUPT', 'sealBatch is being built');
}

/** Like `sealBatch`, with the compression done in the thread pool. */
export function sealBatchAsync(_batch: EventBatch, _options: SealOptions): Promise<SealedBatch> {
  throw new MillraceError('BATCH_CORRUPT', 'sealBatchAsync is being built');
}
