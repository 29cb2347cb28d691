import { type HttpAnswer, HttpClient, type HttpClientOptions } from '../../clients/http/http-client.ts';
import { HttpError, shownUrl } from '../../clients/http/http-error.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { isObject } from './bulk.ts';

/** What a server's version means for documents. */
export interface Abilities {
  /** `Elasticsearch 8.19.1`, for messages. */
  readonly name: string;
  /** An index has types: before Elasticsearch 7. */
  readonly types: boolean;
  /** Documents can go by themselves: before Elasticsearch 5. */
  readonly ttl: boolean;
}

/** Of a server that does not say what it is. */
const unknownServer: Abilities = { name: 'a server of an unknown version', types: false, ttl: false };
const notYetKnown: Abilities = { ...unknownServer };
const commonHeaders = { accept: 'application/json', 'user-agent': 'Millrace' };

export interface ServersOptions extends Partial<HttpClientOptions> {
  readonly urls: readonly URL[];
  /** The header `authorization`. */
  readonly authorization?: string | undefined;
}

/** The servers of one cluster, each in its turn. */
export class Servers {
  readonly #client: HttpClient;
  readonly #urls: readonly URL[];
  readonly #headers: Readonly<Record<string, string>>;
  #next = 0;
  #abilities: Abilities | null = null;

  constructor({ urls, authorization, ...options }: ServersOptions) {
    this.#client = new HttpClient(options);
    this.#urls = urls;
    this.#headers = authorization === undefined ? commonHeaders : { ...commonHeaders, authorization };
  }

  /**
   * Asked once; a server that lets nobody ask is taken for a new one, and asked again where it may know the user later
   * (401). Rejects as `ask`.
   */
  async abilities(signal: AbortSignal): Promise<Abilities> {
    if (this.#abilities !== null) return this.#abilities;
    const abilities = abilitiesOf(await this.ask('GET', '', null, signal));
    if (abilities !== notYetKnown) this.#abilities = abilities;
    return abilities;
  }

  /**
   * Asks the servers, the next one first, until one can be had and is not out of order (5xx); the last answer is given
   * back whatever it is. Rejects with `HttpError`: a request that may have arrived goes to no other.
   */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    body: Buffer | null,
    signal: AbortSignal,
  ): Promise<HttpAnswer & { readonly server: string }> {
    for (let tried = 1; ; tried++) {
      const base = this.#urls[this.#next % this.#urls.length]!;
      this.#next = (this.#next + 1) % this.#urls.length;
      const url = new URL(path, base);
      const content = body === null ? {} : { body };
      const headers =
        body === null ? this.#headers : { ...this.#headers, 'content-type': 'application/x-ndjson' };
      const isLast = tried >= this.#urls.length;
      try {
        const answer = await this.#client.request({ method, url, headers, ...content }, signal);
        if (answer.status < 500 || isLast) return { ...answer, server: shownUrl(base) };
      } catch (error) {
        if (isLast || !(error instanceof HttpError) || error.kind !== 'connect') throw error;
      }
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function abilitiesOf({ status, body, server }: HttpAnswer & { readonly server: string }): Abilities {
  if (status >= 500 || status === 429)
    throw new MillraceError('DELIVERY_FAILED', `${server}: it does not say what it is: status ${status}`);
  if (status === 401) return notYetKnown;
  if (status !== 200) return unknownServer;
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    return unknownServer;
  }
  const version = isObject(answer) ? answer.version : undefined;
  if (!isObject(version) || typeof version.number !== 'string') return unknownServer;
  const isElastic = version.distribution === undefined;
  const major = Number.parseInt(version.number, 10);
  const name = `${isElastic ? 'Elasticsearch' : String(version.distribution)} ${version.number}`;
  return { name, types: isElastic && major < 7, ttl: isElastic && major < 5 };
}
