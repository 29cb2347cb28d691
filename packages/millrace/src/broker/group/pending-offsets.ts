import type { ProducerStamp } from './coordinator-runtime.ts';
import type { CommittedOffset } from './offset-records.ts';

export interface PendingOffset {
  readonly topic: string;
  readonly partition: number;
  readonly value: CommittedOffset;
}

interface Open {
  stamp: ProducerStamp;
  /** Topic → partition → offset; null: something that was committed later holds, however the transaction ends. */
  readonly offsets: Map<string, Map<number, CommittedOffset | null>>;
}

/** What a group has committed within transactions that are not over (KIP-447): of each producer the last for a partition. */
export class PendingOffsets {
  readonly #byProducer = new Map<number, Open>();

  get isEmpty(): boolean {
    return this.#byProducer.size === 0;
  }

  /** Whether a transaction that is not over has committed for the partition. */
  has(topic: string, partition: number): boolean {
    for (const { offsets } of this.#byProducer.values())
      if (offsets.get(topic)?.has(partition) === true) return true;
    return false;
  }

  add(stamp: ProducerStamp, topic: string, partition: number, value: CommittedOffset): void {
    let open = this.#byProducer.get(stamp.producerId);
    if (open === undefined) {
      open = { stamp, offsets: new Map() };
      this.#byProducer.set(stamp.producerId, open);
    }
    open.stamp = stamp;
    let partitions = open.offsets.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      open.offsets.set(topic, partitions);
    }
    partitions.set(partition, value);
  }

  /** Something was committed for the partition outside of transactions: the later of two holds, as in Kafka. */
  supersede(topic: string, partition: number): void {
    for (const { offsets } of this.#byProducer.values()) {
      const partitions = offsets.get(topic);
      if (partitions?.has(partition) === true) partitions.set(partition, null);
    }
  }

  /** What the producer's transaction would commit. */
  of(producerId: number): PendingOffset[] {
    const open = this.#byProducer.get(producerId);
    return open === undefined ? [] : offsetsOf(open);
  }

  /** The same; it is over. */
  take(producerId: number): PendingOffset[] {
    const offsets = this.of(producerId);
    this.#byProducer.delete(producerId);
    return offsets;
  }

  *all(): Generator<{ stamp: ProducerStamp; offsets: PendingOffset[] }> {
    for (const open of this.#byProducer.values()) yield { stamp: open.stamp, offsets: offsetsOf(open) };
  }
}

function offsetsOf({ offsets }: Open): PendingOffset[] {
  return [...offsets].flatMap(([topic, partitions]) =>
    [...partitions].flatMap(([partition, value]) => (value === null ? [] : [{ topic, partition, value }])),
  );
}
