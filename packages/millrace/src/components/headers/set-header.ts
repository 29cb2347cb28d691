import type { EventBatch, Headers } from '../../records/event-batch.ts';
import { mapEvents } from '../../records/transform.ts';

/** Gives every event of a batch one header. Only shared headers are touched where no event may have that header itself. */
export class HeaderSetter {
  readonly #name: string;
  readonly #preserveExisting: boolean;
  /** The last headers seen and what they became: a source's batches mostly share one map. */
  #seen: { from: Headers; value: string; to: Headers } | null = null;

  constructor(name: string, preserveExisting: boolean) {
    this.#name = name;
    this.#preserveExisting = preserveExisting;
  }

  set(batch: EventBatch, value: string): EventBatch {
    if (mayDiffer(batch, this.#name)) return this.#setEach(batch, value);
    const exists = batch.sharedHeaders.has(this.#name) || batch.origin?.timestampHeader === this.#name;
    if (exists && this.#preserveExisting) return batch;
    return batch.withSharedHeaders(this.#added(batch.sharedHeaders, value));
  }

  #added(from: Headers, value: string): Headers {
    if (this.#seen?.from === from && this.#seen.value === value) return this.#seen.to;
    const to = new Map(from).set(this.#name, value);
    this.#seen = { from, value, to };
    return to;
  }

  #setEach(batch: EventBatch, value: string): EventBatch {
    const mapped = mapEvents(batch, (event) => {
      const headers = event.headers();
      if (this.#preserveExisting && headers.has(this.#name)) return undefined;
      return { headers: headers.set(this.#name, value) };
    });
    return mapped ?? batch;
  }
}

/** Whether single events may have a header of that name of their own, or one that shows their offset or key. */
function mayDiffer(batch: EventBatch, name: string): boolean {
  return batch.hasRecordHeaders || batch.origin?.offsetHeader === name || batch.origin?.keyHeader === name;
}
