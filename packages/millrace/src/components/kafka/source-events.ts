import type { FetchedBatch } from '../../clients/kafka/consumer/fetched-batch.ts';
import type { RefusedBytes } from '../../component/refused.ts';
import { decodeAvroEvents } from '../../records/avro-event.ts';
import { keepEvents } from '../../records/edit.ts';
import type { EventBatch, Provenance, RecordOrigin } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';
import { concatBatches, mapEvents } from '../../records/transform.ts';

export interface EventsOptions {
  readonly useFlumeEventFormat: boolean;
  readonly setTopicHeader: boolean;
  readonly topicHeader: string;
  /** Event header → record header. */
  readonly header: ReadonlyMap<string, string>;
  /** A value that is no datum is handed back; else `BATCH_CORRUPT` is thrown. */
  readonly setAside: boolean;
}

export interface RecordsAsEvents {
  /** May be without events. */
  readonly batch: EventBatch;
  /** Values that should be Avro data and are none. */
  readonly bad: readonly RefusedBytes[];
}

const empty = Buffer.alloc(0);

/**
 * Records as KafkaSource's events: topic and partition are shared headers; offset, timestamp, key and mapped record
 * headers are read from the records when somebody asks. With `useFlumeEventFormat` values are Avro data.
 */
export function recordsAsEvents(
  batch: EventBatch,
  { topic, partition, baseOffset }: Pick<FetchedBatch, 'topic' | 'partition' | 'baseOffset'>,
  source: string,
  options: EventsOptions,
): RecordsAsEvents {
  const { useFlumeEventFormat, setTopicHeader, topicHeader, header } = options;
  const place = `${topic}-${partition}`;
  const shared = new Map<string, string>();
  // Each shows only where the event has no such header yet, in this order.
  if (setTopicHeader && topicHeader !== 'timestamp') shared.set(topicHeader, topic);
  if (!shared.has('partition')) shared.set('partition', String(partition));
  const shown: RecordOrigin = {
    baseOffset,
    offsetHeader: 'offset',
    timestampHeader: 'timestamp',
    keyHeader: 'key',
    isCopiedMap: true,
  };
  const provenance: Provenance = { source, place, positionOf: (offsetDelta) => baseOffset + offsetDelta };
  const plain = batch
    .withSharedHeaders(shared)
    .withOrigin({ ...shown, headerNames: header })
    .withProvenance(provenance);
  if (!useFlumeEventFormat) return { batch: plain, bad: [] };
  const bad = new Map<number, RefusedBytes>();
  const onBad = (i: number, error: Error): void => {
    const { value, offsetDelta } = readRecord(batch.records, batch.index[i]!);
    const position = baseOffset + offsetDelta;
    bad.set(i, { bytes: value ?? empty, reason: error.message, stage: 'decode', place, position });
  };
  const decoded = decodeAvroEvents(
    batch.withSharedHeaders(shared).withOrigin(shown),
    options.setAside ? onBad : undefined,
  ).withProvenance(provenance);
  if (header.size === 0 || decoded.count === 0) return { batch: decoded, bad: [...bad.values()] };
  // The mapped record headers alone: what else shows of a record stands behind what the data say.
  const mapped = batch.withOrigin({ baseOffset, headerNames: header });
  const events = withMapped(decoded, mapped, bad, header);
  return { batch: events, bad: [...bad.values()] };
}

/** The headers of the data, and those that are mapped from record headers over them. */
function withMapped(
  decoded: EventBatch,
  records: EventBatch,
  bad: ReadonlyMap<number, unknown>,
  header: ReadonlyMap<string, string>,
): EventBatch {
  const sound = bad.size === 0 ? records : keepEvents(records, (i) => !bad.has(i))!;
  const mapped = mapEvents(decoded, (event, i) => {
    const headers = event.headers();
    const source = sound.event(i);
    for (const name of header.keys()) {
      const value = source.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    return { headers };
  });
  return mapped ?? decoded;
}

/** One batch of all, for one transaction of the channels; one alone passes untouched. Null where none has events. */
export function joinEvents(batches: readonly EventBatch[], source: string): EventBatch | null {
  const some = batches.filter(({ count }) => count > 0);
  if (some.length <= 1) return some[0] ?? null;
  const places = new Set(some.map(({ provenance }) => provenance?.place ?? ''));
  // Only where an event has to be named the batch that it came in is looked for.
  const positionOf = (place: number): number => {
    let before = 0;
    for (const batch of some) {
      const i = place - before;
      if (i < batch.count) {
        const { offsetDelta } = readRecord(batch.records, batch.index[i]!);
        return batch.provenance?.positionOf?.(offsetDelta) ?? -1;
      }
      before += batch.count;
    }
    return -1;
  };
  return concatBatches(some)
    .withOrigin({ baseOffset: 0, isCopiedMap: true })
    .withProvenance({ source, place: [...places].join(', '), positionOf });
}
