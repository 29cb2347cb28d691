import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from '../net/node-http.ts';
import { errorText, hasErrno, isAddressFault, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { Health, ProcessState, Readiness } from './api.ts';
import { flumeMetrics } from './flume-metrics.ts';
import { type MetricsForm, metricsForm } from './metrics-form.ts';
import type { ThreadState } from './threads.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Which option or property set the port; errors name it. */
  readonly setBy: string;
  state(): Promise<ThreadState>;
}

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  /** What is answered goes by the header `Accept`. */
  readonly byAccept?: true;
}

/** How long a peer may take for a request. */
const requestMs = 10_000;

/**
 * Health and metrics, read-only. `/livez` and `/healthz`: the process answers. `/readyz`: 200, or 503 with the reasons.
 * `/api/state`: all of it as `ProcessState` (`millrace/api`).
 * `/metrics`: Flume's JSON (o.a.f.instrumentation.http.HTTPMetricsServer), or Prometheus's text for who asks for it by
 * `Accept`, as Prometheus does; `/prometheus`: always that text, with topics and groups of the embedded broker.
 */
export class HttpServer extends Lifecycle {
  readonly #options: HttpOptions;
  #server: Server | null = null;
  port = 0;

  constructor(options: HttpOptions) {
    super();
    this.#options = options;
  }

  protected async open(): Promise<void> {
    const { host, port, setBy } = this.#options;
    const server = createServer(
      { requestTimeout: requestMs, headersTimeout: requestMs },
      (request, response) => void this.#answer(request, response),
    );
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ host, port }, () => {
          server.off('error', reject);
          // A connection that can't be taken, as when there are no file handles: its peer asks again.
          server.on('error', () => {});
          resolve();
        });
      });
    } catch (error) {
      if (isAddressFault(error)) {
        const message = `the metrics server cannot listen on ${host}:${port} (${setBy}): ${errorText(error)}`;
        throw new MillraceError('ADDRESS_UNAVAILABLE', message, { cause: error, details: { host, port } });
      }
      if (!hasErrno(error, 'EADDRINUSE')) throw error;
      throw new MillraceError(
        'ADDRESS_IN_USE',
        `port ${port} on ${host} is taken; it was asked for by the metrics server (${setBy})`,
        { cause: error, remedy: `Choose another with ${setBy}.`, details: { host, port } },
      );
    }
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
  }

  protected async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null || !server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume(); // whatever a POST sends: it says nothing to this server
    const {
      status = 200,
      type,
      body,
      byAccept,
    } = await this.#answerTo(request).catch(
      (error: unknown): Answer => ({ status: 500, ...text(`${errorText(error)}\n`) }),
    );
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      ...(byAccept && { Vary: 'accept' }),
    });
    response.end(body);
  }

  async #answerTo({ method = '', url = '', headers: { accept } }: IncomingMessage): Promise<Answer> {
    const { state } = this.#options;
    const [path] = url.split('?', 1);
    if (method === 'OPTIONS' || method === 'TRACE') return { status: 403, ...text('') };
    const isRead = method === 'GET' || method === 'HEAD';
    if (path === '/metrics' && (isRead || method === 'POST'))
      return await metrics(metricsForm(accept, 'flume'), await state());
    if (!isRead) return notFound;
    switch (path) {
      case '/':
        return {
          type: 'text/html;charset=utf-8',
          body: 'For Flume metrics please click <a href = "./metrics"> here</a>.',
        };
      case '/prometheus':
        return await metrics(metricsForm(accept, 'prometheus'), await state());
      case '/livez':
        return text('ok\n');
      case '/healthz': {
        if (!asksForJson(accept)) return { ...text('ok\n'), byAccept: true };
        const { components } = await state();
        return { ...json({ status: 'ok', components } satisfies Health), byAccept: true };
      }
      case '/readyz': {
        const readiness = readinessOf(await state());
        return { ...json(readiness), status: readiness.ready ? 200 : 503 };
      }
      case '/api/state': {
        const now = await state();
        return json({ ...readinessOf(now), broker: now.broker } satisfies ProcessState);
      }
      default:
        return notFound;
    }
  }
}

async function metrics({ kind, contentType }: MetricsForm, state: ThreadState): Promise<Answer> {
  return { type: contentType, body: await metricsText(kind, state), byAccept: true };
}

async function metricsText(kind: MetricsForm['kind'], state: ThreadState): Promise<string> {
  if (kind === 'flume') return JSON.stringify(flumeMetrics(state.metrics));
  // Loaded for who asks: its library costs as much at the start as the rest of this server.
  const { processFigures, prometheusMetrics } = await import('./prometheus.ts');
  return await prometheusMetrics(state, processFigures(), kind);
}

const text = (body: string): Answer => ({ type: 'text/plain; charset=utf-8', body });
const json = (value: object): Answer => ({
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});
const notFound: Answer = { status: 404, ...text('There is nothing here.\n') };

function readinessOf({ notReady, components }: ThreadState): Readiness {
  return { ready: notReady.length === 0, reasons: notReady, components };
}

/** By name, and not for whoever takes anything: those who know `/healthz` know it as text. */
function asksForJson(accept: string | undefined): boolean {
  return /(^|,)\s*application\/json\b/i.test(accept ?? '');
}
