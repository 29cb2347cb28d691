import type { Charset, StreamDecoder } from '../../java/charsets.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { encodeLineGroups, type GroupsEnd, type LineGroupRule } from '../../records/line-groups.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const empty = Buffer.alloc(0);

/** A line without end would fill the memory: it is cut here, the rest is the next event. */
const maxLineBytes = 16 * 1024 * 1024;

export interface LineReaderOptions {
  readonly maxLineBytes?: number;
  /** Of the stream; needed where a newline is not one byte. Lines are given in it, as Java encodes each again. */
  readonly charset?: Charset | undefined;
  /** Which lines are one event; null or absent: each is one. */
  readonly groups?: LineGroupRule | null;
}

/** Cuts a stream into lines as Java's BufferedReader does: `\n`, `\r` and `\r\n` all end a line. */
export class LineReader {
  readonly #maxEvents: number;
  readonly #maxLineBytes: number;
  readonly #groups: LineGroupRule | null;
  /** Lines are found in UTF-8 and encoded again; null where the bytes themselves will do. */
  #charset: Charset | null = null;
  #decoder: StreamDecoder | null = null;
  #bytes: Buffer = empty;
  #at = 0;
  /** Whether the last byte was a `\r`: a `\n` that follows belongs to it. */
  #afterReturn = false;

  constructor(
    maxEvents: number,
    { maxLineBytes: maxBytes = maxLineBytes, charset, groups = null }: LineReaderOptions = {},
  ) {
    this.#maxEvents = maxEvents;
    this.#maxLineBytes = maxBytes;
    this.#groups = groups;
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

  /** Whether lines wait for more of their event, or for their end. */
  get waits(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** The next whole events, at most `maxEvents`; null when there is none. */
  next(): EventBatch | null {
    const batch = this.#take('more');
    if (batch !== null) return batch;
    if (this.#bytes.length - this.#at < this.#maxLineBytes) return null;
    return this.#cut(this.#maxLineBytes);
  }

  /** Lines that wait for more of their event, as nothing comes; one without its end waits on. Null when there are none. */
  whole(): EventBatch | null {
    return this.#groups === null ? null : this.#take('lines');
  }

  /** What is left when the stream has ended, the last line without its end, too; null when there is no more. */
  end(): EventBatch | null {
    if (!this.waits) return null;
    return this.#groups === null ? this.#cut(this.#bytes.length - this.#at) : this.#take('all');
  }

  #take(end: GroupsEnd): EventBatch | null {
    const encoding = { maxEvents: this.#maxEvents, timestampMs: Date.now() };
    const bytes = this.#bytes;
    const { batch, consumed } =
      this.#groups === null
        ? encodeLines(bytes, this.#at, bytes.length, encoding)
        : encodeLineGroups(bytes, this.#at, bytes.length, this.#groups, end, encoding);
    this.#at += consumed;
    return batch === null ? null : this.#encoded(batch);
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
