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
  readonly #inflate: Inflate;
  readonly #deflate: Deflate;

  /** `level`: 0 to 9, of what is written. The socket is this one's from now on. */
  constructor(socket: NetStream, level: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#inflate = createInflate(eachWrite);
    this.#deflate = createDeflate({ ...eachWrite, level });
    this.#inflate.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#inflate.pause();
    });
    this.#inflate.on('end', () => this.push(null));
    this.#inflate.on('error', (error) =>
      this.destroy(new Error(`it is not compressed as it should be: ${error.message}`)),
    );
    this.#deflate.on('error', (error) => this.destroy(error));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.#closed());
    socket.pipe(this.#inflate);
    this.#deflate.pipe(socket);
  }

  destroySoon(): void {
    if (this.destroyed) return;
    const after = () => this.#socket.destroySoon();
    if (this.writableFinished) after();
    else this.once('finish', after).end();
  }

  override _read(): void {
    this.#inflate.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#deflate.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#deflate.end();
    if (this.#socket.writableFinished) done();
    else this.#socket.once('finish', () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
    this.#socket.destroy();
    done(error);
  }

  /** What was unpacked before is read yet, where somebody reads. */
  #closed(): void {
    if (this.readableEnded || this.destroyed) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
