/**
 * In front of one Kafka broker: it knows requests from one another, and does to single ones and their answers what
 * networks do. It listens on another loopback address at the broker's port, so that the broker can advertise it.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeResponseFrame,
  openRequest,
  peekCorrelationId,
} from '../../../millrace/src/protocol/envelope.ts';
import { Framer } from '../../../millrace/src/protocol/framer.ts';
import type { SeenRequest } from '../kafka/fake-cluster/cluster.ts';

/** `lose`: done, and the connection ends without an answer; `drop`: not done, and it ends; `silence`: done, and no answer comes any more on this connection. */
export type NetworkFault = 'lose' | 'drop' | 'silence';

export const proxyHost = '127.0.0.2';
const maxFrameBytes = 100_000_000;

interface Waiting {
  readonly request: SeenRequest;
  readonly fault: NetworkFault | null;
  readonly decode: (frame: Buffer) => unknown;
}

export class FaultProxy implements AsyncDisposable {
  requestFault: (request: SeenRequest) => NetworkFault | null = () => null;
  /** How long an answer is held back, ms. */
  delayMs: (request: SeenRequest) => number = () => 0;
  /** Hears of every request that was done, with its answer, whether that arrives or not. */
  onDone: (request: SeenRequest, answer: unknown) => void = () => {};
  readonly #port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  /** @param port the broker's, on 127.0.0.1 */
  static async start(port: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(port);
    proxy.#server.listen(port, proxyHost);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get bootstrapServers(): string {
    return `${proxyHost}:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const broker = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    const waiting = new Map<number, Waiting>();
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    inFrames(client, end, (frame) => {
      const { api, version, correlationId, body } = openRequest(frame, 'test');
      const message: unknown = api.decodeRequest(body, version);
      const request = { nodeId: 1, api: api.name, version, message };
      const fault = this.requestFault(request);
      if (fault === 'drop') return end();
      waiting.set(correlationId, {
        request,
        fault,
        decode: (answer) => decodeResponseFrame(api as never, version, answer, 'test'),
      });
      broker.write(framed(frame));
    });
    // Answers keep their order, however long one of them is held back.
    let before: Promise<void> = Promise.resolve();
    let isSilent = false;
    inFrames(broker, end, (frame) => {
      const { request, fault, decode } = waiting.get(peekCorrelationId(frame))!;
      waiting.delete(peekCorrelationId(frame));
      this.onDone(request, decode(frame));
      const ms = this.delayMs(request);
      before = before.then(async () => {
        if (ms > 0) await sleep(ms);
        if (fault === 'lose') end();
        isSilent ||= fault === 'silence';
        if (!isSilent && !client.destroyed) client.write(framed(frame));
      });
    });
  }
}

function inFrames(socket: Socket, end: () => void, onFrame: (frame: Buffer) => void): void {
  const framer = new Framer({ maxFrameBytes });
  socket.on('data', (chunk: Buffer) => {
    try {
      framer.push(chunk);
      for (let frame = framer.next(); frame !== null; frame = framer.next()) onFrame(Buffer.from(frame));
    } catch {
      end();
    }
  });
}

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}
