/** A Kafka connection without a client on top: single requests by the generated codecs, and raw bytes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Framer } from '../../../millrace/src/protocol/framer.ts';
import { encodeRequestHeader } from '../../../millrace/src/protocol/generated/request-header.ts';
import {
  type ApiName,
  messages,
  type RequestInitOf,
  type ResponseOf,
} from '../../../millrace/src/protocol/messages.ts';
import { Reader } from '../../../millrace/src/protocol/reader.ts';
import { Writer } from '../../../millrace/src/protocol/writer.ts';

export class WireClient implements Disposable {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #framer = new Framer({ maxFrameBytes: 1 << 30 });
  readonly #waiting: ((frame: Buffer | Error) => void)[] = [];
  readonly #frames: Buffer[] = [];
  #correlationId = 0;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        for (const waiter of this.#waiting.splice(0)) waiter(new Error('the broker closed the connection'));
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#framer.push(chunk);
      for (let frame = this.#framer.next(); frame !== null; frame = this.#framer.next()) {
        const waiter = this.#waiting.shift();
        if (waiter === undefined) this.#frames.push(frame);
        else waiter(frame);
      }
    });
  }

  static async connect(port: number): Promise<WireClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  /** Sends a request and returns its correlation id; the answer is for `receive`. */
  post<Name extends ApiName>(
    name: Name,
    version: number,
    request: RequestInitOf<Name>,
    clientId = 'wire',
  ): number {
    for (const chunk of this.encode(name, version, request, clientId)) this.socket.write(chunk);
    return this.#correlationId;
  }

  /** The bytes of the next request, for whoever sends them in pieces. */
  encode<Name extends ApiName>(
    name: Name,
    version: number,
    request: RequestInitOf<Name>,
    clientId = 'wire',
  ): readonly Buffer[] {
    const api = messages[name];
    const writer = new Writer({ framed: true });
    const correlationId = ++this.#correlationId;
    const header = { requestApiKey: api.apiKey, requestApiVersion: version, correlationId, clientId };
    encodeRequestHeader(writer, header, api.requestHeaderVersion(version));
    (api.encodeRequest as (writer: Writer, request: unknown, version: number) => void)(
      writer,
      request,
      version,
    );
    return writer.finish();
  }

  /** The next frame, whatever it answers. Rejects when the connection closes first. */
  frame(): Promise<Buffer> {
    const ready = this.#frames.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#isClosed) return Promise.reject(new Error('the broker closed the connection'));
    return new Promise((resolve, reject) => {
      this.#waiting.push((frame) => (frame instanceof Error ? reject(frame) : resolve(frame)));
    });
  }

  /** The next answer, which must belong to the given request. */
  async receive<Name extends ApiName>(
    name: Name,
    version: number,
    correlationId: number,
  ): Promise<ResponseOf<Name>> {
    const api = messages[name];
    const reader = new Reader(await this.frame(), `${api.name} response`);
    const got = reader.int32();
    if (got !== correlationId) throw new Error(`answer to request ${got} instead of ${correlationId}`);
    if (api.responseHeaderVersion(version) === 1) reader.skipTags();
    const response = api.decodeResponse(reader, version) as ResponseOf<Name>;
    if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes after the ${api.name} response`);
    return response;
  }

  async request<Name extends ApiName>(
    name: Name,
    version: number,
    request: RequestInitOf<Name>,
    clientId?: string,
  ): Promise<ResponseOf<Name>> {
    return this.receive(name, version, this.post(name, version, request, clientId));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
