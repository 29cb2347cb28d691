/**
 * A cursor over the bytes of one Kafka message.
 *
 * Every length is checked against the bytes that remain before anything is allocated, so a message of n bytes never
 * costs more than a small multiple of n. Byte fields are views of the input: whoever keeps one keeps the whole frame.
 */
import { MillraceError } from '../runtime/errors.ts';
import { ZERO_UUID } from './uuid.ts';

const twoTo32 = 2 ** 32;

export class Reader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at: number;
  #elementsLeft = Number.POSITIVE_INFINITY;
  readonly #end: number;

  /**
   * @param bytes the message
   * @param what  named in errors, e.g. `Fetch request from 127.0.0.1:50312`
   * @param at    where to begin
   */
  constructor(bytes: Buffer, what = 'Kafka message', at = 0) {
    this.#bytes = bytes;
    this.#what = what;
    this.#at = at;
    this.#end = bytes.length;
  }

  /** Bytes read so far, counted from the start of the input. */
  get position(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** An error about the byte at which the cursor stands. */
  error(problem: string): MillraceError {
    return new MillraceError('PROTOCOL', `${this.#what}: ${problem} at byte ${this.#at} of ${this.#end}`, {
      details: { at: this.#at, size: this.#end },
    });
  }

  /** Steps over n bytes and returns where they begin. */
  #take(n: number): number {
    const at = this.#at;
    if (n > this.#end - at) throw this.error(`${n} bytes are announced, ${this.#end - at} are left,`);
    this.#at = at + n;
    return at;
  }

  boolean(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  int8(): number {
    return (this.#bytes[this.#take(1)]! << 24) >> 24;
  }

  int16(): number {
    const at = this.#take(2);
    return ((this.#bytes[at]! << 24) >> 16) | this.#bytes[at + 1]!;
  }

  uint16(): number {
    const at = this.#take(2);
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  int32(): number {
    const at = this.#take(4);
    const bytes = this.#bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** Exact between -2^53 and 2^53; beyond, the nearest number (`Long.MAX_VALUE` becomes 2^63). */
  int64(): number {
    if (this.#end - this.#at < 8) this.#take(8);
    const high = this.int32();
    return high * twoTo32 + this.uint32();
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.#bytes[this.#take(1)]!;
    if (last > 0x0f) throw this.error('a varint has more than 32 bits');
    return (value | (last << 28)) >>> 0;
  }

  /** 16 bytes as Kafka writes UUIDs: 22 characters of base64url. */
  uuid(): string {
    const at = this.#take(16);
    const bytes = this.#bytes;
    let any = 0;
    for (let i = at; i < at + 16; i += 1) any |= bytes[i]!;
    return any === 0 ? ZERO_UUID : bytes.toString('base64url', at, at + 16);
  }

  /** The length in front of a string: -1 is null. */
  #stringLength(flexible: boolean): number {
    const length = flexible ? this.uvarint() - 1 : this.int16();
    if (length < -1) throw this.error(`a string has the length ${length}`);
    return length;
  }

  string(flexible: boolean): string {
    const length = this.#stringLength(flexible);
    if (length < 0) throw this.error('null stands for a string that must not be null');
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  nullableString(flexible: boolean): string | null {
    const length = this.#stringLength(flexible);
    if (length < 0) return null;
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view of the bytes behind a length. */
  bytes(flexible: boolean): Buffer {
    const bytes = this.nullableBytes(flexible);
    if (bytes === null) throw this.error('null stands for bytes that must not be null');
    return bytes;
  }

  /** A view of the bytes behind a length, or null. */
  nullableBytes(flexible: boolean): Buffer | null {
    const length = flexible ? this.uvarint() - 1 : this.int32();
    if (length === -1) return null;
    if (length < 0) throw this.error(`bytes have the length ${length}`);
    return this.view(length);
  }

  /** A view of the next n bytes. */
  view(n: number): Buffer {
    const at = this.#take(n);
    return this.#bytes.subarray(at, at + n);
  }

  skip(n: number): void {
    this.#take(n);
  }

  /**
   * How many elements follow.
   * @param minBytes the fewest bytes that one element takes; more elements than would fit are refused here
   */
  arrayLength(flexible: boolean, minBytes: number): number {
    const length = this.nullableArrayLength(flexible, minBytes);
    if (length < 0) throw this.error('null stands for an array that must not be null');
    return length;
  }

  /** How many elements follow; -1 for null. */
  nullableArrayLength(flexible: boolean, minBytes: number): number {
    const length = flexible ? this.uvarint() - 1 : this.int32();
    if (length < -1) throw this.error(`an array has the length ${length}`);
    if (length * minBytes > this.remaining) {
      throw this.error(`an array of ${length} elements is announced, ${this.remaining} bytes are left,`);
    }
    if (length > 0) this.#elementsLeft -= length;
    if (this.#elementsLeft < 0) throw this.error('there are more elements in arrays than are taken');
    return length;
  }

  /**
   * Takes at most so many more elements of arrays, all arrays together. An element of two bytes becomes an object of a
   * hundred: without a ceiling a request costs many times its bytes.
   */
  limitElements(most: number): void {
    this.#elementsLeft = most;
  }

  /** How many tagged fields follow (KIP-482); each takes two bytes at least. */
  tagCount(): number {
    const count = this.uvarint();
    if (count * 2 > this.remaining)
      throw this.error(`${count} tagged fields are announced, too few bytes are left,`);
    return count;
  }

  /** Reads the size of a tagged field; the value ends at the returned position. */
  tagEnd(): number {
    const size = this.uvarint();
    if (size > this.remaining)
      throw this.error(`a tagged field of ${size} bytes is announced, fewer are left,`);
    return this.#at + size;
  }

  /** Steps over what is left of a tagged field that this version does not know. */
  skipTo(end: number): void {
    this.#take(end - this.#at);
  }

  /** Holds that a tagged field's value took exactly the size it announced. */
  endTag(end: number): void {
    if (this.#at !== end) throw this.error(`a tagged field should end at byte ${end}, its value does not,`);
  }

  /** Steps over a section of tagged fields of which none is known. */
  skipTags(): void {
    for (let count = this.tagCount(); count > 0; count -= 1) {
      this.uvarint();
      this.skipTo(this.tagEnd());
    }
  }
}
