import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedOfNameNode {
  readonly method: string;
  /** `RENAME`. */
  readonly op: string;
  readonly path: string;
  readonly url: URL;
}

/** In front of a NameNode: it passes calls on, answers some itself, and sends data elsewhere than the NameNode says. */
export class NameNodeFront implements AsyncDisposable {
  readonly asked: AskedOfNameNode[] = [];
  /** What is answered in the NameNode's place; null: its own answer. */
  answer: (asked: AskedOfNameNode) => { status: number; body: unknown } | null = () => null;
  /** Where a DataNode's bytes go instead. */
  divert: (place: URL) => void = () => {};
  readonly #server: Server;
  readonly #httpPort: number;

  private constructor(httpPort: number) {
    this.#httpPort = httpPort;
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch((error) => response.destroy(error));
    });
  }

  static async start(httpPort: number): Promise<NameNodeFront> {
    const front = new NameNodeFront(httpPort);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${this.#httpPort}`);
    const method = request.method ?? 'GET';
    const asked = {
      method,
      url,
      op: url.searchParams.get('op') ?? '',
      path: decodeURIComponent(url.pathname),
    };
    this.asked.push(asked);
    const own = this.answer(asked);
    if (own !== null) {
      response.writeHead(own.status, { 'content-type': 'application/json' }).end(JSON.stringify(own.body));
      return;
    }
    const answer = await fetch(url, { method, redirect: 'manual' });
    let body = await answer.text();
    if (body.startsWith('{"Location"')) {
      const place = new URL((JSON.parse(body) as { Location: string }).Location);
      this.divert(place);
      body = JSON.stringify({ Location: place.href });
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(body);
  }
}
