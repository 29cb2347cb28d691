import { isUtf8 } from 'node:buffer';
import { BatchBuilder } from '../records/batch-builder.ts';
import type { EventBatch } from '../records/event-batch.ts';

/** Why a connection ends: its next line is longer than allowed, or no text in its encoding. */
export type Fault = 'too-long' | 'undecodable';

const newline = 0x0a;

/** Cuts a stream of bytes into lines; what follows the last newline waits for more. */
export class LineSplitter {
  readonly #decoder: TextDecoder | null;
  readonly #maxChars: number;
  readonly #builder = new BatchBuilder();
  #rest: Buffer = Buffer.alloc(0);

  constructor(encoding: string, maxChars: number) {
    const decoder = decoderFor(encoding);
    this.#decoder = decoder?.encoding === 'utf-8' ? null : decoder;
    this.#maxChars = maxChars;
  }

  /** The whole lines so far; a fault is about what follows them. */
  push(chunk: Buffer): { batch: EventBatch | null; fault: Fault | null } {
    let bytes = chunk;
    if (this.#decoder !== null) {
      try {
        bytes = Buffer.from(this.#decoder.decode(chunk, { stream: true }));
      } catch {
        return { batch: null, fault: 'undecodable' };
      }
    }
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
    return { batch: this.#builder.count > 0 ? this.#builder.build() : null, fault };
  }

  /** A line and its newline may have `maxChars` characters; text without newline must leave room for it. */
  #isTooLong(line: Buffer): boolean {
    return line.length >= this.#maxChars && line.toString('utf8').length >= this.#maxChars;
  }
}

/** Null where the encoding is not known. */
export function decoderFor(encoding: string): TextDecoder | null {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  } catch {
    return null;
  }
}
