/** Bytes that are written one after the other; the room doubles when it is short. */
export class GrowingBytes {
  #bytes: Buffer;
  length = 0;

  constructor(roomBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(roomBytes);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.length = this.#bytes.writeInt32BE(value, this.length);
  }

  int32LE(value: number): void {
    this.#reserve(4);
    this.length = this.#bytes.writeInt32LE(value, this.length);
  }

  /** An int64 in two halves. */
  int64LE(low: number, high: number): void {
    this.#reserve(8);
    this.#bytes.writeInt32LE(low, this.length);
    this.length = this.#bytes.writeInt32LE(high, this.length + 4);
  }

  floatLE(value: number): void {
    this.#reserve(4);
    this.length = this.#bytes.writeFloatLE(value, this.length);
  }

  doubleLE(value: number): void {
    this.#reserve(8);
    this.length = this.#bytes.writeDoubleLE(value, this.length);
  }

  /** Room for so many bytes behind those that are written, for the caller to fill and to count in `length`. */
  room(more: number): Buffer {
    this.#reserve(more);
    return this.#bytes;
  }

  copy(from: Buffer, start = 0, end = from.length): void {
    this.#reserve(end - start);
    this.length += from.copy(this.#bytes, this.length, start, end);
  }

  /** What was written, as a view until the next byte. */
  view(from = 0, to = this.length): Buffer {
    return this.#bytes.subarray(from, to);
  }

  /** What was written, as a buffer of its own; the next bytes begin anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}
