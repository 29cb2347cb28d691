import { ErrorCode } from '../core/error-code.ts';

/** What an idempotent producer's batch says of itself. */
export interface ProducedBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly maxTimestamp: number;
}

export interface RetainedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  epoch: number;
  /** The last batches of this epoch, oldest first, at most five: what a producer may have in flight. */
  batches: RetainedBatch[];
  /** The sequence that is due, where no batch is left to tell it: the log lost them. Forgotten at a restart. */
  expected?: number;
  /** Unix ms when its last batch was appended (or read again at a start), for expiry. */
  lastTimestamp: number;
}

export type ProducerVerdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly batch: RetainedBatch }
  | { readonly kind: 'refuse'; readonly errorCode: number; readonly message: string };

const retainedBatches = 5;
const maxSequence = 0x7fff_ffff;
const append: ProducerVerdict = { kind: 'append' };

/** The sequence `by` records later; after 2^31-1 comes 0. */
export function sequenceAfter(sequence: number, by: number): number {
  const sum = sequence + by;
  return sum > maxSequence ? sum - maxSequence - 1 : sum;
}

/**
 * What one partition knows of its idempotent producers (KIP-98, KIP-360): per producer the epoch and the last five
 * batches. A batch is checked before it is appended and recorded after.
 */
export class ProducerStates {
  readonly #entries = new Map<number, ProducerEntry>();

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<ProducerEntry> {
    return this.#entries.values();
  }

  /** Whether the batch may be appended, is a repetition, or must be refused. Batches without producer id may always. */
  check(batch: ProducedBatch): ProducerVerdict {
    if (batch.producerId < 0) return append;
    const entry = this.#entries.get(batch.producerId);
    if (entry === undefined) return append; // forgotten or new: its first sequence is taken as it is (KIP-360)
    if (batch.producerEpoch < entry.epoch) {
      return refuse(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `epoch ${batch.producerEpoch} of producer ${batch.producerId} is older than ${entry.epoch}`,
      );
    }
    if (batch.producerEpoch > entry.epoch) {
      if (batch.baseSequence === 0) return append;
      return refuse(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `producer ${batch.producerId} starts epoch ${batch.producerEpoch} with sequence ${batch.baseSequence}, not 0`,
      );
    }
    const lastSequence = sequenceAfter(batch.baseSequence, batch.recordCount - 1);
    for (const known of entry.batches) {
      if (known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence) {
        return { kind: 'duplicate', batch: known };
      }
    }
    const last = entry.batches.at(-1);
    const expected = last === undefined ? entry.expected : sequenceAfter(last.lastSequence, 1);
    if (expected === undefined || expected === batch.baseSequence) return append;
    return refuse(
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `producer ${batch.producerId} sent sequence ${batch.baseSequence} where ${expected} was due`,
    );
  }

  /** The batch is in the log from `baseOffset` on, seen at `now`. Call for every batch, in order; also when rebuilding. */
  record(batch: ProducedBatch, baseOffset: number, lastOffset: number, now: number): void {
    if (batch.producerId < 0) return;
    let entry = this.#entries.get(batch.producerId);
    if (entry === undefined) {
      entry = { producerId: batch.producerId, epoch: batch.producerEpoch, batches: [], lastTimestamp: 0 };
      this.#entries.set(batch.producerId, entry);
    } else if (entry.epoch !== batch.producerEpoch) {
      entry.epoch = batch.producerEpoch;
      entry.batches = [];
    }
    entry.lastTimestamp = now;
    if (entry.batches.length === retainedBatches) entry.batches.shift();
    entry.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence: sequenceAfter(batch.baseSequence, batch.recordCount - 1),
      baseOffset,
      lastOffset,
      timestamp: batch.maxTimestamp,
    });
  }

  /** Puts back an entry of a snapshot. */
  restore(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry);
  }

  /**
   * The log lost what it held from `endOffset` on: a repetition of it is no duplicate, but to be appended. A producer
   * of whom nothing is left must go on with the first batch that was lost.
   */
  forgetFrom(endOffset: number): void {
    for (const entry of this.#entries.values()) {
      const lost = entry.batches.find(({ lastOffset }) => lastOffset >= endOffset);
      if (lost === undefined) continue;
      entry.batches = entry.batches.filter(({ lastOffset }) => lastOffset < endOffset);
      if (entry.batches.length === 0) entry.expected = lost.firstSequence;
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Forgets producers whose last batch is older than `expirationMs` (`producer.id.expiration.ms`). */
  expire(now: number, expirationMs: number): void {
    for (const [producerId, entry] of this.#entries) {
      if (now - entry.lastTimestamp >= expirationMs) this.#entries.delete(producerId);
    }
  }
}

function refuse(errorCode: number, message: string): ProducerVerdict {
  return { kind: 'refuse', errorCode, message };
}
