import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { errorText, hasErrno, isAddressFault, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { anonymous, type Principal } from '../security/access.ts';
import { PrincipalRules } from '../security/principal-rules.ts';
import type { ListenerSettings } from '../settings/listener-settings.ts';
import { peerPrincipal } from './peer-principal.ts';
import { ServerTls } from './server-tls.ts';

export interface DoorOptions {
  readonly listener: ListenerSettings;
  readonly logger: Logger;
  /** Whether one more connection may be; says why not by itself. */
  hasRoomFor(socket: Socket): boolean;
  /** A connection, its TLS established; `principal` is whose certificate it has. */
  onConnection(socket: Socket, principal: Principal): void;
  /** A certificate of a client was not taken. */
  onRefused(from: string, why: string): void;
}

/** How long a client may take for the handshake of TLS. */
const handshakeMs = 30_000;

/** One listener: takes connections, does TLS, and reads its stores again when they change. */
export class Door {
  readonly #options: DoorOptions;
  readonly #rules: PrincipalRules | null;
  /** Connections whose handshake is not over. */
  readonly #outside = new Set<Socket>();
  #server: Server | null = null;
  #tls: ServerTls | null = null;
  #tlsServer: TlsServer | null = null;
  #port = 0;

  /** Throws `CONFIG_INVALID` for rules of principals that can't be. */
  constructor(options: DoorOptions) {
    this.#options = options;
    const { tls, sasl } = options.listener;
    this.#rules = tls === undefined || sasl !== undefined ? null : new PrincipalRules(tls.principalRules);
  }

  get listener(): ListenerSettings {
    return this.#options.listener;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are not let in yet. */
  get outside(): number {
    return this.#outside.size;
  }

  /** Those of them from one address. */
  outsideFrom(remoteAddress: string): number {
    let count = 0;
    for (const socket of this.#outside) if (socket.remoteAddress === remoteAddress) count++;
    return count;
  }

  /** Throws `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`, or what is wrong with the stores. */
  async open(): Promise<void> {
    const { listener } = this.#options;
    if (listener.tls !== undefined) {
      this.#tls = await ServerTls.read(listener.tls, `listener ${listener.name}`);
      this.#tlsServer = this.#serveTls(this.#tls);
    }
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    const { host, port } = listener;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        this.#server = null;
        reject(listenError(error, host, port));
      });
      server.listen({ host, port, backlog: 1024 }, () => {
        const address = server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : port;
        resolve();
      });
    });
  }

  /** Takes no connection more; resolves when those that it took are gone. */
  close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#outside) socket.destroy();
    if (server === null) return Promise.resolve();
    return new Promise((resolve) => server.close(() => resolve()));
  }

  /** Looks whether key or certificates have changed; connections from then on get the new ones. */
  async renew(): Promise<void> {
    const { listener, logger } = this.#options;
    try {
      const options = await this.#tls?.changed();
      if (options === undefined || options === null || this.#server === null) return;
      this.#tlsServer?.setSecureContext(options);
      logger.info(`listener ${listener.name}: key and certificates were read again`);
    } catch (error) {
      logger.error(`listener ${listener.name} goes on with the certificate that it has: ${errorText(error)}`);
    }
  }

  #accept(socket: Socket): void {
    const { onConnection, hasRoomFor } = this.#options;
    if (isNobodys(socket) || !hasRoomFor(socket)) {
      socket.destroy();
      return;
    }
    if (this.#tlsServer === null) {
      onConnection(socket, anonymous);
      return;
    }
    this.#outside.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#outside.delete(socket));
    this.#tlsServer.emit('connection', socket);
  }

  #serveTls(tls: ServerTls): TlsServer {
    const server = createTlsServer({ ...tls.options, handshakeTimeout: handshakeMs });
    server.on('secureConnection', (socket) => this.#letIn(socket));
    server.on('tlsClientError', (error, socket) => this.#notLetIn(error, socket));
    return server;
  }

  #letIn(socket: TLSSocket): void {
    const { onConnection, listener } = this.#options;
    const { remoteAddress, remotePort } = socket;
    for (const raw of this.#outside) {
      if (raw.remotePort === remotePort && raw.remoteAddress === remoteAddress) this.#outside.delete(raw);
    }
    if (isNobodys(socket)) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const principal = peerPrincipal(socket, listener.tls!.clientAuth, this.#rules);
    if (typeof principal === 'string') onConnection(socket, principal);
    else {
      this.#refuse(addressOf(socket), principal.why);
      socket.on('error', () => {});
      socket.destroy();
    }
  }

  /** The handshake has failed, or, where a certificate is required, Node has closed what had none that is vouched for. */
  #notLetIn(error: Error, socket: TLSSocket): void {
    // The address of a socket that is closed is known to the one below it alone, which Node keeps under this name.
    const { _parent: below = socket } = socket as { readonly _parent?: Socket };
    const from = addressOf(below);
    const isMissing = hasErrno(error, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
    if (isMissing) this.#refuse(from, 'there is none');
    else if (socket.authorizationError) this.#refuse(from, errorText(socket.authorizationError));
    else this.#options.logger.info(`${from}: its TLS handshake failed: ${errorText(error)}`);
    socket.destroy();
  }

  #refuse(from: string, why: string): void {
    this.#options.logger.info(`${from}: its certificate is not taken: ${why}`);
    this.#options.onRefused(from, why);
  }
}

/**
 * What a client has sent before it reset the connection can still be read, but not from where: a rule that denies its
 * address would not be found. Once asked, the address is kept by the socket.
 */
const isNobodys = (socket: Socket): boolean => socket.remoteAddress === undefined;

const addressOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

function listenError(error: Error, host: string, port: number): Error {
  if (isAddressFault(error)) {
    const message = `the broker cannot listen on ${host}:${port}: ${error.message}`;
    return new MillraceError('ADDRESS_UNAVAILABLE', message, { cause: error, details: { host, port } });
  }
  if (!hasErrno(error, 'EADDRINUSE')) return error;
  return new MillraceError('ADDRESS_IN_USE', `${host}:${port} is taken, the broker cannot listen there`, {
    cause: error,
    details: { host, port },
  });
}
