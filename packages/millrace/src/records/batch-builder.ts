import { MillraceError } from '../runtime/errors.ts';
import type { EventBatch, Headers } from './event-batch.ts';

/** Collects events one by one into one growing buffer. */
export class BatchBuilder {
  /** Adds an event. The bytes are copied. `timestampMs` is Unix ms; without it the batch's base holds. */
  add(
    _body: Uint8Array | string | null,
    _headers?: Iterable<readonly [string, string]>,
    _key?: Uint8Array | string | null,
    _timestampMs?: number,
  ): void {
    throw new MillraceError('BATCH_CORRUPT', 'BatchBuilder is being built');
  }

  /** Events so far. */
  get count(): number {
    return 0;
  }

  /** Record bytes so far. */
  get sizeBytes(): number {
    return 0;
  }

  /** The events as a batch; the builder is empty again afterwards. */
  build(_sharedHeaders?: Headers): EventBatch {
    throw new MillraceError('BATCH_CORRUPT', 'BatchBuilder is being built');
  }

  /** Forgets what was added. */
  reset(): void {}
}
