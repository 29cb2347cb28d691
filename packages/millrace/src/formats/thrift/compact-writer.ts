import { compactProtocolId, compactTypes, compactVersion } from './compact-reader.ts';
import { type MessageHead, types } from './types.ts';
import { ThriftWriter } from './writer.ts';

const compactTypeOf: ReadonlyMap<number, number> = new Map([
  [types.i32, compactTypes.i32],
  [types.i64, compactTypes.i64],
  [types.string, compactTypes.string],
  [types.list, compactTypes.list],
  [types.map, compactTypes.map],
  [types.struct, compactTypes.struct],
]);
const mostShortDelta = 15;
const mostShortCount = 14;

/** The compact protocol, of the types that Flume's messages have. */
export class CompactWriter extends ThriftWriter {
  /** The field before, in the struct at hand. */
  #last = 0;

  message({ name, kind, sequence }: MessageHead): void {
    this.byte(compactProtocolId);
    this.byte(compactVersion | (kind << 5));
    this.#varint(sequence);
    this.text(name);
  }

  structBegin(): number {
    const last = this.#last;
    this.#last = 0;
    return last;
  }

  structEnd(begun: number): void {
    this.byte(0);
    this.#last = begun;
  }

  field(type: number, id: number): void {
    const delta = id - this.#last;
    this.#last = id;
    const compact = typeOf(type);
    if (delta > 0 && delta <= mostShortDelta) this.byte((delta << 4) | compact);
    else {
      this.byte(compact);
      this.i32(id);
    }
  }

  /** A field that is true: the value is its type. */
  trueField(id: number): void {
    this.byte(((id - this.#last) << 4) | compactTypes.true);
    this.#last = id;
  }

  list(elementType: number, count: number): void {
    const compact = typeOf(elementType);
    if (count <= mostShortCount) this.byte((count << 4) | compact);
    else {
      this.byte(0xf0 | compact);
      this.#varint(count);
    }
  }

  map(keyType: number, valueType: number, count: number): void {
    this.#varint(count);
    if (count > 0) this.byte((typeOf(keyType) << 4) | typeOf(valueType));
  }

  i32(value: number): void {
    this.#varint((value << 1) ^ (value >> 31));
  }

  /** A whole number below 2^52, and not below 0. */
  i64(value: number): void {
    let rest = value * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80);
    this.byte(rest);
  }

  protected length(bytes: number): void {
    this.#varint(bytes);
  }

  /** 32 bits. */
  #varint(value: number): void {
    this.room(5);
    const { bytes } = this;
    let rest = value;
    let at = this.at;
    while ((rest & ~0x7f) !== 0) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.at = at;
  }
}

function typeOf(type: number): number {
  const compact = compactTypeOf.get(type);
  if (compact === undefined) throw new RangeError(`type ${type} is not written here`);
  return compact;
}
