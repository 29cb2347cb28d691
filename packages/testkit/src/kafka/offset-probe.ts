import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * Asks one broker for the end offsets of a topic, over a connection that stays open: cheap enough to be asked every few
 * milliseconds while something else is measured. ListOffsets v1, the oldest version that Kafka 4 still serves.
 */
export class OffsetProbe implements AsyncDisposable {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  static async open(port: number, host = '127.0.0.1'): Promise<OffsetProbe> {
    const socket = connect({ port, host });
    await once(socket, 'connect');
    return new OffsetProbe(socket);
  }

  /** The end offset of partitions 0 to `partitions - 1`; the broker must lead them all. */
  async endOffsets(topic: string, partitions: number): Promise<number[]> {
    const name = Buffer.from(topic);
    const request = Buffer.alloc(4 + 8 + 2 + 4 + 4 + 2 + name.length + 4 + partitions * 12);
    this.#correlationId += 1;
    let at = request.writeInt32BE(request.length - 4, 0);
    at = request.writeInt16BE(2, at); // ListOffsets
    at = request.writeInt16BE(1, at);
    at = request.writeInt32BE(this.#correlationId, at);
    at = request.writeInt16BE(-1, at); // no client id
    at = request.writeInt32BE(-1, at); // not a replica
    at = request.writeInt32BE(1, at);
    at = request.writeInt16BE(name.length, at);
    at += name.copy(request, at);
    at = request.writeInt32BE(partitions, at);
    for (let partition = 0; partition < partitions; partition += 1) {
      at = request.writeInt32BE(partition, at);
      at = request.writeBigInt64BE(-1n, at); // the latest
    }
    this.#socket.write(request);
    return readOffsets(await this.#frame(), topic, partitions, name.length);
  }

  async #frame(): Promise<Buffer> {
    for (;;) {
      if (this.#received.length >= 4) {
        const end = 4 + this.#received.readInt32BE(0);
        if (this.#received.length >= end) {
          const frame = this.#received.subarray(4, end);
          this.#received = this.#received.subarray(end);
          if (frame.readInt32BE(0) !== this.#correlationId)
            throw new Error('an answer to another question came');
          return frame;
        }
      }
      const [chunk] = (await once(this.#socket, 'data')) as [Buffer];
      this.#received = Buffer.concat([this.#received, chunk]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }
}

function readOffsets(frame: Buffer, topic: string, partitions: number, nameBytes: number): number[] {
  const offsets = new Array<number>(partitions).fill(0);
  let at = 4 + 4 + 2 + nameBytes; // correlation id, one topic, its name
  const count = frame.readInt32BE(at);
  at += 4;
  for (let i = 0; i < count; i += 1, at += 22) {
    const partition = frame.readInt32BE(at);
    const error = frame.readInt16BE(at + 4);
    if (error !== 0) throw new Error(`ListOffsets of ${topic}-${partition}: error code ${error}`);
    offsets[partition] = Number(frame.readBigInt64BE(at + 14));
  }
  return offsets;
}
