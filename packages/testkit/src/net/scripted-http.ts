import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The same, where it is no text. */
  readonly bytes: Buffer;
}

/** How a request is answered: a status, or whatever the function does with the response. */
export type ScriptedAnswer = number | ((response: ServerResponse, request: SeenRequest) => void);

/** An HTTP server on loopback that answers as a script says, request by request, and remembers all of them. */
export class ScriptedHttp implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  /** Connections that were ever made. */
  connections = 0;
  readonly #server: Server;
  #script: ScriptedAnswer[];
  #then: ScriptedAnswer;

  readonly #scheme: 'http' | 'https';

  private constructor(
    server: Server,
    scheme: 'http' | 'https',
    script: readonly ScriptedAnswer[],
    then: ScriptedAnswer,
  ) {
    this.#server = server;
    this.#scheme = scheme;
    this.#script = [...script];
    this.#then = then;
  }

  /** `then`: the answer when the script is over. `tls`: key and certificate; plain text without. */
  static async start(
    script: readonly ScriptedAnswer[] = [],
    then: ScriptedAnswer = 200,
    tls?: ServerOptions,
  ): Promise<ScriptedHttp> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const scripted = new ScriptedHttp(server, tls === undefined ? 'http' : 'https', script, then);
    server.on('connection', () => scripted.connections++);
    server.on('request', (request, response) => scripted.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers from now on. */
  play(script: readonly ScriptedAnswer[], then: ScriptedAnswer = this.#then): void {
    this.#script = [...script];
    this.#then = then;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    } catch {
      return; // the client went away
    }
    const { method = '', url: path = '', headers } = request;
    const bytes = Buffer.concat(pieces);
    const seen = { method, path, headers, body: bytes.toString(), bytes };
    this.seen.push(seen);
    const answer = this.#script.shift() ?? this.#then;
    if (typeof answer === 'function') answer(response, seen);
    else response.writeHead(answer).end(`status ${answer}`);
  }
}
