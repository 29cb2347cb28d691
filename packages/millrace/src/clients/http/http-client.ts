import type { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Agent, Dispatcher } from 'undici';
import { after } from '../../runtime/timers.ts';
import { HttpError, shownUrl, toHttpError } from './http-error.ts';

/** What a connection may be secured with; the names are Node's. */
export type HttpTls = Pick<
  ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'pfx'
  | 'passphrase'
  | 'rejectUnauthorized'
  | 'servername'
  | 'ciphers'
  | 'minVersion'
  | 'maxVersion'
>;

export interface HttpClientOptions {
  /** Until the connection is there (TLS included), until the first line of the answer, between pieces of its body; ms. */
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** To each server. */
  readonly maxConnections: number;
  /** A larger answer is refused; the rest of it is not read. */
  readonly maxAnswerBytes: number;
  readonly tls?: HttpTls;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent in chunks, and can be sent once. */
  readonly body?: Buffer | Readable;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; of several of one name, joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export const httpDefaults: HttpClientOptions = {
  ...{ connectTimeoutMs: 5000, answerTimeoutMs: 30_000, bodyTimeoutMs: 30_000 },
  ...{ maxConnections: 16, maxAnswerBytes: 8 * 1024 * 1024 },
};

/**
 * The one way to speak HTTP: a pool of connections that are used again, a time limit on every step, a bound on what a
 * server may answer. Redirects are answers like others: who asks decides whether what he sends may go elsewhere. Rejects
 * with an `HttpError` where there is no answer, whatever its status; `retry.ts` says what is worth another try.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  #agent: Promise<Agent> | null = null;
  #isClosed = false;

  constructor(options: Partial<HttpClientOptions> = {}) {
    this.#options = { ...httpDefaults, ...options };
  }

  async request(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { url, method, headers = {}, body = null } = request;
    const { answerTimeoutMs } = this.#options;
    if (this.#isClosed || signal?.aborted)
      throw new HttpError('aborted', `${shownUrl(url)}: it was not sent`);
    const ending = new AbortController();
    const abort = () =>
      ending.abort(new HttpError('aborted', `${shownUrl(url)}: nobody waits for the answer`));
    signal?.addEventListener('abort', abort);
    // undici looks at its own limits twice a second; this one is exact, and counts the time in the queue.
    const limitMs = this.#options.connectTimeoutMs + answerTimeoutMs;
    const timer = after(limitMs, () =>
      ending.abort(new HttpError('timeout', `${shownUrl(url)}: no answer within ${limitMs} ms`)),
    );
    try {
      this.#agent ??= this.#makeAgent();
      const agent = await this.#agent;
      const answer = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: method as Dispatcher.HttpMethod,
        headers,
        body,
        signal: ending.signal,
      });
      timer.cancel();
      return {
        status: answer.statusCode,
        headers: headersOf(answer.headers),
        body: await this.#bodyOf(url, answer.body),
      };
    } catch (error) {
      throw toHttpError(url, ending.signal.aborted ? ending.signal.reason : error);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends all connections; requests under way reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const agent = await this.#agent;
    this.#agent = null;
    await agent?.destroy();
  }

  async #makeAgent(): Promise<Agent> {
    const { Agent } = await import('undici'); // only who speaks HTTP pays for it
    const { connectTimeoutMs, answerTimeoutMs, bodyTimeoutMs, maxConnections, tls = {} } = this.#options;
    return new Agent({
      connect: { ...tls, timeout: connectTimeoutMs },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: bodyTimeoutMs,
      connections: maxConnections,
      pipelining: 1,
      maxHeaderSize: 64 * 1024,
    });
  }

  async #bodyOf(url: URL, body: Readable): Promise<Buffer> {
    const { maxAnswerBytes } = this.#options;
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      sizeBytes += piece.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (sizeBytes > maxAnswerBytes)
        throw new HttpError(
          'too-large',
          `${shownUrl(url)}: the answer has more than ${maxAnswerBytes} bytes`,
        );
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
}

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      result.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '));
  }
  return result;
}
