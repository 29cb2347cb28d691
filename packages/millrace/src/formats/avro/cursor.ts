import { NotAvro } from './not-avro.ts';

const mostBytes = 10;

/** Steps over Avro's values in bytes that are all there: nothing is read at or behind their end. Throws `NotAvro`. */
export class AvroCursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** An int or a long; one beyond 2^53 is not exact. */
  long(): number {
    let raw = 0;
    let factor = 1;
    for (let i = 0; i < mostBytes; i++) {
      const byte = this.byte();
      raw += (byte & 0x7f) * factor;
      // Without bit operations, which are for 32 bits.
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      factor *= 128;
    }
    throw new NotAvro('a number has no end');
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new NotAvro('it ends too early');
    return this.bytes[this.at++]!;
  }

  boolean(): boolean {
    return this.byte() !== 0;
  }

  /** Moves over so many bytes; they are a view. */
  fixed(length: number): Buffer {
    if (length < 0 || length > this.bytes.length - this.at)
      throw new NotAvro(`a length of ${length} bytes, of which ${this.bytes.length - this.at} are there`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** What a string, or bytes, have in them. */
  lengthPrefixed(): Buffer {
    return this.fixed(this.long());
  }

  string(): string {
    return this.lengthPrefixed().toString('utf8');
  }

  /** Moves over a map whose values are strings or bytes. */
  skipMap(): void {
    for (let entries = this.long(); entries !== 0; entries = this.long()) {
      if (entries < 0) {
        this.fixed(this.long());
        continue;
      }
      // An entry has two lengths at least: a count that is too high ends at the end of the bytes.
      for (let i = 0; i < entries; i++) {
        this.lengthPrefixed();
        this.lengthPrefixed();
      }
    }
  }
}
