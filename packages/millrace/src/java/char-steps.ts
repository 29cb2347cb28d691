/** Where each character of a charset ends, and how many bytes are none, by the rules of Java's own decoders. */
import { type Charset, startOf } from './charsets.ts';

/**
 * Looks at one character. `at`: bytes of it, above 0, and `char` is it; below 0: so many bytes are no character; 0: the
 * bytes end before it does.
 */
export interface CharSteps {
  /** What the last step found: one UTF-16 unit or a pair. */
  readonly char: string;
  step(bytes: Buffer, at: number, to: number): number;
}

/** Bytes of a stream's head by which a charset knows its byte order. */
export const headBytes = 4;

/** `head`: the first `headBytes` bytes of the stream (fewer where it is shorter). */
export function charSteps({ form }: Charset, head: Buffer): CharSteps {
  switch (form.kind) {
    case 'utf8':
      return new Utf8Steps();
    case 'byte':
      return new ByteSteps(form.highest);
    case 'wide': {
      const littleEndian = (head.length < form.bytes ? form.order : startOf(head, form).order) === 'le';
      return form.bytes === 2 ? new Utf16Steps(littleEndian) : new Utf32Steps(littleEndian);
    }
    case 'table':
      return new TableSteps(form.decoder);
  }
}

/** Bytes of byte order mark that the decoder leaves out. */
export function markBytes({ form }: Charset, head: Buffer): number {
  return form.kind === 'wide' && head.length >= form.bytes ? startOf(head, form).skip : 0;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** sun.nio.cs.UTF_8: surrogates are three bad bytes at once, forms of five and six bytes as many as are there. */
class Utf8Steps implements CharSteps {
  char = '';

  step(b: Buffer, at: number, to: number): number {
    const first = b[at]!;
    if (first < 0x80) {
      this.char = String.fromCharCode(first);
      return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) return this.#two(b, at, to);
    if (first >= 0xe0 && first <= 0xef) return this.#three(b, at, to);
    if (first >= 0xf0 && first <= 0xf7) return this.#four(b, at, to);
    if (first >= 0xf8 && first <= 0xfd) return longForm(b, at, to, first >= 0xfc ? 6 : 5);
    return -1;
  }

  #two(b: Buffer, at: number, to: number): number {
    if (to - at < 2) return 0;
    if (!isContinuation(b[at + 1]!)) return -1;
    this.char = String.fromCharCode(((b[at]! & 0x1f) << 6) | (b[at + 1]! & 0x3f));
    return 2;
  }

  #three(b: Buffer, at: number, to: number): number {
    if (to - at < 2) return 0;
    const [first, second] = [b[at]!, b[at + 1]!];
    if (!isContinuation(second) || (first === 0xe0 && second < 0xa0)) return -1;
    if (to - at < 3) return 0;
    if (!isContinuation(b[at + 2]!)) return -2;
    const code = ((first & 0xf) << 12) | ((second & 0x3f) << 6) | (b[at + 2]! & 0x3f);
    if (code >= 0xd800 && code <= 0xdfff) return -3;
    this.char = String.fromCharCode(code);
    return 3;
  }

  #four(b: Buffer, at: number, to: number): number {
    const first = b[at]!;
    if (first > 0xf4) return -1;
    if (to - at < 2) return 0;
    const second = b[at + 1]!;
    if (!isContinuation(second)) return -1;
    if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return -1;
    if (to - at < 3) return 0;
    if (!isContinuation(b[at + 2]!)) return -2;
    if (to - at < 4) return 0;
    if (!isContinuation(b[at + 3]!)) return -3;
    const code =
      ((first & 7) << 18) | ((second & 0x3f) << 12) | ((b[at + 2]! & 0x3f) << 6) | (b[at + 3]! & 0x3f);
    this.char = String.fromCodePoint(code);
    return 4;
  }
}

function longForm(b: Buffer, at: number, to: number, bytes: number): number {
  if (to - at < bytes) return 0;
  for (let i = 1; i < bytes; i++) if (!isContinuation(b[at + i]!)) return -i;
  return -bytes;
}

class ByteSteps implements CharSteps {
  char = '';
  readonly #highest: number;

  constructor(highest: number) {
    this.#highest = highest;
  }

  step(b: Buffer, at: number): number {
    if (b[at]! > this.#highest) return -1;
    this.char = String.fromCharCode(b[at]!);
    return 1;
  }
}

/** sun.nio.cs.UnicodeDecoder: a first half without its second takes the next unit with it. */
class Utf16Steps implements CharSteps {
  char = '';
  readonly #unit: (b: Buffer, at: number) => number;

  constructor(littleEndian: boolean) {
    this.#unit = littleEndian ? (b, at) => b.readUInt16LE(at) : (b, at) => b.readUInt16BE(at);
  }

  step(b: Buffer, at: number, to: number): number {
    if (to - at < 2) return 0;
    const unit = this.#unit(b, at);
    if (unit === 0xfffe || (unit >= 0xdc00 && unit <= 0xdfff)) return -2;
    if (unit < 0xd800 || unit > 0xdfff) {
      this.char = String.fromCharCode(unit);
      return 2;
    }
    if (to - at < 4) return 0;
    const second = this.#unit(b, at + 2);
    if (second < 0xdc00 || second > 0xdfff) return -4;
    this.char = String.fromCharCode(unit, second);
    return 4;
  }
}

class Utf32Steps implements CharSteps {
  char = '';
  readonly #unit: (b: Buffer, at: number) => number;

  constructor(littleEndian: boolean) {
    this.#unit = littleEndian ? (b, at) => b.readUInt32LE(at) : (b, at) => b.readUInt32BE(at);
  }

  step(b: Buffer, at: number, to: number): number {
    if (to - at < 4) return 0;
    const code = this.#unit(b, at);
    if (code > 0x10ffff) return -4;
    this.char = String.fromCodePoint(code);
    return 4;
  }
}

/** Longest character of a table, bytes. */
const mostTableBytes = 4;

class TableSteps implements CharSteps {
  char = '';
  readonly #decoder: () => { write(bytes: Buffer): string };

  constructor(decoder: () => { write(bytes: Buffer): string }) {
    this.#decoder = decoder;
  }

  step(b: Buffer, at: number, to: number): number {
    for (let bytes = 1; bytes <= mostTableBytes; bytes++) {
      if (at + bytes > to) return 0;
      const text = this.#decoder().write(b.subarray(at, at + bytes));
      if (text === '') continue;
      if (text.includes('\ufffd')) return -Math.max(1, bytes - 1);
      this.char = text;
      return bytes;
    }
    return -1;
  }
}
