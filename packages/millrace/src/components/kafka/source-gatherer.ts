import type { FetchedBatch } from '../../clients/kafka/consumer/fetched-batch.ts';
import type { TopicPartition } from '../../clients/kafka/options.ts';
import type { RefusedBytes } from '../../component/refused.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';
import { joinEvents, recordsAsEvents } from './source-events.ts';
import type { LedgerEntry, OffsetRange } from './source-ledger.ts';

/** Events of one partition, ready for the channels. */
export interface Piece extends OffsetRange {
  /** Records, those that are no events included. */
  readonly records: number;
  readonly batch: EventBatch;
  readonly bad: readonly RefusedBytes[];
  /** The log lost its position: its offsets mean nothing any more, and its events may not come again. */
  readonly uncounted: boolean;
}

interface Fetched extends FetchedBatch {
  readonly uncounted?: boolean;
}

/** What goes into the channels with one put; the same batch again when a put failed. */
export interface Group {
  readonly pieces: readonly Piece[];
  readonly batch: EventBatch | null;
  /** Values that are no events, not yet set aside. */
  bad: readonly RefusedBytes[];
  /** Once it was tried. */
  entry: LedgerEntry | null;
}

/** A transaction of so many bytes is large enough: joining fetched batches writes every event's headers out. */
const enoughBytes = 256 * 1024;

export type GathererOptions = Omit<Parameters<typeof recordsAsEvents>[3], 'setAside'> & {
  readonly batchSize: number;
  readonly onRefused: 'setAside' | 'retry';
};

/** What was read and is not in the channels: it becomes groups of up to batchSize events. */
export class Gatherer {
  readonly #name: string;
  readonly #options: GathererOptions;
  /** Read, in order per partition. */
  #waiting: Fetched[] = [];
  /** Taken of that, for the next group. */
  #gathered: Piece[] = [];

  constructor(name: string, options: GathererOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Whether there is nothing for a group. */
  get empty(): boolean {
    return this.#gathered.length === 0;
  }

  add(fetched: readonly FetchedBatch[]): void {
    this.#waiting.push(...fetched);
  }

  /** Takes of what was read for the next group; true when that is full, or what comes next would have to be cut to fit. */
  fill(): boolean {
    while (!this.#isFull()) {
      if (this.#waiting.length === 0) return false;
      this.#takePiece(this.#options.batchSize);
    }
    return true;
  }

  take(): Group {
    const pieces = this.#gathered;
    this.#gathered = [];
    return this.groupOf(pieces);
  }

  groupOf(pieces: readonly Piece[]): Group {
    return {
      pieces,
      batch: joinEvents(
        pieces.map(({ batch }) => batch),
        this.#name,
      ),
      bad: pieces.flatMap(({ bad }) => bad),
      entry: null,
    };
  }

  /** Drops what is of other partitions. */
  keep(stays: (partition: TopicPartition) => boolean): void {
    this.#waiting = this.#waiting.filter(stays);
    this.#gathered = this.#gathered.filter(stays);
  }

  /** The logs of these partitions lost their position: what was read goes on, and its offsets are not committed. */
  uncount(isReset: (partition: TopicPartition) => boolean): void {
    this.#waiting = this.#waiting.map((each) => (isReset(each) ? { ...each, uncounted: true } : each));
    this.#gathered = this.#gathered.map((each) => (isReset(each) ? { ...each, uncounted: true } : each));
  }

  clear(): void {
    this.#waiting = [];
    this.#gathered = [];
  }

  #isFull(): boolean {
    const { batchSize } = this.#options;
    let events = 0;
    let sizeBytes = 0;
    for (const { records, batch } of this.#gathered) {
      events += records;
      sizeBytes += batch.sizeBytes;
    }
    const next = this.#waiting[0]?.batch.count ?? 1;
    const fits = events === 0 || events + next <= batchSize;
    return !fits || events >= batchSize || sizeBytes >= enoughBytes;
  }

  /** Moves up to `most` records of the first waiting batch to what is gathered. */
  #takePiece(most: number): void {
    const fetched = this.#waiting[0]!;
    const { topic, partition, nextOffset, batch, uncounted = false } = fetched;
    const records = Math.min(batch.count, most);
    const isWhole = records === batch.count;
    const setAside = this.#options.onRefused === 'setAside';
    const options = { ...this.#options, setAside };
    const events = recordsAsEvents(batch.slice(0, records), fetched, this.#name, options);
    const from = offsetAt(fetched, 0);
    const to = isWhole ? nextOffset : offsetAt(fetched, records);
    this.#gathered.push({ topic, partition, from, to, records, uncounted, ...events });
    if (isWhole) this.#waiting.shift();
    else this.#waiting[0] = { ...fetched, batch: batch.slice(records, batch.count) };
  }
}

const offsetAt = ({ batch, baseOffset }: FetchedBatch, i: number): number =>
  baseOffset + readRecord(batch.records, batch.index[i]!).offsetDelta;
