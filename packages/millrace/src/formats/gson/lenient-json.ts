/**
 * JSON as Gson's reader takes it when it is lenient, as it is for `Gson.fromJson(Reader)`: comments, single quotes and
 * bare words, `=` and `=>` for `:`, `;` for `,`, a missing element for null. A program that speaks to a Java server by
 * luck does so here, too. Numbers are not read: they are the text that stands there.
 *
 * Works on UTF-8 bytes, and unescapes in place: what is given out lies in the bytes themselves, no text is made.
 */

/** Why a document is none. `syntax`: Gson's JsonSyntaxException; `other`: what else Gson throws of it. */
export class JsonFault extends Error {
  readonly kind: 'syntax' | 'other';

  constructor(kind: 'syntax' | 'other', message: string) {
    super(message);
    this.name = 'JsonFault';
    this.kind = kind;
  }
}

export type JsonToken =
  | 'begin-array'
  | 'end-array'
  | 'begin-object'
  | 'end-object'
  | 'name'
  | 'text'
  | 'boolean'
  | 'null';

type Within =
  | 'empty-document'
  | 'document'
  | 'empty-array'
  | 'array'
  | 'empty-object'
  | 'object'
  /** Behind a name. */
  | 'named';

const [quote, apostrophe, backslash, slash, star, hash] = [0x22, 0x27, 0x5c, 0x2f, 0x2a, 0x23];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const [comma, semicolon, colon, equals, greater, newline] = [0x2c, 0x3b, 0x3a, 0x3d, 0x3e, 0x0a];
const end = -1;
/** Against JSON that is there to keep others from being read. */
const nonExecutePrefix = Buffer.from(")]}'\n");
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Bytes at which a bare word ends. */
const endsWord = new Uint8Array(256);
for (const char of '/\\;#={}[]:, \t\f\r\n') endsWord[char.charCodeAt(0)] = 1;

export class LenientJsonReader {
  readonly bytes: Buffer;
  /** Where the last name, text or boolean lies in `bytes`: `[from, to)`. */
  from = 0;
  to = 0;
  #at = 0;
  /** The first backslash at or behind where it was last asked for; the length where there is none. */
  #escapeAt = -1;
  readonly #within: Within[] = ['empty-document'];

  /** `bytes`: UTF-8; they are changed by reading. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    if (bytes.subarray(0, 3).equals(byteOrderMark)) this.#at = 3;
  }

  /** The next one. Throws `JsonFault`. */
  next(): JsonToken {
    const within = this.#within.at(-1)!;
    switch (within) {
      case 'empty-array':
        this.#set('array');
        break;
      case 'array': {
        const char = this.#nextChar();
        if (char === closeArray) return this.#close('end-array');
        if (char !== comma && char !== semicolon) throw syntax('Unterminated array');
        break;
      }
      case 'empty-object':
      case 'object':
        return this.#name(within);
      case 'named':
        this.#colon();
        break;
      case 'empty-document':
        this.#skipPrefix();
        this.#set('document');
        break;
    }
    return this.#value(within);
  }

  /** Demands that only blanks follow: no comment either, as Gson is strict again behind the document. */
  finish(): void {
    for (let at = this.#at; at < this.bytes.length; at++)
      if (!isBlank(this.bytes[at]!)) throw syntax('Something follows the document');
  }

  /** The rest of the value that begins with `token`, whatever is in it. */
  skip(token: JsonToken): void {
    let depth = 0;
    for (let each = token; ; each = this.next()) {
      if (each === 'begin-array' || each === 'begin-object') depth++;
      else if (each === 'end-array' || each === 'end-object') depth--;
      if (depth === 0 && each !== 'name') return;
    }
  }

  #name(within: 'empty-object' | 'object'): JsonToken {
    this.#set('named');
    if (within === 'object') {
      const char = this.#nextChar();
      if (char === closeObject) return this.#close('end-object');
      if (char !== comma && char !== semicolon) throw syntax('Unterminated object');
    }
    const char = this.#nextChar();
    if (char === quote || char === apostrophe) this.#quoted(char);
    else if (char === closeObject && within === 'empty-object') return this.#close('end-object');
    else if (endsWord[char] === 1) throw syntax('Expected name');
    else this.#word();
    return 'name';
  }

  #colon(): void {
    this.#set('object');
    const char = this.#nextChar();
    if (char === equals) {
      if (this.bytes[this.#at] === greater) this.#at++;
    } else if (char !== colon) throw syntax("Expected ':'");
  }

  #value(within: Within): JsonToken {
    const char = this.#nextChar();
    switch (char) {
      case closeArray:
        if (within === 'empty-array') return this.#close('end-array');
        return this.#missing(within);
      case comma:
      case semicolon:
        return this.#missing(within);
      case quote:
      case apostrophe:
        this.#quoted(char);
        return 'text';
      case openArray:
        this.#within.push('empty-array');
        return 'begin-array';
      case openObject:
        this.#within.push('empty-object');
        return 'begin-object';
      default:
        if (endsWord[char] === 1) throw syntax('Expected value');
        this.#word();
        return this.#keyword() ?? 'text';
    }
  }

  /** Nothing at all is null in an array. */
  #missing(within: Within): JsonToken {
    if (within !== 'empty-array' && within !== 'array') throw syntax('Unexpected value');
    this.#at--;
    return 'null';
  }

  #close(token: 'end-array' | 'end-object'): JsonToken {
    this.#within.pop();
    return token;
  }

  #set(within: Within): void {
    this.#within[this.#within.length - 1] = within;
  }

  /** The next byte that is no blank and in no comment, which is taken; `end` only where that is asked for. */
  #nextChar(mustBe = true): number {
    const { bytes } = this;
    while (this.#at < bytes.length) {
      const char = bytes[this.#at++]!;
      if (isBlank(char)) continue;
      if (char === hash) this.#skipLine();
      else if (char === slash && this.#at < bytes.length) {
        if (bytes[this.#at] === slash) this.#skipLine();
        else if (bytes[this.#at] === star) {
          const close = bytes.indexOf('*/', this.#at + 1, 'latin1');
          if (close < 0) throw syntax('Unterminated comment');
          this.#at = close + 2;
        } else return char;
      } else return char;
    }
    if (mustBe) throw syntax('End of input');
    return end;
  }

  #skipLine(): void {
    const { bytes } = this;
    while (this.#at < bytes.length) {
      const char = bytes[this.#at++];
      if (char === newline || char === 0x0d) return;
    }
  }

  /** Everything empty is no document, and no fault of syntax. */
  #skipPrefix(): void {
    if (this.#nextChar(false) === end) throw new JsonFault('other', 'there is nothing in it');
    this.#at--;
    const prefix = this.bytes.subarray(this.#at, this.#at + nonExecutePrefix.length);
    if (prefix.equals(nonExecutePrefix)) this.#at += nonExecutePrefix.length;
  }

  /** A bare word, its first byte taken already. */
  #word(): void {
    const { bytes } = this;
    this.from = this.#at - 1;
    let at = this.#at;
    while (at < bytes.length && endsWord[bytes[at]!] === 0) at++;
    this.#at = at;
    this.to = at;
  }

  /** What a bare word is besides text; a boolean is written as Java writes it. */
  #keyword(): JsonToken | null {
    const length = this.to - this.from;
    if (length !== 4 && length !== 5) return null;
    const word = this.bytes.toString('latin1', this.from, this.to).toLowerCase();
    if (word === 'null') return 'null';
    if (word !== 'true' && word !== 'false') return null;
    this.bytes.write(word, this.from, 'latin1');
    return 'boolean';
  }

  /** Up to the closing quote, the first behind `#at`. */
  #quoted(mark: number): void {
    const { bytes } = this;
    const from = this.#at;
    const close = bytes.indexOf(mark, from);
    if (close < 0) throw syntax('Unterminated string');
    if (this.#escapeAt < from) {
      const found = bytes.indexOf(backslash, from);
      this.#escapeAt = found < 0 ? bytes.length : found;
    }
    this.from = from;
    if (this.#escapeAt > close) {
      this.to = close;
      this.#at = close + 1;
    } else this.#unescape(mark, this.#escapeAt);
  }

  #unescape(mark: number, first: number): void {
    const { bytes } = this;
    let at = first;
    let to = first;
    for (;;) {
      if (at >= bytes.length) throw syntax('Unterminated string');
      const byte = bytes[at++]!;
      if (byte === mark) break;
      if (byte !== backslash) {
        bytes[to++] = byte;
        continue;
      }
      if (at >= bytes.length) throw syntax('Unterminated escape sequence');
      const kind = bytes[at++]!;
      if (kind !== 0x75) {
        bytes[to++] = escaped(kind);
        continue;
      }
      let unit = this.#hex(at);
      at += 4;
      if ((unit & 0xfc00) === 0xd800 && bytes[at] === backslash && bytes[at + 1] === 0x75) {
        const low = this.#hex(at + 2);
        if ((low & 0xfc00) === 0xdc00) {
          at += 6;
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
      }
      // Half a character is a question mark in Java's UTF-8.
      to = writeUtf8(bytes, to, (unit & 0xfffff800) === 0xd800 ? 0x3f : unit);
    }
    this.to = to;
    this.#at = at;
  }

  #hex(at: number): number {
    const { bytes } = this;
    if (at + 4 > bytes.length) throw syntax('Unterminated escape sequence');
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigit(bytes[i]!);
      if (digit < 0) throw new JsonFault('other', `\\u${bytes.toString('latin1', at, at + 4)}`);
      value = value * 16 + digit;
    }
    return value;
  }
}

const isBlank = (char: number): boolean =>
  char === newline || char === 0x20 || char === 0x0d || char === 0x09;

function syntax(message: string): JsonFault {
  return new JsonFault('syntax', message);
}

function escaped(kind: number): number {
  switch (kind) {
    case 0x74:
      return 0x09;
    case 0x62:
      return 0x08;
    case 0x6e:
      return newline;
    case 0x72:
      return 0x0d;
    case 0x66:
      return 0x0c;
    case newline:
    case apostrophe:
    case quote:
    case backslash:
    case slash:
      return kind;
    default:
      throw syntax('Invalid escape sequence');
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Gives the place behind. What is unescaped is never longer than its escape. */
function writeUtf8(bytes: Buffer, at: number, char: number): number {
  let to = at;
  if (char < 0x80) bytes[to++] = char;
  else {
    if (char < 0x800) bytes[to++] = 0xc0 | (char >> 6);
    else {
      if (char < 0x10000) bytes[to++] = 0xe0 | (char >> 12);
      else {
        bytes[to++] = 0xf0 | (char >> 18);
        bytes[to++] = 0x80 | ((char >> 12) & 0x3f);
      }
      bytes[to++] = 0x80 | ((char >> 6) & 0x3f);
    }
    bytes[to++] = 0x80 | (char & 0x3f);
  }
  return to;
}
