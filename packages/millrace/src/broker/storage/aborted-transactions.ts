import { MillraceError } from '../../runtime/errors.ts';

/** A transaction that was aborted, in one partition. */
export interface AbortedTransaction {
  readonly producerId: number;
  /** Of its first record. */
  readonly firstOffset: number;
  /** Of its marker. */
  readonly lastOffset: number;
  /** What the last stable offset became by its end: nothing before it begins later in the index. */
  readonly lastStableOffset: number;
}

/** version int16 = 0 · producerId int64 · firstOffset int64 · lastOffset int64 · lastStableOffset int64 (AbortedTxn). */
const entryBytes = 34;
const fields = 4;

/**
 * The aborted transactions of a partition, in the order of their markers: what a reader with read_committed is told, so
 * that it leaves their records out. Numbers in one array, no object each.
 */
export class AbortedTransactions {
  #values = new Float64Array(16 * fields);
  #first = 0;
  #end = 0;

  get size(): number {
    return this.#end - this.#first;
  }

  /** Offset of the last marker; -1 when there is none. */
  get lastOffset(): number {
    return this.size === 0 ? -1 : this.#values[(this.#end - 1) * fields + 2]!;
  }

  /** Markers come in the order of the log. */
  add({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): void {
    if ((this.#end + 1) * fields > this.#values.length) this.#makeRoom();
    this.#values.set([producerId, firstOffset, lastOffset, lastStableOffset], this.#end * fields);
    this.#end++;
  }

  /** Those that have records in `[fromOffset, toOffset)`, or a marker there. */
  within(fromOffset: number, toOffset: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (let i = this.#indexOf(fromOffset); i < this.#end; i++) {
      const entry = this.#at(i);
      if (entry.firstOffset < toOffset) found.push(entry);
      if (entry.lastStableOffset >= toOffset) break;
    }
    return found;
  }

  /** Those whose markers are in `[fromOffset, toOffset)`. */
  *markedWithin(fromOffset: number, toOffset: number): Generator<AbortedTransaction> {
    for (let i = this.#indexOf(fromOffset); i < this.#end && this.#at(i).lastOffset < toOffset; i++)
      yield this.#at(i);
  }

  /** The log begins at `startOffset` now. */
  dropBefore(startOffset: number): void {
    this.#first = this.#indexOf(startOffset);
    if (this.#first === this.#end) this.clear();
  }

  /** The log lost what it held from `offset` on. */
  dropFrom(offset: number): void {
    this.#end = this.#indexOf(offset);
  }

  clear(): void {
    this.#first = 0;
    this.#end = 0;
    if (this.#values.length > 1024 * fields) this.#values = new Float64Array(16 * fields);
  }

  /** The first whose marker is at `offset` or later. */
  #indexOf(offset: number): number {
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle * fields + 2]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #at(i: number): AbortedTransaction {
    const at = i * fields;
    const values = this.#values;
    return {
      producerId: values[at]!,
      firstOffset: values[at + 1]!,
      lastOffset: values[at + 2]!,
      lastStableOffset: values[at + 3]!,
    };
  }

  #makeRoom(): void {
    const live = this.#values.subarray(this.#first * fields, this.#end * fields);
    const room = new Float64Array(Math.max(16 * fields, live.length * 2));
    room.set(live);
    this.#values = room;
    this.#end = this.size;
    this.#first = 0;
  }
}

/** The file `<base offset>.txnindex` of a segment, in Kafka's own layout (TransactionIndex): those whose marker it has. */
export function encodeAborted(entries: readonly AbortedTransaction[]): Buffer {
  const bytes = Buffer.alloc(entries.length * entryBytes);
  entries.forEach(({ producerId, firstOffset, lastOffset, lastStableOffset }, i) => {
    const at = i * entryBytes;
    bytes.writeBigInt64BE(BigInt(producerId), at + 2);
    bytes.writeBigInt64BE(BigInt(firstOffset), at + 10);
    bytes.writeBigInt64BE(BigInt(lastOffset), at + 18);
    bytes.writeBigInt64BE(BigInt(lastStableOffset), at + 26);
  });
  return bytes;
}

/** Throws `LOG_CORRUPT` where the bytes are no index of the segment from `baseOffset` on. */
export function decodeAborted(bytes: Buffer, baseOffset: number): AbortedTransaction[] {
  if (bytes.length % entryBytes !== 0) throw corrupt(`${bytes.length} bytes are no whole entries`);
  const entries: AbortedTransaction[] = [];
  let before = baseOffset - 1;
  for (let at = 0; at < bytes.length; at += entryBytes) {
    if (bytes.readInt16BE(at) !== 0) throw corrupt(`version ${bytes.readInt16BE(at)}`);
    const number = (from: number) => Number(bytes.readBigInt64BE(at + from));
    const entry = {
      producerId: number(2),
      firstOffset: number(10),
      lastOffset: number(18),
      lastStableOffset: number(26),
    };
    if (entry.lastOffset <= before) throw corrupt(`a marker at ${entry.lastOffset} behind ${before}`);
    before = entry.lastOffset;
    entries.push(entry);
  }
  return entries;
}

function corrupt(what: string): MillraceError {
  return new MillraceError('LOG_CORRUPT', `Index of aborted transactions: ${what}`);
}
