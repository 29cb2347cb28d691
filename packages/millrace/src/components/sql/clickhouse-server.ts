import { createHash } from 'node:crypto';
import { HttpClient, type HttpTls } from '../../clients/http/http-client.ts';
import { HttpError } from '../../clients/http/http-error.ts';
import { DatabaseFault, oneLine } from './database.ts';

export interface ClickHouseAddress {
  /** `http://host:port/`. */
  readonly url: URL;
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  readonly tls?: HttpTls;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** What the server answered a statement with, in place of a result. */
export class ClickHouseError extends Error {
  override readonly name = 'ClickHouseError';
  /** The server's own number; 0: it told none. */
  readonly code: number;

  /** Of a value that can't be taken: the place of its row in what was sent. Null: the server did not say. */
  readonly row: number | null;

  constructor(status: number, text: string) {
    const found = /^Code: (\d{1,9})[.,]/.exec(text);
    // What stands behind has the values of the rows, column by column.
    const told = text.split(/\n\s*Row \d+:/, 1)[0]!;
    super(found === null ? `status ${status}: ${oneLine(told)}` : oneLine(told));
    this.code = Number(found?.[1] ?? 0);
    // A constraint tells its row in front of the values, a parser behind the bytes that it stopped at.
    const rows = [...told.matchAll(/at row ([1-9]\d{0,8})/g)];
    const row = this.code === violated ? rows[0] : rows.at(-1);
    this.row = row === undefined ? null : Number(row[1]) - 1;
  }
}

/** VIOLATED_CONSTRAINT */
const violated = 469;
/** By the server's numbers: what a value alone is to blame for. */
const ofValues: ReadonlySet<number> = new Set([
  ...[
    6,
    26,
    27,
    38,
    41,
    53,
    69,
    72,
    117,
    130,
    131,
    190,
    321,
    349,
    376,
    407,
    441,
    467,
    violated,
    675,
    676,
    691,
  ],
]);
/** The table is not there, or has other columns. */
const ofTable: ReadonlySet<number> = new Set([8, 10, 16, 20, 47, 60]);

export const isOfValue = (error: unknown): error is ClickHouseError =>
  error instanceof ClickHouseError && ofValues.has(error.code);
export const isOfTable = (error: unknown): boolean =>
  error instanceof ClickHouseError && ofTable.has(error.code);

/** Settings that are sent where the server knows them: what is acknowledged is written, in one piece. */
const wanted: Readonly<Record<string, string>> = {
  async_insert: '0',
  date_time_input_format: 'best_effort',
  input_format_parallel_parsing: '0',
};
const tokenSetting = 'insert_deduplication_token';
const mostAnswerBytes = 4 * 1024 * 1024;

/** A ClickHouse server over HTTP; one statement at a time. */
export class ClickHouseServer {
  readonly #address: ClickHouseAddress;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;
  /** Null: not asked yet. */
  #settings: Readonly<Record<string, string>> | null = null;
  #hasToken = false;

  constructor(address: ClickHouseAddress) {
    const { user, password = '', tls } = address;
    this.#address = address;
    this.#client = new HttpClient({
      ...(tls === undefined ? {} : { tls }),
      connectTimeoutMs: address.connectTimeoutMs,
      answerTimeoutMs: address.requestTimeoutMs,
      bodyTimeoutMs: address.requestTimeoutMs,
      maxConnections: 1,
      maxAnswerBytes: mostAnswerBytes,
    });
    const login = Buffer.from(`${user ?? 'default'}:${password}`, 'utf8').toString('base64');
    this.#headers = user === undefined && password === '' ? {} : { authorization: `Basic ${login}` };
  }

  /** The server tells inserts that come again by a token. After `meet`. */
  get hasToken(): boolean {
    return this.#hasToken;
  }

  /** Asks what it can do, once; its version. Rejects as `query`. */
  async meet(signal: AbortSignal): Promise<string | null> {
    if (this.#settings !== null) return null;
    const names = [...Object.keys(wanted), tokenSetting].map(literal).join(', ');
    const known = new Set(
      (await this.query(`SELECT name FROM system.settings WHERE name IN (${names})`, signal)).map(
        ([name]) => name,
      ),
    );
    const [version] = await this.query('SELECT version()', signal);
    this.#hasToken = known.has(tokenSetting);
    this.#settings = Object.fromEntries(Object.entries(wanted).filter(([name]) => known.has(name)));
    return version?.[0] ?? '';
  }

  /** The rows, cells as text. Rejects with `ClickHouseError`, or with `DatabaseFault` where there is no answer. */
  async query(sql: string, signal: AbortSignal): Promise<string[][]> {
    const body = await this.#ask({}, Buffer.from(`${sql} FORMAT TabSeparated`, 'utf8'), signal);
    const lines = body.toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => line.split('\t').map(unescaped));
  }

  /** A statement without a result. Rejects as `query`. */
  async command(sql: string, signal: AbortSignal): Promise<void> {
    await this.#ask({}, Buffer.from(sql, 'utf8'), signal);
  }

  /** `isOnce`: the same lines again change nothing, where the server and the table know that. Rejects as `query`. */
  async insert(sql: string, lines: Buffer, isOnce: boolean, signal: AbortSignal): Promise<void> {
    const token =
      isOnce && this.#hasToken ? { [tokenSetting]: createHash('sha256').update(lines).digest('hex') } : {};
    await this.#ask({ ...this.#settings, ...token, query: sql }, lines, signal);
  }

  async #ask(
    parameters: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const url = new URL(this.#address.url);
    url.search = new URLSearchParams({ database: this.#address.database, ...parameters }).toString();
    try {
      const answer = await this.#client.request(
        { method: 'POST', url, headers: this.#headers, body },
        signal,
      );
      if (answer.status !== 200) throw new ClickHouseError(answer.status, answer.body.toString('utf8'));
      return answer.body;
    } catch (error) {
      // It may be another server that answers next.
      if (!(error instanceof HttpError)) throw error;
      this.#settings = null;
      throw new DatabaseFault(oneLine(error.message), { cause: error, isConnection: !error.maybeDone });
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', 0: '\0' };
const unescaped = (cell: string) =>
  cell.replaceAll(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);

/** As ClickHouse quotes texts and names; nothing in one ever ends it. */
export const literal = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
export const quotedName = (name: string): string => `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``;
