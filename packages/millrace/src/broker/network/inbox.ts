import { Framer } from '../../protocol/framer.ts';
import type { BufferPool } from '../core/buffer-pool.ts';
import { alwaysRoomBytes, type RequestBytes, type RequestRoom } from '../core/request-room.ts';

export interface InboxOptions {
  readonly maxFrameBytes: number;
  /** For the request that begins. */
  readonly room: () => RequestRoom;
  readonly buffers: BufferPool;
  /** Whether a larger request may be gathered: not while one before it keeps it from beginning. */
  readonly mayGather: () => boolean;
  /** There is room again after `isHeldUp`. */
  readonly onRoom: () => void;
}

/** The requests of one connection as they come in; larger ones only as fast as the broker has room for them. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #framer: Framer;
  /** Of the request that is being gathered, or was given by `next` and is not claimed. */
  #gathered: RequestBytes | null = null;
  #isWhole = false;
  #isHeldUp = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#framer = new Framer({
      maxFrameBytes: options.maxFrameBytes,
      buffers: {
        take: (atLeastBytes, frameBytes) => this.#takeBuffer(atLeastBytes, frameBytes),
        give: (buffer) => options.buffers.give(buffer),
      },
    });
  }

  /** What has come can't be gathered now: nothing more should be read. */
  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  /** The largest request from the next one on. */
  limit(maxFrameBytes: number): void {
    this.#framer.limit(maxFrameBytes);
  }

  push(chunk: Buffer): void {
    this.#framer.push(chunk);
  }

  /** The next whole request, as `Framer.next`. Whoever begins it claims what it holds. */
  next(): Buffer | null {
    this.#isHeldUp = false;
    const frame = this.#framer.next();
    this.#isWhole = frame !== null;
    return frame;
  }

  /** What the request that `next` gave last holds, for the caller to end; null: it came in one piece. */
  claim(): RequestBytes | null {
    const bytes = this.#gathered;
    this.#gathered = null;
    return bytes;
  }

  /** Nothing refers to the request that `next` gave last. */
  release(): void {
    this.#framer.release();
  }

  /** Whether the client keeps room from others with a request that does not become whole. */
  isOverdue(nowMs: number, graceMs: number): boolean {
    if (this.#isWhole || this.#isHeldUp) return false;
    return this.#gathered?.isOverdue(nowMs, graceMs) === true;
  }

  /** Nobody begins the request, or the connection is gone. */
  drop(): void {
    this.claim()?.end();
  }

  #takeBuffer(atLeastBytes: number, frameBytes: number): Buffer | null {
    const { room, buffers, mayGather, onRoom } = this.#options;
    const isSmall = frameBytes <= alwaysRoomBytes;
    if (isSmall || mayGather()) {
      this.#gathered ??= room().begin(frameBytes, onRoom);
      if (this.#gathered.mayGrow(atLeastBytes)) {
        // A small request always has room: it must not take a large buffer with it.
        const buffer = buffers.take(atLeastBytes, frameBytes, isSmall ? alwaysRoomBytes : undefined);
        this.#gathered.holds(buffer.length);
        return buffer;
      }
    }
    this.#isHeldUp = true;
    return null;
  }
}
