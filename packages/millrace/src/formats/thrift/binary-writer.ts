import { binaryVersion } from './binary-reader.ts';
import { type MessageHead, types } from './types.ts';
import { ThriftWriter } from './writer.ts';

/** The binary protocol, with its version in front as libthrift writes it. */
export class BinaryWriter extends ThriftWriter {
  message({ name, kind, sequence }: MessageHead): void {
    this.i32(binaryVersion | kind);
    this.text(name);
    this.i32(sequence);
  }

  structBegin(): number {
    return 0;
  }

  structEnd(): void {
    this.byte(types.stop);
  }

  field(type: number, id: number): void {
    this.room(3);
    const { bytes, at } = this;
    bytes[at] = type;
    bytes[at + 1] = id >> 8;
    bytes[at + 2] = id;
    this.at = at + 3;
  }

  list(elementType: number, count: number): void {
    this.byte(elementType);
    this.i32(count);
  }

  map(keyType: number, valueType: number, count: number): void {
    this.byte(keyType);
    this.byte(valueType);
    this.i32(count);
  }

  i32(value: number): void {
    this.room(4);
    const { bytes, at } = this;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
    this.at = at + 4;
  }

  protected length(bytes: number): void {
    this.i32(bytes);
  }
}
