import type { CompressionType } from '../records/compression.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { type SealedBatch, sealBatch, sealBatchAsync } from '../records/seal.ts';
import type { MillraceError } from '../runtime/errors.ts';
import { joinBatches, mayJoin } from './batch-pieces.ts';
import type { Delivery, QueuedPart } from './delivery.ts';

/** A record batch of one partition on its way: formed, perhaps sent, not yet answered. */
export interface Outgoing {
  batch: EventBatch;
  /** Whose events it holds; one entry per part. */
  readonly deliveries: readonly Delivery[];
  /** Where in the batch the events of each delivery start. */
  readonly starts: readonly number[];
  /** Earliest of its deliveries'. */
  readonly deadline: number;
  /** `parked` waits to be sent (again); `sealing` is in the thread pool; `flying` waits for its answer. */
  state: 'parked' | 'sealing' | 'flying';
  sealed: SealedBatch | null;
  /** -1 until it has one; kept over retries, so that the broker recognises a duplicate. */
  sequence: number;
  attempts: number;
  /** Not to be sent before this time (ms). */
  notBefore: number;
}

export interface QueueLimits {
  readonly batchSizeBytes: number;
  readonly lingerMs: number;
  readonly compression: CompressionType;
}

/** A producer's identity as the brokers know it (KIP-98). */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

const sequenceModulus = 2 ** 31;
const highestEpoch = 32767;

/**
 * What waits for one partition, in order: parts that wait to be joined, then batches that wait for an answer. Holds
 * the sequence numbers, which are per partition. Pure: no clock, no socket.
 */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly parts: QueuedPart[] = [];
  /** In order of their sequence. */
  readonly outgoing: Outgoing[] = [];
  partsBytes = 0;
  /** Set when what waits must not linger. */
  hurry = false;
  #identity: ProducerIdentity | null = null;
  #nextSequence = 0;
  #mustRenew = false;
  /**
   * The brokers know this identity here. Until then a single batch flies: a broker without state of a producer takes
   * whatever sequence comes first, so a second batch could get in front of a first that is refused.
   */
  #isKnown = false;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get empty(): boolean {
    return this.parts.length === 0 && this.outgoing.length === 0;
  }

  get flying(): number {
    let n = 0;
    for (const { state } of this.outgoing) if (state === 'flying') n++;
    return n;
  }

  add(part: QueuedPart): void {
    this.parts.push(part);
    this.partsBytes += part.batch.sizeBytes;
  }

  /** When the parts are to leave; Infinity where there are none. */
  partsDueAt(limits: QueueLimits): number {
    const first = this.parts[0];
    if (first === undefined) return Number.POSITIVE_INFINITY;
    if (this.hurry || this.partsBytes >= limits.batchSizeBytes) return 0;
    return first.delivery.queuedAt + limits.lingerMs;
  }

  /** Joins the first parts into a batch that is next in order. */
  form(limits: QueueLimits, now: number): Outgoing {
    const first = this.parts[0]!;
    const taken: QueuedPart[] = [first];
    let bytes = first.batch.sizeBytes;
    for (let next = this.parts[1]; next !== undefined; next = this.parts[taken.length]) {
      if (next.stamp !== first.stamp) break;
      if (!mayJoin(taken.at(-1)!.batch, next.batch, bytes, limits.batchSizeBytes)) break;
      bytes += next.batch.sizeBytes;
      taken.push(next);
    }
    this.parts.splice(0, taken.length);
    this.partsBytes -= bytes;
    if (this.parts.length === 0) this.hurry = false;
    let events = 0;
    const starts = taken.map(({ batch }) => {
      events += batch.count;
      return events - batch.count;
    });
    const outgoing: Outgoing = {
      starts,
      batch: joinBatches(
        taken.map(({ batch }) => batch),
        first.stamp ? now : null,
      ),
      deliveries: taken.map(({ delivery }) => delivery),
      deadline: Math.min(...taken.map(({ delivery }) => delivery.deadline)),
      state: 'parked',
      sealed: null,
      sequence: -1,
      attempts: 0,
      notBefore: 0,
    };
    this.outgoing.push(outgoing);
    return outgoing;
  }

  /** The first batch that is not flying, if it may leave now. Later ones never overtake it. */
  nextToSend(now: number): Outgoing | null {
    if (this.#mustRenew && this.flying > 0) return null;
    const unproven = !this.#isKnown && this.#identity !== null;
    if (unproven && this.outgoing.some(({ state }) => state === 'flying')) return null;
    const next = this.outgoing.find(({ state }) => state !== 'flying');
    return next !== undefined && next.state === 'parked' && next.notBefore <= now ? next : null;
  }

  /** When `nextToSend` gives something by the passing of time alone. */
  parkedUntil(): number {
    const next = this.outgoing.find(({ state }) => state !== 'flying');
    return next === undefined || next.state !== 'parked' ? Number.POSITIVE_INFINITY : next.notBefore;
  }

  /**
   * Gives the batch its header (identity, sequence, checksum). A promise where it has to be compressed first; the
   * batch is `sealing` until then.
   */
  seal(outgoing: Outgoing, limits: QueueLimits, identity: ProducerIdentity | null): Promise<void> | null {
    if (identity !== null) this.#number(outgoing, identity);
    if (outgoing.sealed !== null) return null;
    const options = {
      compression: limits.compression,
      ...(this.#identity === null
        ? {}
        : {
            producerId: this.#identity.producerId,
            producerEpoch: this.#identity.epoch,
            baseSequence: outgoing.sequence,
          }),
    };
    if (limits.compression === 'none') {
      outgoing.sealed = sealBatch(outgoing.batch, options);
      return null;
    }
    outgoing.state = 'sealing';
    return sealBatchAsync(outgoing.batch, options).then((sealed) => {
      outgoing.sealed = sealed;
      outgoing.state = 'parked';
    });
  }

  #number(outgoing: Outgoing, identity: ProducerIdentity): void {
    if (this.#mustRenew || this.#identity === null || this.#identity.producerId !== identity.producerId) {
      this.#renew(identity);
    }
    if (outgoing.sequence >= 0) return;
    outgoing.sequence = this.#nextSequence;
    this.#nextSequence = (this.#nextSequence + outgoing.batch.count) % sequenceModulus;
  }

  /** A higher epoch, sequences from 0, for everything not yet acknowledged. Nothing is flying. */
  #renew(identity: ProducerIdentity): void {
    const same = this.#identity?.producerId === identity.producerId;
    this.#identity = same ? { ...identity, epoch: this.#identity!.epoch + 1 } : identity;
    this.#nextSequence = 0;
    this.#mustRenew = false;
    this.#isKnown = false;
    for (const outgoing of this.outgoing) {
      outgoing.sequence = -1;
      outgoing.sealed = null;
    }
  }

  /** Whether the next `seal` needs an identity with a new producer id: no higher epoch is left. */
  get epochsUsedUp(): boolean {
    return this.#mustRenew && (this.#identity?.epoch ?? 0) >= highestEpoch;
  }

  /** The broker has it. */
  acknowledged(outgoing: Outgoing, baseOffset: number): void {
    if (!this.#remove(outgoing)) return;
    this.#isKnown = true;
    const { partition } = this;
    outgoing.deliveries.forEach((delivery, i) => {
      delivery.partDone({ partition, baseOffset: baseOffset < 0 ? -1 : baseOffset + outgoing.starts[i]! });
    });
  }

  /** To be sent again, with the same sequence. */
  park(outgoing: Outgoing, notBefore: number): void {
    outgoing.state = 'parked';
    outgoing.attempts++;
    outgoing.notBefore = notBefore;
  }

  /** Taken out without an answer that it arrived: what follows must begin new sequences, or the broker sees a gap. */
  abandon(outgoing: Outgoing, error: MillraceError): void {
    if (!this.#remove(outgoing)) return;
    if (outgoing.sequence >= 0) this.#mustRenew = true;
    for (const delivery of outgoing.deliveries) delivery.partFailed(error);
  }

  /** Takes out what need not leave any more, because another part of its delivery has failed. */
  dropFailed(): void {
    for (const outgoing of [...this.outgoing]) {
      if (outgoing.state !== 'parked' || outgoing.deliveries.some(({ failure }) => failure === null))
        continue;
      this.abandon(outgoing, outgoing.deliveries[0]!.failure!);
    }
    if (this.parts.every(({ delivery }) => delivery.failure === null)) return;
    for (const part of this.parts.splice(0)) {
      if (part.delivery.failure === null) this.parts.push(part);
      else this.dropped(part, part.delivery.failure);
    }
  }

  /** A part that was taken out of `parts` and will not leave. */
  dropped(part: QueuedPart, error: MillraceError): void {
    this.partsBytes -= part.batch.sizeBytes;
    part.delivery.partFailed(error);
  }

  /**
   * The broker expected another sequence. While an earlier batch is under way that is a mere consequence; for the
   * first one the sequences begin anew under a higher epoch (KIP-360).
   */
  sequenceRefused(outgoing: Outgoing): void {
    if (this.outgoing[0] === outgoing) this.#mustRenew = true;
  }

  /** Two halves instead of one, at the same place, with the sequences of the whole. */
  cut(outgoing: Outgoing, halves: readonly [EventBatch, EventBatch]): void {
    const at = this.outgoing.indexOf(outgoing);
    if (at < 0) return;
    for (const delivery of outgoing.deliveries) delivery.cut(2);
    const [first, second] = halves;
    const base = { ...outgoing, state: 'parked' as const, sealed: null, notBefore: 0 };
    const sequence = outgoing.sequence < 0 ? -1 : (outgoing.sequence + first.count) % sequenceModulus;
    const starts = outgoing.starts.map((start) => Math.max(0, start - first.count));
    this.outgoing.splice(at, 1, { ...base, batch: first }, { ...base, batch: second, sequence, starts });
  }

  #remove(outgoing: Outgoing): boolean {
    const at = this.outgoing.indexOf(outgoing);
    if (at >= 0) this.outgoing.splice(at, 1);
    return at >= 0;
  }
}
