import type { Charset, StreamDecoder } from '../../java/charsets.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const empty = Buffer.alloc(0);

/** A line without end would fill the memory: it is cut here, the rest is the next event. */
const maxLineBytes = 16 * 1024 * 1024;

export interface LineReaderOptions {
  readonly maxLineBytes?: number;
  /** Of the stream; needed where a newline is not one byte. Lines are given in it, as Java encodes each again. */
  readonly charset?: Charset | undefined;
}

/** Cuts a stream into lines as Java's BufferedReader does: `\n`, `\r` and `\r\n` all end a line. */
export class LineReader {
  readonly #maxEvents: number;
  readonly #maxLineBytes: number;
  /** Lines are found in UTF-8 and encoded again; null where the bytes themselves will do. */
  #charset: Charset | null = null;
  #decoder: StreamDecoder | null = null;
  #bytes: Buffer = empty;
  #at = 0;
  /** Whether the last byte was a `\r`: a `\n` that follows belongs to it. */
  #afterReturn = false;

  constructor(maxEvents: number, { maxLineBytes: maxBytes = maxLineBytes, charset }: LineReaderOptions = {}) {
    this.#maxEvents = maxEvents;
    this.#maxLineBytes = maxBytes;
    if (charset === undefined || charset.newlineIsByte) return;
    this.#charset = charset;
    this.#decoder = charset.decoder({ replace: true });
  }

  /** Adds what came. Call `next` until it gives null before the next `push`. */
  push(chunk: Buffer): void {
    const text = this.#decoder === null ? chunk : Buffer.from(this.#decoder.decode(chunk).text);
    const bytes = this.#afterReturn || text.includes(carriageReturn) ? this.#withNewlines(text) : text;
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
    if (batch !== null) return this.#encoded(batch);
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
    return this.#encoded(builder.build());
  }

  #encoded(batch: EventBatch): EventBatch {
    if (this.#charset === null) return batch;
    const builder = new BatchBuilder();
    for (const event of batch) builder.add(this.#charset.encoder()(event.body.toString()));
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
