import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { SourceHandle } from './source-files.ts';

/** How a file is compressed: RFC 1952, of one member or several, or RFC 8878, of one frame or several. */
export type Packing = 'gzip' | 'zstd';

/** Most bytes that are taken from the file, and that come out, in one step: what a bomb can make of memory. */
export const stepBytes = 64 * 1024;
/** Bytes of a step where damage is near: what a step made before it met damage is not to be had. */
const carefulBytes = 16;

/**
 * `cut`: the file ends before its content does, as while it is being written; `damaged`: what stands there is no such
 * content.
 */
export class PackedFault extends Error {
  readonly kind: 'cut' | 'damaged';
  /** Bytes of the file that were taken. */
  readonly packedBytes: number;

  constructor(kind: 'cut' | 'damaged', packedBytes: number, reason: string) {
    super(reason);
    this.kind = kind;
    this.packedBytes = packedBytes;
  }
}

/** The content of a compressed file from its start on, step by step, for whoever asks for the next. */
export class Inflater {
  readonly #handle: SourceHandle;
  readonly #stream: ReturnType<typeof createGunzip>;
  readonly #carefulFrom: number;
  readonly #packed = Buffer.allocUnsafeSlow(stepBytes);
  #packedBytes = 0;
  #isWriting = false;
  #isEnding = false;
  #error: (Error & { code?: string }) | null = null;
  #isDone = false;
  #wake: () => void = () => {};

  /** `carefulFrom`: from there on in small steps. */
  constructor(handle: SourceHandle, packing: Packing, carefulFrom = Number.POSITIVE_INFINITY) {
    this.#handle = handle;
    this.#carefulFrom = carefulFrom;
    // Nothing is decompressed ahead: what came before a fault has been taken when the fault is told.
    const options = { readableHighWaterMark: 1, chunkSize: stepBytes };
    this.#stream = packing === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.#stream.on('readable', () => this.#wake());
    this.#stream.on('end', () => {
      this.#isDone = true;
      this.#wake();
    });
    this.#stream.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** Bytes of the file that were taken so far. */
  get packedBytes(): number {
    return this.#packedBytes;
  }

  /** What comes next; null at the end of the content. Throws `PackedFault`, or the system's error. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      const piece: Buffer | null = this.#stream.read();
      if (piece !== null) return piece;
      if (this.#error !== null) throw this.#fault(this.#error);
      if (this.#isDone) return null;
      const change = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (!this.#isWriting && !this.#isEnding) await this.#feed();
      await change;
    }
  }

  close(): void {
    this.#stream.destroy();
  }

  async #feed(): Promise<void> {
    const length = this.#packedBytes < this.#carefulFrom ? stepBytes : carefulBytes;
    const got = await this.#handle.read(this.#packed, length, this.#packedBytes);
    this.#packedBytes += got;
    if (got === 0) {
      this.#isEnding = true;
      this.#stream.end();
      return;
    }
    this.#isWriting = true;
    this.#stream.write(this.#packed.subarray(0, got), () => {
      this.#isWriting = false;
      this.#wake();
    });
  }

  #fault({ code, message }: Error & { code?: string }): PackedFault {
    const isCut = code === 'Z_BUF_ERROR';
    return new PackedFault(
      isCut ? 'cut' : 'damaged',
      this.#packedBytes,
      isCut ? 'it ends too early' : message,
    );
  }
}
