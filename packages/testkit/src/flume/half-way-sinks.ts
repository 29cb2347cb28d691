/** Destinations that take some events, refuse others, and answer nothing to the rest: what a channel's takes run into. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import type { Chance } from '../oracle/seed.ts';

/** Takes an event with 200 and keeps its body; or says 503; or never answers. */
export class HalfWayHttp implements AsyncDisposable {
  readonly #server: Server;
  readonly taken: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(chance: Chance): Promise<HalfWayHttp> {
    const server = createServer();
    const made = new HalfWayHttp(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const fate = chance.int(0, 199);
        if (fate === 0) return; // until the sink's own limit of time
        if (fate > 10) made.taken.push(Buffer.concat(chunks).toString());
        response.statusCode = fate > 10 ? 200 : 503;
        response.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Takes connections and bytes, and says nothing. */
export class SilentServer implements AsyncDisposable {
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();

  private constructor(server: TcpServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.resume();
      socket.on('error', () => {});
    });
  }

  static async start(): Promise<SilentServer> {
    const server = createTcpServer();
    const made = new SilentServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
