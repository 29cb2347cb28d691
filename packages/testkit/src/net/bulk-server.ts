import type { ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { ScriptedHttp, type SeenRequest } from './scripted-http.ts';

/** A document that came in a bulk request. */
export interface BulkDocument {
  readonly target: Readonly<Record<string, string>>;
  readonly source: Record<string, unknown>;
}

/** What becomes of a document: a status, with a type of error where it is none of success. */
export type Verdict = number | { readonly status: number; readonly type: string; readonly reason: string };

export interface BulkServerOptions {
  /** What it says of itself; null: it lets nobody ask. */
  readonly version?: Readonly<Record<string, string>> | null;
  /** Key and certificate; plain text without. */
  readonly tls?: ServerOptions;
}

/**
 * A server of Elasticsearch's bulk API that answers for each document as it is told, and keeps what it has taken. It
 * understands one kind of request, `index`, and refuses others as a whole.
 */
export class BulkServer implements AsyncDisposable {
  readonly http: ScriptedHttp;
  readonly stored: BulkDocument[] = [];
  /** Documents of each bulk request that was answered document by document. */
  readonly requests: number[] = [];
  verdict: (document: BulkDocument) => Verdict = () => 201;
  /** Answers whole requests in place of `verdict`. */
  status: number | null = null;
  /** Requests with more bytes are answered with 413. */
  mostBytes = Number.POSITIVE_INFINITY;
  readonly #version: BulkServerOptions['version'];

  private constructor(http: ScriptedHttp, version: BulkServerOptions['version']) {
    this.http = http;
    this.#version = version;
    this.serve();
  }

  /** Answers as a server of the API does, from now on. */
  serve(): void {
    this.http.play([], (response, request) => this.#answer(response, request));
  }

  static async start({ version = { number: '8.19.1' }, tls }: BulkServerOptions = {}): Promise<BulkServer> {
    return new BulkServer(await ScriptedHttp.start([], 200, tls), version);
  }

  get port(): number {
    return Number(new URL(this.http.url).port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.http[Symbol.asyncDispose]();
  }

  #answer(response: ServerResponse, { method, path, body, headers }: SeenRequest): void {
    const say = (status: number, answer: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    if (method === 'GET' && path === '/') {
      if (this.#version === null) say(403, { error: 'forbidden' });
      else say(200, { name: 'n', version: this.#version });
    } else if (method !== 'POST' || !path.startsWith('/_bulk?')) say(404, { error: 'no such path' });
    else if (headers['content-type'] !== 'application/x-ndjson') say(406, { error: 'content-type' });
    else if (this.status !== null) say(this.status, { error: `status ${this.status}` });
    else if (Buffer.byteLength(body) > this.mostBytes) say(413, { error: 'too large' });
    else if (!body.endsWith('\n')) say(400, { error: 'the bulk request must be terminated by a newline' });
    else this.#take(body, say);
  }

  #take(body: string, say: (status: number, answer: unknown) => void): void {
    const lines = body.slice(0, -1).split('\n');
    const items: unknown[] = [];
    for (let i = 0; i < lines.length; i += 2) {
      const { index: target } = JSON.parse(lines[i]!) as { index: BulkDocument['target'] };
      const document = { target, source: JSON.parse(lines[i + 1]!) as BulkDocument['source'] };
      const verdict = this.verdict(document);
      const { status, ...error } = typeof verdict === 'number' ? { status: verdict } : verdict;
      if (status < 300) this.stored.push(document);
      items.push({ index: status < 300 ? { status } : { status, error } });
    }
    this.requests.push(items.length);
    const errors = items.some((item) => (item as { index: { status: number } }).index.status >= 300);
    say(200, { errors, items });
  }
}
