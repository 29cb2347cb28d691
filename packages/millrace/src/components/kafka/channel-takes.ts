import type { FetchedBatch } from '../../clients/kafka/consumer/fetched-batch.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../../clients/kafka/options.ts';
import type { TakenRange } from '../../component/positions.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';

/** How far a partition is done with. Takes may end in any order; what is committed only covers what has no gap. */
class Ledger {
  readonly topic: string;
  readonly partition: number;
  /** The partition went to another member. */
  closed = false;
  /** The log lost its position: its offsets mean nothing any more, and its events may not come again. */
  uncounted = false;
  /** Behind the last batch that came in. */
  tail: number;
  #position: number;
  #done = new Map<number, number>();
  open = 0;

  constructor(topic: string, partition: number, from: number) {
    this.topic = topic;
    this.partition = partition;
    this.tail = from;
    this.#position = from;
  }

  /** Where `finish` of these would bring the position; null where something else is open in front of them. */
  reach(pieces: readonly TakePiece[]): number | null {
    let position = this.#position;
    for (const { from, to } of pieces) {
      if (from !== position) return null;
      position = this.#behind(to);
    }
    return position;
  }

  /** Behind what is done with from there on. */
  #behind(position: number): number {
    let end = position;
    for (let next = this.#done.get(end); next !== undefined; next = this.#done.get(end)) end = next;
    return end;
  }

  /** Marks offsets `from` to `to` (exclusive) as done; the new position where it moved, else null. */
  finish(from: number, to: number): number | null {
    this.#done.set(from, to);
    const before = this.#position;
    for (let end = this.#done.get(this.#position); end !== undefined; end = this.#done.get(this.#position)) {
      this.#done.delete(this.#position);
      this.#position = end;
    }
    return this.#position === before ? null : this.#position;
  }
}

/** Events of one partition that wait to be taken, or are taken. */
export interface TakePiece {
  readonly ledger: Ledger;
  /** Place in the order of arrival; a piece that comes back goes before all with higher ones. */
  readonly order: number;
  readonly batch: EventBatch;
  /** Offset of the record whose offset delta is 0. */
  readonly baseOffset: number;
  /** Offsets that the piece covers, gaps of compaction included. */
  readonly from: number;
  readonly to: number;
}

/**
 * What a Kafka channel has read and not yet committed: pieces that wait, in order, and per partition how far it is done
 * with. Pure: no consumer, no clock.
 */
export class TakeQueue {
  readonly #ledgers = new Map<string, Ledger>();
  #waiting: TakePiece[] = [];
  #arrived = 0;

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  add(fetched: FetchedBatch): void {
    const { topic, partition, baseOffset, nextOffset, batch } = fetched;
    let ledger = this.#ledgers.get(keyOf(fetched));
    if (ledger === undefined) {
      ledger = new Ledger(topic, partition, offsetAt(batch, baseOffset, 0));
      this.#ledgers.set(keyOf(fetched), ledger);
    }
    this.#waiting.push({
      ledger,
      order: this.#arrived++,
      batch,
      baseOffset,
      from: ledger.tail,
      to: nextOffset,
    });
    ledger.tail = nextOffset;
  }

  /** The first piece, whole or cut to `most` events. */
  take(most: number): TakePiece | null {
    const first = this.#waiting[0];
    if (first === undefined) return null;
    first.ledger.open++;
    if (first.batch.count <= most) {
      this.#waiting.shift();
      return first;
    }
    const cut = offsetAt(first.batch, first.baseOffset, most);
    this.#waiting[0] = { ...first, batch: first.batch.slice(most, first.batch.count), from: cut };
    return { ...first, batch: first.batch.slice(0, most), to: cut };
  }

  /** Puts pieces back at their place, unless their partition is somebody else's now. */
  giveBack(pieces: readonly TakePiece[]): void {
    for (const piece of pieces) {
      piece.ledger.open--;
      if (!piece.ledger.closed) this.#waiting.push(piece);
    }
    this.#waiting.sort((a, b) => a.order - b.order || a.from - b.from);
  }

  /** The pieces are done with; the offsets that may be committed now. */
  finish(pieces: readonly TakePiece[]): TopicPartitionOffset[] {
    const offsets = new Map<Ledger, TopicPartitionOffset>();
    for (const { ledger, from, to } of pieces) {
      ledger.open--;
      const offset = ledger.finish(from, to);
      if (offset === null || ledger.closed || ledger.uncounted) continue;
      offsets.set(ledger, { topic: ledger.topic, partition: ledger.partition, offset });
    }
    return [...offsets.values()];
  }

  /**
   * The ranges of pieces that are taken, by partition; without those whose offsets mean nothing any more. Null where
   * they can't be told: a partition is another member's, or events in front of them are not done with.
   */
  rangesOf(pieces: readonly TakePiece[]): TakenRange[] | null {
    const ranges: TakenRange[] = [];
    for (const [ledger, list] of Map.groupBy(pieces, (piece) => piece.ledger)) {
      if (ledger.uncounted) continue;
      const next = ledger.closed ? null : ledger.reach(list);
      if (next === null) return null;
      ranges.push({ topic: ledger.topic, partition: ledger.partition, from: list[0]!.from, next });
    }
    return ranges;
  }

  /**
   * Ends pieces of which nobody here knows whether their offsets are committed: their partitions are to be read from
   * there, and nothing that is in memory counts. Which those are; what can't be read again comes back, as in `giveBack`.
   */
  rewind(pieces: readonly TakePiece[]): TopicPartition[] {
    this.giveBack(pieces);
    const ledgers = new Set(pieces.map(({ ledger }) => ledger));
    const partitions = [...ledgers].filter(({ closed, uncounted }) => !closed && !uncounted);
    this.close(partitions);
    return partitions.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Forgets what waits of the partitions; what is taken may still end. */
  drop(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf));
    this.#waiting = this.#waiting.filter(({ ledger }) => ledger.uncounted || !gone.has(keyOf(ledger)));
  }

  /** How many pieces of the partitions are in open takes. */
  openOf(partitions: readonly TopicPartition[]): number {
    return partitions.reduce((sum, partition) => sum + (this.#ledgers.get(keyOf(partition))?.open ?? 0), 0);
  }

  /** The logs of these partitions lost their position (`onReset`): what was read goes on, and is not committed. */
  uncount(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const ledger = this.#ledgers.get(keyOf(partition));
      if (ledger !== undefined) ledger.uncounted = true;
      this.#ledgers.delete(keyOf(partition));
    }
  }

  /** The partitions are another member's from now on. */
  close(partitions: readonly TopicPartition[]): void {
    this.drop(partitions);
    for (const partition of partitions) {
      const ledger = this.#ledgers.get(keyOf(partition));
      if (ledger !== undefined) ledger.closed = true;
      this.#ledgers.delete(keyOf(partition));
    }
  }
}

const offsetAt = (batch: EventBatch, baseOffset: number, i: number): number =>
  baseOffset + readRecord(batch.records, batch.index[i]!).offsetDelta;
