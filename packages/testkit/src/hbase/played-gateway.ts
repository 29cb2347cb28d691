import type { ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { ScriptedHttp, type SeenRequest } from '../net/scripted-http.ts';

export interface PlayedRow {
  readonly key: string;
  /** Columns and values, one after the other. */
  readonly cells: readonly (readonly [column: string, value: string])[];
}

/** What becomes of a request with these rows: null, it is done; else a status, and the exception that HBase would tell. */
export type GatewayVerdict = (
  rows: readonly PlayedRow[],
) => null | { readonly status: number; readonly says: string };

/**
 * A REST gateway of HBase with one table, that does with puts and increments what it is told. Rows come as Protocol
 * Buffers and are kept in the order in which they came; a key that is there is written over.
 */
export class PlayedGateway implements AsyncDisposable {
  readonly http: ScriptedHttp;
  families: readonly string[] = ['cf'];
  readonly rows = new Map<string, PlayedRow>();
  /** By `row column`. */
  readonly counters = new Map<string, number>();
  /** Rows of each request that was done. */
  readonly puts: (readonly PlayedRow[])[] = [];
  increments = 0;
  verdict: GatewayVerdict = () => null;
  /** Does what a request asks for, and cuts the connection instead of answering. */
  losesAnswers = false;
  readonly #table: string;

  private constructor(http: ScriptedHttp, table: string) {
    this.http = http;
    this.#table = table;
    this.serve();
  }

  static async start({ table = 't', tls }: { table?: string; tls?: ServerOptions } = {}) {
    return new PlayedGateway(await ScriptedHttp.start([], 200, tls), table);
  }

  /** Answers as a gateway does, from now on. */
  serve(): void {
    this.http.play([], (response, request) => this.#answer(response, request));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.http[Symbol.asyncDispose]();
  }

  #answer(response: ServerResponse, { method, path, headers, bytes }: SeenRequest): void {
    const url = new URL(path, this.http.url);
    const say = (status: number, text = '') => response.writeHead(status).end(text);
    const [, table, rest] = url.pathname.split('/');
    if (table !== encodeURIComponent(this.#table))
      say(404, `Not found\r\norg.apache.hadoop.hbase.TableNotFoundException: ${table}\n\tat x`);
    else if (method === 'GET' && rest === 'schema')
      say(200, JSON.stringify({ name: table, ColumnSchema: this.families.map((name) => ({ name })) }));
    else if (headers['content-type'] !== 'application/x-protobuf') say(415);
    else {
      const rows = rowsIn(bytes);
      const verdict = this.verdict(rows);
      if (verdict !== null) {
        say(verdict.status, `Unhappy\r\n${verdict.says}\n\tat org.apache.hadoop.hbase.X.y(X.java:1)`);
        return;
      }
      if (url.searchParams.get('check') === 'increment') this.#increment(rows);
      else this.#put(rows);
      if (this.losesAnswers) response.destroy();
      else say(200);
    }
  }

  #put(rows: readonly PlayedRow[]): void {
    this.puts.push(rows);
    for (const row of rows) this.rows.set(row.key, row);
  }

  #increment(rows: readonly PlayedRow[]): void {
    this.increments++;
    for (const { key, cells } of rows)
      for (const [column, value] of cells) {
        const name = `${key} ${column}`;
        this.counters.set(name, (this.counters.get(name) ?? 0) + Number(value));
      }
  }
}

/** The fields of a message whose values are all bytes. */
function* fieldsOf(bytes: Buffer): Generator<readonly [number: number, value: Buffer]> {
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++]!;
    if ((tag & 7) !== 2) throw new Error(`wire type ${tag & 7} at ${at}`);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (at + length > bytes.length) throw new Error(`a field of ${length} bytes at ${at}`);
    yield [tag >> 3, bytes.subarray(at, at + length)];
    at += length;
  }
}

/** A CellSet of the gateway's `CellSetMessage.proto`, as text. */
export function rowsIn(bytes: Buffer): PlayedRow[] {
  return [...fieldsOf(bytes)].map(([, row]) => {
    let key = '';
    const cells: [string, string][] = [];
    for (const [number, value] of fieldsOf(row)) {
      if (number === 1) key = value.toString();
      else {
        const cell = new Map(fieldsOf(value));
        cells.push([cell.get(2)?.toString() ?? '', cell.get(4)?.toString() ?? '']);
      }
    }
    return { key, cells };
  });
}
