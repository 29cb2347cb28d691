/**
 * Lines of text out of bytes, with the place of every one: what Flume's ResettableFileInputStream.readChar and
 * LineDeserializer do between them, a line at a time.
 */
import { type CharSteps, charSteps, headBytes, markBytes } from './char-steps.ts';
import type { Charset } from './charsets.ts';

/** Flume's DecodeErrorPolicy: what becomes of bytes that are no text. */
export type DecodeErrorPolicy = 'FAIL' | 'REPLACE' | 'IGNORE';

/** What was found from a place on. */
export type FoundLine =
  /** A line, or the first `maxChars` of one that is longer; `bytes` are taken, its newline with them. */
  | { readonly kind: 'line'; readonly text: string; readonly bytes: number; readonly isCut: boolean }
  /** At `fault` bytes from the place stand some that are no text; `bytes` is all up to the line's end. */
  | { readonly kind: 'fault'; readonly fault: number; readonly bytes: number }
  /** There is no whole line in these bytes. */
  | { readonly kind: 'more' };

const more: FoundLine = { kind: 'more' };
const newline = 0x0a;
/** No charset has a character of more bytes. */
const widest = 8;
/** Most bytes that are set aside as one because some of them are no text. */
const mostFaultBytes = 64 * 1024;

export class TextReader {
  readonly charset: Charset;
  readonly policy: DecodeErrorPolicy;
  #steps: CharSteps | null = null;

  constructor(charset: Charset, policy: DecodeErrorPolicy) {
    this.charset = charset;
    this.policy = policy;
  }

  /** Whether bytes that are valid UTF-8 are the text as it stands. */
  get isUtf8(): boolean {
    return this.charset.form.kind === 'utf8';
  }

  /** Bytes of a file's head that `begin` needs. */
  static readonly headBytes = headBytes;

  /**
   * Must be told of the first bytes of the whole before any line is asked for: they may say the byte order. Returns how
   * many of them are a mark and no text.
   */
  begin(head: Buffer): number {
    this.#steps = charSteps(this.charset, head);
    return markBytes(this.charset, head);
  }

  /**
   * The line at `from`. `isLast`: the bytes end with the input. A character that the input's end cuts off is left out,
   * whatever the policy, as Flume leaves it out; `bytes` goes up to it, and `more` is all that there is then.
   */
  line(b: Buffer, from: number, to: number, maxChars: number, isLast: boolean): FoundLine {
    return this.#wholeLine(b, from, to, maxChars) ?? this.#steppedLine(b, from, to, maxChars, isLast);
  }

  /** The common case: a newline that is a byte, before it text without a fault and not too much of it. */
  #wholeLine(b: Buffer, from: number, to: number, maxChars: number): FoundLine | null {
    if (!this.charset.newlineIsByte) return null;
    const end = b.indexOf(newline, from);
    if (end < 0 || end >= to || end - from > maxChars * widest) return null;
    // With its newline: behind half a character it is a fault, which the end of a stream's chunk would not be.
    const { text, fault } = this.charset.decoder().decode(b.subarray(from, end + 1));
    if (fault || text.length > maxChars) return null;
    return { kind: 'line', text: text.slice(0, -1), bytes: end + 1 - from, isCut: false };
  }

  #steppedLine(b: Buffer, from: number, to: number, maxChars: number, isLast: boolean): FoundLine {
    const steps = this.#steps!;
    const parts: string[] = [];
    let chars = 0;
    let at = from;
    while (at < to) {
      const bytes = steps.step(b, at, to);
      if (bytes === 0) break;
      if (bytes < 0) {
        if (this.policy === 'FAIL') return this.#fault(b, from, at, to, isLast);
        at -= bytes;
        if (this.policy === 'IGNORE') continue;
        parts.push('\ufffd');
        chars++;
      } else {
        const { char } = steps;
        if (char === '\n')
          return { kind: 'line', text: parts.join(''), bytes: at + bytes - from, isCut: false };
        // A pair is not torn apart; alone it is one even where only one character is allowed.
        if (chars > 0 && chars + char.length > maxChars) {
          return { kind: 'line', text: parts.join(''), bytes: at - from, isCut: true };
        }
        parts.push(char);
        chars += char.length;
        at += bytes;
      }
      if (chars >= maxChars) return { kind: 'line', text: parts.join(''), bytes: at - from, isCut: true };
    }
    if (!isLast || chars === 0) return more;
    return { kind: 'line', text: parts.join(''), bytes: at - from, isCut: false };
  }

  #fault(b: Buffer, from: number, fault: number, to: number, isLast: boolean): FoundLine {
    const end = this.#lineEnd(b, fault, Math.min(to, from + mostFaultBytes));
    if (end === null && !isLast && to - from < mostFaultBytes) return more;
    const bytes = (end ?? Math.min(to, Math.max(fault + 1, from + mostFaultBytes))) - from;
    return { kind: 'fault', fault: fault - from, bytes };
  }

  /** Behind the newline; null: there is none. */
  #lineEnd(b: Buffer, from: number, to: number): number | null {
    if (this.charset.newlineIsByte) {
      const end = b.indexOf(newline, from);
      return end < 0 || end >= to ? null : end + 1;
    }
    const steps = this.#steps!;
    for (let at = from; at < to; ) {
      const bytes = steps.step(b, at, to);
      if (bytes === 0) return null;
      if (bytes > 0 && steps.char === '\n') return at + bytes;
      at += Math.abs(bytes);
    }
    return null;
  }
}
