import { NotThrift } from './not-thrift.ts';
import { ThriftReader } from './reader.ts';
import { type MessageHead, mostNameBytes, types } from './types.ts';

export const compactProtocolId = 0x82;
export const compactVersion = 1;

/** The compact protocol's numbers for types; 1 and 2 are a bool with its value. */
export const compactTypes = {
  true: 1,
  false: 2,
  i32: 5,
  i64: 6,
  string: 8,
  list: 9,
  map: 11,
  struct: 12,
} as const;
const typeOf: readonly number[] = [
  ...[types.stop, types.bool, types.bool, types.byte, types.i16, types.i32, types.i64],
  ...[types.double, types.string, types.list, types.set, types.map, types.struct],
];

/**
 * The compact protocol: numbers of variable length, signed ones in zigzag; a field says how far its number is from the
 * one before it, and a bool's value is its field's type.
 */
export class CompactReader extends ThriftReader {
  /** The field before, in the struct at hand. */
  #last = 0;
  /** The value of the bool at hand is its field's type: no byte follows. */
  #isBoolRead = false;

  override reset(bytes: Buffer): void {
    super.reset(bytes);
    this.#last = 0;
    this.#isBoolRead = false;
  }

  message(): MessageHead {
    const first = this.byte();
    if (first !== compactProtocolId) throw new NotThrift(otherProtocol(first));
    const second = this.byte();
    if ((second & 0x1f) !== compactVersion)
      throw new NotThrift(`version ${second & 0x1f} of the compact protocol is not known here`);
    const sequence = this.#varint();
    const length = this.length();
    if (length > mostNameBytes) throw new NotThrift(`the name of its method has ${length} bytes`);
    const { at } = this;
    this.skipBytes(length);
    return { name: this.bytes.toString('utf8', at, this.at), kind: second >>> 5, sequence };
  }

  structBegin(): number {
    const last = this.#last;
    this.#last = 0;
    return last;
  }

  structEnd(begun: number): void {
    this.#last = begun;
  }

  field(): boolean {
    const byte = this.byte();
    const type = byte & 0x0f;
    if (type === 0) return false;
    this.fieldType = this.#type(type);
    this.#isBoolRead = this.fieldType === types.bool;
    const delta = byte >>> 4;
    this.fieldId = delta === 0 ? (this.#zigzag() << 16) >> 16 : this.#last + delta;
    this.#last = this.fieldId;
    return true;
  }

  list(): void {
    const byte = this.byte();
    const short = byte >>> 4;
    this.count = short === 15 ? this.#varint() : short;
    this.checkCount(1);
    this.keyType = 0;
    this.valueType = this.count === 0 ? 0 : this.#type(byte & 0x0f);
  }

  map(): void {
    this.count = this.#varint();
    this.checkCount(2);
    const kinds = this.count === 0 ? 0 : this.byte();
    this.keyType = this.count === 0 ? 0 : this.#type(kinds >>> 4);
    this.valueType = this.count === 0 ? 0 : this.#type(kinds & 0x0f);
  }

  i32(): number {
    return this.#zigzag();
  }

  protected length(): number {
    return this.#varint();
  }

  protected skipNumber(type: number): void {
    if (type === types.bool) {
      if (!this.#isBoolRead) this.byte();
      this.#isBoolRead = false;
    } else if (type === types.byte) this.byte();
    else if (type === types.double) this.skipBytes(8);
    else this.#skipVarint();
  }

  #type(compact: number): number {
    const type = typeOf[compact];
    if (type === undefined || type === types.stop) throw new NotThrift(`there is no type ${compact}`);
    return type;
  }

  /** 32 bits. */
  #varint(): number {
    const { bytes } = this;
    let at = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= bytes.length) throw new NotThrift('it ends too early');
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
    }
    throw new NotThrift('a number has no end');
  }

  #zigzag(): number {
    const raw = this.#varint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return;
    throw new NotThrift('a number has no end');
  }
}

function otherProtocol(first: number): string {
  return first === 0x80 || first === 0
    ? 'it speaks the binary protocol; the compact one is set (protocol)'
    : 'it does not begin as the compact protocol does';
}
