import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { after, type Timer } from '../runtime/timers.ts';
import type { ByteRoom } from './byte-room.ts';
import { type Conversation, PeerFault } from './conversation.ts';
import type { NetStream } from './deflate-stream.ts';
import { type Peer, peerText } from './peer.ts';
import type { ServerLimits } from './request-server.ts';

export interface ConnectionInit {
  readonly socket: NetStream;
  readonly peer: Peer;
  readonly localPort: number;
  readonly component: string;
  readonly log: Logger;
  readonly limits: ServerLimits;
  /** Shared by all connections of a server. */
  readonly room: ByteRoom;
}

/** How long a peer that goes on sending gets to take the last answer: a reset would take it from it. */
const lingerMs = 1000;

/** What each connection may have here that counts for nothing: a read, so that small requests always have room. */
const freeBytes = 64 * 1024;

/** Whom a connection waits for: the peer's bytes, its own side, the peer to take an answer. */
type Waiting = 'bytes' | 'service' | 'taking';

/** One peer of a request server: reads, has requests served one after the other, and writes answers. */
export class ServedConnection {
  readonly peer: Peer;
  /** The port of this side. */
  readonly localPort: number;
  readonly #socket: NetStream;
  readonly #component: string;
  readonly #log: Logger;
  readonly #limits: ServerLimits;
  readonly #room: ByteRoom;
  /** What it has of the room. */
  #held = 0;
  readonly #abandoned = new AbortController();
  readonly #over = Promise.withResolvers<void>();
  #conversation: Conversation | null = null;
  #waiting: Waiting = 'service';
  /** As `performance.now()` counts: since when it waits for that. */
  #since = performance.now();
  /** Wakes who waits for the peer to take answers. */
  #taken: (() => void) | null = null;
  #stopping = false;
  #peerEnded = false;
  /** Nothing more is read, and the socket closes after what was written. */
  #ending = false;
  #closed = false;
  #linger: Timer | null = null;

  constructor({ socket, peer, localPort, component, log, limits, room }: ConnectionInit) {
    this.#socket = socket;
    this.peer = peer;
    this.localPort = localPort;
    this.#component = component;
    this.#log = log;
    this.#limits = limits;
    this.#room = room;
  }

  /** Aborts when what is under way is to be given up: for puts that wait for room. */
  get abandoned(): AbortSignal {
    return this.#abandoned.signal;
  }

  /** Whether the server is stopping: requests that were read are served, no more are read. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Writes an answer. A promise where the peer is slow to take it: wait for it, so that answers don't pile up. It
   * resolves also when the connection is gone, and when the server stops.
   */
  answer(bytes: Buffer | string): Promise<void> | undefined {
    const socket = this.#socket;
    if (socket.destroyed || this.#ending || socket.write(bytes) || this.#stopping) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waitFor('taking');
    this.#taken = () => {
      this.#taken = null;
      this.#waitFor('service');
      resolve();
    };
    return promise;
  }

  /** Serves to the end; never rejects. */
  async serve(
    converse: (connection: ServedConnection) => Conversation | Promise<Conversation>,
  ): Promise<void> {
    const socket = this.#socket;
    socket.on('drain', () => this.#taken?.());
    socket.on('close', () => this.#onClose());
    try {
      const made = converse(this);
      this.#conversation = made instanceof Promise ? await made : made;
      this.#waitFor('bytes');
      if (this.#stopping) this.#end();
      else this.#read(socket);
    } catch (error) {
      this.#waitFor('bytes');
      this.#fail(error);
    }
    if (this.#closed) this.#over.resolve();
    await this.#over.promise;
    this.#hold(0);
  }

  /** Reads no more; ends at once where nothing is under way. */
  stop(): void {
    this.#stopping = true;
    this.#taken?.();
    if (this.#waiting !== 'bytes' || this.#ending) return;
    this.#end();
    this.#socket.destroySoon();
  }

  /** Gives up what is under way. */
  abandon(): void {
    this.#abandoned.abort();
    this.#socket.destroy();
  }

  /** Ends a connection that is over its limits of time. `now`: as `performance.now()` counts. */
  look(now: number): void {
    if (this.#ending) return;
    const waitedMs = now - this.#since;
    const { idleMs, requestMs } = this.#limits;
    if (this.#waiting === 'taking') {
      if (waitedMs <= requestMs) return;
      this.#fail(new PeerFault(`it took no answer for ${requestMs} ms (requestTimeout)`));
      this.#socket.destroy();
    } else if (this.#waiting === 'bytes') {
      const unfinished = this.#conversation?.unfinishedBytes ?? 0;
      if (unfinished > 0 && waitedMs > requestMs)
        this.#fail(new PeerFault(`a request was not whole after ${requestMs} ms (requestTimeout)`));
      else if (unfinished === 0 && waitedMs > idleMs)
        this.#fail(new PeerFault(`no request came for ${idleMs} ms (idleTimeout)`));
    }
  }

  #read(socket: NetStream): void {
    socket.on('data', (chunk: Buffer) => {
      if (!this.#ending) void this.#receive(chunk);
    });
    socket.on('end', () => {
      // This may come while requests are served, reading paused; then it is seen after them.
      this.#peerEnded = true;
      if (!this.#ending && this.#waiting === 'bytes') void this.#receive(null);
    });
  }

  /** `chunk` null: the peer has sent all. */
  async #receive(chunk: Buffer | null): Promise<void> {
    const conversation = this.#conversation!;
    const begun = this.#since;
    const wasUnfinished = conversation.unfinishedBytes > 0;
    this.#waiting = 'service';
    this.#socket.pause();
    let served = 0;
    let fault: unknown = null;
    try {
      if (chunk !== null) {
        // Until they are served, so also what waits for room in the channels.
        this.#hold(conversation.unfinishedBytes + chunk.length);
        conversation.push(chunk);
      }
      for (let request = conversation.next(); request !== null; request = conversation.next()) {
        served++;
        await conversation.serve(request);
      }
      const { maxUnfinishedBytes } = this.#limits;
      if (conversation.unfinishedBytes > maxUnfinishedBytes)
        throw new PeerFault(`a request is longer than ${maxUnfinishedBytes} bytes`);
      this.#hold(conversation.unfinishedBytes);
      const rest = this.#peerEnded ? (conversation.rest?.() ?? null) : null;
      if (rest !== null) await conversation.serve(rest);
    } catch (error) {
      fault = error;
    }
    this.#waitFor('bytes');
    if (fault !== null) this.#fail(fault);
    else if (this.#peerEnded || this.#stopping) this.#end();
    else if (!this.#closed && !this.#ending) {
      // A request goes on that began before: every byte of it counts against its time.
      if (served === 0 && wasUnfinished) this.#since = begun;
      this.#socket.resume();
    }
    if (this.#closed) this.#over.resolve();
  }

  /** So many bytes of the peer are here from now on. Throws `PeerFault` where there is no room for more. */
  #hold(bytes: number): void {
    const counted = Math.max(0, bytes - freeBytes);
    const more = counted - this.#held;
    if (more > 0 && !this.#room.take(more))
      throw new PeerFault(
        `there is no room for its request: those of all connections hold ${this.#room.bytes} bytes (maxWaitingBytes)`,
      );
    if (more < 0) this.#room.giveBack(-more);
    this.#held = counted;
  }

  #waitFor(what: Waiting): void {
    this.#waiting = what;
    this.#since = performance.now();
  }

  #fail(error: unknown): void {
    if (this.#ending || this.#closed) return;
    const text = `${this.#component}: connection of ${peerText(this.peer)} is closed: ${errorText(error)}`;
    if (error instanceof PeerFault) {
      this.#log.warn(text);
      if (error.answer !== null) this.#socket.write(error.answer);
    } else this.#log.error(text, { error });
    this.#end();
  }

  /** Closes after the answers; what still comes is thrown away. */
  #end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    // What it began is not gone on with, and others have its room at once.
    this.#conversation = null;
    this.#hold(0);
    const socket = this.#socket;
    socket.end();
    socket.resume();
    if (this.#peerEnded) socket.destroySoon();
    this.#linger = after(lingerMs, () => socket.destroy(), { background: true });
  }

  #onClose(): void {
    this.#closed = true;
    this.#linger?.cancel();
    this.#taken?.();
    // What is being served goes on to its end: events that are half put are put.
    if (this.#waiting === 'bytes') this.#over.resolve();
  }
}
