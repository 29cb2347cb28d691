import { type RecordView, readRecord } from './record.ts';

/** Event headers as Flume has them: text to text. */
export type Headers = ReadonlyMap<string, string>;

/** No headers; shared by all batches that have none. */
export const noHeaders: Headers = new Map();

/**
 * Where the records of a consumed batch came from, and under which header names their own record metadata shows.
 * The headers are made only when somebody asks for them; the bytes stay as they were fetched.
 */
export interface RecordOrigin {
  /** Offset in its partition of the record whose offset delta is 0. */
  readonly baseOffset: number;
  /** Header name that shows the record's offset, unless the event has it already; as KafkaSource's `offset`. */
  readonly offsetHeader?: string;
  /** Header name that shows the record's timestamp (ms), unless the event has it already. */
  readonly timestampHeader?: string;
  /** Header name that shows the record's key as UTF-8, where the key is not null. */
  readonly keyHeader?: string;
  /** Flume header name → Kafka record header name; where present, only these record headers show. */
  readonly headerNames?: ReadonlyMap<string, string>;
  /**
   * In Flume the headers are a copy of a Java map, whose table is no larger than they need: they are printed in the
   * order of that table.
   */
  readonly isCopiedMap?: boolean;
}

/**
 * Where the events of a batch came into the agent, for whoever has to name one of them to a person (a refused event).
 * It is not part of the events and goes nowhere with them.
 */
export interface Provenance {
  /** The source's name. */
  readonly source?: string;
  /** A file's path, `topic-partition`, a peer's address. */
  readonly place?: string;
  /** Where in `place` the record with this offset delta began: bytes of a file, an offset of a partition. */
  readonly positionOf?: (offsetDelta: number) => number;
  /** The partition that the channel keeps its events in: its positions name each of them for good. */
  readonly log?: { readonly topic: string; readonly partition: number };
}

export interface EventBatchInit {
  records: Buffer;
  index: Uint32Array;
  baseTimestamp: number;
  sharedHeaders?: Headers;
  hasRecordHeaders?: boolean;
  hasKeys?: boolean;
  hasTimestamps?: boolean;
  origin?: RecordOrigin;
  provenance?: Provenance;
}

/** Less than this is not worth a copy. */
const compactSlackBytes = 4096;

/**
 * A batch of events: the record section of one uncompressed Kafka record batch v2 (what follows its 61-byte header),
 * where each record starts, and the headers that all its events share, kept beside the bytes.
 *
 * Immutable: channels, selectors and sinks hand the same bytes around, and several sinks may be writing them to
 * sockets at once. The 61-byte batch header is made where the batch leaves (`sealBatch`), never in place.
 */
export class EventBatch {
  /** The bytes that `index` points into; may be larger than this batch (a slice). */
  readonly records: Buffer;
  /** `count + 1` entries: where each record starts in `records`; the last entry is where the last record ends. */
  readonly index: Uint32Array;
  /** Unix ms that the records' timestamp deltas are relative to. */
  readonly baseTimestamp: number;
  readonly sharedHeaders: Headers;
  /** Whether any record carries headers of its own. False lets a sink that sends bodies alone pass the bytes through. */
  readonly hasRecordHeaders: boolean;
  readonly hasKeys: boolean;
  /** Whether the records have timestamps of their own (a delta other than 0). */
  readonly hasTimestamps: boolean;
  readonly origin: RecordOrigin | undefined;
  readonly provenance: Provenance | undefined;

  constructor(init: EventBatchInit) {
    this.records = init.records;
    this.index = init.index;
    this.baseTimestamp = init.baseTimestamp;
    this.sharedHeaders = init.sharedHeaders ?? noHeaders;
    this.hasRecordHeaders = init.hasRecordHeaders ?? false;
    this.hasKeys = init.hasKeys ?? false;
    this.hasTimestamps = init.hasTimestamps ?? false;
    this.origin = init.origin;
    this.provenance = init.provenance;
  }

  /** Number of events. */
  get count(): number {
    return this.index.length - 1;
  }

  /** Bytes of all records of this batch (of the slice, where it is one), without the 61-byte batch header. */
  get sizeBytes(): number {
    return this.index[this.index.length - 1]! - this.index[0]!;
  }

  /** Bytes of memory that live as long as this batch does: all of the buffer that its records lie in, and the index. */
  get retainedBytes(): number {
    return this.records.buffer.byteLength + this.index.buffer.byteLength;
  }

  /**
   * The same events in memory of their own, where this batch keeps much more alive than it uses (a slice of a large
   * one); else this batch. For who holds batches for long: what is held is at most about twice what is counted.
   */
  compact(): EventBatch {
    const { index, records } = this;
    const usedBytes = this.sizeBytes + index.byteLength;
    // Small buffers share one slab of Node's: it is not this batch that keeps it.
    const slabBytes = records.buffer.byteLength === Buffer.poolSize ? Buffer.poolSize : 0;
    if (this.retainedBytes - slabBytes <= 2 * usedBytes + compactSlackBytes) return this;
    const own = Buffer.allocUnsafeSlow(this.sizeBytes);
    this.recordBytes.copy(own);
    const first = index[0]!;
    return new EventBatch({ ...this.#init(), records: own, index: index.map((at) => at - first) });
  }

  /** The record bytes of exactly this batch. */
  get recordBytes(): Buffer {
    const { index } = this;
    return this.records.subarray(index[0]!, index[index.length - 1]!);
  }

  /** Events `from` to `to` (exclusive), over the same bytes. Its first record's offset delta may be above 0. */
  slice(from: number, to: number): EventBatch {
    if (from === 0 && to === this.count) return this;
    return new EventBatch({ ...this.#init(), index: this.index.subarray(from, to + 1) });
  }

  /** The same records under other shared headers. */
  withSharedHeaders(sharedHeaders: Headers): EventBatch {
    if (sharedHeaders === this.sharedHeaders || sharedHeaders.size + this.sharedHeaders.size === 0)
      return this;
    return new EventBatch({ ...this.#init(), sharedHeaders });
  }

  /** The same records with their metadata shown under the given header names. */
  withOrigin(origin: RecordOrigin | undefined): EventBatch {
    if (origin === this.origin) return this;
    const { origin: _, ...rest } = this.#init();
    return new EventBatch(origin === undefined ? rest : { ...rest, origin });
  }

  /** The same records, with word of where they came from. */
  withProvenance(provenance: Provenance): EventBatch {
    return new EventBatch({ ...this.#init(), provenance });
  }

  /** A view of event `i`; made on demand, for interceptors and serializers that must look at single events. */
  event(i: number): EventView {
    return new EventView(this, readRecord(this.records, this.index[i]!));
  }

  *[Symbol.iterator](): Iterator<EventView> {
    for (let i = 0; i < this.count; i++) yield this.event(i);
  }

  #init(): EventBatchInit {
    const { records, index, baseTimestamp, sharedHeaders, hasRecordHeaders, hasKeys, hasTimestamps } = this;
    const { origin, provenance } = this;
    return {
      ...{ records, index, baseTimestamp, sharedHeaders, hasRecordHeaders, hasKeys, hasTimestamps },
      ...(origin !== undefined && { origin }),
      ...(provenance !== undefined && { provenance }),
    };
  }
}

/** One event of a batch. Bytes are views into the batch, valid as long as it is held. */
export class EventView {
  readonly #batch: EventBatch;
  readonly #record: RecordView;

  constructor(batch: EventBatch, record: RecordView) {
    this.#batch = batch;
    this.#record = record;
  }

  /** The body; an absent (null) value is an empty body, as in Flume. */
  get body(): Buffer {
    return this.#record.value ?? emptyBody;
  }

  /** The record's own key, or null. (Flume's `key` header is a header; the Kafka sink turns it into this.) */
  get key(): Buffer | null {
    return this.#record.key;
  }

  /** Unix ms. */
  get timestamp(): number {
    return this.#batch.baseTimestamp + this.#record.timestampDelta;
  }

  /** All headers: shared ones, those shown from record metadata, then the record's own, which win. */
  headers(): Map<string, string> {
    const headers = new Map(this.#batch.sharedHeaders);
    const { origin } = this.#batch;
    const own = this.#record.headers();
    if (origin?.headerNames !== undefined) {
      const byKafkaName = new Map(own);
      for (const [flumeName, kafkaName] of origin.headerNames) {
        const value = byKafkaName.get(kafkaName);
        if (value !== undefined) headers.set(flumeName, value);
      }
    } else {
      for (const [name, value] of own) headers.set(name, value);
    }
    if (origin !== undefined) {
      if (origin.offsetHeader !== undefined && !headers.has(origin.offsetHeader)) {
        headers.set(origin.offsetHeader, String(origin.baseOffset + this.#record.offsetDelta));
      }
      if (origin.timestampHeader !== undefined && !headers.has(origin.timestampHeader)) {
        headers.set(origin.timestampHeader, String(this.timestamp));
      }
      if (origin.keyHeader !== undefined && this.#record.key !== null) {
        headers.set(origin.keyHeader, this.#record.key.toString('utf8'));
      }
    }
    return headers;
  }

  /** One header, as `headers()` has it, without making the others. */
  header(name: string): string | undefined {
    const { origin, sharedHeaders } = this.#batch;
    if (origin === undefined) return this.#record.header(name) ?? sharedHeaders.get(name);
    if (name === origin.keyHeader && this.#record.key !== null) return this.#record.key.toString('utf8');
    const kafkaName = origin.headerNames === undefined ? name : origin.headerNames.get(name);
    const own = kafkaName === undefined ? undefined : this.#record.header(kafkaName);
    const value = own ?? sharedHeaders.get(name);
    if (value !== undefined) return value;
    if (name === origin.offsetHeader) return String(origin.baseOffset + this.#record.offsetDelta);
    return name === origin.timestampHeader ? String(this.timestamp) : undefined;
  }
}

const emptyBody = Buffer.alloc(0);
