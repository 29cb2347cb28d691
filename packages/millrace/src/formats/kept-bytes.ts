const none: Buffer = Buffer.alloc(0);
const leastRoom = 256;
/** A buffer larger than this is not kept for what comes next. */
const mostRoomKept = 256 * 1024;

/**
 * The beginning of something whose rest has not come: a frame or a line that a chunk of a stream ended in. Room is made
 * as bytes come, whatever was announced: a peer has here what it has sent, and no more than twice that.
 */
export class KeptBytes {
  #bytes: Buffer = none;
  length = 0;

  /** Keeps `chunk[from, to)` behind what is here. `most`: no more than so much will ever be kept at a time. */
  add(chunk: Buffer, from: number, to: number, most: number): void {
    const needed = this.length + to - from;
    if (needed > this.#bytes.length) {
      const room = Math.max(needed, leastRoom, Math.min(this.#bytes.length * 2, most));
      const larger = Buffer.allocUnsafeSlow(room);
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    this.length += chunk.copy(this.#bytes, this.length, from, to);
  }

  /** All of it, and none is here any more. A view, good until the next `add`. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    if (this.#bytes.length > mostRoomKept) this.#bytes = none;
    this.length = 0;
    return taken;
  }
}
