import type { EventBatch } from './event-batch.ts';
import { skipToValue } from './skip-to-value.ts';
import { VarintReader } from './varint.ts';

/** Steps over the bodies of a batch without an object per event: where each lies in `batch.records`. */
export class BodyCursor {
  /** Where the body of the current event starts and ends; both 0 where it is absent. */
  from = 0;
  to = 0;
  readonly #batch: EventBatch;
  readonly #reader: VarintReader;
  #next = 0;

  constructor(batch: EventBatch) {
    this.#batch = batch;
    this.#reader = new VarintReader(batch.records, 0);
  }

  /** Moves to the next event; false after the last. */
  next(): boolean {
    const { index } = this.#batch;
    if (this.#next >= index.length - 1) return false;
    const reader = this.#reader;
    reader.at = index[this.#next++]!;
    skipToValue(reader);
    const bodyBytes = reader.int();
    this.from = bodyBytes > 0 ? reader.at : 0;
    this.to = bodyBytes > 0 ? reader.at + bodyBytes : 0;
    return true;
  }
}
