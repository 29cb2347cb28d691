import { KeptBytes } from '../kept-bytes.ts';
import { NotThrift } from './not-thrift.ts';

/**
 * Thrift's framed transport: in front of each message its length, four bytes, the high one first.
 *
 * Flume's source and client take frames of at most 16,384,000 bytes, as libthrift has it by default; a longer one ends
 * the connection before its rest is read.
 */
export const mostFrameBytes = 16_384_000;
export const framePrefixBytes = 4;

const none: Buffer = Buffer.alloc(0);

/**
 * Cuts a stream into frames. A length is held against the limit before anything is made for it, and room is made as
 * bytes come: a peer has here what it has sent, no more.
 */
export class FrameCutter {
  readonly #maxBytes: number;
  #chunk: Buffer = none;
  #at = 0;
  /** A length that a chunk ended in. */
  readonly #prefix = Buffer.alloc(framePrefixBytes);
  #prefixBytes = 0;
  /** Bytes of the frame at hand; -1: its length is not known. */
  #length = -1;
  readonly #kept = new KeptBytes();

  constructor(maxBytes: number = mostFrameBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a frame whose rest has not come, once `next` has given null. */
  get unfinishedBytes(): number {
    return this.#prefixBytes + this.#kept.length;
  }

  /** More bytes; all frames of those before must have been asked for. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The next frame, good until the next call of `next` or `push`; null: its rest has not come. Throws `NotThrift` for a
   * length that is none.
   */
  next(): Buffer | null {
    if (this.#length === -1 && !this.#open()) return null;
    const { length } = this.#chunk;
    const missing = this.#length - this.#kept.length;
    const end = Math.min(length, this.#at + missing);
    const isWhole = end - this.#at === missing;
    if (isWhole && this.#kept.length === 0) {
      const frame = this.#chunk.subarray(this.#at, end);
      this.#at = end;
      return this.#finish(frame);
    }
    this.#kept.add(this.#chunk, this.#at, end, this.#length);
    this.#at = end;
    return isWhole ? this.#finish(this.#kept.take()) : null;
  }

  #open(): boolean {
    const to = Math.min(this.#chunk.length, this.#at + framePrefixBytes - this.#prefixBytes);
    this.#prefixBytes += this.#chunk.copy(this.#prefix, this.#prefixBytes, this.#at, to);
    this.#at = to;
    if (this.#prefixBytes < framePrefixBytes) return false;
    const length = this.#prefix.readInt32BE(0);
    if (length <= 0)
      throw new NotThrift(`it announces a frame of ${length} bytes; does it use the framed transport?`);
    if (length > this.#maxBytes)
      throw new NotThrift(`it announces a frame of ${length} bytes; at most ${this.#maxBytes} are taken`);
    this.#length = length;
    return true;
  }

  #finish(frame: Buffer): Buffer {
    this.#prefixBytes = 0;
    this.#length = -1;
    return frame;
  }
}
