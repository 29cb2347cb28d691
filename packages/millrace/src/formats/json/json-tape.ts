import { isUtf8 } from 'node:buffer';
import { isEscape, isHex, mostJsonDepth } from './json-fields.ts';

/** What a node of a tape is. */
export const tapeKind = {
  null: 1,
  true: 2,
  false: 3,
  /** A number without a fraction and an exponent. */
  integer: 4,
  /** Any other number. */
  decimal: 5,
  /** A string that stands as it is between its quotes. */
  text: 6,
  /** A string with escapes. */
  escaped: 7,
  object: 8,
  array: 9,
} as const;

/** Of a node's four numbers, where each stands behind the node. */
export const tapeFrom = 1;
export const tapeTo = 2;
export const tapeNext = 3;
/** A node's first child stands so far behind it. */
export const tapeStep = 4;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

/**
 * A JSON text (RFC 8259, strictly, and no halves of surrogate pairs in it) read once into a flat list of its values, where each lies in its bytes: no object is
 * made of any, and numbers keep their digits. A node is four numbers: its kind, from and to (exclusive) in the bytes,
 * quotes included, and the node behind all that is in it. In an object names and values stand in turn.
 */
export class JsonTape {
  /** The nodes of the text that was read last; the first is the whole. */
  nodes = new Int32Array(256);
  bytes: Buffer = Buffer.alloc(0);
  /** Behind the last node. */
  length = 0;
  #at = 0;
  #end = 0;
  #hasHigh = false;
  #isHalf = false;

  /** Reads `bytes[from, to)`. Null: it is JSON; else what is wrong. */
  read(bytes: Buffer, from: number, to: number): string | null {
    this.bytes = bytes;
    this.length = 0;
    this.#at = from;
    this.#end = to;
    this.#hasHigh = false;
    this.#isHalf = false;
    this.#blanks();
    if (this.#at === to) return 'it is empty';
    const isSound = this.#value(0) && this.#atEnd();
    if (this.#isHalf) return 'it has half of a surrogate pair, which is no text';
    if (!isSound) return `it is no JSON at byte ${this.#at - from}`;
    if (this.#hasHigh && !isUtf8(bytes.subarray(from, to))) return 'it is no UTF-8';
    return null;
  }

  #atEnd(): boolean {
    this.#blanks();
    return this.#at === this.#end;
  }

  #add(kind: number): number {
    const node = this.length;
    if (node + tapeStep > this.nodes.length) {
      const larger = new Int32Array(this.nodes.length * 2);
      larger.set(this.nodes);
      this.nodes = larger;
    }
    this.nodes[node] = kind;
    this.nodes[node + tapeFrom] = this.#at;
    this.length = node + tapeStep;
    return node;
  }

  #ends(node: number): true {
    this.nodes[node + tapeTo] = this.#at;
    this.nodes[node + tapeNext] = this.length;
    return true;
  }

  #value(depth: number): boolean {
    this.#blanks();
    if (this.#at >= this.#end) return false;
    switch (this.bytes[this.#at]!) {
      case quote:
        return this.#string();
      case 0x7b:
        return depth < mostJsonDepth && this.#object(depth + 1);
      case 0x5b:
        return depth < mostJsonDepth && this.#array(depth + 1);
      case 0x74:
        return this.#word('true', tapeKind.true);
      case 0x66:
        return this.#word('false', tapeKind.false);
      case 0x6e:
        return this.#word('null', tapeKind.null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): boolean {
    const node = this.#add(tapeKind.object);
    this.#at++;
    this.#blanks();
    if (this.#byte() === 0x7d) {
      this.#at++;
      return this.#ends(node);
    }
    for (;;) {
      this.#blanks();
      if (this.#byte() !== quote || !this.#string()) return false;
      this.#blanks();
      if (this.#byte() !== colon) return false;
      this.#at++;
      if (!this.#value(depth)) return false;
      this.#blanks();
      const next = this.#byte();
      if (next !== comma && next !== 0x7d) return false;
      this.#at++;
      if (next === 0x7d) return this.#ends(node);
    }
  }

  #array(depth: number): boolean {
    const node = this.#add(tapeKind.array);
    this.#at++;
    this.#blanks();
    if (this.#byte() === 0x5d) {
      this.#at++;
      return this.#ends(node);
    }
    for (;;) {
      if (!this.#value(depth)) return false;
      this.#blanks();
      const next = this.#byte();
      if (next !== comma && next !== 0x5d) return false;
      this.#at++;
      if (next === 0x5d) return this.#ends(node);
    }
  }

  #string(): boolean {
    const { bytes } = this;
    const end = this.#end;
    const node = this.#add(tapeKind.text);
    let high = 0;
    for (let at = this.#at + 1; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.#at = at + 1;
        if (high >= 0x80) this.#hasHigh = true;
        return this.#ends(node);
      }
      if (byte === backslash) {
        this.nodes[node] = tapeKind.escaped;
        at = this.#escape(at + 1);
        if (at < 0) return false;
      } else if (byte < 0x20) {
        this.#at = at;
        return false;
      } else high |= byte;
    }
    this.#at = end;
    return false;
  }

  /** The last byte of the escape whose letter is at a place; -1: it is none. */
  #escape(at: number): number {
    const { bytes } = this;
    this.#at = Math.min(at, this.#end);
    if (at >= this.#end) return -1;
    if (bytes[at] !== 0x75) return isEscape(bytes[at]!) ? at : -1;
    const end = this.#hex(at);
    if (end < 0 || !isSurrogate(bytes, at)) return end;
    // The other half has to follow, or it is no text.
    const isHigh = (bytes[at + 2]! | 0x20) < lowHalf;
    const follows = isHigh && bytes[at + 5] === backslash && bytes[at + 6] === 0x75 && at + 6 < this.#end;
    if (!follows || this.#hex(at + 6) < 0) return this.#half();
    return isSurrogate(bytes, at + 6) && (bytes[at + 8]! | 0x20) >= lowHalf ? at + 10 : this.#half();
  }

  #half(): -1 {
    this.#isHalf = true;
    return -1;
  }

  /** The last of four hexadecimal digits behind a place; -1: there are none. */
  #hex(at: number): number {
    for (let i = 1; i <= 4; i++) {
      if (at + i >= this.#end || !isHex(this.bytes[at + i]!)) {
        this.#at = Math.min(at + i, this.#end);
        return -1;
      }
    }
    return at + 4;
  }

  #number(): boolean {
    const node = this.#add(tapeKind.integer);
    if (this.#byte() === 0x2d) this.#at++;
    if (this.#byte() === 0x30) this.#at++;
    else if (!this.#digits()) return false;
    if (this.#byte() === 0x2e) {
      this.nodes[node] = tapeKind.decimal;
      this.#at++;
      if (!this.#digits()) return false;
    }
    if ((this.#byte() | 0x20) === 0x65) {
      this.nodes[node] = tapeKind.decimal;
      this.#at++;
      if (this.#byte() === 0x2b || this.#byte() === 0x2d) this.#at++;
      if (!this.#digits()) return false;
    }
    return this.#ends(node);
  }

  #digits(): boolean {
    const { bytes } = this;
    const from = this.#at;
    let at = from;
    while (at < this.#end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    this.#at = at;
    return at > from;
  }

  #word(word: string, kind: number): boolean {
    const node = this.#add(kind);
    for (let i = 0; i < word.length; i++) {
      if (this.#byte() !== word.charCodeAt(i)) return false;
      this.#at++;
    }
    return this.#ends(node);
  }

  /** 0 behind the end, where nothing of JSON is looked for. */
  #byte(): number {
    return this.#at < this.#end ? this.bytes[this.#at]! : 0;
  }

  #blanks(): void {
    const { bytes } = this;
    let at = this.#at;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.#at = at;
  }
}

/** Of the second digit: `c` to `f` are low halves. */
const lowHalf = 0x63;

/** Whether four hexadecimal digits behind a place are D800 to DFFF. */
function isSurrogate(bytes: Buffer, at: number): boolean {
  return (
    (bytes[at + 1]! | 0x20) === 0x64 &&
    ((bytes[at + 2]! >= 0x38 && bytes[at + 2]! <= 0x39) || bytes[at + 2]! >= 0x41)
  );
}
