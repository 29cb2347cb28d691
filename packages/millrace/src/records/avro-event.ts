import { MillraceError } from '../runtime/errors.ts';
import type { EventBatch } from './event-batch.ts';

/** Each event as a bare Avro datum (`AvroFlumeEvent {map<string> headers; bytes body}`): all headers, then the body. */
export function encodeAvroEvents(_batch: EventBatch): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'encodeAvroEvents is being built');
}

/** The events that the records' values hold as Avro datums. Throws `BATCH_CORRUPT` naming the record. */
export function decodeAvroEvents(_batch: EventBatch): EventBatch {
  throw new MillraceError('BATCH_CORRUPT', 'decodeAvroEvents is being built');
}
