import type { EventBatch } from '../records/event-batch.ts';

/** A run of events in the queue; `Put`: what its owner keeps of the put that they came with. */
export interface Chunk<Put = undefined> {
  /** Number of its first event; events are numbered in the order in which their puts committed. */
  readonly sequence: number;
  readonly batch: EventBatch;
  /** What it counts towards the byte limit, in slots. */
  readonly slots: number;
  readonly of: Put;
}

/**
 * A first-in-first-out queue of batches, from whose front runs of events are taken and to which they come back in
 * place. Appending and taking cost the same for a batch of one as for a batch of ten thousand.
 *
 * New batches lie in a ring. Chunks that came back lie before it, by their sequence: whatever was taken is older than
 * all that is still in the ring.
 */
export class MemoryQueue<Put = undefined> {
  readonly #slotsOf: (batch: EventBatch) => number;
  #ring: (Chunk<Put> | undefined)[] = new Array(16).fill(undefined);
  #head = 0;
  #chunks = 0;
  #returned: Chunk<Put>[] = [];
  #nextSequence = 0;
  #eventCount = 0;

  constructor(slotsOf: (batch: EventBatch) => number) {
    this.#slotsOf = slotsOf;
  }

  /** Events that can be taken. */
  get eventCount(): number {
    return this.#eventCount;
  }

  append(batch: EventBatch, slots: number, of: Put): void {
    if (this.#chunks === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#chunks) & (this.#ring.length - 1)] = {
      sequence: this.#nextSequence,
      batch,
      slots,
      of,
    };
    this.#chunks++;
    this.#nextSequence += batch.count;
    this.#eventCount += batch.count;
  }

  /** The chunk that the next take is cut from; null when there is none. */
  get first(): Chunk<Put> | null {
    return this.#returned[0] ?? this.#ring[this.#head] ?? null;
  }

  /** The next run of at most `maxEvents` events, never from two batches; null when there is none. */
  take(maxEvents: number): Chunk<Put> | null {
    const fromReturned = this.#returned.length > 0;
    const { first } = this;
    if (first === null) return null;
    if (first.batch.count <= maxEvents) {
      if (fromReturned) this.#returned.shift();
      else this.#dropHead();
      this.#eventCount -= first.batch.count;
      return first;
    }
    const taken = first.batch.slice(0, maxEvents);
    const slots = Math.min(first.slots, this.#slotsOf(taken));
    const rest: Chunk<Put> = {
      sequence: first.sequence + maxEvents,
      batch: first.batch.slice(maxEvents, first.batch.count),
      slots: first.slots - slots,
      of: first.of,
    };
    if (fromReturned) this.#returned[0] = rest;
    else this.#ring[this.#head] = rest;
    this.#eventCount -= maxEvents;
    return { sequence: first.sequence, batch: taken, slots, of: first.of };
  }

  /** Puts a taken chunk back at its place. */
  giveBack(chunk: Chunk<Put>): void {
    let at = this.#returned.length;
    while (at > 0 && this.#returned[at - 1]!.sequence > chunk.sequence) at--;
    this.#returned.splice(at, 0, chunk);
    this.#eventCount += chunk.batch.count;
  }

  #dropHead(): void {
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#chunks--;
  }

  #grow(): void {
    const { length } = this.#ring;
    const bigger: (Chunk<Put> | undefined)[] = new Array(length * 2).fill(undefined);
    for (let i = 0; i < this.#chunks; i++) bigger[i] = this.#ring[(this.#head + i) & (length - 1)];
    this.#ring = bigger;
    this.#head = 0;
  }
}
