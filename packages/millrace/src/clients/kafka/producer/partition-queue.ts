import type { CompressionType } from '../../../records/compression.ts';
import { keepEvents } from '../../../records/edit.ts';
import type { EventBatch } from '../../../records/event-batch.ts';
import { type SealedBatch, sealBatch, sealBatchAsync } from '../../../records/seal.ts';
import type { MillraceError } from '../../../runtime/errors.ts';
import { joinBatches, mayJoin } from './batch-pieces.ts';
import { cutSpan, placeIn, type QueuedPart, type Span } from './delivery.ts';

/** A record batch of one partition on its way: formed, perhaps sent, not yet answered. */
export interface Outgoing {
  readonly batch: EventBatch;
  /** Whose events it holds, in order. */
  readonly spans: readonly Span[];
  /** Earliest of its deliveries'. */
  readonly deadline: number;
  /** `parked` waits to be sent (again); `sealing` is in the thread pool; `flying` waits for its answer. */
  state: 'parked' | 'sealing' | 'flying';
  sealed: SealedBatch | null;
  /** -1 until it has one; kept over retries, so that the broker recognises a duplicate. */
  sequence: number;
  attempts: number;
  /** Times in a row that the broker found it damaged. */
  strikes: number;
  /** Not to be sent before this time. */
  notBefore: number;
  /** The broker may have it: a request with it ended without an answer that says no. */
  unsure: boolean;
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
  /** One batch at a time, as nothing else keeps the order (`max.in.flight` 1; `guaranteeMessageOrder` in Kafka). */
  readonly #alone: boolean;
  /** Batches belong to transactions: who sends them, and when sequences begin anew, is the transaction's to say. */
  readonly #transactional: boolean;
  #identity: ProducerIdentity | null = null;
  #nextSequence = 0;
  #mustRenew = false;
  /**
   * The brokers know this identity here. Until then a single batch flies: a broker without state of a producer takes
   * whatever sequence comes first, so a second batch could get in front of a first that is refused.
   */
  #isKnown = false;

  constructor(topic: string, partition: number, alone: boolean, transactional = false) {
    this.topic = topic;
    this.partition = partition;
    this.#alone = alone;
    this.#transactional = transactional;
  }

  get empty(): boolean {
    return this.parts.length === 0 && this.outgoing.length === 0;
  }

  /** The highest epoch that was used here; -1 for none. */
  get epoch(): number {
    return this.#identity?.epoch ?? -1;
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
    return first.span.delivery.queuedAt + limits.lingerMs;
  }

  /** Joins the first parts into a batch that is next in order. `stampMs`: the time (Unix ms) of records without one. */
  form(limits: QueueLimits, stampMs: number): Outgoing {
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
    const outgoing: Outgoing = {
      spans: taken.map(({ span }) => span),
      batch: joinBatches(
        taken.map(({ batch }) => batch),
        first.stamp ? stampMs : null,
      ),
      deadline: taken.reduce((least, { span }) => Math.min(least, span.delivery.deadline), Infinity),
      state: 'parked',
      sealed: null,
      sequence: -1,
      attempts: 0,
      strikes: 0,
      notBefore: 0,
      unsure: false,
    };
    this.outgoing.push(outgoing);
    return outgoing;
  }

  /**
   * The batch whose turn it is, whether or not its time has come: the first that is not flying, so later ones never
   * overtake it. Null while it has to wait for the answers to others.
   */
  #turn(): Outgoing | null {
    const first = this.outgoing[0];
    if (first === undefined) return null;
    const unproven = this.#identity !== null && !this.#isKnown;
    if ((this.#alone || this.#mustRenew || unproven) && this.flying > 0) return null;
    // The transaction has failed: nothing of it counts any more.
    if (this.#mustRenew && this.#transactional) return null;
    if (this.#mustRenew) {
      // Under a new identity the broker would append again what it has: first it is asked with the old one.
      const unsure = this.outgoing.find((outgoing) => outgoing.unsure);
      if (unsure !== undefined) return unsure;
    }
    return this.outgoing.find(({ state }) => state !== 'flying') ?? null;
  }

  /** The batch that may leave now, sealed or about to be. */
  nextToSend(now: number): Outgoing | null {
    const next = this.#turn();
    return next !== null && next.state === 'parked' && next.notBefore <= now ? next : null;
  }

  /** When `nextToSend` gives something by the passing of time alone. */
  parkedUntil(): number {
    const next = this.#turn();
    return next === null || next.state !== 'parked' ? Number.POSITIVE_INFINITY : next.notBefore;
  }

  /** Seals what may leave next and, where the thread pool does it, some behind it. */
  sealAll(
    limits: QueueLimits,
    identity: ProducerIdentity | null,
    now: number,
    onSealing: (outgoing: Outgoing, sealing: Promise<void>) => void,
  ): void {
    if (this.#transactional && identity !== null && !this.#is(identity)) this.#renew(identity);
    const turn = this.#turn();
    if (turn === null || (this.#mustRenew && turn.unsure)) return;
    for (const outgoing of this.outgoing) {
      if (outgoing.state !== 'parked' || outgoing.notBefore > now) {
        // Sequences are given in order: none before those in front have theirs.
        if (identity !== null && (this.#mustRenew || outgoing.sequence < 0)) return;
        continue;
      }
      const sealing = this.#seal(outgoing, limits, identity);
      if (sealing !== null) onSealing(outgoing, sealing);
    }
  }

  /**
   * Gives the batch its header (identity, sequence, checksum). A promise where it has to be compressed first; the
   * batch is `sealing` until then.
   */
  #seal(outgoing: Outgoing, limits: QueueLimits, identity: ProducerIdentity | null): Promise<void> | null {
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
            transactional: this.#transactional,
          }),
    };
    if (limits.compression === 'none') {
      outgoing.sealed = sealBatch(outgoing.batch, options);
      return null;
    }
    outgoing.state = 'sealing';
    const identityThen = this.#identity;
    return sealBatchAsync(outgoing.batch, options).then((sealed) => {
      outgoing.state = 'parked';
      // What was numbered anew meanwhile is sealed again.
      if (this.#identity === identityThen) outgoing.sealed = sealed;
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

  #is({ producerId, epoch }: ProducerIdentity): boolean {
    return this.#identity?.producerId === producerId && this.#identity.epoch === epoch;
  }

  /** A higher epoch, sequences from 0, for everything not yet acknowledged. Nothing is flying. */
  #renew(identity: ProducerIdentity): void {
    const same = !this.#transactional && this.#identity?.producerId === identity.producerId;
    const epoch = same ? Math.max(this.#identity!.epoch + 1, identity.epoch) : identity.epoch;
    this.#identity = { ...identity, epoch };
    this.#nextSequence = 0;
    this.#mustRenew = false;
    this.#isKnown = false;
    for (const outgoing of this.outgoing) {
      outgoing.sequence = -1;
      outgoing.sealed = null;
    }
  }

  /** Whether the next seal needs an identity with a new producer id: no higher epoch is left. */
  get epochsUsedUp(): boolean {
    return this.#mustRenew && (this.#identity?.epoch ?? 0) >= highestEpoch;
  }

  /** The broker has it. */
  acknowledged(outgoing: Outgoing, baseOffset: number): void {
    if (!this.#remove(outgoing)) return;
    this.#isKnown = true;
    const { partition } = this;
    let before = 0;
    for (const { delivery, count } of outgoing.spans) {
      delivery.acknowledged(count, { partition, baseOffset: baseOffset < 0 ? -1 : baseOffset + before });
      before += count;
    }
  }

  /** To be sent again, with the same sequence. */
  park(outgoing: Outgoing, notBefore: number): void {
    outgoing.state = 'parked';
    outgoing.attempts++;
    outgoing.notBefore = notBefore;
  }

  /** Given up for now: its events are pending. What follows must begin new sequences, or the broker sees a gap. */
  abandon(outgoing: Outgoing, error: MillraceError): void {
    if (!this.#remove(outgoing)) return;
    if (outgoing.sequence >= 0) this.#mustRenew = true;
    for (const span of outgoing.spans) span.delivery.failed(span, error);
  }

  /**
   * The broker refused events of the batch; those in `bad` (place in the batch → why) leave it for good. Nothing of the
   * batch was appended: the others go again, at the same place in the order, under sequences of their own.
   */
  refuse(outgoing: Outgoing, bad: ReadonlyMap<number, string>): void {
    const at = this.outgoing.indexOf(outgoing);
    if (at < 0) return;
    if (outgoing.sequence >= 0) this.#mustRenew = true;
    const spans: Span[] = [];
    let first = 0;
    for (const span of outgoing.spans) {
      const kept: number[] = [];
      for (let i = 0; i < span.count; i++) {
        const reason = bad.get(first + i);
        if (reason === undefined) kept.push(placeIn(span, i));
        else span.delivery.refused(placeIn(span, i), reason);
      }
      first += span.count;
      const places = Uint32Array.from(kept);
      if (kept.length > 0) spans.push({ delivery: span.delivery, count: kept.length, from: 0, places });
    }
    const rest = keepEvents(outgoing.batch, (i) => !bad.has(i));
    const again: Outgoing[] =
      rest === null
        ? []
        : [{ ...outgoing, batch: rest, spans, sequence: -1, state: 'parked', sealed: null, notBefore: 0 }];
    this.outgoing.splice(at, 1, ...again);
  }

  /** Takes out what need not leave any more, because other events of its deliveries were given up. */
  dropFailed(): void {
    for (const outgoing of [...this.outgoing]) {
      const failure = outgoing.spans[0]!.delivery.failure;
      if (outgoing.state !== 'parked' || failure === null) continue;
      if (outgoing.spans.every(({ delivery }) => delivery.failure !== null)) this.abandon(outgoing, failure);
    }
    if (this.parts.every(({ span }) => span.delivery.failure === null)) return;
    for (const part of this.parts.splice(0)) {
      const { failure } = part.span.delivery;
      if (failure === null) this.parts.push(part);
      else this.#dropped(part, failure);
    }
  }

  /** Gives up the part that is first. */
  dropFirst(error: MillraceError): void {
    this.#dropped(this.parts.shift()!, error);
  }

  #dropped({ batch, span }: QueuedPart, error: MillraceError): void {
    this.partsBytes -= batch.sizeBytes;
    span.delivery.failed(span, error);
  }

  /**
   * The broker expected another sequence, so it has not appended the batch. While an earlier batch is under way that is
   * a mere consequence; for the first one the sequences begin anew under a higher epoch (KIP-360).
   */
  sequenceRefused(outgoing: Outgoing): void {
    outgoing.unsure = false;
    if (this.outgoing[0] === outgoing) this.#mustRenew = true;
  }

  /** Two halves instead of one, at the same place, with the sequences of the whole. */
  halve(outgoing: Outgoing): void {
    const at = this.outgoing.indexOf(outgoing);
    if (at < 0) return;
    const { batch, spans } = outgoing;
    const middle = batch.count >>> 1;
    const base = { ...outgoing, state: 'parked' as const, sealed: null, notBefore: 0 };
    const sequence = outgoing.sequence < 0 ? -1 : (outgoing.sequence + middle) % sequenceModulus;
    this.outgoing.splice(
      at,
      1,
      { ...base, batch: batch.slice(0, middle), spans: spansOf(spans, 0, middle) },
      {
        ...base,
        batch: batch.slice(middle, batch.count),
        spans: spansOf(spans, middle, batch.count),
        sequence,
      },
    );
  }

  #remove(outgoing: Outgoing): boolean {
    const at = this.outgoing.indexOf(outgoing);
    if (at >= 0) this.outgoing.splice(at, 1);
    return at >= 0;
  }
}

/** The spans of events `from` to `to` (exclusive) of a batch. */
function spansOf(spans: readonly Span[], from: number, to: number): Span[] {
  const cut: Span[] = [];
  let first = 0;
  for (const span of spans) {
    const start = Math.max(from, first) - first;
    const end = Math.min(to, first + span.count) - first;
    if (start < end) cut.push(start === 0 && end === span.count ? span : cutSpan(span, start, end));
    first += span.count;
  }
  return cut;
}
