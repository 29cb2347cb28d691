import { createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { after, longestTimerMs } from '../runtime/timers.ts';
import type { AddressFilter } from './address-filter.ts';
import type { NetStream } from './deflate-stream.ts';
import { listen } from './listen.ts';
import { type Peer, peerOf, peerText } from './peer.ts';

export interface ListenerOptions {
  /** For messages: `source r1`. */
  readonly component: string;
  readonly log: Logger;
  /** More are closed as soon as they come; those that are open go on. */
  readonly maxConnections: number;
  /** Absent: everybody may connect. */
  readonly filter?: AddressFilter | undefined;
  /** Absent: plain text. */
  readonly tls?: TlsOptions | undefined;
  /**
   * What a connection is wrapped into, as compression does; absent: nothing. With TLS peers may have it below or above:
   * whoever begins with a record of TLS has it above, within what is encrypted. An error of it ends that connection.
   */
  readonly layer?: ((socket: NetStream) => NetStream) | undefined;
  /** How long a peer may take for the handshake of TLS. */
  readonly handshakeMs: number;
  /** Called whenever a connection came or went. */
  readonly onCount?: ((open: number) => void) | undefined;
  /** A peer that was let in, its TLS established. What it does with the socket is its own; must not throw. */
  onConnection(socket: NetStream, peer: Peer, localPort: number): void;
}

interface Handshake {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly localPort: number;
}

/** The first byte of whoever begins with TLS; no zlib stream begins so. */
const tlsHandshake = 0x16;
/** Peers that are turned away are told of so often, not each. */
const tellEveryMs = 60_000;

/**
 * The door of a service: takes connections on one or several ports, turns away who is too many or not allowed, and does
 * TLS. Whatever speaks behind it (a request server, an HTTP server by its event `connection`) shares limit, filter,
 * count and end. Errors of a socket end that socket alone.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #servers: Server[] = [];
  readonly #tls: Server | null;
  #context: SecureContext | null = null;
  /** Every connection that is open, from its accept on. */
  readonly #open = new Set<Socket>();
  /** Those that wait for a rule to be decided, or are in their handshake. */
  readonly #outside = new Set<Socket>();
  /** Connections in their handshake, by what is theirs alone. */
  readonly #handshakes = new Map<string, Handshake>();
  readonly #turnedAway = new Map<string, { count: number; toldAt: number }>();
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#tls = options.tls === undefined ? null : this.#tlsServer(options.tls);
  }

  /** Connections that are open. */
  get open(): number {
    return this.#open.size;
  }

  /** Listens on one more port; resolves with it. Throws as `listen`. `portOption`: for messages. */
  async listen(host: string | undefined, port: number, portOption = 'port'): Promise<number> {
    const { component, log } = this.#options;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#servers.push(server);
    const bound = await listen(server, {
      ...(host === undefined ? {} : { host }),
      port,
      component,
      portOption,
    });
    server.on('error', (error) => log.error(`${component}: ${error.message}`, { error }));
    const where = host ?? '*';
    log.info(`${component} listens on ${where}:${bound}`, { host: where, port: bound });
    return bound;
  }

  /** No connection more is taken; those that are open stay, but for handshakes. */
  close(): void {
    this.#closed = true;
    for (const server of this.#servers.splice(0)) server.close();
    for (const socket of this.#outside) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { onCount, maxConnections, filter } = this.#options;
    socket.on('error', (error) => this.#noteError(socket, error));
    const peer = peerOf(socket);
    if (peer === null || this.#closed) {
      socket.destroy();
      return;
    }
    if (this.#open.size >= maxConnections) {
      this.#turnAway(socket, peer, `${maxConnections} connections are open already (maxConnections)`);
      return;
    }
    this.#open.add(socket);
    this.#outside.add(socket);
    onCount?.(this.#open.size);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#outside.delete(socket);
      onCount?.(this.#open.size);
    });
    const allowed = filter?.allows(peer.address) ?? true;
    if (allowed === true) this.#letIn(socket, peer);
    else if (allowed === false) this.#turnAway(socket, peer, 'ipFilterRules forbid its address');
    else void this.#ask(socket, peer, allowed);
  }

  async #ask(socket: Socket, peer: Peer, allowed: Promise<boolean>): Promise<void> {
    const may = await allowed;
    if (socket.destroyed) return;
    if (!may) this.#turnAway(socket, peer, 'ipFilterRules forbid its name or address');
    else this.#letIn(socket, peer);
  }

  #letIn(socket: Socket, peer: Peer): void {
    const localPort = socket.localPort ?? 0;
    if (this.#tls === null) {
      this.#outside.delete(socket);
      this.#options.onConnection(this.#layered(socket, peer), peer, localPort);
    } else if (this.#options.layer === undefined) this.#shake(socket, peer, localPort);
    else this.#look(socket, peer, localPort);
  }

  /** Which of both is below is seen from the first byte. */
  #look(socket: Socket, peer: Peer, localPort: number): void {
    const timer = after(this.#options.handshakeMs, () => this.#turnAway(socket, peer, 'nothing came of it'), {
      background: true,
    });
    socket.once('close', () => timer.cancel());
    socket.once('data', (chunk: Buffer) => {
      timer.cancel();
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === tlsHandshake) this.#shake(socket, peer, localPort);
      else this.#shakeAbove(socket, peer, localPort);
    });
  }

  /** TLS within the layer. */
  #shakeAbove(socket: Socket, peer: Peer, localPort: number): void {
    const { component, handshakeMs, onConnection, tls } = this.#options;
    this.#context ??= createSecureContext(tls);
    const secure = new TLSSocket(this.#layered(socket, peer), {
      isServer: true,
      secureContext: this.#context,
    });
    const timer = after(handshakeMs, () => secure.destroy(new Error('it took too long')), {
      background: true,
    });
    let isDone = false;
    secure.on('error', (error) => {
      if (isDone) this.#noteError(socket, error);
      else this.#tell(component, peer, `its TLS handshake failed: ${errorText(error)}`, 'handshake');
      socket.destroy();
    });
    socket.once('close', () => {
      timer.cancel();
      secure.destroy();
    });
    secure.once('secure', () => {
      isDone = true;
      timer.cancel();
      this.#outside.delete(socket);
      if (this.#closed) socket.destroy();
      else onConnection(secure, peer, localPort);
    });
  }

  #layered(socket: NetStream, peer: Peer): NetStream {
    const stream = this.#options.layer?.(socket) ?? socket;
    // Errors of the socket itself have a listener.
    if (stream !== socket)
      stream.on('error', (error) => {
        const { component, log } = this.#options;
        log.warn(`${component}: connection of ${peerText(peer)} is closed: ${errorText(error)}`);
      });
    return stream;
  }

  #shake(socket: Socket, peer: Peer, localPort: number): void {
    if (this.#tls === null) return;
    const key = keyOf(socket);
    this.#handshakes.set(key, { socket, peer, localPort });
    socket.once('close', () => this.#handshakes.delete(key));
    this.#tls.emit('connection', socket);
  }

  #tlsServer(tls: TlsOptions): Server {
    const { component, handshakeMs, onConnection, log } = this.#options;
    const server = createTlsServer({
      ...tls,
      allowHalfOpen: true,
      handshakeTimeout: Math.min(handshakeMs, longestTimerMs),
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', (error) => this.#noteError(socket, error));
      const key = keyOf(socket);
      const known = this.#handshakes.get(key);
      this.#handshakes.delete(key);
      if (known === undefined || this.#closed) {
        socket.destroy();
        return;
      }
      this.#outside.delete(known.socket);
      onConnection(this.#layered(socket, known.peer), known.peer, known.localPort);
    });
    server.on('tlsClientError', (error, socket) => {
      const peer = this.#handshakes.get(keyOf(socket))?.peer;
      if (peer !== undefined)
        this.#tell(component, peer, `its TLS handshake failed: ${errorText(error)}`, 'handshake');
      socket.destroy();
    });
    server.on('error', (error) => log.debug(`${component}: ${errorText(error)}`));
    return server;
  }

  #turnAway(socket: Socket, peer: Peer, why: string): void {
    this.#tell(this.#options.component, peer, why, why);
    socket.destroy();
  }

  #tell(component: string, peer: Peer, why: string, kind: string): void {
    const before = this.#turnedAway.get(kind);
    const now = performance.now();
    if (before !== undefined && now - before.toldAt < tellEveryMs) {
      before.count++;
      return;
    }
    const more = before === undefined || before.count === 0 ? '' : `; so were ${before.count} others before`;
    this.#turnedAway.set(kind, { count: 0, toldAt: now });
    this.#options.log.warn(`${component}: a connection of ${peerText(peer)} is closed: ${why}${more}`);
  }

  #noteError(socket: Socket, error: Error): void {
    const peer = peerOf(socket);
    const of = peer === null ? '' : ` of ${peerText(peer)}`;
    this.#options.log.debug(`${this.#options.component}: connection${of}: ${error.message}`);
  }
}

/** One of all open connections has these four. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress}/${socket.remotePort}/${socket.localAddress}/${socket.localPort}`;
}
