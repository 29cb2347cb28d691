import { connect, type Socket } from 'node:net';
import { errorText } from '../../runtime/errors.ts';
import { after, every, type Timer } from '../../runtime/timers.ts';
import {
  connectRequest,
  emptyRequest,
  errorCodes,
  Frames,
  JuteReader,
  pathRequest,
  requestTypes,
  xids,
} from './jute.ts';
import { ZooKeeperError } from './zookeeper-error.ts';

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  /** What is asked for; the server says what it gives. Default 30 000 ms. */
  readonly sessionTimeoutMs?: number;
  /** Until the session is there. Default 10 000 ms. */
  readonly connectTimeoutMs?: number;
}

/** Where a server gives its sessions hardly any time: no more pings than so, and it may be silent for so long. */
const leastPingMs = 50;
const leastSilenceMs = 1000;
/** What a server has to hang up after a close; then it is left. */
const lingerMs = 1000;

/** What a node holds, or that there is none. */
export type NodeData = Buffer | null;

/**
 * One session with one server, on one connection, for reading: what it watched is gone with it. It has no node of its
 * own that would go with it, so after a failure a new one is as good. Ends itself when the server is silent for two
 * thirds of the session's time, and a second at least. Every call rejects with a `ZooKeeperError` once it has ended.
 */
export class ZooKeeperSession {
  readonly #server: string;
  readonly #socket: Socket;
  readonly #frames = new Frames();
  readonly #waiting = new Map<number, PromiseWithResolvers<JuteReader | null>>();
  readonly #watches = new Map<string, PromiseWithResolvers<void>>();
  readonly #ready = Promise.withResolvers<void>();
  #fault: ZooKeeperError | null = null;
  #isReady = false;
  #xid = 0;
  #heardAtMs = performance.now();
  #pings: Timer | null = null;

  private constructor({ host, port, sessionTimeoutMs = 30_000 }: SessionOptions) {
    this.#server = `${host}:${port}`;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('connect', () => this.#socket.write(connectRequest(sessionTimeoutMs)));
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#end(new ZooKeeperError('connection', errorText(error), error)));
    this.#socket.on('close', () =>
      this.#end(new ZooKeeperError('connection', 'the server ended the connection')),
    );
  }

  /** Resolves with a session that can be asked. `signal` ends the attempt. */
  static async connect(options: SessionOptions, signal?: AbortSignal): Promise<ZooKeeperSession> {
    const session = new ZooKeeperSession(options);
    const { connectTimeoutMs = 10_000 } = options;
    const timer = after(connectTimeoutMs, () =>
      session.#end(new ZooKeeperError('timeout', `no session within ${connectTimeoutMs} ms`)),
    );
    const abort = (): void => session.#end(new ZooKeeperError('connection', 'nobody waits for it any more'));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    try {
      await session.#ready.promise;
      return session;
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** What a node holds. */
  async getData(path: string): Promise<NodeData> {
    const answer = await this.#ask(requestTypes.getData, path, false);
    return answer === null ? null : this.#dataOf(answer);
  }

  /** What a node holds, and a promise that resolves when it comes, changes or goes, and rejects with the session. */
  async watchData(path: string): Promise<{ readonly data: NodeData; readonly changed: Promise<void> }> {
    for (;;) {
      // Before the request: the event may come with its answer.
      const watch = Promise.withResolvers<void>();
      watch.promise.catch(() => {}); // also where nobody waits for it any more
      this.#watches.set(path, watch);
      const answer = await this.#ask(requestTypes.getData, path, true);
      if (answer !== null) return { data: this.#dataOf(answer), changed: watch.promise };
      // A node that is not there can't be watched by reading it.
      if ((await this.#ask(requestTypes.exists, path, true)) === null)
        return { data: null, changed: watch.promise };
    }
  }

  close(): void {
    if (this.#fault === null && this.#isReady) this.#socket.write(emptyRequest(0, requestTypes.close));
    this.#socket.end();
    this.#end(new ZooKeeperError('connection', 'the session is closed'));
    const linger = after(lingerMs, () => this.#socket.destroy(), { background: true });
    this.#socket.once('close', () => linger.cancel());
  }

  async #ask(type: number, path: string, watch: boolean): Promise<JuteReader | null> {
    if (this.#fault !== null) throw this.#fault;
    this.#xid = (this.#xid % 0x7fff_fff0) + 1;
    const answer = Promise.withResolvers<JuteReader | null>();
    this.#waiting.set(this.#xid, answer);
    this.#socket.write(pathRequest(this.#xid, type, path, watch));
    return answer.promise;
  }

  #take(chunk: Buffer): void {
    if (this.#fault !== null) return;
    this.#heardAtMs = performance.now();
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (this.#isReady) this.#answered(new JuteReader(frame));
        else this.#connected(new JuteReader(frame));
      }
    } catch (error) {
      this.#end(
        error instanceof ZooKeeperError ? error : new ZooKeeperError('protocol', errorText(error), error),
      );
    }
  }

  #connected(answer: JuteReader): void {
    answer.int();
    const timeoutMs = answer.int();
    if (timeoutMs <= 0) throw new ZooKeeperError('refused', 'the server gives no session');
    this.#isReady = true;
    const pingMs = Math.max(leastPingMs, timeoutMs / 3);
    const silenceMs = Math.max(leastSilenceMs, (timeoutMs * 2) / 3);
    this.#pings = every(
      pingMs,
      () => {
        if (performance.now() - this.#heardAtMs > silenceMs)
          this.#end(new ZooKeeperError('timeout', `the server has said nothing for ${silenceMs} ms`));
        else this.#socket.write(emptyRequest(xids.ping, requestTypes.ping));
      },
      { background: true },
    );
    this.#ready.resolve();
  }

  #answered(answer: JuteReader): void {
    const xid = answer.int();
    answer.skipLong();
    const code = answer.int();
    if (xid === xids.ping) return;
    if (xid === xids.event) {
      answer.int();
      answer.int();
      const path = answer.buffer().toString('utf8');
      this.#watches.get(path)?.resolve();
      this.#watches.delete(path);
      return;
    }
    const waiting = this.#waiting.get(xid);
    if (waiting === undefined)
      throw new ZooKeeperError('protocol', `it answered what was not asked (${xid})`);
    this.#waiting.delete(xid);
    if (code === errorCodes.ok) waiting.resolve(answer);
    else if (code === errorCodes.noNode) waiting.resolve(null);
    else if (code === errorCodes.noAuth)
      waiting.reject(this.#named(new ZooKeeperError('denied', "the node's ACL does not let everybody read")));
    else waiting.reject(this.#named(new ZooKeeperError('refused', `the server answered with error ${code}`)));
  }

  #dataOf(answer: JuteReader): Buffer {
    try {
      return answer.buffer();
    } catch (error) {
      throw error instanceof ZooKeeperError ? this.#named(error) : error;
    }
  }

  #named({ kind, message, cause }: ZooKeeperError): ZooKeeperError {
    return new ZooKeeperError(kind, `${this.#server}: ${message}`, cause);
  }

  #end(reason: ZooKeeperError): void {
    if (this.#fault !== null) return;
    const fault = this.#named(reason);
    this.#fault = fault;
    this.#pings?.cancel();
    // What a close has written still goes out; a server that takes nothing is left.
    if (!this.#socket.writableEnded) this.#socket.destroy();
    this.#ready.reject(fault);
    this.#ready.promise.catch(() => {});
    for (const { promise, reject } of [...this.#waiting.values(), ...this.#watches.values()]) {
      promise.catch(() => {});
      reject(fault);
    }
    this.#waiting.clear();
    this.#watches.clear();
  }
}
