/**
 * Cuts the byte stream of a connection into Kafka frames: four bytes of length, then that many bytes.
 *
 * A state machine over the chunks as the socket gives them. A frame that lies in one chunk is a view of it; a frame in
 * pieces is gathered in a buffer that grows with what has arrived, never with what was announced, so a peer must send
 * memory to take memory. Every byte is copied at most twice on average, however the chunks fall.
 */
import { MillraceError } from '../runtime/errors.ts';

/** The first buffer of a frame in pieces. */
const firstGatherBytes = 16 * 1024;

/** Lends the buffers that frames in pieces are gathered in. */
export interface FrameBuffers {
  /**
   * A buffer of at least `atLeastBytes`; a free one may be larger, best as large as the whole frame. Null: there is no
   * memory for it now; `next` gives null, and asks again when it is called again.
   */
  take(atLeastBytes: number, frameBytes: number): Buffer | null;
  /** The buffer is no longer used by anybody. */
  give(buffer: Buffer): void;
}

export class Framer {
  #maxFrameBytes: number;
  readonly #buffers: FrameBuffers | null;
  /** The lent buffer that the last frame is a view of. */
  #lent: Buffer | null = null;
  #chunks: Buffer[] = [];
  /** Read position in the first chunk. */
  #at = 0;
  #lengthBytes = 0;
  #lengthValue = 0;
  /** Size of the frame being gathered; -1 while its length is being read. */
  #frameBytes = -1;
  #gather: Buffer | null = null;
  #gathered = 0;
  /** What is there of a frame waits for a buffer. */
  #isHeldUp = false;
  #failure: MillraceError | null = null;

  /**
   * @param options.maxFrameBytes the largest frame taken, without its length (Kafka: `socket.request.max.bytes`)
   * @param options.buffers lends buffers; whoever passes them calls `release` for frames he keeps nothing of
   */
  constructor(options: { maxFrameBytes: number; buffers?: FrameBuffers }) {
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#buffers = options.buffers ?? null;
  }

  /** Nothing refers to the frame that `next` gave last: its buffer may hold another frame. */
  release(): void {
    if (this.#lent !== null) this.#buffers?.give(this.#lent);
    this.#lent = null;
  }

  /** Bytes of a frame that has begun and is not complete; 0 between two frames. */
  get partialBytes(): number {
    return this.#frameBytes < 0 ? this.#lengthBytes : 4 + this.#gathered;
  }

  /** The largest frame from the next one on. */
  limit(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Hands over what the socket gave. Frames are views of it: the chunk must not be written to afterwards. */
  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /**
   * The next complete frame without its length, or null until more is pushed.
   * @throws MillraceError PROTOCOL for a negative length, FRAME_TOO_LARGE above the ceiling; once thrown, thrown again
   *         on every call, because what follows on the stream has no meaning
   */
  next(): Buffer | null {
    if (this.#failure !== null) throw this.#failure;
    while (this.#chunks.length > 0) {
      if (this.#frameBytes < 0 && !this.#readLength()) continue;
      const frame = this.#readBody();
      if (frame !== null) return frame;
      if (this.#isHeldUp) return null;
    }
    // A frame without content needs no further chunk.
    return this.#frameBytes === 0 ? this.#readBody() : null;
  }

  /** Takes bytes of the length from the first chunk; true when all four are there. */
  #readLength(): boolean {
    const chunk = this.#chunks[0]!;
    while (this.#lengthBytes < 4 && this.#at < chunk.length) {
      this.#lengthValue = (this.#lengthValue << 8) | chunk[this.#at]!;
      this.#at += 1;
      this.#lengthBytes += 1;
    }
    this.#dropEmptyChunk();
    if (this.#lengthBytes < 4) return false;
    this.#checkLength(this.#lengthValue);
    this.#frameBytes = this.#lengthValue;
    this.#lengthBytes = 0;
    this.#lengthValue = 0;
    return true;
  }

  #checkLength(length: number): void {
    if (length >= 0 && length <= this.#maxFrameBytes) return;
    this.#failure =
      length < 0
        ? new MillraceError('PROTOCOL', `a frame announces the length ${length}`, { details: { length } })
        : new MillraceError(
            'FRAME_TOO_LARGE',
            `a frame announces ${length} bytes, ${this.#maxFrameBytes} are allowed`,
            {
              details: { length, maxFrameBytes: this.#maxFrameBytes },
            },
          );
    this.#chunks = [];
    throw this.#failure;
  }

  /** Takes bytes of the frame from the first chunk; the frame when it is complete. */
  #readBody(): Buffer | null {
    const chunk = this.#chunks[0];
    const available = chunk === undefined ? 0 : chunk.length - this.#at;
    const wanted = this.#frameBytes - this.#gathered;
    if (this.#gather === null && available >= wanted) {
      const frame = chunk === undefined ? Buffer.alloc(0) : chunk.subarray(this.#at, this.#at + wanted);
      this.#at += wanted;
      return this.#endFrame(frame);
    }
    if (chunk === undefined) return null;
    const taken = Math.min(available, wanted);
    const gather = this.#gatherRoom(taken);
    this.#isHeldUp = gather === null;
    if (gather === null) return null;
    gather.set(chunk.subarray(this.#at, this.#at + taken), this.#gathered);
    this.#gathered += taken;
    this.#at += taken;
    if (taken === wanted) return this.#endFrame(this.#gather!.subarray(0, this.#frameBytes));
    this.#dropEmptyChunk();
    return null;
  }

  /** The gathering buffer with room for n more bytes: doubled when needed, never beyond the frame. Null: not now. */
  #gatherRoom(n: number): Buffer | null {
    const needed = this.#gathered + n;
    const old = this.#gather;
    if (old !== null && old.length >= needed) return old;
    const size = Math.min(
      this.#frameBytes,
      Math.max(needed, firstGatherBytes, old === null ? 0 : old.length * 2),
    );
    const grown =
      this.#buffers === null ? Buffer.allocUnsafeSlow(size) : this.#buffers.take(size, this.#frameBytes);
    if (grown === null) return null;
    if (old !== null) {
      grown.set(old.subarray(0, this.#gathered));
      this.#buffers?.give(old);
    }
    this.#gather = grown;
    return grown;
  }

  #endFrame(frame: Buffer): Buffer {
    this.#frameBytes = -1;
    this.#lent = this.#gather;
    this.#gather = null;
    this.#gathered = 0;
    this.#dropEmptyChunk();
    return frame;
  }

  #dropEmptyChunk(): void {
    const chunk = this.#chunks[0];
    if (chunk === undefined || this.#at < chunk.length) return;
    this.#chunks.shift();
    this.#at = 0;
  }
}
