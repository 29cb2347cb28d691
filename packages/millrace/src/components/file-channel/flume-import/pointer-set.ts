import { leastPutBytes } from '../../../formats/flume-log/record.ts';

const pageBits = 1 << 16;
const pageWords = pageBits / 32;

/**
 * Which puts of the logs were taken: a bit for each place where one can begin, in pages that are there once one of them
 * is set. At most 1/256 of the bytes of the logs, however many events they hold.
 */
export class PointerSet {
  /** By number of the file, then by page. */
  readonly #files = new Map<number, (Uint32Array | undefined)[]>();

  /** Only what `knows` is remembered: takes of events whose log is gone need nothing. */
  constructor(knows: Iterable<number>) {
    for (const fileId of knows) this.#files.set(fileId, []);
  }

  add(fileId: number, offset: number): void {
    const pages = this.#files.get(fileId);
    if (pages === undefined || offset < 0) return;
    const bit = Math.floor(offset / leastPutBytes);
    const page = Math.floor(bit / pageBits);
    pages[page] ??= new Uint32Array(pageWords);
    pages[page][(bit % pageBits) >>> 5]! |= 1 << (bit & 31);
  }

  has(fileId: number, offset: number): boolean {
    const bit = Math.floor(offset / leastPutBytes);
    const word = this.#files.get(fileId)?.[Math.floor(bit / pageBits)]?.[(bit % pageBits) >>> 5] ?? 0;
    return (word & (1 << (bit & 31))) !== 0;
  }
}
