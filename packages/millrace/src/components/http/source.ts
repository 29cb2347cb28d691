import { SourceCounter } from '../../component/counters.ts';
import { defineSource, makeHttpHandler, type SourceContext } from '../../component/define.ts';
import { BadHttpRequest, type HttpHandler } from '../../component/http-handler.ts';
import { Intake, type NotTaken } from '../../component/intake.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { limitOptions, listenOptions } from '../../component/options/listen.ts';
import { suitePatternFaults, withSuitesNamed } from '../../component/options/suite-patterns.ts';
import { serverTls, serverTlsFaults, serverTlsOptions, tlsNotes } from '../../component/options/tls.ts';
import { promisesToSender } from '../../component/promises.ts';
import type { Source } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { type HttpAnswer, type HttpRequest, HttpServer } from '../../net/http-server.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { errorPage } from './error-page.ts';
import { jettyFaults, jettyNotes, jettyOptions, jettyValues } from './jetty-options.ts';

const options = {
  bind: opt.string({ doc: 'Address to listen on.', default: '0.0.0.0' }),
  port: listenOptions.port,
  handler: opt.component('httpHandler', {
    doc: 'What makes events of a request, by its class; `handler.*` are its own options.',
    default: 'org.apache.flume.source.http.JSONHandler',
  }),
  tls: opt.group({
    ...serverTlsOptions,
    ssl: { ...serverTlsOptions.ssl, oldNames: ['enableSSL'] },
    'keystore-password': { ...serverTlsOptions['keystore-password'], oldNames: ['keystorePassword'] },
    'exclude-protocols': { ...serverTlsOptions['exclude-protocols'], oldNames: ['excludeProtocols'] },
    'exclude-cipher-suites': {
      ...serverTlsOptions['exclude-cipher-suites'],
      doc: "Cipher suites that are not used: patterns for Java's names.",
    },
    'include-cipher-suites': {
      ...serverTlsOptions['include-cipher-suites'],
      doc: "The only cipher suites that are used: patterns for Java's names.",
    },
  }),
  ...jettyOptions,
  limits: opt.group({
    maxConnections: limitOptions.maxConnections,
    requestTimeout: limitOptions.requestTimeout,
    maxRequestBytes: opt.bytes({
      doc: 'Most bytes of the body of one request; a longer one is answered with 413.',
      default: 100_000_000,
      min: 1,
    }),
    maxWaitingBytes: opt.bytes({
      doc: 'Most bytes of the bodies of all requests at a time; a request for which there is no room is answered with 503.',
      default: 256 * 1024 * 1024,
      min: 1,
    }),
  }),
};

type Context = SourceContext<typeof options>;

export const httpSource = defineSource({
  type: 'http',
  classNames: ['org.apache.flume.source.http.HTTPSource'],
  summary: 'Takes events by HTTP: a request is a transaction, answered with 200 once it is in the channels.',
  example: `
a1.sources.r1.type = http
a1.sources.r1.port = 5140
`,
  differs: [
    'Requests have limits: `maxConnections`, `requestTimeout` (408), `maxRequestBytes` (413), `maxWaitingBytes` (503). A line and headers over `HttpConfiguration.requestHeaderSize` are answered with 431, a line alone too, for which Flume has 414.',
    'A stop serves the requests that are whole, and answers others with 503.',
    "Error pages have Flume's statuses and messages, but for what Java's own exceptions say, and no word of Jetty or a servlet.",
    'Of the settings of Jetty `HttpConfiguration.requestHeaderSize` and `ServerConnector.idleTimeout` have their effect, and no others (told).',
  ],
  options,
  validate: (values) => [
    ...suitePatternFaults(values.tls),
    ...serverTlsFaults(withSuitesNamed(values.tls)),
    ...jettyFaults(values),
  ],
  notes: (values) => [...tlsNotes(withSuitesNamed(values.tls)), ...jettyNotes(values)],
  promises: ({ bind, port }) => promisesToSender(`takes events over HTTP at ${bind}:${port}`),
  create: (context) => new HttpSource(context),
});

/** As a servlet: these do as GET does. */
const served = new Set(['GET', 'HEAD', 'POST']);

class HttpSource implements Source {
  readonly counter = new SourceCounter();
  readonly #context: Context;
  readonly #handler: HttpHandler;
  readonly #intake: Intake;
  #server: HttpServer | null = null;
  /** A handler is called again when it has ended. */
  #handling: Promise<unknown> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
    this.#handler = makeHttpHandler(context.options.handler, context);
    this.#intake = new Intake({ channels: context.channels, log: context.log, counter: this.counter });
  }

  async start(): Promise<void> {
    const { name, options, log } = this.#context;
    const { counter } = this;
    const { maxConnections, requestTimeout, maxRequestBytes, maxWaitingBytes } = options.limits;
    const component = `source ${name}`;
    const tls = await serverTls(withSuitesNamed(options.tls), component);
    const { requestHeaderSize, idleTimeout } = jettyValues(options);
    counter.start();
    const server = new HttpServer({
      component,
      log,
      limits: {
        maxConnections,
        requestMs: requestTimeout,
        idleMs: idleTimeout,
        maxHeaderBytes: requestHeaderSize,
        maxBodyBytes: maxRequestBytes,
        maxHeldBytes: maxWaitingBytes,
      },
      keptBodyBytes: this.#handler.mostBodyBytes,
      tls,
      onCount: (open) => {
        counter.openConnections = open;
      },
      serve: (request, abandoned) => this.#serve(request, abandoned),
    });
    this.#server = server;
    await server.listen(options.bind, options.port);
  }

  /** Requests that are whole are put and answered, as far as the deadline goes. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }

  async #serve(request: HttpRequest, abandoned: AbortSignal): Promise<HttpAnswer> {
    const { method, url } = request;
    if (method === 'OPTIONS' || method === 'TRACE') return errorPage(403, '!role', pathOf(url));
    if (method === 'PUT' || method === 'DELETE') return { status: 405 };
    if (!served.has(method)) return { status: 501 };
    const read = await this.#events(request);
    if ('status' in read) return read;
    const failure = await this.#intake.offer(read.events, abandoned);
    return failure === null ? { status: 200 } : this.#notTaken(failure, url);
  }

  async #events(request: HttpRequest): Promise<{ readonly events: EventBatch | null } | HttpAnswer> {
    const { method, url, headers, body, isCut } = request;
    const contentType = headers['content-type'];
    const charset = charsetOf(contentType);
    const call = this.#handling.then(() =>
      this.#handler.events({ method, url, headers, contentType, charset, body, isCut }),
    );
    this.#handling = call.catch(() => {});
    try {
      return { events: await call };
    } catch (error) {
      this.counter.eventReadFail++;
      const isBad = error instanceof BadHttpRequest;
      const message = isBad ? 'Bad request from client. ' : 'Deserializer threw unexpected exception. ';
      const text = `${message}${errorText(error)}`;
      this.#context.log.warn(`source ${this.#context.name}: ${text}`);
      return errorPage(isBad ? 400 : 500, text, pathOf(url));
    }
  }

  /** The channels' own failures are the peer's to try again; whatever else failed on the way to them is not. */
  #notTaken({ reason, error }: NotTaken, url: string): HttpAnswer {
    // Channels reject with errors of this class; an interceptor that fails, with whatever it is.
    if (error instanceof MillraceError) {
      const text = `Error appending event to channel. Channel might be full.${reason}`;
      this.#context.log.warn(`source ${this.#context.name}: ${text}`);
      return errorPage(503, text, pathOf(url));
    }
    this.counter.channelWriteFail--;
    this.counter.genericProcessingFail++;
    const text = `Unexpected error while appending event to channel. ${reason}`;
    this.#context.log.warn(`source ${this.#context.name}: ${text}`);
    return errorPage(500, text, pathOf(url));
  }
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1];
}

const pathOf = (url: string): string => url.split(/[?#]/, 1)[0]!;
