import { findCharset } from '../../java/charsets.ts';
import { type DecodeErrorPolicy, TextReader } from '../../java/text-reader.ts';
import type { ResettableInput } from '../deserializer.ts';

export interface TestInputOptions {
  /** The input is read in pieces of this size. Default: all at once. */
  readonly chunkBytes?: number;
  /** A charset by the names of Java. Default: UTF-8. */
  readonly charset?: string;
  /** Default: FAIL. */
  readonly policy?: DecodeErrorPolicy;
}

/** Bytes that are made when they are asked for: `head`, then `unit` again and again. */
export interface RepeatedBytes {
  readonly head: Buffer;
  readonly unit: Buffer;
  readonly times: number;
}

/** An input for tests: bytes in memory, given in chunks as small as they may be, and a note of what was asked for. */
export class TestInput implements ResettableInput {
  readonly length: number;
  readonly text: TextReader;
  /** The most bytes that were asked for at once. */
  mostAsked = 0;
  readonly #bytes: RepeatedBytes;
  readonly #chunkBytes: number;
  #position = 0;
  /** What was given last, and where it begins. */
  #chunk: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(
    bytes: Buffer | RepeatedBytes,
    { chunkBytes = 1024 * 1024, charset = 'UTF-8', policy = 'FAIL' }: TestInputOptions = {},
  ) {
    this.#bytes = Buffer.isBuffer(bytes) ? { head: bytes, unit: Buffer.alloc(0), times: 0 } : bytes;
    this.#chunkBytes = chunkBytes;
    this.length = this.#bytes.head.length + this.#bytes.unit.length * this.#bytes.times;
    this.text = new TextReader(findCharset(charset)!, policy);
  }

  tell(): number {
    return this.#position;
  }

  seek(position: number): void {
    this.#position = position;
  }

  async ahead(bytes: number): Promise<Buffer> {
    this.mostAsked = Math.max(this.mostAsked, bytes);
    const chunk = this.#chunkBytes;
    const from = this.#position;
    const to = Math.min(from + bytes, this.length);
    const [had, until] = [this.#from, this.#from + this.#chunk.length];
    if (from < had || from >= until || to > until) {
      const end = Math.ceil((from + Math.max(1, bytes)) / chunk) * chunk;
      this.#chunk = this.#range(from, Math.min(end, this.length));
      this.#from = from;
    }
    return this.#chunk.subarray(from - this.#from);
  }

  #range(from: number, to: number): Buffer {
    const { head, unit } = this.#bytes;
    const out = Buffer.alloc(Math.max(0, to - from));
    for (let at = from; at < to; ) {
      const inHead = at < head.length;
      const part = inHead ? head.subarray(at) : unit.subarray((at - head.length) % unit.length);
      at += part.copy(out, at - from);
    }
    return out;
  }
}
