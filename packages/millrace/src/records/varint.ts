/**
 * The variable-length integers of record batches: zigzag, then seven bits a byte, least significant first
 * (KIP-98; the same as Protocol Buffers' sint32 and sint64, and as Avro's int and long).
 */
import { MillraceError } from '../runtime/errors.ts';

/** Bytes of `value` (int32) as a zigzag varint. */
export function varintBytes(value: number): number {
  return unsignedVarintBytes((value << 1) ^ (value >> 31));
}

/** Bytes of `value` (a safe integer) as a zigzag varlong. */
export function varlongBytes(value: number): number {
  if (value === (value | 0)) return varintBytes(value);
  let rest = Math.floor(magnitude(value) / 0x40);
  let bytes = 1;
  while (rest > 0) {
    rest = Math.floor(rest / 0x80);
    bytes++;
  }
  return bytes;
}

/** Bytes of the 32 bits of `value`, taken as unsigned. */
function unsignedVarintBytes(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits < 8 ? 1 : ((bits + 6) / 7) | 0;
}

/** Writes `value` (int32) at `at`; returns the position after it. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = (value << 1) ^ (value >> 31);
  let to = at;
  while ((rest & ~0x7f) !== 0) {
    bytes[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

/** Writes `value` (a safe integer) at `at`; returns the position after it. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value === (value | 0)) return writeVarint(bytes, at, value);
  const bits = magnitude(value);
  let rest = Math.floor(bits / 0x40);
  let to = at;
  let byte = (bits % 0x40) * 2 + (value < 0 ? 1 : 0);
  while (rest > 0) {
    bytes[to++] = byte | 0x80;
    byte = rest % 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[to++] = byte;
  return to;
}

/** The zigzag integer without its lowest bit, the sign: doubled, a safe integer would not be exact. */
function magnitude(value: number): number {
  return value < 0 ? -value - 1 : value;
}

/** A cursor over zigzag integers and lengths, with a ceiling: nothing is read at or after `limit`. */
export class VarintReader {
  bytes: Uint8Array;
  at: number;
  limit: number;

  constructor(bytes: Uint8Array, at: number, limit: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.limit = limit;
  }

  /** An int32. Throws `BATCH_CORRUPT` at the end of the bytes or after five bytes. */
  int(): number {
    const { bytes, limit } = this;
    let at = this.at;
    if (at < limit) {
      const first = bytes[at]!;
      if (first < 0x80) {
        this.at = at + 1;
        return (first >>> 1) ^ -(first & 1);
      }
      // Lengths of lines and records: two bytes up to 8191.
      if (at + 1 < limit) {
        const second = bytes[at + 1]!;
        if (second < 0x80) {
          this.at = at + 2;
          const raw = (first & 0x7f) | (second << 7);
          return (raw >>> 1) ^ -(raw & 1);
        }
      }
    }
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= limit) throw this.corrupt('an integer runs past the end');
      const byte = bytes[at++]!;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw this.corrupt('an integer is longer than 5 bytes');
  }

  /** An int64 as a number, exact up to 2^53. Throws `BATCH_CORRUPT` at the end of the bytes or after ten bytes. */
  long(): number {
    const { bytes, limit } = this;
    let at = this.at;
    if (at < limit) {
      const first = bytes[at]!;
      if (first < 0x80) {
        this.at = at + 1;
        return (first >>> 1) ^ -(first & 1);
      }
    }
    let halved = 0; // the value without its sign bit, so that 63 bits lose as little as possible
    let sign = 0;
    let scale = 0.5;
    for (let i = 0; i < 10; i++) {
      if (at >= limit) throw this.corrupt('an integer runs past the end');
      const byte = bytes[at++]!;
      let bits = byte & 0x7f;
      if (i === 0) {
        sign = bits & 1;
        bits -= sign;
      }
      halved += bits * scale;
      scale *= 0x80;
      if (byte < 0x80) {
        this.at = at;
        return sign === 0 ? halved : -halved - 1;
      }
    }
    throw this.corrupt('an integer is longer than 10 bytes');
  }

  /** Moves over `length` bytes; returns where they begin. Throws `BATCH_CORRUPT` when there are fewer. */
  skip(length: number): number {
    const { at } = this;
    if (length < 0 || length > this.limit - at)
      throw this.corrupt(`a length of ${length} bytes, ${this.limit - at} left`);
    this.at = at + length;
    return at;
  }

  corrupt(what: string): MillraceError {
    return new MillraceError('BATCH_CORRUPT', `Record data at byte ${this.at}: ${what}`, {
      details: { position: this.at },
    });
  }
}
