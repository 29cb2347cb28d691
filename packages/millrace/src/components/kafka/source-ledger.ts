import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../../clients/kafka/options.ts';
import type { Fate } from '../../component/lifetime.ts';

/** Offsets of one partition that went into the channels with one put. */
export interface OffsetRange extends TopicPartition {
  readonly from: number;
  /** The next one to read. */
  readonly to: number;
}

interface Part {
  readonly from: number;
  readonly to: number;
  isPut: boolean;
  fate: Fate | null;
}

interface PartitionState extends TopicPartition {
  /** In order; those of known good fate leave at the front. */
  readonly parts: Part[];
  /** What may be committed. */
  ready: number;
  /** What was committed. */
  committed: number;
}

/** One put, before, while and after it is made. */
export interface LedgerEntry {
  readonly parts: readonly { readonly state: PartitionState; readonly part: Part }[];
}

/**
 * How far each partition may be committed: behind the puts that the channels have committed (`channel`), or behind those
 * whose events have arrived or are kept beyond the process (`delivered`), without a gap. Pure: no consumer, no clock.
 */
export class OffsetLedger {
  readonly #acknowledge: 'channel' | 'delivered';
  readonly #states = new Map<string, PartitionState>();

  constructor(acknowledge: 'channel' | 'delivered') {
    this.#acknowledge = acknowledge;
  }

  /** What is about to be put, in order for each partition. */
  begin(ranges: readonly OffsetRange[]): LedgerEntry {
    const parts = ranges.map(({ topic, partition, from, to }) => {
      let state = this.#states.get(keyOf({ topic, partition }));
      if (state === undefined) {
        state = { topic, partition, parts: [], ready: from, committed: from };
        this.#states.set(keyOf(state), state);
      }
      const part: Part = { from, to, isPut: false, fate: null };
      state.parts.push(part);
      return { state, part };
    });
    return { parts };
  }

  /** The channels have committed it. */
  put({ parts }: LedgerEntry): void {
    for (const { state, part } of parts) {
      part.isPut = true;
      if (this.#acknowledge === 'channel') state.ready = Math.max(state.ready, part.to);
      advance(state);
    }
  }

  fate({ parts }: LedgerEntry, fate: Fate): void {
    for (const { state, part } of parts) {
      part.fate = fate;
      advance(state);
    }
  }

  /** What may be committed and is not. */
  ready(): TopicPartitionOffset[] {
    const offsets: TopicPartitionOffset[] = [];
    for (const { topic, partition, ready, committed } of this.#states.values()) {
      if (ready > committed) offsets.push({ topic, partition, offset: ready });
    }
    return offsets;
  }

  committed(offsets: readonly TopicPartitionOffset[]): void {
    for (const { offset, ...partition } of offsets) {
      const state = this.#states.get(keyOf(partition));
      if (state !== undefined) state.committed = offset;
    }
  }

  /** Where partitions are to be read again, because events from there on were lost; `offset`s below `committed`, too. */
  lost(): (TopicPartitionOffset & { readonly committed: number })[] {
    const found: (TopicPartitionOffset & { committed: number })[] = [];
    for (const { topic, partition, parts, committed } of this.#states.values()) {
      const first = parts.find(({ fate }) => fate === 'lost');
      if (first !== undefined) found.push({ topic, partition, offset: first.from, committed });
    }
    return found;
  }

  /** The partitions are read elsewhere, or anew. */
  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#states.delete(keyOf(partition));
  }

  clear(): void {
    this.#states.clear();
  }
}

/** Parts that are put and whose events have arrived, or are kept, are done with. */
function advance(state: PartitionState): void {
  const { parts } = state;
  for (let first = parts[0]; first !== undefined; first = parts[0]) {
    if (!first.isPut || (first.fate !== 'delivered' && first.fate !== 'held')) return;
    state.ready = Math.max(state.ready, first.to);
    parts.shift();
  }
}
