import { type FileLayer, type LayerFile, readFully } from '../../../runtime/files.ts';

const windowBytes = 256 << 10;

/** Reads a file through one window that moves with the reader and grows for what is longer. Opened when first asked. */
export class FileWindow {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #files: FileLayer;
  #file: LayerFile | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #length = 0;

  /** Bytes behind `sizeBytes` are never given. */
  constructor(path: string, sizeBytes: number, files: FileLayer) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#files = files;
  }

  /** The bytes at `position`: `length` of them, fewer at the end of the file. Valid until the next call. */
  view(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - position));
    if (position < this.#start || position + wanted > this.#start + this.#length)
      this.#fill(position, wanted);
    const from = position - this.#start;
    return this.#bytes.subarray(from, Math.min(from + wanted, this.#length));
  }

  #fill(position: number, wanted: number): void {
    this.#file ??= this.#files.open(this.path, 'read');
    const size = Math.min(Math.max(wanted, windowBytes), this.sizeBytes - position);
    // Of a window that grew for one long record only what others need is kept.
    if (this.#bytes.length < size || this.#bytes.length > 4 * Math.max(size, windowBytes))
      this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#start = position;
    this.#length = readFully(this.#file, this.#bytes.subarray(0, size), position);
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }
}
