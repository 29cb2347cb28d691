import type { FileStore, StoreFile } from '../../clients/file-store/file-store.ts';

const pieceBytes = 1024 * 1024;

/**
 * A file whose name is known only when it ends, for stores that can't rename: it is held in memory until then. As large
 * as what a sink may have unacknowledged at once.
 */
export class LateFile implements StoreFile {
  sizeBytes = 0;
  readonly #store: FileStore;
  readonly #nameOf: () => string;
  #pieces: Buffer[] = [];
  /** Bytes of the last piece that are used. */
  #used = pieceBytes;
  #file: StoreFile | null = null;

  constructor(store: FileStore, nameOf: () => string) {
    this.#store = store;
    this.#nameOf = nameOf;
  }

  get name(): string {
    return this.#nameOf();
  }

  async write(buffers: readonly Buffer[]): Promise<void> {
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length; ) {
        if (this.#used === pieceBytes) {
          this.#pieces.push(Buffer.allocUnsafeSlow(pieceBytes));
          this.#used = 0;
        }
        const count = buffer.copy(this.#pieces.at(-1)!, this.#used, at);
        this.#used += count;
        at += count;
      }
      this.sizeBytes += buffer.length;
    }
  }

  async sync(): Promise<void> {
    throw new Error('a file without a name is not durable');
  }

  async cut(): Promise<void> {
    throw new Error('a file without a name is not cut');
  }

  async close(): Promise<void> {
    this.#file = await this.#store.create(this.#nameOf());
    for (let i = 0; i < this.#pieces.length; i++) {
      const isLast = i === this.#pieces.length - 1;
      await this.#file.write([isLast ? this.#pieces[i]!.subarray(0, this.#used) : this.#pieces[i]!]);
    }
    await this.#file.close();
    this.#pieces = [];
  }

  async abandon(): Promise<void> {
    this.#pieces = [];
    await this.#file?.abandon();
  }
}
