/** A request up to this size always has room: it is no more than what one read of a socket may bring. */
export const alwaysRoomBytes = 64 << 10;
/** What a client must send a second, over all of a request, not to lose its room to those who wait. */
const slowestBytesPerSecond = 1 << 20;

/**
 * What requests hold together, from their first bytes until they are answered: `queued.max.request.bytes`. A request
 * counts with the memory it takes, not with the length it announces, so nobody can reserve room without sending.
 *
 * When the room is spent, connections with larger requests are not read until others have been answered. So that half
 * requests can't keep one another waiting for ever, one of them at a time has the turn: it may grow to its whole size
 * beyond the limit, as in Kafka. Whoever waits longest has the next turn. The most that is held is the limit, one
 * request, and `alwaysRoomBytes` a connection.
 */
export class RequestRoom {
  readonly #limitBytes: number;
  readonly #waiting = new Set<RequestBytes>();
  #turn: RequestBytes | null = null;
  #usedBytes = 0;

  /** `limitBytes`: Infinity where there is no limit. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isWaitedFor(): boolean {
    return this.#waiting.size > 0;
  }

  /** For a request that begins. `onRoom` is called after `mayGrow` was false, when it would be true. */
  begin(frameBytes: number, onRoom: () => void): RequestBytes {
    return new RequestBytes(this, frameBytes, onRoom);
  }

  /** Whether so many more may be held by the request; if not, it waits. */
  mayTake(request: RequestBytes, bytes: number): boolean {
    if (request.frameBytes <= alwaysRoomBytes || this.#turn === request) return true;
    if (this.#fits(bytes)) return true;
    if (this.#turn === null && this.#waiting.size === 0) {
      this.#turn = request;
      return true;
    }
    request.wantedBytes = bytes;
    this.#waiting.add(request);
    return false;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** The request has ended, or waits no longer. */
  leave(request: RequestBytes, heldBytes: number): void {
    this.#usedBytes -= heldBytes;
    this.#waiting.delete(request);
    if (this.#turn === request) this.#turn = null;
    this.#wake();
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#limitBytes;
  }

  /** Those who have waited longest go on, as far as there is room for them. */
  #wake(): void {
    for (const request of this.#waiting) {
      if (!this.#fits(request.wantedBytes)) {
        if (this.#turn !== null) return;
        this.#turn = request;
      }
      this.#waiting.delete(request);
      request.goOn();
    }
  }
}

/** What one request holds of the room. */
export class RequestBytes {
  readonly frameBytes: number;
  readonly #room: RequestRoom;
  readonly #onRoom: () => void;
  #heldBytes = 0;
  /** `performance.now()`; later by the time in which the client had to wait. */
  #beganAt = performance.now();
  #waitsSince = 0;
  /** What it waits for. */
  wantedBytes = 0;

  constructor(room: RequestRoom, frameBytes: number, onRoom: () => void) {
    this.#room = room;
    this.frameBytes = frameBytes;
    this.#onRoom = onRoom;
  }

  get isWaiting(): boolean {
    return this.#waitsSince > 0;
  }

  /** Whether it may hold so many bytes altogether; if not, `onRoom` tells when to ask again. */
  mayGrow(toBytes: number): boolean {
    if (this.isWaiting) return false;
    if (toBytes <= this.#heldBytes) return true;
    if (this.#room.mayTake(this, toBytes - this.#heldBytes)) return true;
    this.#waitsSince = performance.now();
    return false;
  }

  /** It holds so many bytes from now on. */
  holds(bytes: number): void {
    this.#room.take(bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }

  /** There is room, which is kept for it from now on: told by the room. */
  goOn(): void {
    this.holds(this.#heldBytes + this.wantedBytes);
    this.#beganAt += performance.now() - this.#waitsSince;
    this.#waitsSince = 0;
    this.#onRoom();
  }

  /** Whether others wait while the client has had `graceMs`, and what a slow line needs, and the request is not whole. */
  isOverdue(nowMs: number, graceMs: number): boolean {
    if (this.isWaiting || !this.#room.isWaitedFor) return false;
    return nowMs - this.#beganAt >= graceMs + (this.frameBytes / slowestBytesPerSecond) * 1000;
  }

  /** Gives everything back; once. */
  end(): void {
    this.#room.leave(this, this.#heldBytes);
    this.#heldBytes = 0;
    this.#waitsSince = 0;
  }
}
