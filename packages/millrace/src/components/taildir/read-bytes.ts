import { crc32c } from '@node-rs/crc32';
import { type ContentMark, markAt, maxHeadBytes, maxTailBytes } from '../../tracking/content-mark.ts';
import type { SourceHandle } from '../../tracking/source-files.ts';
import type { ChunkReader } from './chunk-reader.ts';

/** Bytes of a file; reading has come up to `from`. */
export type Bytes = Pick<ChunkReader, 'bytes' | 'from'>;

/**
 * What was read last of a file: the bytes before the place at which reading goes on, by which a file that holds others
 * there is told, and the mark of all that was read.
 */
export class ReadBytes {
  /** Null: it must be looked up. */
  #tail: Buffer | null = null;
  #tailBytes = 0;
  #mark: ContentMark;

  constructor(mark: ContentMark) {
    this.#mark = mark;
  }

  get isKnown(): boolean {
    return this.#tail !== null;
  }

  get mark(): ContentMark {
    return this.#mark;
  }

  /** How many bytes before that place are kept. */
  get tailBytes(): number {
    return this.#tailBytes;
  }

  forget(): void {
    this.#tail = null;
  }

  /** Reads what stands before `position`; false where that is not what the mark says. */
  lookUp(handle: SourceHandle, mark: ContentMark, position: number): boolean {
    this.#mark = mark;
    this.#tail = Buffer.alloc(maxTailBytes);
    const { tailBytes, tailCrc } = mark;
    this.#tailBytes = handle.readSync(this.#tail, tailBytes, position - tailBytes);
    return (
      this.#tailBytes === tailBytes &&
      (tailBytes === 0 || crc32c(this.#tail.subarray(0, tailBytes)) === tailCrc)
    );
  }

  /** Whether the bytes begin with those that are kept. */
  isAtStartOf(bytes: Buffer): boolean {
    return bytes.compare(this.#tail!, 0, this.#tailBytes, 0, this.#tailBytes) === 0;
  }

  /** The chunk's bytes before `from` were read, and with them the file up to `readTo`. The mark of that. */
  advance(chunk: Bytes, readTo: number, handle: SourceHandle): ContentMark {
    const tail = this.#tail!;
    this.#tailBytes = Math.min(maxTailBytes, chunk.from);
    chunk.bytes.copy(tail, 0, chunk.from - this.#tailBytes, chunk.from);
    const { headBytes, headCrc } = this.#headUpTo(chunk, readTo, handle);
    const tailCrc = crc32c(tail.subarray(0, this.#tailBytes));
    this.#mark = { headBytes, headCrc, tailBytes: this.#tailBytes, tailCrc };
    return this.#mark;
  }

  /** Bytes were passed over: what was kept does not stand before that place any more. */
  passedOver(): void {
    this.#tailBytes = 0;
  }

  /** The head's part of the mark, of the bytes that were read: the file may hold others by now. */
  #headUpTo(chunk: Bytes, readTo: number, handle: SourceHandle): Pick<ContentMark, 'headBytes' | 'headCrc'> {
    const { headBytes: had, headCrc: hadCrc } = this.#mark;
    const headBytes = Math.min(maxHeadBytes, readTo);
    if (had >= headBytes) return this.#mark;
    const at = chunk.from - (readTo - had);
    if (at < 0) return markAt(handle, headBytes); // behind NUL bytes that were passed over
    return { headBytes, headCrc: crc32c(chunk.bytes.subarray(at, at + headBytes - had), hadCrc) };
  }
}
