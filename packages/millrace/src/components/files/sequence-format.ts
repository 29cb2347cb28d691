import { type SequenceFileOptions, SequenceFileWriter } from '../../formats/sequence-file.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import type { FileFormat } from './file-format.ts';

/**
 * Flume's SequenceFile: the key is the event's `timestamp` header or the time of its writing, the value its body. An
 * event whose header is no number can't be written.
 */
export function sequenceFormat(
  options: SequenceFileOptions,
  extension: string,
  now: () => number = Date.now,
): FileFormat {
  return {
    extension,
    open: () => {
      const writer = new SequenceFileWriter(options);
      return {
        begin: async () => [writer.header()],
        encode: async (batch) => {
          const keys = keysOf(batch, now);
          const cursor = new BodyCursor(batch);
          for (let i = 0; cursor.next(); i++)
            writer.add(typeof keys === 'number' ? keys : keys[i]!, batch.records, cursor.from, cursor.to);
          return await writer.take();
        },
        settle: () => writer.flush(),
        end: () => writer.flush(),
      };
    },
  };
}

/** One key for all events, or one for each; throws before anything is written. */
function keysOf(batch: EventBatch, now: () => number): number | Float64Array {
  if (!batch.hasRecordHeaders && batch.origin === undefined)
    return keyOf(batch.sharedHeaders.get('timestamp'), now);
  const keys = new Float64Array(batch.count);
  for (let i = 0; i < batch.count; i++) keys[i] = keyOf(batch.event(i).header('timestamp'), now);
  return keys;
}

function keyOf(timestamp: string | undefined, now: () => number): number {
  if (timestamp === undefined) return now();
  const key = /^[+-]?\d{1,16}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!Number.isSafeInteger(key)) throw new Error('the header timestamp is no whole number');
  return key;
}
