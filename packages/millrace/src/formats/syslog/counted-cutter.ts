import { KeptBytes } from '../kept-bytes.ts';
import type { MessageCutter } from './message-cutter.ts';

const newline = 0x0a;
const blank = 0x20;
const zero = 0x30;
const one = 0x31;
const nine = 0x39;
const none: Buffer = Buffer.alloc(0);

/** What a stream of counted messages can't go on with; the message says what stands there. */
export class NotCounted extends Error {
  override readonly name = 'NotCounted';
}

export interface CountedOptions {
  /** Most bytes of a message: a longer one is cut, and its rest is the next one. */
  readonly maxBytes: number;
  /** A length above this is none. */
  readonly maxCount: number;
  /** Whether lines may stand between counted messages: what does not begin with a length is one. */
  readonly lines: boolean;
}

/** What the next byte belongs to. */
type Part = 'between' | 'count' | 'counted' | 'line';

/**
 * Cuts a stream by RFC 6587's octet counting (3.4.1), and where `lines` may stand between, by its rule for both (3.4.2):
 *
 * ```
 * counted   MSG-LEN SP SYSLOG-MSG      MSG-LEN: a digit 1 to 9, and more digits
 * line      SYSLOG-MSG LF
 * ```
 *
 * A counted message may have any bytes in it; a newline at its end is dropped, as some senders count it in. Newlines
 * between messages are nothing. Holds less than one message between chunks.
 */
export class CountedCutter implements MessageCutter {
  readonly #options: CountedOptions;
  #chunk: Buffer = none;
  #at = 0;
  #part: Part = 'between';
  /** The length as far as it was read. */
  #count = 0;
  /** Bytes of the counted message that have not come. */
  #left = 0;
  /** The beginning of a length, a message or a line that chunks before have ended in. */
  readonly #kept = new KeptBytes();
  bytes: Buffer = none;
  from = 0;
  to = 0;
  isCut = false;

  constructor(options: CountedOptions) {
    this.#options = options;
  }

  /** One at least within a message, also where all that came of it was given out. */
  get unfinishedBytes(): number {
    return Math.max(this.#kept.length, this.#part === 'between' ? 0 : 1);
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Throws `NotCounted`. */
  next(): boolean {
    for (;;) {
      const found = this.#step();
      if (found === 'wait') return false;
      if (found === 'message' && this.from < this.to) return true;
    }
  }

  #step(): 'on' | 'wait' | 'message' {
    switch (this.#part) {
      case 'between':
        return this.#begin();
      case 'count':
        return this.#readCount();
      case 'counted':
        return this.#readCounted();
      case 'line':
        return this.#readLine();
    }
  }

  #begin(): 'on' | 'wait' {
    const chunk = this.#chunk;
    while (chunk[this.#at] === newline) this.#at++;
    const byte = chunk[this.#at];
    if (byte === undefined) return 'wait';
    if (byte >= one && byte <= nine) {
      this.#part = 'count';
      this.#count = 0;
    } else this.#beginLine('a message does not begin with its length (octet counting, RFC 6587)');
    return 'on';
  }

  #readCount(): 'on' | 'wait' {
    const chunk = this.#chunk;
    const { maxCount } = this.#options;
    let at = this.#at;
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === blank) {
        this.#part = 'counted';
        this.#left = this.#count;
        this.#at = at + 1;
        this.#kept.take();
        return 'on';
      }
      if (byte < zero || byte > nine) {
        this.#beginLine('what stands in front of a message is no length (octet counting, RFC 6587)');
        return 'on';
      }
      this.#count = this.#count * 10 + byte - zero;
      if (this.#count > maxCount) {
        this.#beginLine(`a message announces ${this.#count} bytes or more; at most ${maxCount} are taken`);
        return 'on';
      }
    }
    this.#keep(at);
    return 'wait';
  }

  #beginLine(otherwise: string): void {
    if (!this.#options.lines) throw new NotCounted(otherwise);
    this.#part = 'line';
  }

  #readCounted(): 'wait' | 'message' {
    const wanted = Math.min(this.#left, this.#options.maxBytes - this.#kept.length);
    const there = Math.min(wanted, this.#chunk.length - this.#at);
    this.#left -= there;
    if (there < wanted) {
      this.#keep(this.#at + there);
      return 'wait';
    }
    this.isCut = this.#left > 0;
    this.#give(this.#at + there);
    if (!this.isCut) {
      this.#part = 'between';
      if (this.bytes[this.to - 1] === newline) this.to--;
    }
    return 'message';
  }

  #readLine(): 'wait' | 'message' {
    const chunk = this.#chunk;
    const most = this.#at + this.#options.maxBytes - this.#kept.length;
    const found = chunk.subarray(0, most).indexOf(newline, this.#at);
    if (found >= 0) {
      this.isCut = false;
      this.#give(found);
      this.#at++;
      this.#part = 'between';
    } else if (chunk.length < most) {
      this.#keep(chunk.length);
      return 'wait';
    } else {
      this.isCut = true;
      this.#give(most);
    }
    return 'message';
  }

  /** What is kept and what follows it up to `to` is a message. */
  #give(to: number): void {
    if (this.#kept.length === 0) {
      this.bytes = this.#chunk;
      this.from = this.#at;
      this.to = to;
      this.#at = to;
      return;
    }
    this.#keep(to);
    this.bytes = this.#kept.take();
    this.from = 0;
    this.to = this.bytes.length;
  }

  #keep(to: number): void {
    this.#kept.add(this.#chunk, this.#at, to, this.#options.maxBytes);
    this.#at = to;
  }
}
