import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Deadline, late } from '../runtime/deadline.ts';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { after, longestTimerMs } from '../runtime/timers.ts';
import { ByteRoom } from './byte-room.ts';
import type { NetStream } from './deflate-stream.ts';
import { readBody } from './http-body.ts';
import { Listener, type ListenerOptions } from './listener.ts';
import { createServer } from './node-http.ts';
import { type Peer, peerText } from './peer.ts';

/** What a peer may cost. */
export interface HttpLimits {
  readonly maxConnections: number;
  /** How long a peer may take for one request, from its first byte to its last; also for a TLS handshake. */
  readonly requestMs: number;
  /** How long a connection may be without a request. */
  readonly idleMs: number;
  /** Of a request's line and headers together; more is answered with 431. */
  readonly maxHeaderBytes: number;
  /** Of a body; more is answered with 413. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are read or served at a time; a request for which there is no room is answered with 503. */
  readonly maxHeldBytes: number;
}

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as the peer wrote them. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** More came than `keptBodyBytes`. */
  readonly isCut: boolean;
  readonly peer: Peer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpServerOptions extends Pick<ListenerOptions, 'filter' | 'tls' | 'onCount'> {
  /** For messages: `source r1`. */
  readonly component: string;
  readonly log: Logger;
  readonly limits: HttpLimits;
  /** A body is kept up to this, and its rest thrown away; absent: all of it. */
  readonly keptBodyBytes?: number | undefined;
  /**
   * Serves a request that is whole. `abandoned`: to give up what it waits for. A rejection is answered with 500, and
   * logged.
   */
  serve(request: HttpRequest, abandoned: AbortSignal): Promise<HttpAnswer>;
}

/** How long a peer that goes on sending gets to take an answer that came before its body's end. */
const lingerMs = 1000;
/** And how much of it is read in that time. */
const lingerBytes = 64 * 1024 * 1024;
const leastLookMs = 50;
const mostLookMs = 5000;

/** One connection: its requests are served one after the other. */
interface Talk {
  readonly peer: Peer;
  pending: number;
  last: Promise<void>;
}

/**
 * Serves HTTP/1.1 over TCP or TLS: Node's parser and answers behind a `Listener`, with limits on everything that a peer
 * may take, and an end in order.
 *
 * Promises: on one connection requests are served one after the other, whatever is pipelined, and no more is read while
 * two wait. A request is served when it is whole; one that is cut short is not. What all peers may have here is
 * `maxHeldBytes` of bodies, and headers. No error of a peer ends more than its connection.
 */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #listener: Listener;
  readonly #server: Server;
  readonly #room: ByteRoom;
  readonly #talks = new WeakMap<NetStream, Talk>();
  readonly #active = new Set<Promise<void>>();
  readonly #abandoned = new AbortController();
  /** Aborts when a stop begins: bodies that are not whole then are not waited for. */
  readonly #stopping = new AbortController();

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { component, log, limits, filter, tls, onCount } = options;
    const lookMs = Math.max(leastLookMs, Math.min(mostLookMs, limits.requestMs / 4));
    const requestMs = Math.min(limits.requestMs, longestTimerMs);
    this.#room = new ByteRoom(limits.maxHeldBytes);
    this.#server = createServer(
      {
        maxHeaderSize: limits.maxHeaderBytes,
        requestTimeout: requestMs,
        headersTimeout: requestMs,
        keepAliveTimeout: Math.min(limits.idleMs, longestTimerMs),
        connectionsCheckingInterval: lookMs,
      },
      (request, response) => this.#receive(request, response),
    );
    this.#server.on('clientError', (error: Error & { code?: string }, socket: Socket) =>
      this.#refuse(error, socket),
    );
    // It listens by the listener; this begins its watch over slow peers.
    this.#server.emit('listening');
    this.#listener = new Listener({
      component,
      log,
      maxConnections: limits.maxConnections,
      handshakeMs: limits.requestMs,
      filter,
      tls,
      onCount,
      onConnection: (socket, peer) => {
        this.#talks.set(socket, { peer, pending: 0, last: Promise.resolve() });
        this.#server.emit('connection', socket);
      },
    });
  }

  /** Listens on one more port; resolves with it. Throws `ADDRESS_IN_USE`, `SOURCE_FAILED`. */
  listen(host: string | undefined, port: number): Promise<number> {
    return this.#listener.listen(host, port);
  }

  /**
   * Ends everything. Requests that are whole are served and answered, as far as the deadline goes; others are answered
   * with 503 at once. Then what is left is abandoned and closed.
   */
  async stop(deadline: Deadline = Deadline.never()): Promise<void> {
    this.#listener.close();
    this.#stopping.abort();
    this.#server.closeIdleConnections();
    const ended = Promise.all(this.#active);
    if ((await deadline.race(ended)) === late) {
      this.#abandoned.abort();
      await Deadline.in(lingerMs).race(ended);
    }
    this.#server.closeAllConnections();
    // It never listened itself: this ends its watch.
    this.#server.close(() => {});
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const talk = this.#talks.get(socket);
    if (talk === undefined) {
      socket.destroy();
      return;
    }
    if (++talk.pending > 1) socket.pause();
    const { limits, keptBodyBytes } = this.#options;
    const reading = readBody(request, {
      room: this.#room,
      maxBytes: limits.maxBodyBytes,
      keptBytes: keptBodyBytes,
      stopping: this.#stopping.signal,
    });
    const done = talk.last
      .then(() => this.#answer(request, response, talk, reading))
      .finally(() => {
        if (--talk.pending <= 1 && !socket.destroyed) socket.resume();
        this.#active.delete(done);
      });
    talk.last = done;
    this.#active.add(done);
  }

  /** Never rejects. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { peer }: Talk,
    reading: ReturnType<typeof readBody>,
  ): Promise<void> {
    const read = await reading;
    if (read.kind === 'gone') {
      response.destroy();
      return;
    }
    if (read.kind === 'refused') {
      const { component, log } = this.#options;
      log.warn(
        `${component}: a request of ${peerText(peer)} is answered with ${read.status}: ${read.reason}`,
      );
      this.#write(response, { status: read.status, body: `${read.reason}\n` }, true, true);
      await this.#linger(request, response);
      return;
    }
    const { method = '', url = '', headers } = request;
    try {
      const { body, isCut } = read;
      const asked: HttpRequest = { method, url, headers, body, isCut, peer };
      this.#write(response, await this.#options.serve(asked, this.#abandoned.signal), false, false);
    } catch (error) {
      const { component, log } = this.#options;
      log.error(`${component}: a request of ${peerText(peer)} failed: ${errorText(error)}`, { error });
      this.#write(response, { status: 500 }, false, false);
    } finally {
      read.release();
    }
  }

  #write(response: ServerResponse, answer: HttpAnswer, close: boolean, open: boolean): void {
    if (response.destroyed) return;
    const { status, headers = {}, body = '' } = answer;
    const ends = close || this.#stopping.signal.aborted;
    response.writeHead(status, {
      ...(body === '' ? {} : { 'Content-Type': 'text/plain;charset=utf-8' }),
      ...headers,
      'Content-Length': Buffer.byteLength(body),
      ...(ends ? { Connection: 'close' } : {}),
    });
    if (!open) response.end(body);
    else if (body === '') response.flushHeaders();
    else response.write(body);
  }

  /** An answer that came before the request's end: a close at once would take it from the peer. */
  async #linger(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = after(lingerMs, resolve, { background: true });
      const over = (): void => {
        timer.cancel();
        resolve();
      };
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > lingerBytes) over();
      });
      request.resume();
      if (request.complete || request.destroyed) over();
      else request.once('end', over).once('close', over);
    });
    response.end();
  }

  /** What is no HTTP, too long, or too slow. It is answered after the requests before it. */
  #refuse(error: Error & { code?: string }, socket: Socket): void {
    const talk = this.#talks.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || talk === undefined) {
      socket.destroy();
      return;
    }
    const { component, log } = this.#options;
    log.warn(`${component}: connection of ${peerText(talk.peer)} is closed: ${errorText(error)}`);
    const status = statusOf(error.code);
    // A body that never ends: its request waits for this socket's end.
    const before = status.startsWith('408') ? Promise.resolve() : Deadline.in(lingerMs).race(talk.last);
    void before.then(() => {
      if (!socket.destroyed)
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      after(lingerMs, () => socket.destroy(), { background: true });
    });
  }
}

function statusOf(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return '431 Request Header Fields Too Large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return '413 Payload Too Large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return '408 Request Timeout';
    default:
      return '400 Bad Request';
  }
}
