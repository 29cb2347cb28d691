import type { Socket } from 'node:net';
import { connectionReason, type DialTls, openSocket } from '../../net/dial.ts';
import { Framer } from '../../protocol/framer.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import { type Api, apiVersionsApi } from './apis.ts';
import { authenticate } from './authenticate.ts';
import type { Security } from './security/security.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** TLS and SASL; absent: neither. */
  readonly security?: Security;
  /** Ends the connection, also one that is not made yet. */
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly correlationId: number;
  readonly what: string;
  /** As `performance.now()` counts. */
  readonly deadline: number;
  /** Takes the answer's frame; throws where it cannot be understood. */
  take(frame: Buffer): void;
  fail(error: MillraceError): void;
}

const apiVersionsKey = 18;
const unsupportedVersion = 35;
const maxCorrelationId = 0x7fffffff;
/** How much of a login's life may pass before it is renewed, as in Kafka's `SaslClientAuthenticator`: drawn in between. */
const renewFrom = 0.85;
const renewTo = 0.95;
/** What a server for TLS says to somebody who speaks none (RFC 8446, 5.1); no answer is so long. */
const tlsAlert = 0x15;
/** A peer that never stops sending is late all the same. */
const mostLooks = 100;

/**
 * One connection to one broker. Requests are pipelined: the broker answers in order, so the answers are matched with a
 * queue. A request that is not answered in time ends the connection, because nothing behind it can be trusted to come.
 */
export class Connection {
  readonly host: string;
  readonly port: number;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #pending: Pending[] = [];
  /** What the broker serves: API key → lowest and highest version. */
  #versions: ReadonlyMap<number, readonly [number, number]> = new Map();
  #features: ReadonlyMap<string, number> = new Map();
  #nextCorrelationId = 0;
  #timer: Timer | null = null;
  readonly #onAbort = (): void => this.destroy(closedHere(this.#options));
  #failure: MillraceError | null = null;
  /** Requests that wait until a login is renewed; null: none has to. */
  #held: (() => void)[] | null = null;
  #renewal: Timer | null = null;
  /** The broker has answered something that it would answer nobody who has to log in first. */
  #isTrusted = false;

  /**
   * Connects, asks what the broker serves, and logs in where that is asked for. Throws `KAFKA_CONNECTION`,
   * `KAFKA_AUTHENTICATION` or `TIMEOUT`; `CONFIG_INVALID` and `FILE_ACCESS` for what TLS needs.
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const tls = (await options.security?.tls()) ?? null;
    const connection = new Connection(options, tls);
    try {
      await connection.#connected(tls === null ? 'connect' : 'secureConnect');
      await connection.#negotiate();
      if (options.security?.hasSasl === true) await connection.#logIn(options.security);
      return connection;
    } catch (error) {
      connection.destroy(asConnectionError(error, options));
      throw asConnectionError(error, options);
    }
  }

  private constructor(options: ConnectionOptions, tls: DialTls | null) {
    this.#options = options;
    this.host = options.host;
    this.port = options.port;
    this.#framer = new Framer({ maxFrameBytes: options.maxResponseBytes });
    const { host, port } = options;
    this.#socket = openSocket({ host, port, ...(tls === null ? {} : { tls }) });
    this.#socket.setKeepAlive(true);
    this.#socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#socket.on('error', (error) => this.destroy(asConnectionError(error, options)));
    this.#socket.on('close', () => this.destroy(closedByPeer(options, !this.#isTrusted)));
    options.signal?.addEventListener('abort', this.#onAbort);
    if (options.signal?.aborted === true) this.#onAbort();
  }

  get alive(): boolean {
    return this.#failure === null;
  }

  /** Requests without an answer so far. */
  get inFlight(): number {
    return this.#pending.length;
  }

  /** The level at which the whole cluster has a feature (KIP-584), as it was when the connection was made; 0: not at all. */
  featureLevel(name: string): number {
    return this.#features.get(name) ?? 0;
  }

  /** The version both sides have, the highest that `api` allows. Throws `KAFKA` where there is none. */
  versionOf(api: Pick<Api<never, unknown>, 'key' | 'name' | 'minVersion' | 'maxVersion'>): number {
    const served = this.#versions.get(api.key);
    const version = served === undefined ? -1 : Math.min(served[1], api.maxVersion);
    if (served === undefined || version < served[0] || version < api.minVersion) {
      const range = served === undefined ? 'not at all' : `in versions ${served[0]} to ${served[1]}`;
      throw new MillraceError('KAFKA', `${this.host}:${this.port} serves ${api.name} ${range}`, {
        remedy: `Versions ${api.minVersion} to ${api.maxVersion} are understood here: use a newer broker.`,
        details: { notServed: api.name },
      });
    }
    return version;
  }

  /** Sends the request and resolves with its answer. Rejects with `KAFKA_CONNECTION`, `TIMEOUT` or `PROTOCOL`. */
  request<Req, Res>(api: Api<Req, Res>, message: Req, timeoutMs?: number): Promise<Res> {
    if (this.#held !== null) return this.#afterRenewal(() => this.request(api, message, timeoutMs));
    return this.#ask(api, message, timeoutMs);
  }

  #ask<Req, Res>(api: Api<Req, Res>, message: Req, timeoutMs?: number): Promise<Res> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      const version = this.versionOf(api);
      const correlationId = this.#send(api, message, version);
      this.#expect(api, version, correlationId, timeoutMs ?? this.#options.requestTimeoutMs, resolve, reject);
    });
  }

  /** Sends a request that has no answer (produce with acks 0); resolves when the socket has taken it. */
  requestWithoutAnswer<Req, Res>(api: Api<Req, Res>, message: Req): Promise<void> {
    if (this.#held !== null) return this.#afterRenewal(() => this.requestWithoutAnswer(api, message));
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      this.#send(api, message, this.versionOf(api), (error) =>
        error ? reject(this.#failure ?? error) : resolve(),
      );
    });
  }

  /** Ends the connection; whatever waits for an answer fails with the error. */
  destroy(error: MillraceError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#timer?.cancel();
    this.#renewal?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#socket.destroy();
    for (const pending of this.#pending.splice(0)) pending.fail(error);
    this.#release();
  }

  async #logIn(security: Security): Promise<void> {
    let lifeMs: number;
    try {
      lifeMs = await authenticate((api, message) => this.#ask(api, message), await security.exchange());
    } catch (error) {
      security.refused();
      throw placed(error, this.#options);
    }
    if (lifeMs <= 0) return;
    const share = renewFrom + Math.random() * (renewTo - renewFrom);
    this.#renewal = after(lifeMs * share, () => void this.#renew(security), { background: true });
  }

  /** KIP-368: logs in anew on the same connection. What is asked meanwhile leaves behind it, in its order. */
  async #renew(security: Security): Promise<void> {
    this.#held = [];
    try {
      await this.#logIn(security);
    } catch (error) {
      this.destroy(asConnectionError(error, this.#options));
    }
    this.#release();
  }

  #afterRenewal<T>(ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#held!.push(() => ask().then(resolve, reject));
    });
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const ask of held) ask();
  }

  async #connected(event: 'connect' | 'secureConnect'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { host, port, connectTimeoutMs } = this.#options;
    const late = new MillraceError('TIMEOUT', `${host}:${port}: no connection within ${connectTimeoutMs} ms`);
    // Behind the reading of sockets, as in `#lookForLate`.
    const timer = after(connectTimeoutMs, () => setImmediate(() => reject(late)));
    this.#socket.once(event, resolve);
    this.#socket.once('error', reject);
    this.#socket.once('close', () => reject(this.#failure ?? closedByPeer(this.#options, true)));
    try {
      await promise;
    } finally {
      timer.cancel();
    }
  }

  /**
   * ApiVersions in our highest version; a broker that does not have it answers with error 35 in the layout of version
   * 0 and tells its highest (KIP-511), which is then used.
   */
  async #negotiate(): Promise<void> {
    let version = apiVersionsApi.maxVersion;
    for (;;) {
      const message = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0.1.0' };
      const correlationId = this.#send(apiVersionsApi, message, version);
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      this.#expectFrame('ApiVersions', correlationId, this.#options.requestTimeoutMs, resolve, reject);
      const frame = await promise;
      const errorCode = frame.length >= 6 ? frame.readInt16BE(4) : 0;
      const answeredIn = errorCode === unsupportedVersion ? 0 : version;
      const { apiKeys, finalizedFeatures } = apiVersionsApi.decode(
        new Reader(frame, 'ApiVersions answer', 4),
        answeredIn,
      );
      if (errorCode === unsupportedVersion && version > 0) {
        const theirs = apiKeys.find(({ apiKey }) => apiKey === apiVersionsKey)?.maxVersion ?? 0;
        version = Math.min(theirs, version - 1);
        continue;
      }
      this.#versions = new Map(apiKeys.map((entry) => [entry.apiKey, [entry.minVersion, entry.maxVersion]]));
      this.#features = new Map(finalizedFeatures.map((entry) => [entry.name, entry.maxVersionLevel]));
      return;
    }
  }

  #send<Req, Res>(
    api: Api<Req, Res>,
    message: Req,
    version: number,
    onWritten?: (error?: Error | null) => void,
  ): number {
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = correlationId === maxCorrelationId ? 0 : correlationId + 1;
    const writer = new Writer({ framed: true });
    writer.int16(api.key);
    writer.int16(version);
    writer.int32(correlationId);
    writer.nullableString(this.#options.clientId, false);
    if (api.isFlexible(version)) writer.uvarint(0);
    api.encode(writer, message, version);
    const chunks = writer.finish();
    this.#socket.cork();
    for (let i = 0; i < chunks.length - 1; i++) this.#socket.write(chunks[i]!);
    this.#socket.write(chunks.at(-1)!, onWritten);
    // Requests of one turn of the event loop leave in one writev.
    process.nextTick(() => this.#socket.uncork());
    return correlationId;
  }

  #expect<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    correlationId: number,
    timeoutMs: number,
    resolve: (answer: Res) => void,
    reject: (error: MillraceError) => void,
  ): void {
    const flexible = api.isFlexible(version) && api.key !== apiVersionsKey;
    const take = (frame: Buffer): void => {
      const reader = new Reader(frame, `${api.name} answer`, 4);
      if (flexible) reader.skipTags();
      resolve(api.decode(reader, version));
    };
    this.#expectFrame(api.name, correlationId, timeoutMs, take, reject);
  }

  #expectFrame(
    what: string,
    correlationId: number,
    timeoutMs: number,
    take: (frame: Buffer) => void,
    fail: (error: MillraceError) => void,
  ): void {
    this.#pending.push({ correlationId, what, deadline: performance.now() + timeoutMs, take, fail });
    if (this.#pending.length === 1) this.#watch();
  }

  /** Looks for late answers, once a second while any are due. */
  #watch(): void {
    if (this.#timer !== null) return;
    const soonest = this.#pending.reduce((least, { deadline }) => Math.min(least, deadline), Infinity);
    const wait = Math.min(1000, Math.max(1, soonest - performance.now()));
    this.#timer = after(
      wait,
      () => {
        this.#timer = null;
        this.#lookForLate(mostLooks);
      },
      { background: true },
    );
  }

  /**
   * After a stop of the whole process every timer is due before what has come meanwhile is read. So nothing counts as
   * late before the event loop has looked at the socket and found nothing more there; as in Kafka's
   * `NetworkClient.poll`, which handles what was received before what has timed out.
   */
  #lookForLate(looks: number): void {
    const readBefore = this.#socket.bytesRead;
    setImmediate(() => {
      if (this.#failure !== null || this.#pending.length === 0) return;
      if (this.#socket.bytesRead !== readBefore && looks > 0) {
        this.#lookForLate(looks - 1);
        return;
      }
      const now = performance.now();
      const late = this.#pending.find(({ deadline }) => deadline <= now);
      if (late === undefined) this.#watch();
      else {
        const text = `${this.host}:${this.port}: no answer to ${late.what} in time`;
        this.destroy(new MillraceError('TIMEOUT', text));
      }
    });
  }

  #onData(chunk: Buffer): void {
    try {
      if (!this.#isTrusted && chunk[0] === tlsAlert && chunk[1] === 3) throw wantsTls(this.#options);
      this.#framer.push(chunk);
      for (let frame = this.#framer.next(); frame !== null; frame = this.#framer.next()) this.#onFrame(frame);
    } catch (error) {
      this.destroy(asConnectionError(error, this.#options));
    }
  }

  #onFrame(frame: Buffer): void {
    const pending = this.#pending.shift();
    const correlationId = frame.length >= 4 ? frame.readInt32BE(0) : -1;
    if (pending === undefined || pending.correlationId !== correlationId) {
      const error = new MillraceError(
        'PROTOCOL',
        `${this.host}:${this.port}: answer ${correlationId} where ${pending?.correlationId ?? 'none'} was due`,
      );
      pending?.fail(error);
      throw error;
    }
    if (pending.what !== 'ApiVersions') this.#isTrusted = true;
    try {
      pending.take(frame);
    } catch (error) {
      pending.fail(asConnectionError(error, this.#options));
      throw error;
    }
  }
}

function asConnectionError(error: unknown, { host, port }: ConnectionOptions): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError('KAFKA_CONNECTION', `${host}:${port}: ${connectionReason(error)}`, {
    cause: error,
  });
}

/** Which broker does not take a login. */
function placed(error: unknown, { host, port }: ConnectionOptions): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'KAFKA_AUTHENTICATION') return error;
  const { code, message, remedy, details } = error;
  return new MillraceError(code, `${host}:${port}: ${message}`, { remedy, details, cause: error });
}

const closedHere = ({ host, port }: ConnectionOptions): MillraceError =>
  new MillraceError('KAFKA_CONNECTION', `${host}:${port}: the client is closed`);

const wantsTls = ({ host, port }: ConnectionOptions): MillraceError =>
  new MillraceError('KAFKA_CONNECTION', `${host}:${port}: the broker speaks TLS`, {
    remedy: 'Set security.protocol to SSL, or to SASL_SSL where it wants a login, too.',
  });

/** A listener for TLS, or for those who log in, closes without a word what comes otherwise. */
function closedByPeer({ host, port, security }: ConnectionOptions, atOnce: boolean): MillraceError {
  const message = `${host}:${port}: the broker closed the connection`;
  if (!atOnce || security !== undefined) return new MillraceError('KAFKA_CONNECTION', message);
  return new MillraceError('KAFKA_CONNECTION', message, {
    remedy: 'Check that it is a Kafka broker, and whether it wants TLS or a login (security.protocol).',
  });
}
