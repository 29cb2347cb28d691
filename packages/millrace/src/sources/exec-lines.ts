import { BatchBuilder } from '../records/batch-builder.ts';
import { encodeLines } from '../records/encode-lines.ts';
import type { EventBatch } from '../records/event-batch.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const empty = Buffer.alloc(0);

/** A line without end would fill the memory: it is cut here, the rest is the next event. */
const maxLineBytes = 16 * 1024 * 1024;

/** Cuts a stream into lines as Java's BufferedReader does: `\n`, `\r` and `\r\n` all end a line. */
export class LineReader {
  readonly #maxEvents: number;
  readonly #maxLineBytes: number;
  #bytes: Buffer = empty;
  #at = 0;
  /** Whether the last byte was a `\r`: a `\n` that follows belongs to it. */
  #afterReturn = false;

  constructor(maxEvents: number, maxBytes: number = maxLineBytes) {
    this.#maxEvents = maxEvents;
    this.#maxLineBytes = maxBytes;
  }

  /** Adds what came. Call `next` until it gives null before the next `push`. */
  push(chunk: Buffer): void {
    const bytes = this.#afterReturn || chunk.includes(carriageReturn) ? this.#withNewlines(chunk) : chunk;
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    this.#at = 0;
  }

  /** The next whole lines, at most `maxEvents`; null when there is none. */
  next(): EventBatch | null {
    const { batch, consumed } = encodeLines(this.#bytes, this.#at, this.#bytes.length, {
      maxEvents: this.#maxEvents,
      timestampMs: Date.now(),
    });
    this.#at += consumed;
    if (batch !== null) return batch;
    if (this.#bytes.length - this.#at < this.#maxLineBytes) return null;
    return this.#cut(this.#maxLineBytes);
  }

  /** What is left when the stream has ended: a last line without its end. */
  end(): EventBatch | null {
    const left = this.#bytes.length - this.#at;
    return left === 0 ? null : this.#cut(left);
  }

  #cut(length: number): EventBatch {
    const builder = new BatchBuilder();
    builder.add(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return builder.build();
  }

  /** The chunk with every `\r` and `\r\n` as `\n`. */
  #withNewlines(chunk: Buffer): Buffer {
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (byte === carriageReturn) {
        out[length++] = newline;
      } else if (byte !== newline || !this.#afterReturn) {
        out[length++] = byte;
      }
      this.#afterReturn = byte === carriageReturn;
    }
    return out.subarray(0, length);
  }
}
