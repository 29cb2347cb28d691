/** In front of an object store: passes requests on as they are, so that their signatures hold, but for those that a test rules. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `lose`: done, and the connection ends without an answer; `cut`: it ends in the middle of the body, nothing is done; a
 * code: the store's answer of that name.
 */
export type StoreFaultKind = 'lose' | 'cut' | 'ExpiredToken' | 'AccessDenied' | 'SlowDown';

const statuses: Readonly<Record<string, number>> = { ExpiredToken: 400, AccessDenied: 403, SlowDown: 503 };

export class FaultFront implements AsyncDisposable {
  faultOf: (request: IncomingMessage) => StoreFaultKind | null = () => null;
  /** What was asked, as `PUT /bucket/key?query`. */
  readonly seen: string[] = [];
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((incoming, outgoing) => {
      this.seen.push(`${incoming.method} ${incoming.url}`);
      const fault = this.faultOf(incoming);
      if (fault === 'cut') {
        incoming.once('data', () => incoming.socket.destroy());
        return;
      }
      if (fault !== null && fault !== 'lose') {
        incoming.resume();
        incoming.once('end', () => {
          const body = `<?xml version="1.0"?><Error><Code>${fault}</Code><Message>drawn</Message></Error>`;
          outgoing.writeHead(statuses[fault]!, { 'content-type': 'application/xml' }).end(body);
        });
        return;
      }
      const { method, url, headers } = incoming;
      const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        if (fault === 'lose') {
          answer.resume();
          answer.once('end', () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      passed.once('error', () => incoming.socket.destroy());
      incoming.pipe(passed);
    });
  }

  static async start(port: number): Promise<FaultFront> {
    const front = new FaultFront(port);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
