import { maxTailBytes } from '../../tracking/content-mark.ts';

/** A line longer than this is cut into events of this size, so that no file can take all memory. */
const maxLineBytes = 64 * 1024 * 1024;

/**
 * The bytes of the file that is being read, shared by all files of a source (one is read at a time). Each read starts
 * a little before the position, and what was read there last must be there still.
 */
export class ChunkReader {
  #buffer: Buffer;
  readonly #normalBytes: number;
  /** Whose bytes these are. */
  owner: object | null = null;
  /** Where in the buffer unread bytes start and end. */
  from = 0;
  to = 0;

  constructor(chunkBytes: number) {
    this.#normalBytes = chunkBytes;
    this.#buffer = Buffer.allocUnsafeSlow(chunkBytes + maxTailBytes);
  }

  get bytes(): Buffer {
    return this.#buffer;
  }

  get unreadBytes(): number {
    return this.to - this.from;
  }

  /** Whether no more fits: the line that waits is as long as the buffer. */
  get isFull(): boolean {
    return this.to === this.#buffer.length && this.from <= maxTailBytes;
  }

  get canGrow(): boolean {
    return this.#buffer.length < maxLineBytes;
  }

  grow(): void {
    this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.release();
  }

  /** Forgets the bytes; a buffer that one long line had made large is given back. */
  release(): void {
    this.owner = null;
    this.from = 0;
    this.to = 0;
  }

  shrink(): void {
    if (this.#buffer.length > this.#normalBytes + maxTailBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(this.#normalBytes + maxTailBytes);
      this.release();
    }
  }
}
