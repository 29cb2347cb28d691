import { wasmBase64 } from './generated/batch-bytes-wasm.ts';
import { instantiate } from './wasm.ts';

/** A run of records that `BatchBytes` made, which lie in its memory until its next call. */
export interface MadeRecords {
  readonly count: number;
  readonly sizeBytes: number;
  /** Bytes of the input they were made from. */
  readonly consumed: number;
  readonly hasTimestamps: boolean;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  encodeLines(at: number, end: number, most: number, strip: number, count: number, out: number): number;
  renumber(at: number, end: number, delta: number, most: number): number;
}

/** Where the parts of the memory lie: `batch-bytes.wat`. */
const inputAt = 64;
const outputAt = 0x100080;
const indexAt = 0x300100;

/** Most bytes of input, and most records, of one call. */
export const mostInputBytes = 1 << 20;
export const mostRecords = 1 << 16;
/** Less input than this is not looked at in pieces. */
const leastPieceBytes = 4096;

/**
 * The inner loops of encoding in WebAssembly (`batch-bytes.wat`): no call per event, 16 bytes a step. Its memory is a
 * bench to work at: input is copied there, and what was made is copied out, so that no batch ever depends on it. One
 * for each thread, as calls are synchronous.
 */
export class BatchBytes {
  readonly #wasm: Exports;
  readonly #bytes: Buffer;
  readonly #index: Uint32Array;
  readonly #ends: Int32Array;
  /** What lines of the last call took on average, to copy no more of a long chunk than will be used. */
  #lineBytes = 256;

  private constructor(wasm: Exports) {
    const { buffer } = wasm.memory;
    this.#wasm = wasm;
    this.#bytes = Buffer.from(buffer);
    this.#index = new Uint32Array(buffer, indexAt, mostRecords);
    this.#ends = new Int32Array(buffer, 0, 3);
  }

  /** Null where the platform has no WebAssembly with SIMD, or another order of bytes: there are JavaScript loops. */
  static load(): BatchBytes | null {
    const wasm = instantiate<Exports>(wasmBase64);
    return wasm === null ? null : new BatchBytes(wasm);
  }

  /**
   * Makes records of the whole lines of `chunk[from, to)`, at most `maxEvents` of them; null where that is more than the
   * bench has room for.
   */
  encodeLines(
    chunk: Buffer,
    from: number,
    to: number,
    maxEvents: number,
    strip: boolean,
  ): MadeRecords | null {
    if (maxEvents > mostRecords) return null;
    const whole = to - from;
    let copied = 0;
    let wanted = Math.max(leastPieceBytes, Math.ceil(maxEvents * this.#lineBytes * 1.125));
    let count = 0;
    this.#ends[0] = inputAt;
    this.#ends[1] = outputAt;
    while (count < maxEvents && copied < whole) {
      if (copied === mostInputBytes) return null;
      const end = Math.min(whole, mostInputBytes, wanted);
      chunk.copy(this.#bytes, inputAt + copied, from + copied, from + end);
      copied = end;
      wanted = end * 2;
      const [at, out] = this.#ends as unknown as [number, number];
      count = this.#wasm.encodeLines(at, inputAt + copied, maxEvents, strip ? 1 : 0, count, out);
    }
    const consumed = this.#ends[0]! - inputAt;
    if (count > 0) this.#lineBytes = consumed / count;
    return { count, sizeBytes: this.#ends[1]! - outputAt, consumed, hasTimestamps: false };
  }

  /**
   * Makes the `count` records of `source[from, to)` again, numbered from `firstDelta` on; null where they are too many,
   * or damaged.
   */
  renumber(source: Buffer, from: number, to: number, count: number, firstDelta: number): MadeRecords | null {
    const consumed = to - from;
    if (consumed > mostInputBytes || count > mostRecords) return null;
    source.copy(this.#bytes, inputAt, from, to);
    const end = inputAt + consumed;
    if (this.#wasm.renumber(inputAt, end, firstDelta, count) !== count || this.#ends[0] !== end) return null;
    return { count, sizeBytes: this.#ends[1]! - outputAt, consumed, hasTimestamps: this.#ends[2] !== 0 };
  }

  /** Copies out what was made last: the records to `records` at `at`, and where each starts there to `index`. */
  copyTo(made: MadeRecords, records: Buffer, at: number, index: Uint32Array, firstIndex: number): void {
    this.#bytes.copy(records, at, outputAt, outputAt + made.sizeBytes);
    const starts = this.#index.subarray(0, made.count);
    if (at === 0) {
      index.set(starts, firstIndex);
      return;
    }
    for (let i = 0; i < starts.length; i++) index[firstIndex + i] = starts[i]! + at;
  }
}

let ofThread: BatchBytes | null | undefined;

/** That of the calling thread. */
export function batchBytes(): BatchBytes | null {
  ofThread ??= ofThread === undefined ? BatchBytes.load() : null;
  return ofThread;
}
