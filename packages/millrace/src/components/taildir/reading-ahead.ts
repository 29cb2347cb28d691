import { Bell } from '../../runtime/timers.ts';

/** More than this on its way to sinks makes none of them faster; it waits in the file as well as in memory. */
const enoughBytes = 12 * 1024 * 1024;
/** Reading never gets slower than this, whatever becomes of what was read: a file must not run away from its reader. */
const leastBytesPerMs = 20_000;

/**
 * How far reading runs ahead of delivery. A channel in memory may have room for much more than its sink has under way at
 * once, and would be filled with it: then all of it is in memory at a time when the file has it, too.
 */
export class ReadingAhead {
  readonly #bell = new Bell();
  #bytes = 0;

  /** Bytes that were put, and whose fate is not known. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Waits until enough of it has arrived, at most as long as so many bytes take at the least rate; never rejects. */
  async pause(sizeBytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytes <= enoughBytes) return;
    const endMs = performance.now() + sizeBytes / leastBytesPerMs;
    while (this.#bytes > enoughBytes && !signal.aborted) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return;
      await this.#bell.wait(leftMs, signal);
    }
  }

  begin(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  /** It was delivered, is held or lost, or its put was given up. */
  end(sizeBytes: number): void {
    this.#bytes -= sizeBytes;
    if (this.#bytes <= enoughBytes) this.#bell.ring();
  }
}
