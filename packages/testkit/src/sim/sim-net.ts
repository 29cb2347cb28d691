import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
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

/** The broker's end of a connection that is no more than memory. */
class SimSocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort: number;
  readonly localAddress = '127.0.0.1';
  readonly localPort = 9092;
  readonly #answered: (bytes: Buffer) => void;

  constructor(remotePort: number, answered: (bytes: Buffer) => void) {
    super({ autoDestroy: true, allowHalfOpen: true });
    this.remotePort = remotePort;
    this.#answered = answered;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#answered(Buffer.from(chunk));
    done();
  }
}

/** What `createServer` gives inside the simulation. */
export class SimServer extends EventEmitter {
  static current: SimServer | null = null;
  readonly #accept: (socket: SimSocket) => void;
  maxConnections = 0;

  constructor(...args: unknown[]) {
    super();
    this.#accept = args.find((each) => typeof each === 'function') as (socket: SimSocket) => void;
  }

  listen(...args: unknown[]): this {
    SimServer.current = this;
    const ready = args.find((each) => typeof each === 'function') as (() => void) | undefined;
    process.nextTick(() => {
      ready?.();
      this.emit('listening');
    });
    return this;
  }

  address(): object {
    return { address: '127.0.0.1', family: 'IPv4', port: 9092 };
  }

  accept(socket: SimSocket): void {
    if (this.#accept !== undefined) this.#accept(socket);
    else this.emit('connection', socket);
  }

  close(done?: () => void): this {
    if (done !== undefined) process.nextTick(done);
    return this;
  }

  unref(): this {
    return this;
  }
}

interface Waiting {
  readonly name: ApiName;
  readonly version: number;
  readonly correlationId: number;
  readonly answered: (response: unknown) => void;
}

let nextPort = 40_000;

/** A client's connection: requests by the generated codecs, answered in order or never. */
export class SimClient {
  readonly #socket: SimSocket;
  readonly #framer = new Framer({ maxFrameBytes: 1 << 30 });
  readonly #waiting: Waiting[] = [];
  #correlationId = 0;
  /** Whether the broker has closed it. */
  isClosed = false;

  constructor(server: SimServer) {
    this.#socket = new SimSocket(nextPort++, (bytes) => this.#take(bytes));
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('error', () => {});
    server.accept(this.#socket);
  }

  /** The client's port, as the broker's messages name the connection. */
  get port(): number {
    return this.#socket.remotePort;
  }

  /** Requests without an answer. */
  get waiting(): readonly { readonly name: ApiName }[] {
    return this.#waiting;
  }

  /** Sends a request; `answered` is told what came back. */
  send<Name extends ApiName>(
    name: Name,
    version: number,
    request: RequestInitOf<Name>,
    answered: (response: ResponseOf<Name>) => void = () => {},
    hasAnswer = true,
  ): void {
    const api = messages[name];
    const writer = new Writer({ framed: true });
    const correlationId = ++this.#correlationId;
    const header = { requestApiKey: api.apiKey, requestApiVersion: version, correlationId, clientId: 'sim' };
    encodeRequestHeader(writer, header, api.requestHeaderVersion(version));
    (api.encodeRequest as (writer: Writer, request: unknown, version: number) => void)(
      writer,
      request,
      version,
    );
    if (hasAnswer) {
      this.#waiting.push({ name, version, correlationId, answered: answered as (response: unknown) => void });
    }
    this.#socket.push(Buffer.concat(writer.finish()));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#framer.push(bytes);
    for (let frame = this.#framer.next(); frame !== null; frame = this.#framer.next()) {
      const { name, version, correlationId, answered } = this.#waiting.shift()!;
      const api = messages[name];
      const reader = new Reader(frame, `${api.name} response`);
      const got = reader.int32();
      if (got !== correlationId) throw new Error(`answer to request ${got} instead of ${correlationId}`);
      if (api.responseHeaderVersion(version) === 1) reader.skipTags();
      answered(api.decodeResponse(reader, version));
    }
  }
}
