import {
  type BatchHeader,
  batchHeaderBytes,
  batchSizeBytes,
  readBatchHeader,
} from '../records/batch-header.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { type LayerFile, readFully } from '../runtime/files.ts';

/** Goes from batch header to batch header through a segment, without reading what lies between them. */
export class BatchWalker {
  readonly #file: LayerFile;
  readonly #end: number;
  readonly #window: Buffer;
  #windowStart = 0;
  #windowBytes = 0;
  #header: BatchHeader | null = null;
  #position: number;
  #nextOffset = 0;

  /** Walks from the batch start `position` up to byte `end`. The window is what one read fetches. */
  constructor(file: LayerFile, position: number, end: number, windowBytes = 4096) {
    this.#file = file;
    this.#position = position;
    this.#end = end;
    this.#window = Buffer.allocUnsafe(windowBytes);
  }

  /** Where the batch of `peek` starts. */
  get position(): number {
    return this.#position;
  }

  /** The header at the position; null at the end. Throws `LOG_CORRUPT` where no whole batch starts. */
  peek(): BatchHeader | null {
    if (this.#header !== null) return this.#header;
    if (this.#position >= this.#end) return null;
    const offsetInWindow = this.#position - this.#windowStart;
    if (offsetInWindow < 0 || offsetInWindow + batchHeaderBytes > this.#windowBytes) {
      this.#windowStart = this.#position;
      const wanted = Math.min(this.#window.length, this.#end - this.#position);
      this.#windowBytes = readFully(this.#file, this.#window.subarray(0, wanted), this.#position);
    }
    try {
      const window = this.#window.subarray(0, this.#windowBytes);
      this.#header = readBatchHeader(window, this.#position - this.#windowStart);
    } catch (error) {
      throw damagedAt(this.#file.path, this.#position, errorText(error));
    }
    if (this.#position + batchSizeBytes(this.#header) > this.#end) {
      throw damagedAt(this.#file.path, this.#position, 'the batch is longer than the file');
    }
    if (this.#header.baseOffset < this.#nextOffset) {
      throw damagedAt(this.#file.path, this.#position, 'the base offset is below that of the batch before');
    }
    return this.#header;
  }

  /** Steps over the batch that `peek` gave. */
  advance(): void {
    const header = this.peek();
    if (header === null) return;
    this.#position += batchSizeBytes(header);
    this.#nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
    this.#header = null;
  }
}

export function damagedAt(path: string, position: number, what: string): MillraceError {
  return new MillraceError('LOG_CORRUPT', `${path}: damaged at byte ${position}: ${what}`, {
    details: { file: path, position },
  });
}
