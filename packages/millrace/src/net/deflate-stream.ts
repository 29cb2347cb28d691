import { Duplex } from 'node:stream';
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';

/** What a socket is for those who speak through it: also one with a layer around it. */
export interface NetStream extends Duplex {
  /** Closes once everything that was written is gone. */
  destroySoon(): void;
}

const chunkBytes = 64 * 1024;
/** What was written is there for the other side at once, in whole bytes. */
const eachWrite = {
  flush: constants.Z_SYNC_FLUSH,
  finishFlush: constants.Z_SYNC_FLUSH,
  chunkSize: chunkBytes,
};

/**
 * A connection whose two directions are a zlib stream each, from their first byte to their last, as Netty's
 * `ZlibEncoder` and `ZlibDecoder` make of it. However much a few bytes unpack to, no more of it is here than is read:
 * unpacking waits for the reader, and the socket for that. Bytes that are no zlib end it with an error.
 */
export class DeflateStream extends Duplex implements NetStream {
  readonly #socket: NetStream;
  readonly #level: number;
  /** Made with the first byte, as each costs some hundred KB: very many peers may say nothing for a long time. */
  #inflate: Inflate | null = null;
  #deflate: Deflate | null = null;

  /** `level`: 0 to 9, of what is written. The socket is this one's from now on. */
  constructor(socket: NetStream, level: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#level = level;
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.#closed());
    socket.on('end', () => {
      if (this.#inflate === null) this.push(null);
    });
    socket.once('data', (chunk: Buffer) => this.#beginToRead(chunk));
    // It may have been paused by whoever has looked at its first byte.
    socket.resume();
  }

  destroySoon(): void {
    if (this.destroyed) return;
    const after = () => this.#socket.destroySoon();
    if (this.writableFinished) after();
    else this.once('finish', after).end();
  }

  override _read(): void {
    this.#inflate?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#deflate ??= this.#beginToWrite();
    this.#deflate.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#deflate === null) this.#socket.end();
    else this.#deflate.end();
    if (this.#socket.writableFinished) done();
    else this.#socket.once('finish', () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    this.#deflate?.destroy();
    this.#socket.destroy();
    done(error);
  }

  #beginToRead(chunk: Buffer): void {
    if (this.destroyed) return;
    const inflate = createInflate(eachWrite);
    inflate.on('data', (unpacked: Buffer) => {
      if (!this.push(unpacked)) inflate.pause();
    });
    inflate.on('end', () => this.push(null));
    inflate.on('error', (error) =>
      this.destroy(new Error(`it is not compressed as it should be: ${error.message}`)),
    );
    this.#inflate = inflate;
    inflate.write(chunk);
    this.#socket.pipe(inflate);
  }

  #beginToWrite(): Deflate {
    const deflate = createDeflate({ ...eachWrite, level: this.#level });
    deflate.on('error', (error) => this.destroy(error));
    deflate.pipe(this.#socket);
    return deflate;
  }

  /** What was unpacked before is read yet, where somebody reads. */
  #closed(): void {
    if (this.readableEnded || this.destroyed) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
