/** What stands at a pointer. */
export const jsonKind = {
  absent: 0,
  null: 1,
  /** With its quotes and escapes. */
  string: 2,
  /** A number, true or false. */
  scalar: 3,
  /** An object or array. */
  nested: 4,
} as const;

interface Node {
  /** The name as it stands in JSON without escapes. */
  readonly name: Buffer;
  readonly text: string;
  readonly children: Node[];
  /** Fields that end here. */
  readonly fields: number[];
  /** Fields that end here or below. */
  readonly below: number[];
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

/** Nested deeper than this counts as no JSON. */
export const mostJsonDepth = 500;

const nodeOf = (text: string): Node => ({
  name: Buffer.from(text, 'utf8'),
  text,
  children: [],
  fields: [],
  below: [],
});

/**
 * Finds values of a JSON text (RFC 8259, strictly) without making them: where each lies in its bytes, so that numbers
 * keep their digits. Of a name that comes twice in an object the last counts, as in JavaScript and PostgreSQL. Bytes of
 * strings are not checked for UTF-8.
 */
export class JsonFields {
  /** Of each field, by `jsonKind`, after `read`. */
  readonly kind: Uint8Array;
  /** Where its value lies in the bytes that were read. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly #root: Node = nodeOf('');
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Of the string that was read last. */
  #hasEscape = false;

  /** `paths`: of each field the names (or places in arrays) that lead to it, as a JSON pointer's tokens (RFC 6901). */
  constructor(paths: readonly (readonly string[])[]) {
    this.kind = new Uint8Array(paths.length);
    this.from = new Uint32Array(paths.length);
    this.to = new Uint32Array(paths.length);
    for (const [field, path] of paths.entries()) this.#add(field, path);
  }

  #add(field: number, path: readonly string[]): void {
    let node = this.#root;
    node.below.push(field);
    for (const name of path) {
      let child = node.children.find(({ text }) => text === name);
      if (child === undefined) {
        child = nodeOf(name);
        node.children.push(child);
      }
      child.below.push(field);
      node = child;
    }
    node.fields.push(field);
  }

  /** Null: it is JSON, and the fields are found; else what is wrong, with its place. */
  read(bytes: Buffer): string | null {
    this.kind.fill(jsonKind.absent);
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    this.#blanks();
    if (this.#at === this.#end) return 'it is empty';
    const isSound = this.#value(this.#root, 0) && this.#atEnd();
    return isSound ? null : `it is no JSON at byte ${this.#at}`;
  }

  #atEnd(): boolean {
    this.#blanks();
    return this.#at === this.#end;
  }

  #value(node: Node | null, depth: number): boolean {
    this.#blanks();
    if (this.#at >= this.#end) return false;
    const from = this.#at;
    const first = this.#bytes[from]!;
    let kind: number = jsonKind.scalar;
    let isSound: boolean;
    switch (first) {
      case quote:
        kind = jsonKind.string;
        isSound = this.#string();
        break;
      case 0x7b:
        kind = jsonKind.nested;
        isSound = depth < mostJsonDepth && this.#object(node, depth + 1);
        break;
      case 0x5b:
        kind = jsonKind.nested;
        isSound = depth < mostJsonDepth && this.#array(node, depth + 1);
        break;
      case 0x74:
        isSound = this.#word('true');
        break;
      case 0x66:
        isSound = this.#word('false');
        break;
      case 0x6e:
        kind = jsonKind.null;
        isSound = this.#word('null');
        break;
      default:
        isSound = this.#number();
    }
    if (isSound && node !== null) {
      for (const field of node.fields) {
        this.kind[field] = kind;
        this.from[field] = from;
        this.to[field] = this.#at;
      }
    }
    return isSound;
  }

  #object(node: Node | null, depth: number): boolean {
    this.#at++;
    this.#blanks();
    if (this.#bytes[this.#at] === 0x7d) return this.#step();
    for (;;) {
      this.#blanks();
      const from = this.#at;
      if (this.#at >= this.#end || this.#bytes[from] !== quote || !this.#string()) return false;
      const child = node === null || node.children.length === 0 ? null : this.#childAt(node, from, this.#at);
      if (child !== null) for (const field of child.below) this.kind[field] = jsonKind.absent;
      this.#blanks();
      if (this.#at >= this.#end || this.#bytes[this.#at] !== colon) return false;
      this.#at++;
      if (!this.#value(child, depth)) return false;
      this.#blanks();
      if (this.#at >= this.#end) return false;
      const next = this.#bytes[this.#at];
      if (next === 0x7d) return this.#step();
      if (next !== comma) return false;
      this.#at++;
    }
  }

  #array(node: Node | null, depth: number): boolean {
    this.#at++;
    this.#blanks();
    if (this.#bytes[this.#at] === 0x5d && this.#at < this.#end) return this.#step();
    for (let place = 0; ; place++) {
      const child =
        node === null || node.children.length === 0
          ? null
          : (node.children.find(({ text }) => text === String(place)) ?? null);
      if (!this.#value(child, depth)) return false;
      this.#blanks();
      if (this.#at >= this.#end) return false;
      const next = this.#bytes[this.#at];
      if (next === 0x5d) return this.#step();
      if (next !== comma) return false;
      this.#at++;
    }
  }

  #step(): boolean {
    if (this.#at >= this.#end) return false;
    this.#at++;
    return true;
  }

  /** The child whose name is the string that lies there. */
  #childAt(node: Node, from: number, to: number): Node | null {
    const bytes = this.#bytes;
    if (this.#hasEscape) {
      const text = JSON.parse(bytes.toString('utf8', from, to)) as string;
      return node.children.find((child) => child.text === text) ?? null;
    }
    const length = to - from - 2;
    for (const child of node.children) {
      if (child.name.length === length && bytes.compare(child.name, 0, length, from + 1, to - 1) === 0)
        return child;
    }
    return null;
  }

  #string(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    this.#hasEscape = false;
    for (let at = this.#at + 1; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte < 0x20) {
        this.#at = at;
        return false;
      }
      if (byte !== backslash) continue;
      this.#hasEscape = true;
      at++;
      if (at >= end) break;
      if (bytes[at] === 0x75) {
        for (let i = 0; i < 4; i++) {
          at++;
          if (at >= end || !isHex(bytes[at]!)) {
            this.#at = at;
            return false;
          }
        }
      } else if (!isEscape(bytes[at]!)) {
        this.#at = at;
        return false;
      }
    }
    this.#at = end;
    return false;
  }

  #number(): boolean {
    if (this.#bytes[this.#at] === 0x2d) this.#at++;
    if (this.#peek() === 0x30) this.#at++;
    else if (!this.#digits()) return false;
    if (this.#peek() === 0x2e) {
      this.#at++;
      if (!this.#digits()) return false;
    }
    if ((this.#peek() | 0x20) === 0x65) {
      this.#at++;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#at++;
      if (!this.#digits()) return false;
    }
    return true;
  }

  /** 0 behind the end, where nothing of JSON is looked for. */
  #peek(): number {
    return this.#at < this.#end ? this.#bytes[this.#at]! : 0;
  }

  #digits(): boolean {
    const from = this.#at;
    while (this.#at < this.#end && this.#bytes[this.#at]! >= 0x30 && this.#bytes[this.#at]! <= 0x39)
      this.#at++;
    return this.#at > from;
  }

  #word(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#at >= this.#end || this.#bytes[this.#at] !== word.charCodeAt(i)) return false;
      this.#at++;
    }
    return true;
  }

  #blanks(): void {
    const bytes = this.#bytes;
    while (this.#at < this.#end) {
      const byte = bytes[this.#at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }
}

export const isHex = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** Of `"\/bfnrt`. */
export function isEscape(byte: number): boolean {
  switch (byte) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}

const hexValue = (byte: number) => (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);

const unescaped: Readonly<Record<number, number>> = {
  98: 0x08,
  102: 0x0c,
  110: 0x0a,
  114: 0x0d,
  116: 0x09,
};

/**
 * The text of a sound JSON string that lies at `from` to `to` (quotes included), as UTF-8 into `out` from 0; its length.
 * It is never longer than it was. -1: it has half of a surrogate pair, which is no text.
 */
export function unescapeJson(bytes: Buffer, from: number, to: number, out: Buffer): number {
  let end = 0;
  for (let at = from + 1; at < to - 1; at++) {
    const byte = bytes[at]!;
    if (byte !== backslash) {
      out[end++] = byte;
      continue;
    }
    const letter = bytes[++at]!;
    if (letter !== 0x75) {
      out[end++] = unescaped[letter] ?? letter;
      continue;
    }
    let code = hex4(bytes, at + 1);
    at += 4;
    if (code >= 0xdc00 && code <= 0xdfff) return -1;
    if (code >= 0xd800 && code <= 0xdbff) {
      const hasLow = at + 6 < to && bytes[at + 1] === backslash && bytes[at + 2] === 0x75;
      const low = hasLow ? hex4(bytes, at + 3) : 0;
      if (low < 0xdc00 || low > 0xdfff) return -1;
      at += 6;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    end = writeUtf8(code, out, end);
  }
  return end;
}

function hex4(bytes: Buffer, at: number): number {
  return (
    (hexValue(bytes[at]!) << 12) |
    (hexValue(bytes[at + 1]!) << 8) |
    (hexValue(bytes[at + 2]!) << 4) |
    hexValue(bytes[at + 3]!)
  );
}

function writeUtf8(code: number, out: Buffer, at: number): number {
  let end = at;
  if (code < 0x80) out[end++] = code;
  else {
    if (code < 0x800) out[end++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) out[end++] = 0xe0 | (code >> 12);
      else {
        out[end++] = 0xf0 | (code >> 18);
        out[end++] = 0x80 | ((code >> 12) & 0x3f);
      }
      out[end++] = 0x80 | ((code >> 6) & 0x3f);
    }
    out[end++] = 0x80 | (code & 0x3f);
  }
  return end;
}

/** The tokens of a JSON pointer (RFC 6901); null: it is none. */
export function pointerTokens(pointer: string): string[] | null {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
