import { NotThrift } from './not-thrift.ts';
import { ThriftReader } from './reader.ts';
import { type MessageHead, mostNameBytes, types } from './types.ts';

const versionMask = 0xffff_0000;
export const binaryVersion = 0x8001_0000;

/** Bytes of what has always the same; 0: it has not. */
const widths: readonly number[] = [0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8];

/**
 * The binary protocol: numbers in full, the high byte first; a length in front of each string. A message begins with
 * the version and its kind, or, as it was of old, with its name's length.
 */
export class BinaryReader extends ThriftReader {
  message(): MessageHead {
    const first = this.i32();
    if (first < 0) {
      if ((first & versionMask) !== (binaryVersion | 0)) throw new NotThrift(otherVersion(this.bytes[0]!));
      const kind = first & 0xff;
      return { name: this.#name(this.length()), kind, sequence: this.i32() };
    }
    const name = this.#name(first);
    const kind = this.byte();
    return { name, kind, sequence: this.i32() };
  }

  structBegin(): number {
    return 0;
  }

  structEnd(): void {}

  field(): boolean {
    const type = this.byte();
    if (type === types.stop) return false;
    this.fieldType = this.checkType(type);
    this.fieldId = this.#i16();
    return true;
  }

  list(): void {
    const type = this.byte();
    this.count = this.i32();
    this.checkCount(1);
    this.keyType = 0;
    this.valueType = this.count === 0 ? type : this.checkType(type);
  }

  map(): void {
    const keyType = this.byte();
    const valueType = this.byte();
    this.count = this.i32();
    this.checkCount(2);
    if (this.count > 0) {
      this.checkType(keyType);
      this.checkType(valueType);
    }
    this.keyType = keyType;
    this.valueType = valueType;
  }

  i32(): number {
    const { at, bytes } = this;
    this.skipBytes(4);
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  protected length(): number {
    return this.i32();
  }

  protected skipNumber(type: number): void {
    const width = widths[type] ?? 0;
    if (width === 0) throw new NotThrift(`there is no type ${type}`);
    this.skipBytes(width);
  }

  #i16(): number {
    const high = this.byte();
    return ((high << 24) >> 16) | this.byte();
  }

  #name(length: number): string {
    if (length > mostNameBytes) throw new NotThrift(`the name of its method has ${length} bytes`);
    const { at } = this;
    this.skipBytes(length);
    return this.bytes.toString('utf8', at, this.at);
  }
}

function otherVersion(first: number): string {
  return first === 0x82
    ? 'it speaks the compact protocol; the binary one is set (protocol)'
    : 'it begins with no version of the binary protocol';
}
