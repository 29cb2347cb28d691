import { HttpClient } from '../../clients/http/http-client.ts';
import { shownUrl } from '../../clients/http/http-error.ts';
import { SinkCounter } from '../../component/counters.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import { httpTls, httpTlsOptions } from '../../component/options/http-tls.ts';
import type { DeliverOptions, Sink, SinkBatch } from '../../component/sink.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { pause } from '../../runtime/timers.ts';
import { isStatusKey, type StatusRules, statusRules } from './status-rules.ts';

const timeout = { min: 1, onOutside: 'drop', default: 5000 } as const;

const options = {
  endpoint: opt.string({
    doc: 'The URL that every event is sent to, `http://` or `https://`.',
    required: true,
  }),
  connectTimeout: opt.duration('ms', { doc: 'How long a connection may take.', ...timeout }),
  requestTimeout: opt.duration('ms', { doc: 'How long an answer may take.', ...timeout }),
  ...httpTlsOptions,
  contentTypeHeader: opt.string({ doc: 'The header Content-Type of requests.', default: 'text/plain' }),
  acceptHeader: opt.string({ doc: 'The header Accept of requests.', default: 'text/plain' }),
  defaultBackoff: opt.boolean({
    doc: 'Pause after a status that `backoff.CODE` has nothing for.',
    default: true,
  }),
  defaultRollback: opt.boolean({
    doc: 'Send an event again after a status that `rollback.CODE` has nothing for; that is also 200.',
    default: true,
  }),
  defaultIncrementMetrics: opt.boolean({
    doc: 'Count an event as drained after a status that `incrementMetrics.CODE` has nothing for.',
    default: false,
  }),
  backoff: opt.map({ doc: '`backoff.503` or `backoff.5XX`: whether a pause comes after this status.' }),
  rollback: opt.map({ doc: '`rollback.503` or `rollback.5XX`: whether the event is sent again.' }),
  incrementMetrics: opt.map({
    doc: '`incrementMetrics.200` or `incrementMetrics.2XX`: whether it counts as drained.',
  }),
};
type Options = OptionValues<typeof options>;

export const httpSink = defineSink({
  type: 'http',
  classNames: ['org.apache.flume.sink.http.HttpSink'],
  summary: 'Sends the body of each event to a URL, in a POST of its own.',
  example: `
a1.sinks.k1.type = http
a1.sinks.k1.endpoint = http://localhost:8080/events
a1.sinks.k1.defaultRollback = true
a1.sinks.k1.rollback.2XX = false
a1.sinks.k1.backoff.2XX = false
a1.sinks.k1.incrementMetrics.2XX = true
`,
  differs: [
    'A redirect (3xx) is a status like others, and its event has not arrived unless `rollback` says so. Flume follows it with a GET, without the event, and takes that answer’s status.',
    'An event is tried again after 0.25 s, then longer up to 5 s; in Flume after 1 s, 2 s and so on up to 5 s, and at once where `backoff` is false, as here.',
    'A connection that the server closes while a request waits for its answer counts as a failure; Java sends the request a second time by itself.',
    'An answer of more than 1 MiB is a failure, too.',
  ],
  options,
  validate: validateHttp,
  notes: notesOfHttp,
  promises: (values) => ({
    does: `posts the body of each event to ${shownUrl(new URL(values.endpoint))}`,
    delivered: 'an answer came that lets it go (see defaultRollback, rollback.CODE)',
    survives: 'unknown',
    doubles: ['after a lost answer, or a kill before the channel knows, events are posted again'],
    losses: [{ what: 'headers are not sent, and events without a body are not either' }],
  }),
  create: (context) => new HttpSink(context),
});

/** An answer's body says nothing to the sink. */
const maxAnswerBytes = 1024 * 1024;
/** Flume's SinkRunner: so long for each pause in a row, at most so long. */
const pauseStepMs = 1000;
const longestPauseMs = 5000;

/**
 * Flume's HttpSink: one event, one request, one transaction; what the status means is configured. It counts by itself,
 * because Flume's counts only what `incrementMetrics` says.
 */
class HttpSink implements Sink {
  readonly counter = new SinkCounter();
  readonly countsDrain = true;
  readonly batch: SinkBatch = { events: 1 };
  /** Why the event in hand is sent again at once, and again; null: it isn't. */
  trouble: unknown = null;
  readonly #context: SinkContext<typeof options>;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #rules: StatusRules;
  #client: HttpClient | null = null;
  /** Pauses in a row. */
  #pauses = 0;

  constructor(context: SinkContext<typeof options>) {
    const { options: values } = context;
    this.#context = context;
    this.#url = new URL(values.endpoint);
    this.#headers = {
      'content-type': values.contentTypeHeader,
      accept: values.acceptHeader,
      'user-agent': 'Millrace',
    };
    this.#rules = statusRules({
      rollback: { byCode: values.rollback, otherwise: values.defaultRollback },
      backoff: { byCode: values.backoff, otherwise: values.defaultBackoff },
      incrementMetrics: { byCode: values.incrementMetrics, otherwise: values.defaultIncrementMetrics },
    });
  }

  async start(): Promise<void> {
    await this.#client?.close();
    const { options: values, name } = this.#context;
    const { connectTimeout, requestTimeout } = values;
    const tls = await httpTls(values, [this.#url], `sink ${name}`);
    this.#client = new HttpClient({
      ...(tls === undefined ? {} : { tls }),
      connectTimeoutMs: connectTimeout,
      answerTimeoutMs: requestTimeout,
      bodyTimeoutMs: requestTimeout,
      maxConnections: 1,
      maxAnswerBytes,
    });
    this.#pauses = 0;
    this.counter.start();
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.close();
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    const outcome = new OutcomeBuilder();
    let index = 0;
    let failure: unknown = null;
    for (const batch of delivery.batches) {
      for (let i = 0; i < batch.count; i++, index++) {
        // What comes behind an event that has not arrived waits for it.
        failure ??= await this.#deliverOne(batch.event(i).body, signal);
        if (failure !== null) outcome.pend(index, failure);
      }
    }
    return outcome.outcome();
  }

  /** Null when the event may be forgotten; else why it has to be delivered again. */
  async #deliverOne(body: Buffer, signal: AbortSignal): Promise<unknown> {
    try {
      for (;;) {
        if (this.#pauses > 0) await pause(Math.min(this.#pauses * pauseStepMs, longestPauseMs), signal);
        const failure = await this.#send(body, signal);
        if (failure === null || failure.isPaused) return failure?.error ?? null;
        this.trouble = failure.error;
        if (signal.aborted) return failure.error;
      }
    } finally {
      this.trouble = null;
    }
  }

  /** One request. `isPaused`: the next try is for later. */
  async #send(body: Buffer, signal: AbortSignal): Promise<{ error: unknown; isPaused: boolean } | null> {
    const { log, name } = this.#context;
    if (body.length === 0) {
      log.warn('Processed empty event');
      this.#pauses++;
      return null;
    }
    if (this.#client === null)
      return { error: new MillraceError('DELIVERY_FAILED', `sink ${name} is not started`), isPaused: true };
    this.counter.eventDrainAttempt++;
    let status: number;
    try {
      ({ status } = await this.#client.request(
        { method: 'POST', url: this.#url, headers: this.#headers, body },
        signal,
      ));
    } catch (error) {
      this.counter.eventWriteFail++;
      this.#pauses = 0; // the driver waits
      return {
        error: new MillraceError('DELIVERY_FAILED', `sink ${name}: ${errorText(error)}`, { cause: error }),
        isPaused: true,
      };
    }
    if (this.#rules.incrementMetrics(status)) this.counter.eventDrainSuccess++;
    const isPaused = this.#rules.backoff(status);
    if (!this.#rules.rollback(status)) {
      this.#pauses = isPaused ? this.#pauses + 1 : 0;
      return null;
    }
    this.#pauses = 0;
    const how = isPaused ? 'Rolled back event and backed off.' : 'Rolled back event for retry.';
    const message = `Got status code ${status} from HTTP server. ${how}`;
    log.info(message);
    const error = new MillraceError('DELIVERY_FAILED', `sink ${name}: ${shownUrl(this.#url)}: ${message}`);
    return { error, isPaused };
  }
}

function validateHttp({ endpoint }: Options): OptionFinding[] {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return [];
  return [
    { key: 'endpoint', message: 'endpoint: Endpoint URL invalid', suggestion: 'write http://HOST:PORT/PATH' },
  ];
}

function notesOfHttp(values: Options): OptionFinding[] {
  const notes: OptionFinding[] = [];
  for (const name of ['backoff', 'rollback', 'incrementMetrics'] as const) {
    for (const key of values[name].keys()) {
      if (isStatusKey(key)) continue;
      const suggestion = `write ${name}.503 or ${name}.5XX`;
      notes.push({
        key: `${name}.${key}`,
        message: `${name}.${key}: no status is called so; it has no effect`,
        suggestion,
      });
    }
  }
  const arrives =
    values.defaultRollback === false ||
    [...values.rollback].some(
      ([key, value]) => key.startsWith('2') && value.trim().toLowerCase() === 'false',
    );
  if (!arrives)
    notes.push({
      key: ['defaultRollback', 'endpoint'],
      message: 'endpoint: no status lets an event go: it is sent again and again, also after 200',
      suggestion: 'set rollback.2XX = false',
      code: 'never-arrives',
    });
  return notes;
}
