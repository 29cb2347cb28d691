/**
 * Builds one Kafka message as a list of chunks for one `writev`.
 *
 * Small fields are written into a chunk of the writer's own; when it is full a new one of twice the size begins, so
 * nothing is ever copied twice. Large byte fields (`spliceBytes` and more) are not copied at all: the caller's buffer
 * becomes a chunk and must stay unchanged until the socket has taken it.
 */
import { MillraceError } from '../runtime/errors.ts';
import { isUuid, ZERO_UUID } from './uuid.ts';

const twoTo32 = 2 ** 32;
const twoTo63 = 2 ** 63;
const firstChunkBytes = 512;
const maxChunkBytes = 1 << 20;
const maxMessageBytes = 0x7fffffff;

/** From this size on a byte field is spliced; below, copying is cheaper than one more chunk in `writev`. */
export const spliceBytes = 2048;

/** What may be given for a `records` field: batches, in pieces if they lie in pieces. */
export type RecordsInput = Buffer | readonly Buffer[];

export class Writer {
  readonly #framed: boolean;
  #done: Buffer[] = [];
  #doneBytes = 0;
  #chunk: Buffer;
  /** Where the unfinished part of the chunk begins: what lies before it was handed to `#done`. */
  #from = 0;
  #at = 0;

  /** @param options.framed begin with room for the four bytes of the frame's length, which `finish` fills */
  constructor(options: { framed?: boolean; firstChunkBytes?: number } = {}) {
    this.#framed = options.framed ?? false;
    this.#chunk = Buffer.allocUnsafe(Math.max(16, options.firstChunkBytes ?? firstChunkBytes));
    if (this.#framed) this.#at = 4;
  }

  /** Bytes written so far, the frame's length included. */
  get size(): number {
    return this.#doneBytes + this.#at - this.#from;
  }

  #room(n: number): void {
    if (this.#chunk.length - this.#at < n) this.#nextChunk(n);
  }

  #nextChunk(n: number): void {
    this.#closeChunk();
    this.#chunk = Buffer.allocUnsafe(Math.max(n, Math.min(this.#chunk.length * 2, maxChunkBytes)));
    this.#from = 0;
    this.#at = 0;
  }

  #closeChunk(): void {
    if (this.#at === this.#from) return;
    this.#done.push(this.#chunk.subarray(this.#from, this.#at));
    this.#doneBytes += this.#at - this.#from;
    this.#from = this.#at;
  }

  #outOfRange(type: string, value: unknown): MillraceError {
    return new MillraceError('PROTOCOL', `${String(value)} is not ${type}`, {
      remedy: 'A value handed to the Kafka protocol is outside the range of its field.',
    });
  }

  boolean(value: boolean): void {
    this.#room(1);
    this.#chunk[this.#at++] = value ? 1 : 0;
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw this.#outOfRange('an int8', value);
    this.#room(1);
    this.#chunk[this.#at++] = value;
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw this.#outOfRange('an int16', value);
    this.#two(value);
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw this.#outOfRange('a uint16', value);
    this.#two(value);
  }

  #two(value: number): void {
    this.#room(2);
    const chunk = this.#chunk;
    chunk[this.#at++] = value >> 8;
    chunk[this.#at++] = value;
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw this.#outOfRange('an int32', value);
    this.#room(4);
    this.#four(value);
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw this.#outOfRange('a uint32', value);
    this.#room(4);
    this.#four(value);
  }

  #four(value: number): void {
    const chunk = this.#chunk;
    chunk[this.#at++] = value >>> 24;
    chunk[this.#at++] = value >>> 16;
    chunk[this.#at++] = value >>> 8;
    chunk[this.#at++] = value;
  }

  /** Any integer that a number holds; 2^63 (`MAX_INT64`) is written as `Long.MAX_VALUE`. */
  int64(value: number): void {
    if (!Number.isInteger(value) || value > twoTo63 || value < -twoTo63)
      throw this.#outOfRange('an int64', value);
    this.#room(8);
    if (value === twoTo63) {
      this.#four(0x7fffffff);
      this.#four(0xffffffff);
      return;
    }
    const high = Math.floor(value / twoTo32);
    this.#four(high);
    this.#four(value - high * twoTo32);
  }

  float64(value: number): void {
    this.#room(8);
    this.#at = this.#chunk.writeDoubleBE(value, this.#at);
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(value: number): void {
    if (value >>> 0 !== value) throw this.#outOfRange('an unsigned varint', value);
    this.#room(5);
    let rest = value;
    while (rest > 0x7f) {
      this.#chunk[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#chunk[this.#at++] = rest;
  }

  /** 22 characters of base64url, as Kafka writes UUIDs. */
  uuid(value: string): void {
    this.#room(16);
    if (value === ZERO_UUID) {
      this.#chunk.fill(0, this.#at, this.#at + 16);
    } else {
      if (!isUuid(value)) throw this.#outOfRange('a UUID in base64url', JSON.stringify(value));
      this.#chunk.write(value, this.#at, 16, 'base64url');
    }
    this.#at += 16;
  }

  string(value: string, flexible: boolean): void {
    const length = Buffer.byteLength(value);
    if (flexible) this.uvarint(length + 1);
    else if (length > 0x7fff)
      throw this.#outOfRange('a string of at most 32767 bytes', `a string of ${length} bytes`);
    else this.int16(length);
    this.#room(length);
    this.#chunk.write(value, this.#at, length, 'utf8');
    this.#at += length;
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible);
    else if (flexible) this.uvarint(0);
    else this.int16(-1);
  }

  bytes(value: Buffer, flexible: boolean): void {
    this.#length(value.length, flexible);
    this.raw(value);
  }

  nullableBytes(value: Buffer | null, flexible: boolean): void {
    if (value === null) this.#length(-1, flexible);
    else this.bytes(value, flexible);
  }

  /** Record batches behind their length; pieces are written one after another. */
  records(value: RecordsInput | null, flexible: boolean): void {
    if (value === null || Buffer.isBuffer(value)) {
      this.nullableBytes(value, flexible);
      return;
    }
    let length = 0;
    for (const piece of value) length += piece.length;
    this.#length(length, flexible);
    for (const piece of value) this.raw(piece);
  }

  /** Bytes without a length: copied when small, spliced when large. */
  raw(value: Buffer): void {
    if (value.length >= spliceBytes) {
      this.#closeChunk();
      this.#done.push(value);
      this.#doneBytes += value.length;
      return;
    }
    this.#room(value.length);
    this.#chunk.set(value, this.#at);
    this.#at += value.length;
  }

  /** The number of elements in front of an array. */
  arrayLength(length: number, flexible: boolean): void {
    this.#length(length, flexible);
  }

  nullArray(flexible: boolean): void {
    this.#length(-1, flexible);
  }

  #length(length: number, flexible: boolean): void {
    if (flexible) this.uvarint(length + 1);
    else this.int32(length);
  }

  /** A tagged field of known size: the value follows. */
  tag(tag: number, sizeBytes: number): void {
    this.uvarint(tag);
    this.uvarint(sizeBytes);
  }

  /** A tagged field of unknown size: written aside first, because the size stands in front. */
  tagged(tag: number, write: (writer: Writer) => void): void {
    const aside = new Writer({ firstChunkBytes: 128 });
    write(aside);
    this.tag(tag, aside.size);
    for (const chunk of aside.finish()) this.raw(chunk);
  }

  /** The message's chunks, in order, with the frame's length filled in. The writer must not be used afterwards. */
  finish(): Buffer[] {
    this.#closeChunk();
    const chunks = this.#done;
    this.#done = [];
    if (this.#framed) {
      const length = this.#doneBytes - 4;
      if (length > maxMessageBytes)
        throw this.#outOfRange('a frame of less than 2 GiB', `a frame of ${length} bytes`);
      chunks[0]!.writeInt32BE(length, 0);
    }
    return chunks;
  }

  /** The message in one buffer; for what is stored or compared rather than sent. */
  toBuffer(): Buffer {
    const chunks = this.finish();
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#doneBytes);
  }
}
