/** Smaller ones are put together: a buffer of its own costs more than what is in it. */
const smallBytes = 4096;
const roomBytes = 16 * 1024;
const none: Buffer = Buffer.alloc(0);

/** The parts of a body as they come, however small its peer makes them. */
export class BodyParts {
  #parts: Buffer[] = [];
  /** Small parts, one behind the other. */
  #room: Buffer = none;
  #roomUsed = 0;
  #bytes = 0;

  /** Buffers that are held. */
  get count(): number {
    return this.#parts.length + (this.#roomUsed > 0 ? 1 : 0);
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    // Most bodies have one part: it stays as it is.
    if (part.length >= smallBytes || this.count === 0) {
      this.#closeRoom();
      this.#parts.push(part);
      return;
    }
    if (this.#roomUsed + part.length > this.#room.length) {
      this.#closeRoom();
      this.#room = Buffer.allocUnsafeSlow(roomBytes);
    }
    this.#roomUsed += part.copy(this.#room, this.#roomUsed);
  }

  /** All of them in one, and none is here any more. */
  take(): Buffer {
    this.#closeRoom();
    const parts = this.#parts;
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts, this.#bytes);
    this.clear();
    return all;
  }

  clear(): void {
    this.#parts = [];
    this.#room = none;
    this.#roomUsed = 0;
    this.#bytes = 0;
  }

  #closeRoom(): void {
    if (this.#roomUsed > 0) this.#parts.push(this.#room.subarray(0, this.#roomUsed));
    this.#room = this.#room.subarray(this.#roomUsed);
    this.#roomUsed = 0;
  }
}
