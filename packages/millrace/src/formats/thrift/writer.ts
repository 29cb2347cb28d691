import type { MessageHead } from './types.ts';

const leastRoomBytes = 256;

/** Writes Thrift's values one after the other into one buffer, which grows. */
export abstract class ThriftWriter {
  bytes: Buffer;
  at: number;

  /** `startAt`: so many bytes stay in front, for the caller to fill. */
  constructor(roomBytes = leastRoomBytes, startAt = 0) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(leastRoomBytes, roomBytes + startAt));
    this.at = startAt;
  }

  abstract message(head: MessageHead): void;
  /** Begins a struct; what it gives is for `structEnd`. */
  abstract structBegin(): number;
  abstract structEnd(begun: number): void;
  abstract field(type: number, id: number): void;
  abstract list(elementType: number, count: number): void;
  abstract map(keyType: number, valueType: number, count: number): void;
  abstract i32(value: number): void;

  /** A string, or bytes: `source[from, to)`. */
  string(source: Buffer, from = 0, to = source.length): void {
    this.length(to - from);
    this.room(to - from);
    this.at += source.copy(this.bytes, this.at, from, to);
  }

  text(text: string): void {
    this.string(Buffer.from(text, 'utf8'));
  }

  /** Bytes that are written already. */
  raw(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.room(bytes.length);
    this.at += bytes.copy(this.bytes, this.at);
  }

  /** What was written, as a view. */
  written(from = 0): Buffer {
    return this.bytes.subarray(from, this.at);
  }

  protected abstract length(bytes: number): void;

  protected byte(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  protected room(more: number): void {
    const needed = this.at + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
