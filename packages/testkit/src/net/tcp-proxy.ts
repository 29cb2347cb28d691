/** A TCP proxy that does to connections what networks do: cut, delay, swallow, refuse. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpProxyOptions {
  readonly targetPort: number;
  readonly targetHost?: string;
  /** Where it listens; a free port if not given. */
  readonly port?: number;
  /** The address it listens on; 127.0.0.1 if not given. Another loopback address may share the target's port. */
  readonly host?: string;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: TcpProxyOptions;
  readonly #pairs = new Set<Pair>();
  #delayMs = 0;
  #blackHole = false;
  #refuse = false;
  #cutAfterBytes = Number.POSITIVE_INFINITY;
  #wake = Promise.withResolvers<void>();
  #forwardedBytes = 0;

  private constructor(options: TcpProxyOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    proxy.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  /** Both directions together, since the start. */
  get forwardedBytes(): number {
    return this.#forwardedBytes;
  }

  /** Every chunk in either direction waits this long; 0 ends it. */
  setDelayMs(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** While on, connections stay open and nothing passes; bytes in flight go on when it is turned off. */
  setBlackHole(on: boolean): void {
    this.#blackHole = on;
    if (!on) {
      this.#wake.resolve();
      this.#wake = Promise.withResolvers<void>();
    }
  }

  /** While on, new connections are reset at once. */
  setRefuse(on: boolean): void {
    this.#refuse = on;
  }

  /** Resets all connections as soon as so many more bytes have passed, in the middle of whatever they carry; once. */
  cutAfter(bytes: number): void {
    this.#cutAfterBytes = this.#forwardedBytes + bytes;
  }

  /** Resets every connection now and returns how many there were. */
  cutAll(): number {
    const count = this.#pairs.size;
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.setBlackHole(false);
    this.cutAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#refuse) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#options.targetPort, host: this.#options.targetHost ?? '127.0.0.1' });
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
    void this.#pump(client, server);
    void this.#pump(server, client);
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (this.#delayMs > 0) await sleep(this.#delayMs);
        while (this.#blackHole) await this.#wake.promise;
        if (to.destroyed) return;
        const room = this.#cutAfterBytes - this.#forwardedBytes;
        const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
        this.#forwardedBytes += part.length;
        const hasRoom = to.write(part);
        if (part.length < chunk.length) {
          this.#cutAfterBytes = Number.POSITIVE_INFINITY;
          // The half that was allowed through must arrive before the reset.
          await new Promise<void>((resolve) => to.write('', () => resolve()));
          this.cutAll();
          return;
        }
        if (!hasRoom) await once(to, 'drain');
      }
      to.end();
    } catch {
      to.destroy(); // a reset on one side is a reset on the other
    }
  }
}
