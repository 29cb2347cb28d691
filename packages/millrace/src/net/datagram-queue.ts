import type { Peer } from './peer.ts';

export interface Datagram {
  readonly bytes: Buffer;
  readonly peer: Peer;
}

/** What a datagram costs beside its bytes: thousands of empty ones must not be free. */
const bytesOfEach = 256;

/** Datagrams that were received and not served; the first in is the first out. */
export class DatagramQueue {
  readonly #maxBytes: number;
  #items: Datagram[] = [];
  #head = 0;
  #bytes = 0;
  #taken = 0;

  /** `maxBytes`: of all together, each with 256 bytes for itself. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many were taken so far, cleared ones too. */
  get taken(): number {
    return this.#taken;
  }

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  /** False: there is no room; nothing was added. */
  add(bytes: Buffer, peer: Peer): boolean {
    const needed = bytes.length + bytesOfEach;
    if (this.#bytes + needed > this.#maxBytes) return false;
    this.#bytes += needed;
    this.#items.push({ bytes, peer });
    return true;
  }

  /** The one that has waited longest; null: none waits. */
  take(): Datagram | null {
    const item = this.#items[this.#head];
    if (item === undefined) return null;
    this.#head++;
    this.#taken++;
    this.#bytes -= item.bytes.length + bytesOfEach;
    // What was taken is let go of, in one go for many.
    if (this.#head === this.#items.length || (this.#head > 1024 && this.#head * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Forgets all; gives how many they were. */
  clear(): number {
    const count = this.#items.length - this.#head;
    this.#taken += count;
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
    return count;
  }
}
