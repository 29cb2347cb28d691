import { Deadline, late } from '../runtime/deadline.ts';
import type { Logger } from '../runtime/logger.ts';
import { every, type Timer } from '../runtime/timers.ts';
import { ByteRoom } from './byte-room.ts';
import type { Conversation } from './conversation.ts';
import { Listener, type ListenerOptions } from './listener.ts';
import { ServedConnection } from './served-connection.ts';

/** What a peer may cost. */
export interface ServerLimits {
  readonly maxConnections: number;
  /** Bytes of a request whose rest has not come: one more ends the connection. */
  readonly maxUnfinishedBytes: number;
  /**
   * Of the requests of all connections together, from their first bytes until they are served; each has 64 KiB that count
   * for nothing. A connection whose bytes have no room is ended. One request of `maxUnfinishedBytes` always has room.
   */
  readonly maxHeldBytes: number;
  /** How long a connection may be without any request; Infinity: for ever. */
  readonly idleMs: number;
  /** How long a peer may take for one request, from its first byte to its last, and for taking an answer. */
  readonly requestMs: number;
}

export interface RequestServerOptions extends Pick<ListenerOptions, 'filter' | 'tls' | 'layer' | 'onCount'> {
  /** For messages: `source r1`. */
  readonly component: string;
  readonly log: Logger;
  readonly limits: ServerLimits;
  /**
   * Begins the talk with a peer; bytes are read once it is there. May ask for the peer's name first. A rejection ends
   * the connection.
   */
  converse(connection: ServedConnection): Conversation | Promise<Conversation>;
}

/** Limits are looked after so often, or in a fourth of the shortest of them. */
const mostLookMs = 5000;
const leastLookMs = 50;

/**
 * Serves requests over TCP or TLS. It owns the connections: reads, pauses reading while a request is served, holds the
 * limits, and ends all in order. What the bytes mean is the conversation's, one for each connection.
 *
 * Promises: on one connection requests are served one after the other, and answered in their order. While one is
 * served nothing is read, so what a peer may have in this process is one read (64 KiB, or what TLS gives at once) and
 * an unfinished request, and all peers together have no more than `maxHeldBytes` beyond such a read. No error of a peer or a conversation ends more than its connection.
 */
export class RequestServer {
  readonly #options: RequestServerOptions;
  readonly #listener: Listener;
  readonly #connections = new Map<ServedConnection, Promise<void>>();
  #looking: Timer | null = null;

  constructor(options: RequestServerOptions) {
    this.#options = options;
    const { component, log, limits, filter, tls, layer, onCount } = options;
    const room = new ByteRoom(Math.max(limits.maxHeldBytes, limits.maxUnfinishedBytes));
    this.#listener = new Listener({
      component,
      log,
      maxConnections: limits.maxConnections,
      handshakeMs: limits.requestMs,
      filter,
      tls,
      layer,
      onCount,
      onConnection: (socket, peer, localPort) => {
        this.#serve(new ServedConnection({ socket, peer, localPort, component, log, limits, room }));
      },
    });
  }

  /** Connections that are open. */
  get open(): number {
    return this.#listener.open;
  }

  /** Listens on one more port; resolves with it. Throws `ADDRESS_IN_USE`, `SOURCE_FAILED`. `host` absent: everywhere. */
  async listen(host: string | undefined, port: number, portOption?: string): Promise<number> {
    const bound = await this.#listener.listen(host, port, portOption);
    const { idleMs, requestMs } = this.#options.limits;
    const lookMs = Math.max(leastLookMs, Math.min(mostLookMs, idleMs / 4, requestMs / 4));
    this.#looking ??= every(lookMs, () => this.#look(), { background: true });
    return bound;
  }

  /**
   * Ends everything. Requests that were read are served and answered, as far as the deadline goes, and nothing more is
   * read; then what is left is abandoned: the connections' `abandoned` abort, and sockets are closed.
   */
  async stop(deadline: Deadline = Deadline.never()): Promise<void> {
    this.#listener.close();
    this.#looking?.cancel();
    this.#looking = null;
    const connections = [...this.#connections];
    for (const [connection] of connections) connection.stop();
    const ended = Promise.all(connections.map(([, done]) => done));
    if ((await deadline.race(ended)) !== late) return;
    for (const [connection] of connections) connection.abandon();
    await ended;
  }

  #serve(connection: ServedConnection): void {
    const done = connection.serve(this.#options.converse).finally(() => this.#connections.delete(connection));
    this.#connections.set(connection, done);
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#connections.keys()) connection.look(now);
  }
}
