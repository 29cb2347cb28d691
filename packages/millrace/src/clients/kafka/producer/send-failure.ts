import type { EventBatch } from '../../../records/event-batch.ts';
import { MillraceError } from '../../../runtime/errors.ts';

/** An event of a batch that the brokers will never take as it is. */
export interface RefusedEvent {
  /** Its place in the batch that was given to `send`. */
  readonly index: number;
  /** For a person: the topic, the partition, the limit that it breaks. */
  readonly reason: string;
}

/**
 * Why `send` failed, event by event: those in `refused` will never be taken; those in `pending` may be sent again;
 * all others are acknowledged. Both are sorted by index.
 */
export class SendFailure extends MillraceError {
  readonly refused: readonly RefusedEvent[];
  readonly pending: readonly number[];

  constructor(
    message: string,
    {
      refused,
      pending,
      cause,
    }: { refused: readonly RefusedEvent[]; pending: readonly number[]; cause?: unknown },
  ) {
    super('DELIVERY_FAILED', message, { cause });
    this.refused = refused;
    this.pending = pending;
  }
}

export function closedFailure(batch: EventBatch): SendFailure {
  const cause = new MillraceError('KAFKA_CONNECTION', 'the producer is closed');
  const pending = Array.from({ length: batch.count }, (_, i) => i);
  return new SendFailure(cause.message, { refused: [], pending, cause });
}
