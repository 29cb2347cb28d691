import { type HttpAnswer, HttpClient, type HttpClientOptions } from '../../clients/http/http-client.ts';
import { HttpError, shownUrl } from '../../clients/http/http-error.ts';
import { cellSetType } from './cell-set.ts';

export interface GatewayOptions extends Partial<HttpClientOptions> {
  /** Of one cluster; each ends with a slash. */
  readonly urls: readonly URL[];
  /** With a password HTTP's basic authentication, else `user.name` of Hadoop's. */
  readonly user?: { readonly name: string; readonly password?: string } | undefined;
}

/**
 * What a gateway answered in place of doing it.
 * - `rows`: a row of the request is to blame, which it will never take.
 * - `table`: the table or the family is not there.
 * - `server`: anything else, which may pass.
 */
export type GatewayFaultKind = 'rows' | 'table' | 'server';

export class GatewayFault extends Error {
  override readonly name = 'GatewayFault';
  readonly kind: GatewayFaultKind;
  readonly status: number;

  constructor(kind: GatewayFaultKind, status: number, message: string) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

/** Any name does for the row in the path: those in the body count. */
const anyRow = 'rows';

/** REST gateways of one HBase cluster: one of them is asked until it can't be had or does not answer, then the next. */
export class Gateway {
  readonly #client: HttpClient;
  readonly #urls: readonly URL[];
  readonly #user: GatewayOptions['user'];
  #current = 0;

  constructor({ urls, user, ...options }: GatewayOptions) {
    this.#client = new HttpClient(options);
    this.#urls = urls;
    this.#user = user;
  }

  /** The gateway that is asked next, for messages. */
  get shown(): string {
    return shownUrl(this.#urls[this.#current]!);
  }

  /** The column families of a table. Rejects as `put`. */
  async families(table: string, signal: AbortSignal): Promise<string[]> {
    const { body } = await this.#ask('GET', table, 'schema', null, signal);
    const names = familiesIn(body);
    if (names === null)
      throw new GatewayFault(
        'server',
        200,
        `it answers with no schema of a table: is rest.url that of a REST gateway? ${startOf(body)}`,
      );
    return names;
  }

  /** Writes the rows of a CellSet; all are there when it resolves. Rejects with `GatewayFault`, or `HttpError` without an answer. */
  async put(table: string, rows: Buffer, signal: AbortSignal): Promise<void> {
    await this.#ask('PUT', table, anyRow, rows, signal);
  }

  /** Adds to the cells of one row: values are numbers in decimal digits. Rejects as `put`. */
  async increment(table: string, row: Buffer, signal: AbortSignal): Promise<void> {
    await this.#ask('POST', table, `${anyRow}?check=increment`, row, signal);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** An answer of success. */
  async #ask(
    method: string,
    table: string,
    path: string,
    body: Buffer | null,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    for (let tried = 1; ; tried++) {
      const url = new URL(`${encodeURIComponent(table)}/${path}`, this.#urls[this.#current]!);
      try {
        const answer = await this.#client.request(
          {
            method,
            url: this.#withUser(url),
            headers: this.#headers(body !== null),
            ...(body === null ? {} : { body }),
          },
          signal,
        );
        if (answer.status >= 200 && answer.status < 300) return answer;
        throw faultOf(answer, table);
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        if (error.kind !== 'aborted') this.#current = (this.#current + 1) % this.#urls.length;
        // What may have arrived goes to no other by itself: whether it is done is not known.
        if (error.maybeDone || tried >= this.#urls.length) throw error;
      }
    }
  }

  #withUser(url: URL): URL {
    const user = this.#user;
    if (user !== undefined && user.password === undefined) url.searchParams.set('user.name', user.name);
    return url;
  }

  #headers(hasBody: boolean): Record<string, string> {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Millrace' };
    if (hasBody) headers['content-type'] = cellSetType;
    const user = this.#user;
    if (user?.password !== undefined) {
      const login = Buffer.from(`${user.name}:${user.password}`, 'utf8').toString('base64');
      headers.authorization = `Basic ${login}`;
    }
    return headers;
  }
}

/** The first exception of an answer: its class, without the package, and what it says. */
const exception = /^((?:[a-z][\w$]*\.)+)([A-Z][\w$]*)(?::\s*(.*))?$/m;

/** What came from a region server has the class once more in its text. */
const sameAgain = /^(?:[a-z][\w$]*\.)+[A-Z][\w$]*: /;

/** The gateway answers 503 for these, and they never pass: the region server refuses the row (`HRegion`, `Constraint`). */
const isForGood = (name: string, text: string): boolean =>
  name === 'ConstraintException' || (name === 'DoNotRetryIOException' && /\bCell\b.*\bsize\b/i.test(text));

function faultOf({ status, body }: HttpAnswer, table: string): GatewayFault {
  const told = body.subarray(0, 4096).toString('utf8');
  const [, , name = '', text = ''] = exception.exec(told) ?? [];
  const why = name === '' ? startOf(body) : oneLine(`${name}: ${text.replace(sameAgain, '')}`);
  return new GatewayFault(
    kindOf(status, name, text),
    status,
    `status ${status}: ${why}${remedyFor(status, name, table)}`,
  );
}

/** As the gateway's `ResourceBase.processException` makes statuses of exceptions. */
function kindOf(status: number, name: string, text: string): GatewayFaultKind {
  if (status === 413 || status === 422) return 'rows';
  // Any RuntimeException is a 400; what its client finds wrong with a row is this one.
  if (status === 400) return name === '' || name === 'IllegalArgumentException' ? 'rows' : 'server';
  if (status === 404 && name !== '') return 'table';
  return status === 503 && isForGood(name, text) ? 'rows' : 'server';
}

function remedyFor(status: number, name: string, table: string): string {
  if (status === 401) return ' (set username and password)';
  if (status === 403)
    return ` (whoever the gateway writes as needs the right to write to ${table}, and the gateway may be read-only: hbase.rest.readonly)`;
  if (status === 404 && name === '') return ' (is rest.url that of a REST gateway?)';
  if (status === 405 || status === 415) return ' (this is no REST gateway of HBase)';
  return '';
}

function familiesIn(body: Buffer): string[] | null {
  try {
    const { ColumnSchema: families } = JSON.parse(body.toString('utf8')) as { ColumnSchema?: unknown };
    if (!Array.isArray(families)) return null;
    return families.map((family: { name?: unknown } | null) => String(family?.name));
  } catch {
    return null;
  }
}

const mostShown = 400;

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has no place on a line.
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > mostShown ? `${line.slice(0, mostShown)}…` : line;
}

const startOf = (body: Buffer): string => oneLine(body.subarray(0, 2 * mostShown).toString('utf8'));
