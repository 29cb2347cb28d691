import { utf8Bytes, writeUtf8 } from './utf8.ts';
import { varintBytes, writeVarint } from './varint.ts';

/** A header's name, encoded once for all records that have it. */
export function encodeHeaderName(name: string): Buffer {
  return encodeHeaderText(name);
}

/** A header whose value is always the same, encoded once. */
export function encodeHeader(name: string, value: string): Buffer {
  return Buffer.concat([encodeHeaderText(name), encodeHeaderText(value)]);
}

function encodeHeaderText(text: string): Buffer {
  const length = utf8Bytes(text);
  const bytes = Buffer.allocUnsafe(varintBytes(length) + length);
  writeUtf8(bytes, writeVarint(bytes, 0, length), text, length);
  return bytes;
}

const mostDigits = 16;

/**
 * The headers of one record as they are written, put together from bytes: nothing is allocated for an event by a source
 * that clears one block and fills it again. Each name goes in once.
 */
export class HeaderBlock {
  #bytes = Buffer.allocUnsafe(256);
  #at = 0;
  #count = 0;

  /** Headers so far. */
  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.#at;
  }

  clear(): void {
    this.#at = 0;
    this.#count = 0;
  }

  /** One that `encodeHeader` made. */
  add(header: Buffer): void {
    this.#room(header.length);
    this.#at += header.copy(this.#bytes, this.#at);
    this.#count++;
  }

  /** `name`: by `encodeHeaderName`; the value is `source[from, to)`, UTF-8. */
  addBytes(name: Buffer, source: Buffer, from: number, to: number): void {
    const length = to - from;
    this.#room(name.length + 5 + length);
    this.#at += name.copy(this.#bytes, this.#at);
    this.#at = writeVarint(this.#bytes, this.#at, length);
    this.#at += source.copy(this.#bytes, this.#at, from, to);
    this.#count++;
  }

  /** Name and value are both bytes of `source`, UTF-8. */
  addPair(source: Buffer, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    const nameBytes = nameTo - nameFrom;
    const valueBytes = valueTo - valueFrom;
    this.#room(10 + nameBytes + valueBytes);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#at, nameBytes);
    at += source.copy(bytes, at, nameFrom, nameTo);
    at = writeVarint(bytes, at, valueBytes);
    this.#at = at + source.copy(bytes, at, valueFrom, valueTo);
    this.#count++;
  }

  /** The value is a safe integer in decimal digits. */
  addInteger(name: Buffer, value: number): void {
    this.#room(name.length + 1 + 1 + mostDigits);
    this.#at += name.copy(this.#bytes, this.#at);
    const bytes = this.#bytes;
    let rest = Math.abs(value);
    let length = value < 0 ? 2 : 1;
    for (let power = 10; power <= rest; power *= 10) length++;
    const start = writeVarint(bytes, this.#at, length);
    let at = start + length;
    do {
      const next = Math.floor(rest / 10);
      bytes[--at] = 0x30 + (rest - next * 10);
      rest = next;
    } while (rest > 0);
    if (value < 0) bytes[start] = 0x2d;
    this.#at = start + length;
    this.#count++;
  }

  /** Writes them at a place; gives the place behind. */
  copyTo(target: Buffer, at: number): number {
    return at + this.#bytes.copy(target, at, 0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#at + bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
