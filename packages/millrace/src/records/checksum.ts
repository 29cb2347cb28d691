import { crc32c } from '@node-rs/crc32';
import { batchChecksumStart, batchHeaderBytes } from './batch-header.ts';

/** The checksum (CRC32C) of a batch whose header stands at `headerAt` and whose records lie elsewhere. Unsigned. */
export function batchChecksum(header: Buffer, headerAt: number, records: Buffer): number {
  return crc32c(records, headerChecksum(header, headerAt));
}

/** The checksum (CRC32C) of the batch at `bytes[from, to)`. Unsigned. */
export function contiguousBatchChecksum(bytes: Buffer, from: number, to: number): number {
  return crc32c(bytes.subarray(from + batchChecksumStart, to));
}

function headerChecksum(header: Buffer, headerAt: number): number {
  return crc32c(header.subarray(headerAt + batchChecksumStart, headerAt + batchHeaderBytes));
}

/** Less than this is summed again in no more time than remembering it takes. */
const leastRemembered = 4096;

interface Summed {
  readonly from: number;
  readonly to: number;
  readonly checksum: number;
}

/** The last checksum of records in a buffer. They never change, so it holds for as long as they are there. */
const remembered = new WeakMap<Buffer, Summed>();

/**
 * As `batchChecksum`, of the records at `bytes[from, to)` of a batch that may be sealed more than once (for the log of a
 * channel, then for a request): they are summed the first time, and joined with each header by arithmetic.
 */
export function sealChecksum(header: Buffer, bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  if (length < leastRemembered) return batchChecksum(header, 0, bytes.subarray(from, to));
  let summed = remembered.get(bytes);
  if (summed === undefined || summed.from !== from || summed.to !== to) {
    summed = { from, to, checksum: crc32c(bytes.subarray(from, to)) };
    remembered.set(bytes, summed);
  }
  return joinedChecksum(headerChecksum(header, 0), summed.checksum, length);
}

/** CRC32C's polynomial without its highest term, lowest power first. */
const polynomial = 0x82f63b78;
const one = 0x8000_0000;

/** a · b modulo the polynomial. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted;
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return sum >>> 0;
}

/** x to the power of 8 · 2^k: what 2^k zero bytes behind a text multiply its checksum with. */
const zeroBytes: readonly number[] = ((): number[] => {
  const powers = [one >>> 8];
  while (powers.length < 31) powers.push(product(powers.at(-1)!, powers.at(-1)!));
  return powers;
})();

/**
 * The checksum of two texts one behind the other, by their own checksums and the length (below 2^31 bytes) of the
 * second. The remainder of the first moves up by the second's length; that both begin with ones and end inverted cancels
 * out, as in zlib's `crc32_combine`.
 */
export function joinedChecksum(first: number, second: number, secondLength: number): number {
  let moved = first;
  for (let rest = secondLength, k = 0; rest > 0; rest >>>= 1, k++) {
    if ((rest & 1) !== 0) moved = product(zeroBytes[k]!, moved);
  }
  return (moved ^ second) >>> 0;
}
