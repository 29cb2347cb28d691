import { errorText } from '../../runtime/errors.ts';
import { pause } from '../../runtime/timers.ts';
import { StoreError } from '../file-store/store-error.ts';
import { type HttpAnswer, HttpClient, type HttpTls } from '../http/http-client.ts';
import { HttpError, shownUrl } from '../http/http-error.ts';
import { HttpUpload } from '../http/upload.ts';
import { isStandby, remoteFaultOf, storeErrorOf } from './remote-fault.ts';

export interface WebHdfsOptions {
  /** `http://HOST:PORT` of each NameNode of a name service, or of an HttpFS; asked in turn until one is active. */
  readonly servers: readonly URL[];
  /** As whom (`user.name`); of no meaning beside a token. */
  readonly user?: string;
  /** For whom (`doas`). */
  readonly proxyUser?: string;
  /** A delegation token, as `hdfs fetchdt --print` shows it. */
  readonly token?: string;
  /** The longest that one step of a call may take, ms. */
  readonly callTimeoutMs: number;
  readonly tls?: HttpTls;
  /** The largest file that `read` gives; absent: `httpDefaults.maxAnswerBytes`. */
  readonly mostReadBytes?: number;
}

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';
export type Parameters = Readonly<Record<string, string>>;

/** Longer than a connection takes that will come about. */
const longestConnectMs = 10_000;
/** How many DataNodes are tried: the NameNode may name a dead one until it misses its heartbeats. */
const mostDataNodes = 4;
const betweenDataNodesMs = 100;

/**
 * WebHDFS's REST calls (Hadoop's own, of NameNodes and of HttpFS). Paths are absolute and not encoded. Every rejection is
 * a `StoreError` whose message names the file and holds no query, because a query may hold a token.
 *
 * Data goes where a server sends it (`noredirect=true`, or 307 of one that does not know that). The server that was
 * configured decides where its data lies, so any host is taken, in one step, under `/webhdfs/v1/`; never from TLS to
 * plain text. Who asks is written into the address by the server; nothing of ours is added to it.
 */
export class WebHdfsClient {
  readonly #options: WebHdfsOptions;
  readonly #http: HttpClient;
  /** Which server was active last. */
  #active = 0;

  constructor(options: WebHdfsOptions) {
    this.#options = options;
    const { callTimeoutMs, tls, mostReadBytes } = options;
    this.#http = new HttpClient({
      connectTimeoutMs: this.#connectTimeoutMs,
      answerTimeoutMs: callTimeoutMs,
      bodyTimeoutMs: callTimeoutMs,
      ...(tls === undefined ? {} : { tls }),
      ...(mostReadBytes === undefined ? {} : { maxAnswerBytes: mostReadBytes }),
    });
  }

  /** `what` begins the message of a rejection: `can't rename A to B`. All calls may be done twice. */
  async call(
    what: string,
    method: Method,
    path: string,
    parameters: Parameters,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { status, body } = await this.#ask(what, method, path, parameters, signal);
    if (body.length === 0) return null;
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      throw new StoreError('transient', `${what}: status ${status}, and what came is no JSON`);
    }
  }

  /** Begins to send bytes; resolves when there is a connection to who takes them. `sizeBytes` as in `HttpUpload`. */
  async upload(
    what: string,
    method: 'PUT' | 'POST',
    path: string,
    parameters: Parameters,
    { sizeBytes, signal }: { sizeBytes?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<HttpUpload> {
    const dead: string[] = [];
    for (let tried = 1; ; tried++) {
      const exclude = dead.length === 0 ? {} : { excludedatanodes: dead.join(',') };
      const answer = await this.#ask(
        what,
        method,
        path,
        { ...parameters, ...exclude, noredirect: 'true' },
        signal,
      );
      const url = this.#placeIn(what, answer);
      try {
        return await HttpUpload.open(
          {
            ...{ method, url, headers: { 'content-type': 'application/octet-stream' } },
            ...(sizeBytes === undefined ? {} : { sizeBytes }),
            connectTimeoutMs: this.#connectTimeoutMs,
            answerTimeoutMs: this.#options.callTimeoutMs,
            tls: this.#options.tls,
          },
          signal,
        );
      } catch (error) {
        const isDead = error instanceof HttpError && error.kind === 'connect';
        if (!isDead || tried >= mostDataNodes) throw toStoreError(what, error);
        dead.push(url.hostname);
        await pause(betweenDataNodesMs * tried, signal);
      }
    }
  }

  /** All of a small file. */
  async read(what: string, path: string, signal?: AbortSignal): Promise<Buffer> {
    const answer = await this.#ask(what, 'GET', path, { op: 'OPEN', noredirect: 'true' }, signal);
    // An HttpFS may give the bytes themselves.
    const isElsewhere =
      answer.status === 307 || answer.headers.get('content-type')?.startsWith('application/json') === true;
    if (!isElsewhere) return answer.body;
    try {
      const data = await this.#http.request({ method: 'GET', url: this.#placeIn(what, answer) }, signal);
      if (data.status === 200) return data.body;
      throw storeErrorOf(what, remoteFaultOf(data));
    } catch (error) {
      throw toStoreError(what, error);
    }
  }

  /** The status of a file or folder; null: there is none. */
  async status(
    what: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ isFile: boolean; sizeBytes: number } | null> {
    try {
      const answer = await this.call(what, 'GET', path, { op: 'GETFILESTATUS' }, signal);
      const { type, length } = (answer as { FileStatus: { type: string; length: number } }).FileStatus;
      return { isFile: type === 'FILE', sizeBytes: length };
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'absent') return null;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  get #connectTimeoutMs(): number {
    return Math.min(longestConnectMs, this.#options.callTimeoutMs);
  }

  /** Asks the active server, and where it is none the others, once each. */
  async #ask(
    what: string,
    method: Method,
    path: string,
    parameters: Parameters,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    const { servers } = this.#options;
    let failure: StoreError | null = null;
    for (let tried = 0; tried < servers.length; tried++) {
      const at = this.#active;
      try {
        const answer = await this.#request(method, this.#address(servers[at]!, path, parameters), signal);
        if (answer.status < 400) return answer;
        const fault = remoteFaultOf(answer);
        failure = storeErrorOf(what, fault);
        if (!isStandby(fault)) throw failure;
      } catch (error) {
        if (error === failure || (error instanceof HttpError && error.kind === 'aborted'))
          throw toStoreError(what, error);
        failure = toStoreError(what, error);
      }
      // Another call may have found out already.
      if (this.#active === at) this.#active = (at + 1) % servers.length;
    }
    throw failure!;
  }

  /** A second time where a connection of the pool has ended meanwhile: every call may be done twice. */
  async #request(method: Method, url: URL, signal?: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#http.request({ method, url }, signal);
    } catch (error) {
      if (!(error instanceof HttpError) || error.kind !== 'cut') throw error;
      return await this.#http.request({ method, url }, signal);
    }
  }

  #address(server: URL, path: string, parameters: Parameters): URL {
    const { user, proxyUser, token } = this.#options;
    const url = new URL(server);
    url.pathname = `/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}`;
    const query = new URLSearchParams(parameters);
    if (token !== undefined) query.set('delegation', token);
    else if (user !== undefined) query.set('user.name', user);
    if (proxyUser !== undefined) query.set('doas', proxyUser);
    url.search = query.toString();
    return url;
  }

  /** Where the bytes are to go. */
  #placeIn(what: string, answer: HttpAnswer): URL {
    const text = answer.headers.get('location') ?? locationIn(answer.body);
    const url = text === null ? null : URL.parse(text);
    if (url === null) throw new StoreError('transient', `${what}: the server does not say where bytes go`);
    const wasTls = this.#options.servers[this.#active]!.protocol === 'https:';
    const isFine =
      url.pathname.startsWith('/webhdfs/v1/') &&
      (url.protocol === 'https:' || (url.protocol === 'http:' && !wasTls));
    if (!isFine)
      throw new StoreError(
        'denied',
        `${what}: the server sends its bytes to ${shownUrl(url)}, which is not done`,
      );
    return url;
  }
}

function locationIn(body: Buffer): string | null {
  try {
    const { Location } = JSON.parse(body.toString('utf8')) as { Location?: unknown };
    return typeof Location === 'string' ? Location : null;
  } catch {
    return null;
  }
}

/** What is no answer; whatever it is, the same call may work in a moment. */
export function toStoreError(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const maybeDone = error instanceof HttpError && error.maybeDone;
  return new StoreError('transient', `${what}: ${errorText(error)}`, { cause: error, maybeDone });
}
