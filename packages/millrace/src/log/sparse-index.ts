import { type FileLayer, readFully, writeFully } from '../runtime/files.ts';

const offsetEntryBytes = 8;
const timeEntryBytes = 12;
const maxInt64 = 0x7fff_ffff_ffff_ffffn;

/**
 * Kafka's offset index of one segment, in memory: (last offset of a batch relative to the segment's base, where the
 * batch starts in the file), both rising. On disk: int32 offset, int32 position, big-endian.
 */
export class OffsetIndex {
  #entries = new Int32Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(relativeOffset: number, position: number): void {
    const at = 2 * this.#count;
    if (at === this.#entries.length) this.#entries = grown(this.#entries);
    this.#entries[at] = relativeOffset;
    this.#entries[at + 1] = position;
    this.#count++;
  }

  /** Where the batch of entry `i` starts. */
  positionOf(i: number): number {
    return this.#entries[2 * i + 1]!;
  }

  /** Where to start looking for a relative offset: a batch start at or before the batch that holds it. */
  lookup(relativeOffset: number): number {
    const i = lastAtMost(this.#count, (at) => this.#entries[2 * at]! <= relativeOffset);
    return i < 0 ? 0 : this.#entries[2 * i + 1]!;
  }

  /** The entries of batches that start in front of byte `position`. */
  upTo(position: number): OffsetIndex {
    const index = new OffsetIndex();
    index.#entries = this.#entries.slice();
    index.#count = 1 + lastAtMost(this.#count, (at) => this.#entries[2 * at + 1]! < position);
    return index;
  }

  encode(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#count * offsetEntryBytes);
    for (let i = 0; i < 2 * this.#count; i++) bytes.writeInt32BE(this.#entries[i]!, 4 * i);
    return bytes;
  }

  /** Null when the bytes cannot be the index of a segment of `segmentBytes`: torn, not rising, out of range. */
  static decode(bytes: Buffer, segmentBytes: number): OffsetIndex | null {
    if (bytes.length % offsetEntryBytes !== 0) return null;
    const index = new OffsetIndex();
    let [lastOffset, lastPosition] = [-1, -1];
    for (let at = 0; at < bytes.length; at += offsetEntryBytes) {
      const offset = bytes.readInt32BE(at);
      const position = bytes.readInt32BE(at + 4);
      if (offset <= lastOffset || position <= lastPosition || position >= segmentBytes) return null;
      index.add(offset, position);
      [lastOffset, lastPosition] = [offset, position];
    }
    return index;
  }
}

/**
 * Kafka's time index of one segment, in memory: (greatest timestamp so far, last offset of the batch that has it),
 * timestamps strictly rising; beyond 2^53 they are rounded, as
 * everywhere in memory. On disk: int64 timestamp, int32 relative offset, big-endian.
 */
export class TimeIndex {
  #timestamps = new Float64Array(64);
  #offsets = new Int32Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Unix ms of the last entry; -1 when there is none. */
  get lastTimestamp(): number {
    return this.#count === 0 ? -1 : this.#timestamps[this.#count - 1]!;
  }

  get lastRelativeOffset(): number {
    return this.#count === 0 ? 0 : this.#offsets[this.#count - 1]!;
  }

  /** Adds an entry unless its timestamp is not above the last one's. */
  add(timestamp: number, relativeOffset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    if (this.#count === this.#offsets.length) {
      this.#timestamps = grown(this.#timestamps);
      this.#offsets = grown(this.#offsets);
    }
    this.#timestamps[this.#count] = timestamp;
    this.#offsets[this.#count] = relativeOffset;
    this.#count++;
  }

  /** A relative offset at or before the first batch whose greatest timestamp is `timestamp` or later. */
  lookup(timestamp: number): number {
    const i = lastAtMost(this.#count, (at) => this.#timestamps[at]! < timestamp);
    return i < 0 ? 0 : this.#offsets[i]!;
  }

  /** The entries of batches that end in front of a relative offset. */
  upTo(relativeOffset: number): TimeIndex {
    const index = new TimeIndex();
    index.#timestamps = this.#timestamps.slice();
    index.#offsets = this.#offsets.slice();
    index.#count = 1 + lastAtMost(this.#count, (at) => this.#offsets[at]! < relativeOffset);
    return index;
  }

  encode(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#count * timeEntryBytes);
    for (let i = 0; i < this.#count; i++) {
      // As a number, 2^63 - 1, which any producer may send, is 2^63.
      bytes.writeBigInt64BE(int64(this.#timestamps[i]!), i * timeEntryBytes);
      bytes.writeInt32BE(this.#offsets[i]!, i * timeEntryBytes + 8);
    }
    return bytes;
  }

  /** Null when the bytes cannot be a time index: torn or not rising. */
  static decode(bytes: Buffer): TimeIndex | null {
    if (bytes.length % timeEntryBytes !== 0) return null;
    const index = new TimeIndex();
    for (let at = 0; at < bytes.length; at += timeEntryBytes) {
      const timestamp = Number(bytes.readBigInt64BE(at));
      const offset = bytes.readInt32BE(at + 8);
      if (timestamp <= index.lastTimestamp || offset < 0) return null;
      if (index.count > 0 && offset < index.lastRelativeOffset) return null;
      index.add(timestamp, offset);
    }
    return index;
  }
}

/** The bytes of an index file, or null when there is none or it is larger than `maxBytes`. */
export function readIndexFile(files: FileLayer, path: string, maxBytes: number): Buffer | null {
  const size = files.size(path);
  if (size === null || size > maxBytes) return null;
  const file = files.open(path, 'read');
  try {
    const bytes = Buffer.allocUnsafe(size);
    return bytes.subarray(0, readFully(file, bytes, 0));
  } finally {
    file.close();
  }
}

/**
 * Replaces an index file: the old bytes or the new ones, also when the disk is full (the beginning of an index would
 * pass for a whole one). Neither bytes nor name are synced.
 */
export function writeIndexFile(files: FileLayer, path: string, bytes: Buffer): void {
  const temporary = `${path}.tmp`;
  try {
    const file = files.open(temporary, 'create');
    try {
      file.truncate(0);
      if (bytes.length > 0) writeFully(file, [bytes], 0);
    } finally {
      file.close();
    }
    files.rename(temporary, path);
  } catch (error) {
    files.remove(temporary);
    throw error;
  }
}

function int64(value: number): bigint {
  const exact = BigInt(value);
  return exact > maxInt64 ? maxInt64 : exact;
}

/** The last of `count` rising entries that passes `test`; -1 when none does. */
function lastAtMost(count: number, test: (at: number) => boolean): number {
  let low = -1;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (test(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function grown<T extends Int32Array | Float64Array>(array: T): T {
  const larger = (
    array instanceof Int32Array ? new Int32Array(2 * array.length) : new Float64Array(2 * array.length)
  ) as T;
  larger.set(array);
  return larger;
}
