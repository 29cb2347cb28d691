import { javaHashMapOrder } from '../java/hash-map.ts';
import { MillraceError } from '../runtime/errors.ts';
import { type EventBatch, type EventView, noHeaders } from './event-batch.ts';
import { type RecordView, readRecord } from './record.ts';
import { RecordWriter } from './record-writer.ts';
import { readName, utf8Bytes, writeUtf8 } from './utf8.ts';
import { VarintReader, writeVarint } from './varint.ts';

/**
 * Events as bare Avro data, as Flume's Kafka sink (`useFlumeEventFormat`), source and channel (`parseAsFlumeEvent`)
 * exchange them: no container, no schema id.
 *
 * ```
 * record AvroFlumeEvent { map<string> headers; bytes body; }
 *
 * headers  block*, 0           block: count long, (name length long, name, value length long, value) * count
 *                              a negative count is followed by the block's size in bytes
 * body     length long, bytes
 * ```
 */

/** What a datum adds to its body and headers at most: two lengths, counts and the end of the map. */
const datumOverheadBytes = 24;

/**
 * Each event as one datum: all its headers, shared ones too, in the order of Java's map, then the body. The records
 * have no headers of their own; with `keyHeader`, their key is that header's text, else they keep theirs.
 */
export function encodeAvroEvents(batch: EventBatch, keyHeader?: string): EventBatch {
  const { records, index, count } = batch;
  const writer = new RecordWriter(batch.sizeBytes + count * datumOverheadBytes, count);
  for (let i = 0; i < count; i++) {
    const record = readRecord(records, index[i]!);
    const event = batch.event(i);
    const headers = event.headers();
    const key = keyHeader === undefined ? record.key : (headers.get(keyHeader) ?? null);
    writer.add(record.timestampDelta, i, key, encodeDatum(event, headers), noHeaders);
  }
  return writer.finish(batch.baseTimestamp, noHeaders);
}

/**
 * The events that the records' values hold as data: their headers become record headers. Keys, timestamps, offsets and
 * shared headers stay. Throws `BATCH_CORRUPT` naming the record whose value is no datum; what follows a datum in its
 * value is passed over, as Avro does. With `onBad` it is told of each such record, and leaves it out.
 */
export function decodeAvroEvents(
  batch: EventBatch,
  onBad?: (i: number, error: MillraceError) => void,
): EventBatch {
  const { records, index, count } = batch;
  const writer = new RecordWriter(batch.sizeBytes, count);
  for (let i = 0; i < count; i++) {
    const record = readRecord(records, index[i]!);
    try {
      const { headers, body } = decodeDatum(record, i);
      writer.add(record.timestampDelta, record.offsetDelta, record.key, body, headers);
    } catch (error) {
      if (onBad === undefined || !(error instanceof MillraceError)) throw error;
      onBad(i, error);
    }
  }
  return writer.finish(batch.baseTimestamp, batch.sharedHeaders).withOrigin(batch.origin);
}

/** One scratch buffer for all data; each is copied into its record at once. */
let scratch = Buffer.allocUnsafeSlow(4096);

function encodeDatum(event: EventView, headers: ReadonlyMap<string, string>): Buffer {
  const { body } = event;
  let bound = datumOverheadBytes + body.length;
  for (const [name, value] of headers) bound += 10 + 3 * (name.length + value.length);
  if (bound > scratch.length) scratch = Buffer.allocUnsafeSlow(Math.max(bound, scratch.length * 2));
  let at = 0;
  if (headers.size > 0) {
    at = writeVarint(scratch, at, headers.size);
    for (const name of javaHashMapOrder(headers.keys())) {
      at = writeText(scratch, at, name);
      at = writeText(scratch, at, headers.get(name)!);
    }
  }
  at = writeVarint(scratch, at, 0);
  at = writeVarint(scratch, at, body.length);
  at += body.copy(scratch, at);
  return scratch.subarray(0, at);
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const length = utf8Bytes(text);
  return writeUtf8(bytes, writeVarint(bytes, at, length), text, length);
}

function decodeDatum(record: RecordView, i: number): { headers: Map<string, string>; body: Buffer } {
  const datum = record.value ?? Buffer.alloc(0);
  const reader = new VarintReader(datum, 0);
  try {
    const headers = new Map<string, string>();
    for (;;) {
      let entries = reader.long();
      if (entries === 0) break;
      if (entries < 0) {
        entries = -entries;
        reader.long(); // the block's size
      }
      // An entry has two lengths at least, so a count that is too high ends at the end of the bytes.
      for (let entry = 0; entry < entries; entry++) {
        const nameBytes = reader.long();
        const nameAt = reader.skip(nameBytes);
        const valueBytes = reader.long();
        const valueAt = reader.skip(valueBytes);
        headers.set(
          readName(datum, nameAt, nameAt + nameBytes),
          datum.toString('utf8', valueAt, valueAt + valueBytes),
        );
      }
    }
    const length = reader.long();
    const at = reader.skip(length);
    return { headers, body: datum.subarray(at, at + length) };
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    throw new MillraceError(
      'BATCH_CORRUPT',
      `Record ${i} of the batch is not an Avro Flume event: ${cause.message}`,
      {
        cause,
        details: { record: i, offsetDelta: record.offsetDelta },
        remedy: 'Set useFlumeEventFormat (or parseAsFlumeEvent) to what wrote the topic.',
      },
    );
  }
}
