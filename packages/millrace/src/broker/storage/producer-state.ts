import { batchAttributes } from '../../records/batch-header.ts';
import type { TransactionMarker } from '../../records/transaction-marker.ts';
import { ErrorCode } from '../core/error-code.ts';

/** What an idempotent producer's batch says of itself. */
export interface ProducedBatch {
  /** As in its header; absent: no bit is set. */
  readonly attributes?: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1: a coordinator's records, which have no sequence. */
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
  /** Where its open transaction begins; absent: it has none open here. */
  openFrom?: number;
  /** Of the last marker. Absent: it had none here. */
  coordinatorEpoch?: number;
}

/** A transaction that has ended here, with records of its own. */
export interface EndedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
  readonly committed: boolean;
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

const isTransactional = ({ attributes = 0 }: ProducedBatch): boolean =>
  (attributes & batchAttributes.transactional) !== 0;

/**
 * What one partition knows of its idempotent producers (KIP-98, KIP-360): per producer the epoch, the last five batches
 * and where its open transaction begins. A batch is checked before it is appended and recorded after; so is a marker.
 */
export class ProducerStates {
  readonly #entries = new Map<number, ProducerEntry>();
  /** Producer → first offset of its open transaction, lowest first. */
  #open = new Map<number, number>();

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<ProducerEntry> {
    return this.#entries.values();
  }

  /** Where the first open transaction begins, of producers other than `except`; null when none is open. */
  firstOpenOffset(except?: number): number | null {
    for (const [producerId, offset] of this.#open) if (producerId !== except) return offset;
    return null;
  }

  /** Whether the producer has a transaction open here, in this epoch. */
  hasOpen(producerId: number, producerEpoch: number): boolean {
    return this.#open.has(producerId) && this.#entries.get(producerId)?.epoch === producerEpoch;
  }

  /** Whether the batch may be appended, is a repetition, or must be refused. Batches without producer id may always. */
  check(batch: ProducedBatch): ProducerVerdict {
    if (batch.producerId < 0) return append;
    const entry = this.#entries.get(batch.producerId);
    if (entry === undefined) return append; // forgotten or new: its first sequence is taken as it is (KIP-360)
    if (batch.producerEpoch < entry.epoch) return staleEpoch(batch, entry.epoch);
    if (entry.openFrom !== undefined && !isTransactional(batch)) {
      const message = `producer ${batch.producerId} has a transaction open, the batch is outside of it`;
      return refuse(ErrorCode.INVALID_TXN_STATE, message);
    }
    if (batch.baseSequence < 0) return append;
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
    const entry = this.#entryOf(batch.producerId, batch.producerEpoch);
    entry.lastTimestamp = now;
    if (isTransactional(batch) && entry.openFrom === undefined) {
      entry.openFrom = baseOffset;
      this.#open.set(batch.producerId, baseOffset);
    }
    if (batch.baseSequence < 0) return;
    if (entry.batches.length === retainedBatches) entry.batches.shift();
    entry.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence: sequenceAfter(batch.baseSequence, batch.recordCount - 1),
      baseOffset,
      lastOffset,
      timestamp: batch.maxTimestamp,
    });
  }

  #entryOf(producerId: number, epoch: number): ProducerEntry {
    let entry = this.#entries.get(producerId);
    if (entry === undefined) {
      entry = { producerId, epoch, batches: [], lastTimestamp: 0 };
      this.#entries.set(producerId, entry);
    } else if (entry.epoch !== epoch) {
      entry.epoch = epoch;
      entry.batches = [];
      delete entry.expected;
    }
    return entry;
  }

  /** Whether a marker may be appended: neither its producer nor its coordinator has been fenced here. */
  checkMarker({ producerId, producerEpoch, coordinatorEpoch }: TransactionMarker): ProducerVerdict {
    const entry = this.#entries.get(producerId);
    if (entry === undefined) return append;
    if (producerEpoch < entry.epoch) return staleEpoch({ producerId, producerEpoch }, entry.epoch);
    const known = entry.coordinatorEpoch ?? -1;
    if (coordinatorEpoch >= known) return append;
    const message = `a marker of coordinator epoch ${coordinatorEpoch}, ${known} is known`;
    return refuse(ErrorCode.TRANSACTION_COORDINATOR_FENCED, message);
  }

  /** The marker is in the log at `offset`, seen at `now`. Null: the producer had no transaction open here. */
  recordMarker(marker: TransactionMarker, offset: number, now: number): EndedTransaction | null {
    const { producerId, committed } = marker;
    const before = this.#entries.get(producerId)?.epoch;
    const entry = this.#entryOf(producerId, marker.producerEpoch);
    // An epoch that begins with a marker begins with sequence 0 behind it.
    if (before !== marker.producerEpoch) entry.expected = 0;
    entry.lastTimestamp = now;
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    const { openFrom } = entry;
    if (openFrom === undefined) return null;
    delete entry.openFrom;
    this.#open.delete(producerId);
    return { producerId, firstOffset: openFrom, lastOffset: offset, committed };
  }

  /** Puts back the entries of a snapshot. */
  restore(entries: Iterable<ProducerEntry>): void {
    for (const entry of entries) this.#entries.set(entry.producerId, entry);
    this.#findOpen();
  }

  #findOpen(): void {
    const open = [...this.#entries.values()].filter(({ openFrom }) => openFrom !== undefined);
    open.sort((a, b) => a.openFrom! - b.openFrom!);
    this.#open = new Map(open.map(({ producerId, openFrom }) => [producerId, openFrom!]));
  }

  /**
   * The log lost what it held from `endOffset` on: a repetition of it is no duplicate, but to be appended. A producer
   * of whom nothing is left must go on with the first batch that was lost. `reopened`: transactions whose markers are
   * among what was lost.
   */
  forgetFrom(endOffset: number, reopened: readonly EndedTransaction[] = []): void {
    for (const { producerId, firstOffset } of reopened) {
      const entry = this.#entries.get(producerId);
      if (entry !== undefined) entry.openFrom = firstOffset;
    }
    for (const entry of this.#entries.values()) {
      if (entry.openFrom !== undefined && entry.openFrom >= endOffset) delete entry.openFrom;
    }
    this.#findOpen();
    for (const entry of this.#entries.values()) {
      const lost = entry.batches.find(({ lastOffset }) => lastOffset >= endOffset);
      if (lost === undefined) continue;
      entry.batches = entry.batches.filter(({ lastOffset }) => lastOffset < endOffset);
      if (entry.batches.length === 0) entry.expected = lost.firstSequence;
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#open.clear();
  }

  /** Forgets producers whose last batch is older than `expirationMs` (`producer.id.expiration.ms`). */
  expire(now: number, expirationMs: number): void {
    for (const [producerId, entry] of this.#entries) {
      if (entry.openFrom !== undefined) continue;
      if (now - entry.lastTimestamp >= expirationMs) this.#entries.delete(producerId);
    }
  }
}

function refuse(errorCode: number, message: string): ProducerVerdict {
  return { kind: 'refuse', errorCode, message };
}

function staleEpoch(
  { producerId, producerEpoch }: { readonly producerId: number; readonly producerEpoch: number },
  known: number,
): ProducerVerdict {
  const message = `epoch ${producerEpoch} of producer ${producerId} is older than ${known}`;
  return refuse(ErrorCode.INVALID_PRODUCER_EPOCH, message);
}
