import Fastify, { type FastifyInstance } from 'fastify';
import { errorText, hasErrno, isAddressFault, MillraceError } from '../runtime/errors.ts';
import { Lifecycle } from '../runtime/lifecycle.ts';
import { flumeMetrics, processFigures, prometheusMetrics } from './metrics.ts';
import type { Metric } from './threads.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Which option or property set the port; errors name it. */
  readonly setBy: string;
  snapshot(): Promise<{ metrics: readonly Metric[]; ready: boolean }>;
}

/**
 * Health and metrics: `/healthz` (the process lives), `/readyz` (every component is up: 200, else 503), `/metrics`
 * (Flume's JSON, o.a.f.instrumentation.http.HTTPMetricsServer), `/prometheus`. Read-only.
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
    const { host, port, setBy, snapshot } = this.#options;
    const app = Fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000, forceCloseConnections: true });
    this.#app = app;
    const flumeJson = 'application/json;charset=utf-8';
    app.route({
      method: ['GET', 'POST'],
      url: '/metrics',
      handler: async (_request, reply) => {
        const body = JSON.stringify(flumeMetrics((await snapshot()).metrics));
        return reply.header('content-type', flumeJson).send(body);
      },
    });
    app.get('/', (_request, reply) =>
      reply
        .type('text/html;charset=utf-8')
        .send('For Flume metrics please click <a href = "./metrics"> here</a>.'),
    );
    app.get('/prometheus', async (_request, reply) => {
      const text = await prometheusMetrics((await snapshot()).metrics, processFigures());
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
    });
    app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
    app.get('/readyz', async (_request, reply) => {
      const { ready } = await snapshot();
      return reply
        .code(ready ? 200 : 503)
        .type('text/plain')
        .send(ready ? 'ready\n' : 'not ready\n');
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
