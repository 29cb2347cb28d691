import Fastify, { type FastifyInstance } from 'fastify';
import { errorText, hasErrno, isAddressFault, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import type { Health, ProcessState, Readiness } from './api.ts';
import { flumeMetrics, processFigures, prometheusMetrics } from './metrics.ts';
import { type MetricsForm, metricsForm } from './metrics-form.ts';
import type { ThreadState } from './threads.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Which option or property set the port; errors name it. */
  readonly setBy: string;
  state(): Promise<ThreadState>;
}

/**
 * Health and metrics, read-only. `/livez` and `/healthz`: the process answers. `/readyz`: 200, or 503 with the reasons.
 * `/api/state`: all of it as `ProcessState` (`millrace/api`).
 * `/metrics`: Flume's JSON (o.a.f.instrumentation.http.HTTPMetricsServer), or Prometheus's text for who asks for it by
 * `Accept`, as Prometheus does; `/prometheus`: always that text, with topics and groups of the embedded broker.
 */
export class HttpServer extends Lifecycle {
  readonly #options: HttpOptions;
  #app: FastifyInstance | null = null;
  port = 0;

  constructor(options: HttpOptions) {
    super();
    this.#options = options;
  }

  protected async open(): Promise<void> {
    const { host, port, setBy, state } = this.#options;
    const app = Fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000, forceCloseConnections: true });
    this.#app = app;
    const bodies: Readonly<Record<MetricsForm['kind'], (state: ThreadState) => Promise<string>>> = {
      flume: async ({ metrics }) => JSON.stringify(flumeMetrics(metrics)),
      prometheus: (now) => prometheusMetrics(now, processFigures()),
      openmetrics: (now) => prometheusMetrics(now, processFigures(), 'openmetrics'),
    };
    app.route({
      method: ['GET', 'POST'],
      url: '/metrics',
      handler: async (request, reply) => {
        const { kind, contentType } = metricsForm(request.headers.accept, 'flume');
        return reply
          .header('content-type', contentType)
          .header('vary', 'accept')
          .send(await bodies[kind](await state()));
      },
    });
    app.get('/', (_request, reply) =>
      reply
        .type('text/html;charset=utf-8')
        .send('For Flume metrics please click <a href = "./metrics"> here</a>.'),
    );
    app.get('/prometheus', async (request, reply) => {
      const { kind, contentType } = metricsForm(request.headers.accept, 'prometheus');
      return reply
        .header('content-type', contentType)
        .header('vary', 'accept')
        .send(await bodies[kind](await state()));
    });
    app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));
    app.get('/healthz', async (request, reply) => {
      reply.header('vary', 'accept');
      if (!asksForJson(request.headers.accept)) return reply.type('text/plain').send('ok\n');
      const { components } = await state();
      return reply.send({ status: 'ok', components } satisfies Health);
    });
    app.get('/readyz', async (_request, reply) => {
      const readiness = readinessOf(await state());
      return reply.code(readiness.ready ? 200 : 503).send(readiness);
    });
    app.get('/api/state', async (_request, reply) => {
      const now = await state();
      return reply.send({ ...readinessOf(now), broker: now.broker } satisfies ProcessState);
    });
    // Any content type of a POST is as good as none: the body says nothing to this server.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null);
    });
    app.addHook('onRequest', async (request, reply) => {
      if (request.method === 'OPTIONS' || request.method === 'TRACE') return reply.code(403).send();
    });
    try {
      await app.listen({ host, port });
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
    const address = app.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : port;
  }

  protected async close(): Promise<void> {
    await this.#app?.close();
    this.#app = null;
  }
}

function readinessOf({ notReady, components }: ThreadState): Readiness {
  return { ready: notReady.length === 0, reasons: notReady, components };
}

/** By name, and not for whoever takes anything: those who know `/healthz` know it as text. */
function asksForJson(accept: string | undefined): boolean {
  return /(^|,)\s*application\/json\b/i.test(accept ?? '');
}
