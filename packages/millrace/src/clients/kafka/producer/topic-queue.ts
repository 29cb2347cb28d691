import type { MillraceError } from '../../../runtime/errors.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';
import { cutByKey, cutBySize, type Picked } from './batch-pieces.ts';
import type { Delivery, QueuedPart, Span } from './delivery.ts';
import { PartitionQueue } from './partition-queue.ts';
import type { ProducerLimits } from './producer-limits.ts';

/** Room in a request for everything that is not records. */
export const requestOverheadBytes = 512;
/** A record batch's header, which counts against `max.request.size` in Kafka's producer, too. */
const batchHeaderBytes = 61;
/** While something is under way, so many partitions are looked at for a free one: its answer looks at the next. */
const mostLookedAt = 64;

interface Unrouted extends QueuedPart {
  readonly partition: number | null;
}

/** What routing needs to know of the producer. */
export interface Traffic {
  /** Requests under way to the broker. */
  flyingTo(nodeId: number): number;
  /** Requests under way at all. */
  readonly flying: number;
  /** The partition has something to send. */
  queued(queue: PartitionQueue): void;
}

/**
 * What waits for one topic: batches that have no partition yet, because metadata is not there or because no partition
 * was asked for and none is free, and its partitions' queues.
 */
export class TopicQueue {
  readonly topic: string;
  readonly unrouted: Unrouted[] = [];
  readonly partitions = new Map<number, PartitionQueue>();
  /** What waits for a partition must not linger. */
  hurry = false;
  usedAt = 0;
  readonly #limits: ProducerLimits;
  readonly #traffic: Traffic;
  #unroutedBytes = 0;
  /** Where the search for the freest partition starts. */
  #turn = Math.floor(Math.random() * 0x10000);

  constructor(topic: string, limits: ProducerLimits, traffic: Traffic) {
    this.topic = topic;
    this.#limits = limits;
    this.#traffic = traffic;
  }

  add(delivery: Delivery, partition: number | null, stamp: boolean): void {
    const { batch } = delivery;
    const span: Span = { delivery, count: batch.count, from: 0, places: null };
    this.unrouted.push({ span, batch, partition, stamp });
    this.#unroutedBytes += batch.sizeBytes;
  }

  get idle(): boolean {
    if (this.unrouted.length > 0) return false;
    for (const queue of this.partitions.values()) if (!queue.empty) return false;
    return true;
  }

  /** Gives up the first of what has no partition yet. */
  dropFirst(error: MillraceError): void {
    const { span } = this.#takeFirst();
    span.delivery.failed(span, error);
  }

  /** The brokers will never take the first of what has no partition yet. */
  refuseFirst(reason: string): void {
    this.#refuse(this.#takeFirst().span, reason);
  }

  #takeFirst(): Unrouted {
    const first = this.unrouted.shift()!;
    this.#unroutedBytes -= first.batch.sizeBytes;
    return first;
  }

  /**
   * Gives what waits to partitions, as far as it may leave now. The time at which to call again, Infinity where an
   * answer will; `doubted` where a partition is asked for that the metadata does not have, and it is not fresh.
   */
  route(metadata: TopicMetadata, isFresh: () => boolean, now: number): number | 'doubted' {
    const count = metadata.partitions.length;
    for (let part = this.unrouted[0]; part !== undefined; part = this.unrouted[0]) {
      let target = part.partition;
      if (target !== null && target >= count) {
        if (!isFresh()) return 'doubted';
        this.#refuse(
          this.#takeFirst().span,
          `topic ${this.topic} has no partition ${target}, only 0 to ${count - 1}`,
        );
        continue;
      }
      if (target === null) {
        const { hasKeys } = part.batch;
        const due = hasKeys ? 0 : this.#dueAt(part);
        if (due > now) return due;
        if (!hasKeys && this.#traffic.flying > 0 && this.#unroutedBytes < this.#limits.busyBytes) {
          return Number.POSITIVE_INFINITY;
        }
        target = this.#freestPartition(metadata, hasKeys);
        if (target === null) return Number.POSITIVE_INFINITY;
      }
      this.#give(this.#takeFirst(), target, count);
    }
    this.hurry = false;
    return Number.POSITIVE_INFINITY;
  }

  #dueAt({ span }: Unrouted): number {
    if (this.hurry || this.#unroutedBytes >= this.#limits.batchSizeBytes) return 0;
    return span.delivery.queuedAt + this.#limits.lingerMs;
  }

  #give({ span, batch, stamp, partition: asked }: Unrouted, target: number, partitionCount: number): void {
    const byKey = batch.hasKeys && asked === null;
    const pieces: Iterable<[number, Picked]> = byKey
      ? cutByKey(batch, partitionCount, target)
      : [[target, { batch, places: null }]];
    for (const [partition, piece] of pieces) {
      const queue = this.#partitionQueue(partition);
      this.#cut(queue, piece, span.delivery, stamp);
      if (this.hurry || (asked === null && !batch.hasKeys)) queue.hurry = true;
      if (!queue.empty) this.#traffic.queued(queue);
    }
  }

  /** In pieces that fit into a request; an event that fits into none is refused, as by Kafka's producer. */
  #cut(queue: PartitionQueue, { batch, places }: Picked, delivery: Delivery, stamp: boolean): void {
    const { maxRequestBytes } = this.#limits;
    let from = 0;
    for (const piece of cutBySize(batch, Math.max(1, maxRequestBytes - requestOverheadBytes))) {
      const span = { delivery, count: piece.count, from, places };
      from += piece.count;
      if (piece.count === 1 && piece.sizeBytes + batchHeaderBytes > maxRequestBytes) {
        const has = `the record has ${piece.sizeBytes + batchHeaderBytes} bytes`;
        const where = `${this.topic}-${queue.partition}`;
        this.#refuse(span, `${where}: ${has}, max.request.size of the producer is ${maxRequestBytes}`);
      } else queue.add({ span, batch: piece, stamp });
    }
  }

  #refuse({ delivery, from, places, count }: Span, reason: string): void {
    for (let i = 0; i < count; i++) delivery.refused(places === null ? from + i : places[from + i]!, reason);
  }

  /**
   * The partition with a leader and the least under way. Null when all have something waiting to leave: what is not
   * yet routed then gathers and travels in larger batches. `always`: any rather than none.
   */
  #freestPartition({ partitions }: TopicMetadata, always: boolean): number | null {
    let best: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    const mayStop = !always && this.#traffic.flying > 0;
    for (let i = 0; i < partitions.length && least > 0; i++) {
      if (i === mostLookedAt && (best !== null || mayStop)) {
        this.#turn = (this.#turn + i) % partitions.length;
        return best;
      }
      const { partition, leader } = partitions[(this.#turn + i) % partitions.length]!;
      if (leader < 0 && !always) continue;
      const queue = this.partitions.get(partition);
      const load = queue === undefined ? 0 : queue.outgoing.length;
      if (!always && !this.#isFree(queue, leader)) continue;
      if (load >= least) continue;
      least = load;
      best = partition;
    }
    if (best !== null) this.#turn = (best + 1) % partitions.length;
    return best;
  }

  /** A partition takes unrouted parts as long as nothing formed waits there and its next batch is not full. */
  #isFree(queue: PartitionQueue | undefined, leader: number): boolean {
    const busy = this.#traffic.flyingTo(leader) >= this.#limits.maxInFlight;
    if (queue === undefined) return !busy;
    if (busy && queue.parts.length === 0) return false;
    if (queue.outgoing.some(({ state }) => state !== 'flying')) return false;
    return queue.parts.length === 0 || queue.partsBytes < this.#limits.batchSizeBytes;
  }

  #partitionQueue(partition: number): PartitionQueue {
    let queue = this.partitions.get(partition);
    if (queue === undefined) {
      const { maxInFlight, transactional } = this.#limits;
      queue = new PartitionQueue(this.topic, partition, maxInFlight === 1, transactional);
      this.partitions.set(partition, queue);
    }
    return queue;
  }
}
