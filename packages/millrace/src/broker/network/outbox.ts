import type { Socket } from 'node:net';
import type { BufferPool } from '../core/buffer-pool.ts';
import type { ByteBudget } from '../core/byte-budget.ts';

/** Given to the socket in one go. A client that takes less than this in the slow client's timeout is too slow. */
const portionBytes = 512 << 10;
/** Answers that wait behind a full socket; beyond, no further request of the connection begins. */
const fullBytes = 1 << 20;

/**
 * Answers on their way to one client, in order. Portions make visible that a slow client takes something, and keep the
 * socket's own buffer small; what waits is counted against the broker's budget.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #budget: ByteBudget;
  readonly #buffers: BufferPool;
  readonly #onRoom: () => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Bytes that the socket has and the client has not. */
  #sendingBytes = 0;
  #isDropped = false;
  /** `performance.now()` when the client last took something. */
  lastProgressAt = 0;

  constructor(socket: Socket, budget: ByteBudget, buffers: BufferPool, onRoom: () => void) {
    this.#socket = socket;
    this.#budget = budget;
    this.#buffers = buffers;
    this.#onRoom = onRoom;
    socket.on('drain', () => this.#drained());
  }

  get isPending(): boolean {
    return this.#waitingBytes > 0 || this.#sendingBytes > 0;
  }

  get isFull(): boolean {
    return this.#waitingBytes >= fullBytes;
  }

  /** Gives how many bytes that are. */
  write(chunks: readonly Buffer[]): number {
    if (this.#isDropped) return 0;
    if (!this.isPending) this.lastProgressAt = performance.now();
    let bytes = 0;
    for (const chunk of chunks) {
      this.#waiting.push(chunk);
      bytes += chunk.length;
    }
    this.#waitingBytes += bytes;
    this.#budget.take(bytes);
    if (!this.#socket.writableNeedDrain) this.#send();
    return bytes;
  }

  /** The connection is gone, and what waited for it. */
  drop(): void {
    this.#isDropped = true;
    this.#budget.give(this.#waitingBytes + this.#sendingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#sendingBytes = 0;
  }

  /** Gives portions until the socket is full; `drain` goes on. */
  #send(): void {
    const socket = this.#socket;
    while (this.#waitingBytes > 0 && !socket.writableNeedDrain) {
      let portion = 0;
      socket.cork();
      while (this.#waiting.length > 0 && portion < portionBytes) {
        const chunk = this.#waiting[0]!;
        const part = chunk.length > portionBytes ? chunk.subarray(0, portionBytes) : chunk;
        if (part === chunk) this.#waiting.shift();
        else this.#waiting[0] = chunk.subarray(portionBytes);
        portion += part.length;
        // Once its last part is taken by the system, a lent buffer may be filled anew.
        if (part === chunk && this.#buffers.owns(chunk)) socket.write(part, () => this.#buffers.give(chunk));
        else socket.write(part);
      }
      this.#waitingBytes -= portion;
      this.#sendingBytes += portion;
      socket.uncork();
    }
    if (!socket.writableNeedDrain) this.#sent();
  }

  #drained(): void {
    this.lastProgressAt = performance.now();
    this.#sent();
    this.#send();
    if (!this.isFull) this.#onRoom();
  }

  #sent(): void {
    this.#budget.give(this.#sendingBytes);
    this.#sendingBytes = 0;
  }
}
