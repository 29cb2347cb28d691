import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { after, type Timer } from '../../runtime/timers.ts';
import { type HttpAnswer, type HttpTls, httpDefaults } from './http-client.ts';
import { HttpError, shownUrl, toHttpError } from './http-error.ts';

export interface UploadOptions {
  readonly method: 'PUT' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the body, where it is known; else it is sent in chunks. */
  readonly sizeBytes?: number;
  /** Until the connection is there (TLS included); until bytes are taken, and the end of the body is answered; ms. */
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly tls?: HttpTls | undefined;
}

/**
 * A request whose body comes piece by piece, for as long as it takes: only a server that stops taking bytes, or does not
 * answer the end of it, is late. Not one of the client's pool, because undici takes `100 Continue`, with which HDFS
 * begins every such answer, for a fault, and because whoever writes has to know when his bytes have left. The connection
 * is used once.
 */
export class HttpUpload {
  readonly #url: URL;
  readonly #answerTimeoutMs: number;
  readonly #request: ClientRequest;
  readonly #answer: Promise<HttpAnswer>;
  #early: HttpAnswer | null = null;
  #failure: HttpError | null = null;
  #isOver = false;

  private constructor(options: UploadOptions, request: ClientRequest) {
    this.#url = options.url;
    this.#answerTimeoutMs = options.answerTimeoutMs;
    this.#request = request;
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    promise.catch(() => {}); // who writes is told
    this.#answer = promise;
    const fail = (error: unknown) => {
      this.#failure ??= toHttpError(this.#url, error);
      reject(this.#failure);
    };
    request.on('error', fail);
    request.on('close', () => {
      if (!this.#isOver) fail(new HttpError('cut', `${shownUrl(this.#url)}: the connection has ended`));
    });
    request.on('response', (response) => {
      this.#isOver = true;
      readAnswer(this.#url, response).then((answer) => {
        this.#early = answer;
        resolve(answer);
      }, fail);
    });
  }

  /** Resolves when the connection is there; nothing of the body was sent then. Rejects with an `HttpError`. */
  static open(options: UploadOptions, signal?: AbortSignal): Promise<HttpUpload> {
    const { url, method, headers, sizeBytes, connectTimeoutMs, tls = {} } = options;
    if (signal?.aborted) return Promise.reject(new HttpError('aborted', `${shownUrl(url)}: it was not sent`));
    const isTls = url.protocol === 'https:';
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method,
      headers: { ...headers, ...(sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) }) },
      agent: false,
      ...(isTls ? tls : {}),
    });
    const upload = new HttpUpload(options, request);
    return new Promise((resolve, reject) => {
      const fail = (error: HttpError) => {
        end();
        request.destroy(error);
        reject(error);
      };
      const timer = after(connectTimeoutMs, () =>
        fail(new HttpError('connect', `${shownUrl(url)}: no connection within ${connectTimeoutMs} ms`)),
      );
      const abort = () => fail(new HttpError('aborted', `${shownUrl(url)}: nobody waits for it`));
      const refused = (error: unknown) => fail(toHttpError(url, error));
      const end = () => {
        timer.cancel();
        signal?.removeEventListener('abort', abort);
        request.off('error', refused);
      };
      signal?.addEventListener('abort', abort);
      request.on('error', refused);
      request.once('socket', (socket) =>
        socket.once(isTls ? 'secureConnect' : 'connect', () => {
          end();
          resolve(upload);
        }),
      );
      request.flushHeaders();
    });
  }

  /**
   * Resolves with null when the system has the bytes, with an answer where the server has answered before the end: it
   * takes no more then.
   */
  async write(buffers: readonly Buffer[], signal?: AbortSignal): Promise<HttpAnswer | null> {
    if (this.#early !== null) return this.#early;
    if (this.#failure !== null) throw this.#failure;
    const taken = Promise.withResolvers<null>();
    this.#request.cork();
    for (let i = 0; i < buffers.length; i++) {
      if (i < buffers.length - 1) this.#request.write(buffers[i]!);
      else this.#request.write(buffers[i]!, (error) => (error ? taken.reject(error) : taken.resolve(null)));
    }
    this.#request.uncork();
    if (buffers.length === 0) taken.resolve(null);
    taken.promise.catch(() => {});
    return await this.#within(Promise.race([taken.promise, this.#answer]), 'takes no bytes', signal);
  }

  /** Ends the body; gives the answer. */
  async finish(signal?: AbortSignal): Promise<HttpAnswer> {
    if (this.#failure !== null) throw this.#failure;
    this.#request.end();
    return await this.#within(this.#answer, 'no answer', signal);
  }

  /** Ends the connection; harmless when it has ended. */
  destroy(): void {
    this.#failure ??= new HttpError('aborted', `${shownUrl(this.#url)}: it was given up`);
    this.#request.destroy();
  }

  async #within<T>(promise: Promise<T>, what: string, signal?: AbortSignal): Promise<T> {
    const limitMs = this.#answerTimeoutMs;
    const late = Promise.withResolvers<never>();
    const give = (kind: 'timeout' | 'aborted', text: string) => {
      this.#failure ??= new HttpError(kind, `${shownUrl(this.#url)}: ${text}`);
      this.#request.destroy();
      late.reject(this.#failure);
    };
    const timer: Timer = after(limitMs, () => give('timeout', `${what} within ${limitMs} ms`));
    const abort = () => give('aborted', 'nobody waits for it');
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      return await Promise.race([promise, late.promise]);
    } catch (error) {
      // A connection that ends may have brought the answer that says why.
      if (this.#early !== null) return this.#early as T;
      throw this.#failure ?? toHttpError(this.#url, error);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    }
  }
}

async function readAnswer(url: URL, response: IncomingMessage): Promise<HttpAnswer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    sizeBytes += piece.length;
    if (sizeBytes > httpDefaults.maxAnswerBytes)
      throw new HttpError(
        'too-large',
        `${shownUrl(url)}: the answer has more than ${httpDefaults.maxAnswerBytes} bytes`,
      );
    pieces.push(piece);
  }
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(pieces) };
}
