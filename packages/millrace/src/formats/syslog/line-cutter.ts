import { KeptBytes } from '../kept-bytes.ts';
import type { MessageCutter } from './message-cutter.ts';

const newline = 0x0a;
const none: Buffer = Buffer.alloc(0);

/**
 * Cuts a stream into lines of at most so many bytes: a line that reaches the limit is cut there, and its rest begins the
 * next one. Empty lines are none. Holds less than one line between chunks.
 */
export class LineCutter implements MessageCutter {
  readonly #maxBytes: number;
  #chunk: Buffer = none;
  #at = 0;
  /** The first newline at or behind `#at`; the chunk's length where there is none. */
  #newlineAt = 0;
  readonly #kept = new KeptBytes();
  /** The line that `next` has found: `bytes[from, to)`, good until the next call. */
  bytes: Buffer = none;
  from = 0;
  to = 0;
  /** It reached the limit before its newline. */
  isCut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a line whose newline has not come, once `next` has said false. */
  get unfinishedBytes(): number {
    return this.#kept.length;
  }

  /** More bytes; all lines of those before must have been asked for. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#findNewline();
  }

  /** Finds the next line; false: its newline has not come. */
  next(): boolean {
    const chunk = this.#chunk;
    const kept = this.#kept.length;
    if (kept === 0) while (chunk[this.#at] === newline) this.#at++;
    if (this.#newlineAt < this.#at) this.#findNewline();
    const begin = this.#at;
    const end = Math.min(this.#newlineAt, begin + this.#maxBytes - kept);
    this.isCut = end === begin + this.#maxBytes - kept;
    if (!this.isCut && end === chunk.length) {
      this.#keep(begin, end);
      return false;
    }
    if (kept === 0) {
      this.bytes = chunk;
      this.from = begin;
      this.to = end;
    } else {
      this.#keep(begin, end);
      this.bytes = this.#kept.take();
      this.from = 0;
      this.to = this.bytes.length;
    }
    this.#at = end;
    return true;
  }

  #findNewline(): void {
    const found = this.#chunk.indexOf(newline, this.#at);
    this.#newlineAt = found === -1 ? this.#chunk.length : found;
  }

  #keep(from: number, to: number): void {
    this.#kept.add(this.#chunk, from, to, this.#maxBytes);
    this.#at = to;
  }
}
