import type { EventBatch, Headers } from './event-batch.ts';
import { noHeaders } from './event-batch.ts';
import type { HeaderBlock } from './header-block.ts';
import { RecordWriter } from './record-writer.ts';

/** Collects events one by one into one growing buffer, for sources that get them one by one. */
export class BatchBuilder {
  #writer = new RecordWriter();
  #baseTimestamp = 0;
  readonly #now: () => number;

  /** `now` (Unix ms) is asked once per batch, where its first event has no timestamp. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Adds an event. The bytes are copied. `timestampMs` (Unix ms) is the Kafka record's timestamp; without it the event
   * gets that of the batch: its first event's, or the time when that came. A null body is a record without value.
   */
  add(
    body: Uint8Array | string | null,
    headers: Iterable<readonly [string, string]> = noHeaders,
    key: Uint8Array | string | null = null,
    timestampMs?: number,
  ): void {
    const { count } = this.#writer;
    if (count === 0) this.#baseTimestamp = timestampMs ?? this.#now();
    const timestampDelta = timestampMs === undefined ? 0 : timestampMs - this.#baseTimestamp;
    this.#writer.add(timestampDelta, count, key, body, headers);
  }

  /** Adds an event whose body is `source[from, to)` and whose headers are in a block: nothing is allocated for it. */
  addWithBlock(source: Buffer, from: number, to: number, headers: HeaderBlock): void {
    const { count } = this.#writer;
    if (count === 0) this.#baseTimestamp = this.#now();
    this.#writer.addWithBlock(count, source, from, to, headers);
  }

  /** Events so far. */
  get count(): number {
    return this.#writer.count;
  }

  /** Record bytes so far. */
  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  /** The events as a batch; the builder is empty again afterwards. Throws `RangeError` where there are none. */
  build(sharedHeaders: Headers = noHeaders): EventBatch {
    if (this.count === 0) throw new RangeError('A batch has at least one event');
    const batch = this.#writer.finish(this.#baseTimestamp, sharedHeaders);
    this.#writer = new RecordWriter(batch.sizeBytes, batch.count);
    return batch;
  }

  /** Forgets what was added. */
  reset(): void {
    if (this.count > 0) this.#writer = new RecordWriter();
  }
}
