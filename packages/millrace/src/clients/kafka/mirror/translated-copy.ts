import type { EventBatch } from '../../../records/event-batch.ts';
import { readRecord } from '../../../records/record.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { openFrom, type RawBatch } from '../consumer/fetched-records.ts';
import type { TopicPartition } from '../options.ts';
import type { OffsetRuns } from './offset-runs.ts';
import type { PartitionCopy } from './partition-copy.ts';
import { committed, type Progress } from './progress-group.ts';

/** What several translated copies share: their transactions. */
export interface TransactionRoom {
  waitingBytes: number;
  readonly maxWaitingBytes: number;
  /** There is something to send. */
  wake(): void;
  changed(): void;
}

/** A batch that waits for its transaction. */
export interface WaitingBatch {
  readonly copy: TranslatedCopy;
  readonly batch: EventBatch;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly sizeBytes: number;
}

const partitionWaitingBytes = 8 * 1024 * 1024;
/** Runs beyond this are thinned out in memory, too. */
const mostRuns = 200_000;

/**
 * Copies one partition in transactions, each with the place in the source up to which it goes: for partitions in which
 * offsets are missing. `OffsetRuns` knows which offset became which.
 */
export class TranslatedCopy implements PartitionCopy {
  readonly mode = 'translated';
  readonly partition: TopicPartition;
  readonly #room: TransactionRoom;
  readonly #waiting: WaitingBatch[] = [];
  #waitingBytes = 0;
  #runs: OffsetRuns;
  #position: number;
  #failure: MillraceError | null = null;
  underWay = 0;
  records: number;
  bytes: number;
  readonly fillers: number;

  constructor(
    room: TransactionRoom,
    partition: TopicPartition,
    start: { readonly position: number; readonly runs: OffsetRuns },
    before: { readonly records: number; readonly bytes: number; readonly fillers: number },
  ) {
    this.#room = room;
    this.partition = partition;
    this.#position = start.position;
    this.#runs = start.runs;
    this.records = before.records;
    this.bytes = before.bytes;
    this.fillers = before.fillers;
  }

  get position(): number {
    return this.#position;
  }

  get failure(): MillraceError | null {
    return this.#failure;
  }

  get isIdle(): boolean {
    return this.#failure !== null || (this.#waiting.length === 0 && this.underWay === 0);
  }

  get progress(): Progress {
    return { kind: 'translated', offset: this.#position, runs: this.#runs };
  }

  start(): void {}

  abandon(error: MillraceError): void {
    this.#failure = error;
    this.underWay = 0;
    this.#account(-this.#waitingBytes);
    this.#waiting.length = 0;
    this.#room.changed();
  }

  translate(offset: number): number | null {
    return this.#runs.translate(offset);
  }

  offer(raw: RawBatch): boolean {
    if (this.#failure !== null) return true;
    const room = this.#room;
    const isFull = this.#waitingBytes >= partitionWaitingBytes || room.waitingBytes >= room.maxWaitingBytes;
    if (isFull && this.#waiting.length > 0) return false;
    let batch: EventBatch | null;
    try {
      batch = openFrom(raw, this.#position, true);
    } catch (error) {
      this.abandon(
        error instanceof MillraceError
          ? error
          : new MillraceError('BATCH_CORRUPT', errorText(error), { cause: error }),
      );
      return true;
    }
    if (batch === null) return true;
    const { baseOffset, nextOffset, sizeBytes } = raw;
    this.#waiting.push({ copy: this, batch, baseOffset, nextOffset, sizeBytes });
    this.#account(sizeBytes);
    room.wake();
    return true;
  }

  #account(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#room.waitingBytes += bytes;
  }

  /** What waits, of at most so many bytes but one batch at least; it is under way then. */
  take(mostBytes: number): WaitingBatch[] {
    let bytes = 0;
    const taken: WaitingBatch[] = [];
    while (this.#waiting.length > 0 && (bytes === 0 || bytes + this.#waiting[0]!.sizeBytes <= mostBytes)) {
      const next = this.#waiting.shift()!;
      bytes += next.sizeBytes;
      taken.push(next);
    }
    this.#account(-bytes);
    this.underWay += taken.length;
    return taken;
  }

  /** The place and the runs with these batches, the first record of each at its offset in the target. */
  extended(
    sent: readonly { readonly waiting: WaitingBatch; readonly target: number }[],
    wanted: readonly number[],
  ) {
    const runs = this.#runs.copy();
    for (const { waiting, target } of sent) addRuns(runs, waiting, target);
    const offset = sent.at(-1)!.waiting.nextOffset;
    const commit = committed(this.partition, { kind: 'translated', offset, runs }, wanted);
    return { commit, runs, offset };
  }

  /** The transaction is known to count. */
  landed(
    { runs, offset }: { readonly runs: OffsetRuns; readonly offset: number },
    sent: readonly WaitingBatch[],
    wanted: readonly number[],
  ): void {
    this.#runs = runs.count > mostRuns ? runs.thinned(wanted) : runs;
    this.#position = offset;
    this.underWay -= sent.length;
    for (const { batch, sizeBytes } of sent) {
      this.records += batch.count;
      this.bytes += sizeBytes;
    }
  }
}

/** A batch out of which records were cleaned is several runs. */
function addRuns(runs: OffsetRuns, { batch, baseOffset, nextOffset }: WaitingBatch, target: number): void {
  const first = readRecord(batch.records, batch.index[0]!).offsetDelta;
  if (baseOffset + first + batch.count === nextOffset) {
    runs.add(baseOffset + first, target, batch.count);
    return;
  }
  for (let i = 0; i < batch.count; i++) {
    runs.add(baseOffset + readRecord(batch.records, batch.index[i]!).offsetDelta, target + i, 1);
  }
}
