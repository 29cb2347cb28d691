import { type BatchHeader, batchHeaderBytes, readBatchHeader } from '../records/batch-header.ts';
import { type LayerFile, readFully } from '../runtime/files.ts';

/** Reads a file through one window that moves with the reader. */
export class ScanWindow {
  readonly #file: LayerFile;
  readonly #end: number;
  readonly #bytes: Buffer;
  #start = 0;
  #length = 0;

  /** Bytes behind `end` are never given. */
  constructor(file: LayerFile, end: number, windowBytes: number) {
    this.#file = file;
    this.#end = end;
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(batchHeaderBytes, Math.min(windowBytes, end)));
  }

  /** Up to `length` bytes at `position`: as many as the window holds, at least `min(61, what is left)`. */
  view(position: number, length: number): Buffer {
    const wanted = Math.min(length, this.#end - position);
    let from = position - this.#start;
    if (from < 0 || from + Math.min(wanted, batchHeaderBytes) > this.#length) {
      this.#start = position;
      from = 0;
      const size = Math.min(this.#bytes.length, this.#end - position);
      this.#length = readFully(this.#file, this.#bytes.subarray(0, size), position);
    }
    return this.#bytes.subarray(from, Math.min(from + wanted, this.#length));
  }

  /** The file was written to. */
  forget(): void {
    this.#length = 0;
  }
}

/** The header at the beginning of the bytes, or null where there can't be one. */
export function parseHeader(bytes: Buffer): BatchHeader | null {
  try {
    return readBatchHeader(bytes, 0);
  } catch {
    return null;
  }
}
