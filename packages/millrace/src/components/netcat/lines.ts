import { isUtf8 } from 'node:buffer';
import type { Charset, StreamDecoder } from '../../java/charsets.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';

/** Why a connection ends: its next line is longer than allowed, or no text in its encoding. */
export type Fault = 'too-long' | 'undecodable';

const newline = 0x0a;

/** Cuts a stream of bytes into lines in UTF-8; what follows the last newline waits for more. */
export class LineSplitter {
  /** Null where the bytes are UTF-8 already. */
  readonly #decoder: StreamDecoder | null;
  readonly #maxChars: number;
  readonly #builder = new BatchBuilder();
  #rest: Buffer = Buffer.alloc(0);

  /** `charset`: of the stream; null is UTF-8. */
  constructor(charset: Charset | null, maxChars: number) {
    this.#decoder = charset?.decoder() ?? null;
    this.#maxChars = maxChars;
  }

  /** The whole lines so far; a fault is about what follows them. */
  push(chunk: Buffer): { batch: EventBatch | null; fault: Fault | null } {
    const decoded = this.#decoder?.decode(chunk);
    let bytes = decoded === undefined ? chunk : Buffer.from(decoded.text);
    if (this.#rest.length > 0) bytes = Buffer.concat([this.#rest, bytes]);
    let fault: Fault | null = null;
    let at = 0;
    for (let end = bytes.indexOf(newline, at); end !== -1; end = bytes.indexOf(newline, at)) {
      const line = bytes.subarray(at, end);
      if (this.#isTooLong(line)) fault = 'too-long';
      else if (!isUtf8(line)) fault = 'undecodable';
      if (fault !== null) break;
      this.#builder.add(line);
      at = end + 1;
    }
    this.#rest = bytes.subarray(at);
    if (fault === null && this.#isTooLong(this.#rest)) fault = 'too-long';
    if (fault === null && decoded?.fault === true) fault = 'undecodable';
    return { batch: this.#builder.count > 0 ? this.#builder.build() : null, fault };
  }

  /** What came after the last newline, as an event; null where there is nothing, or nothing that is text. */
  rest(): EventBatch | null {
    if (this.#rest.length === 0 || !isUtf8(this.#rest)) return null;
    this.#builder.add(this.#rest);
    this.#rest = Buffer.alloc(0);
    return this.#builder.build();
  }

  /** Bytes (of UTF-8) that came after the last newline. */
  get restBytes(): number {
    return this.#rest.length;
  }

  /** A line and its newline may have `maxChars` characters; text without newline must leave room for it. */
  #isTooLong(line: Buffer): boolean {
    return line.length >= this.#maxChars && line.toString('utf8').length >= this.#maxChars;
  }
}
