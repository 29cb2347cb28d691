import { type HttpAnswer, HttpClient, type HttpClientOptions } from '../../../clients/http/http-client.ts';
import { HttpError, shownUrl } from '../../../clients/http/http-error.ts';
import { type HttpStores, tlsOfStores } from '../../../component/options/http-tls.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { after } from '../../../runtime/timers.ts';
import { largestText } from './file-text.ts';
import type { PolledText } from './polled-texts.ts';

export interface HttpTextOptions {
  readonly user?: { readonly name: string; readonly password: string };
  readonly client?: Partial<HttpClientOptions>;
  /** For https: whom to trust, and who one is. */
  readonly stores?: HttpStores;
  /** For the whole of one read, redirects included; ms. Default 120 000: a server that drips holds nothing up for ever. */
  readonly limitMs?: number;
}

const redirects = new Set([301, 302, 303, 307]);
/** As many as Java follows. */
const mostRedirects = 20;

/** What a name ends in says what kind of text is wanted; Flume sends it though there is no body. */
const contentTypes: Readonly<Record<string, string>> = {
  properties: 'text/x-java-properties',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  xml: 'application/xml',
};

/**
 * A text on a web server, asked for with If-Modified-Since once the server has said when it was modified. 304, and 200
 * with the bytes that are there already, are no change; every other answer, and none, is told and changes nothing.
 * Redirects are followed as Java does, from http to http and from https to https; the user's name and password go to
 * the server that the URI names, and to no other.
 */
export class HttpText implements PolledText {
  readonly name: string;
  readonly changedLine: string;
  readonly #url: URL;
  readonly #options: HttpTextOptions;
  #client: HttpClient | null = null;
  /** As the server wrote it: what it sent back is compared by servers as a text, too. */
  #lastModified: string | null = null;
  #bytes: Buffer | null = null;

  constructor(uri: string, options: HttpTextOptions = {}) {
    this.#url = urlOf(uri);
    this.#options = options;
    this.name = shownUrl(this.#url);
    this.changedLine = `Reloading configuration from:${this.name}`;
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    await this.look(signal);
    return this.#bytes ?? Buffer.alloc(0);
  }

  async look(signal: AbortSignal): Promise<Uint8Array | null> {
    const answer = await this.#ask(signal);
    if (answer.status === 304 && this.#bytes !== null) return null;
    if (answer.status !== 200) throw this.#fault(refusal(answer.status));
    const length = answer.headers.get('content-length');
    if (length !== undefined && Number(length) !== answer.body.length)
      throw this.#fault(`it sent ${answer.body.length} of ${length} bytes`);
    this.#lastModified = answer.headers.get('last-modified') ?? null;
    if (this.#bytes?.equals(answer.body) === true) return null;
    this.#bytes = answer.body;
    return answer.body;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #ask(signal: AbortSignal): Promise<HttpAnswer> {
    const { limitMs = 120_000 } = this.#options;
    const late = new AbortController();
    const timer = after(limitMs, () => late.abort());
    try {
      return await this.#follow(AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const isLate = late.signal.aborted && !signal.aborted;
      throw this.#fault(isLate ? `it has not answered within ${limitMs} ms` : reasonOf(error), error);
    } finally {
      timer.cancel();
    }
  }

  async #makeClient(): Promise<HttpClient> {
    const { client, stores } = this.#options;
    const isTls = stores !== undefined && this.#url.protocol === 'https:';
    const tls = isTls ? { tls: await tlsOfStores(stores, this.name) } : {};
    return new HttpClient({ ...limits, ...tls, ...client });
  }

  async #follow(signal: AbortSignal): Promise<HttpAnswer> {
    this.#client ??= await this.#makeClient();
    let url = this.#url;
    for (let hops = 0; hops <= mostRedirects; hops++) {
      const answer = await this.#client.request({ method: 'GET', url, headers: this.#headers(url) }, signal);
      const location = answer.headers.get('location');
      if (!redirects.has(answer.status) || location === undefined) return answer;
      if (!URL.canParse(location, url)) throw this.#fault('it redirects to what is no URI');
      const next = new URL(location, url);
      if (next.protocol !== url.protocol)
        throw this.#fault(`it redirects from ${url.protocol} to ${next.protocol}, which is not followed`);
      url = next;
    }
    throw this.#fault(`it redirects more than ${mostRedirects} times`);
  }

  #headers(url: URL): Record<string, string> {
    const { user } = this.#options;
    const extension = url.pathname.split('.').at(-1) ?? '';
    const headers: Record<string, string> = {
      accept: '*/*',
      'content-type': contentTypes[extension] ?? 'text/plain',
      'user-agent': 'millrace',
    };
    if (this.#lastModified !== null) headers['if-modified-since'] = this.#lastModified;
    if (user !== undefined && url.origin === this.#url.origin) {
      const text = Buffer.from(`${user.name}:${user.password}`, 'utf8').toString('base64');
      headers.authorization = `Basic ${text}`;
    }
    return headers;
  }

  #fault(why: string, cause?: unknown): MillraceError {
    return new MillraceError('CONFIG_INVALID', `can't read ${this.name}: ${why}`, {
      ...(cause === undefined ? {} : { cause }),
      remedy: /401/.test(why)
        ? 'Give --conf-user and --conf-password.'
        : 'Check the URI that -u gives, and the server.',
      details: { file: this.name },
    });
  }
}

const limits = { maxConnections: 1, maxAnswerBytes: largestText } as const;

function urlOf(uri: string): URL {
  // Without a user and password, which it may hold although it can't be read.
  const shown = uri.replace(/\/\/[^/]*@/, '//');
  if (!URL.canParse(uri)) throw new MillraceError('USAGE', `-u takes a URI, not '${shown}'`);
  return new URL(uri);
}

function refusal(status: number): string {
  if (status === 401) return 'it answered 401, authorization failed';
  if (status === 404) return 'it answered 404, there is no such file';
  return `it answered ${status}`;
}

/** Without the address, which stands in front of it already. */
function reasonOf({ message, kind }: HttpError): string {
  return kind === 'cut' ? 'the connection ended before the answer had' : message.replace(/^\S+: /, '');
}
