import { NotFlumeLog } from './not-flume-log.ts';

const twoTo32 = 2 ** 32;

/**
 * Walks the fields of one protobuf message in place. The libraries make an object per message and a bigint per 64-bit
 * number; a channel has many millions of records, of which most are only counted. Nothing outside the message is read,
 * whatever its lengths say.
 */
export class ProtoFields {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Number of the field. */
  field = 0;
  /** What a fixed-size field holds: signed, 64 bits as a double. */
  value = 0;
  /** Where a length-delimited field begins and ends. */
  from = 0;
  to = 0;

  /** Begins with the message in `bytes[from, to)`. */
  open(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Begins with the message that its length stands before; the position behind it. */
  openDelimited(bytes: Buffer, from: number, to: number): number {
    this.open(bytes, from, to);
    const end = this.#varint() + this.#at;
    if (end > to)
      throw new NotFlumeLog(`a message of ${end - this.#at} bytes, of which ${to - this.#at} are there`);
    this.#end = end;
    return end;
  }

  /** Goes to the next field; false at the end of the message. Throws `NotFlumeLog`. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    switch (tag & 7) {
      case 0:
        this.value = this.#varint();
        break;
      case 1:
        this.#need(8);
        this.value = this.#bytes.readInt32LE(this.#at + 4) * twoTo32 + this.#bytes.readUInt32LE(this.#at);
        this.#at += 8;
        break;
      case 2: {
        const length = this.#varint();
        this.#need(length);
        this.from = this.#at;
        this.to = this.#at += length;
        break;
      }
      case 5:
        this.#need(4);
        this.value = this.#bytes.readInt32LE(this.#at);
        this.#at += 4;
        break;
      default:
        throw new NotFlumeLog(`a field of wire type ${tag & 7}`);
    }
    return true;
  }

  #need(length: number): void {
    if (length > this.#end - this.#at)
      throw new NotFlumeLog(`a field of ${length} bytes, of which ${this.#end - this.#at} are there`);
  }

  /** Lengths and tags: of at most 31 bits here. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at === this.#end) throw new NotFlumeLog('a message ends within a number');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new NotFlumeLog('a length of more than 35 bits');
  }
}
