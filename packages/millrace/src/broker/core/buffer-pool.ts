/** Sizes are multiples of this, so that buffers fit more than one use. */
const stepBytes = 64 << 10;
/** Larger ones are not kept: they are rare. */
const maxKeptBytes = 4 << 20;

/**
 * Buffers that go from use to use instead of to the garbage collector (and, fresh from the system, through a page
 * fault for every 4 KiB). What is not given back is collected as any other buffer.
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #limitBytes: number;
  /** The memory of the buffers that are in use; others are not the pool's. */
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** `limitBytes`: of free buffers that are kept. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /**
   * The last given of those that hold `bestBytes`, else of those that hold `atLeastBytes`, else a new one. Larger ones
   * than `atMostBytes` are left in the pool.
   */
  take(
    atLeastBytes: number,
    bestBytes: number = atLeastBytes,
    atMostBytes = Number.POSITIVE_INFINITY,
  ): Buffer {
    const buffer =
      this.#find(bestBytes, atMostBytes) ??
      this.#find(atLeastBytes, atMostBytes) ??
      Buffer.allocUnsafeSlow(Math.ceil(Math.max(1, atLeastBytes) / stepBytes) * stepBytes);
    this.#lent.add(buffer.buffer);
    return buffer;
  }

  /** The buffer of which `view` is a part is no longer used by anybody. Views of other memory are ignored. */
  give(view: Buffer): void {
    const memory = view.buffer;
    if (!this.#lent.delete(memory)) return;
    if (memory.byteLength > maxKeptBytes || this.#freeBytes + memory.byteLength > this.#limitBytes) return;
    this.#free.push(Buffer.from(memory));
    this.#freeBytes += memory.byteLength;
  }

  /** Whether the view is a part of a buffer that is in use. */
  owns(view: Buffer): boolean {
    return this.#lent.has(view.buffer);
  }

  #find(bytes: number, atMostBytes: number): Buffer | undefined {
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const buffer = this.#free[i]!;
      if (buffer.length < bytes || buffer.length > atMostBytes) continue;
      this.#free.splice(i, 1);
      this.#freeBytes -= buffer.length;
      return buffer;
    }
    return undefined;
  }
}
