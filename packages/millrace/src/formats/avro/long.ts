/** Avro's int and long: zigzag, seven bits a byte, the low ones first. */
import type { GrowingBytes } from '../growing-bytes.ts';
import { NotAvro } from './not-avro.ts';

const mostBytes = 10;

/** The number at a place, and where it ends; null: the bytes end before it does. Throws `NotAvro` beyond 2^53. */
export function readLong(bytes: Buffer, from: number): { value: number; to: number } | null {
  let raw = 0;
  let factor = 1;
  for (let at = from; at < from + mostBytes; at++) {
    if (at >= bytes.length) return null;
    const byte = bytes[at]!;
    raw += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(raw)) break;
      // Without bit operations, which are for 32 bits.
      return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, to: at + 1 };
    }
    factor *= 128;
  }
  throw new NotAvro('a number is out of range');
}

export function writeLong(value: number): Buffer {
  const out: number[] = [];
  let raw = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; raw >= 0x80; raw = Math.floor(raw / 128)) out.push((raw % 128) | 0x80);
  out.push(raw);
  return Buffer.from(out);
}

/** Writes an int64 in two halves. */
export function putInt64(into: GrowingBytes, low: number, high: number): void {
  const sign = high >> 31;
  let rest = (low << 1) ^ sign;
  let upper = ((high << 1) | (low >>> 31)) ^ sign;
  while (upper !== 0 || (rest & ~0x7f) !== 0) {
    into.byte((rest & 0x7f) | 0x80);
    rest = (rest >>> 7) | (upper << 25);
    upper >>>= 7;
  }
  into.byte(rest);
}

/** Writes a number of 31 bits at most, as lengths and counts are. */
export function putLong(into: GrowingBytes, value: number): void {
  let raw = value * 2;
  for (; raw >= 0x80; raw = Math.floor(raw / 128)) into.byte((raw % 128) | 0x80);
  into.byte(raw);
}
