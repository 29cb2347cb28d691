import type { HttpAnswer } from '../../clients/http/http-client.ts';
import { HttpError } from '../../clients/http/http-error.ts';
import { SinkCounter } from '../../component/counters.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import { httpTls } from '../../component/options/http-tls.ts';
import type { DeliverOptions, Sink, SinkBatch } from '../../component/sink.ts';
import type { EventView } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { bulkFates, bulkLines, bulkPath } from './bulk.ts';
import { type DocumentSerializer, serializers } from './document.ts';
import { escapedText, type IndexNamer, indexNamer } from './index-name.ts';
import {
  authorizationOf,
  elasticsearchFaults,
  elasticsearchNotes,
  elasticsearchOptions,
  needsOfElasticsearch,
  serverUrls,
  ttlMs,
} from './options.ts';
import { type Abilities, Servers } from './server.ts';
import { UnfitEvent } from './unfit-event.ts';

export const elasticsearchSink = defineSink({
  type: 'elasticsearch',
  classNames: ['org.apache.flume.sink.elasticsearch.ElasticSearchSink'],
  summary: 'Writes events as documents to Elasticsearch or OpenSearch, by bulk requests over HTTP.',
  example: `
a1.sinks.k1.type = elasticsearch
a1.sinks.k1.hostNames = es1.example.com:9200,es2.example.com:9200
a1.sinks.k1.client = rest
a1.sinks.k1.indexName = logs
a1.sinks.k1.batchSize = 1000
`,
  differs: [
    'It is always HTTP, whatever `client` says: the transport protocol is gone from Elasticsearch 8, and OpenSearch has none.',
    'Each document has a fate: one that the server will never take (4xx) is set aside with the reason, those that it may take later (401, 403, 408, 429, 5xx) are sent again, all others are done. Flume looks at the status of the whole request alone, and so loses what was refused in it.',
    'What a request may have done is sent again after a time-out, and then may be there twice: documents have no names of their own, as in Flume.',
    'Types go to Elasticsearch before 7 alone, `ttl` to Elasticsearch before 5; the log says so once.',
    'A body or header that is JSON stays JSON, to the letter: strict JSON, and one value. Flume also takes YAML, Smile, comments and names without quotes, and of several values keeps the first.',
    'With ElasticSearchDynamicSerializer a header `body` is left out; in Flume the document has two fields of that name.',
    'A header `timestamp` that is no number refuses its event; Flume tries its batch for ever.',
    'A server without a port is at 9200.',
  ],
  options: elasticsearchOptions,
  batchSizeOption: 'batchSize',
  validate: elasticsearchFaults,
  notes: elasticsearchNotes,
  promises: ({ hostNames, indexName }) => ({
    does: `writes documents to the index ${indexName} at ${hostNames}`,
    delivered: 'the server has answered that it has the document',
    survives: 'power cut',
    doubles: ['after a lost answer, or a kill before the channel knows, documents are written again'],
  }),
  needs: needsOfElasticsearch,
  create: (context) => new ElasticsearchSink(context),
});

/** Servers take 100 MiB by default; so much goes through quickly. */
const batchBytes = 10 * 1024 * 1024;
const mostAnswerBytes = 64 * 1024 * 1024;
const defaultType = 'log';
const tooLarge = 413;

/** An event on its way: its place in the delivery, and its lines of a request. */
interface Document {
  readonly at: number;
  readonly lines: string;
}

class ElasticsearchSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly #context: SinkContext<typeof elasticsearchOptions>;
  readonly #document: DocumentSerializer;
  readonly #index: IndexNamer;
  readonly #type: (event: EventView) => string;
  readonly #ttl: number;
  #servers: Servers | null = null;
  #isKnown = false;

  constructor(context: SinkContext<typeof elasticsearchOptions>) {
    const { options } = context;
    this.#context = context;
    this.batch = { events: options.batchSize, bytes: batchBytes };
    this.#document = serializers.get(options.serializer)!;
    this.#index = indexNamer(options.indexNameBuilder, options.indexName);
    this.#type = escapedText(options.indexType);
    this.#ttl = ttlMs(options.ttl ?? '');
  }

  /** Works also while no server can be had. Throws as `httpTls`. */
  async start(): Promise<void> {
    const { options, name } = this.#context;
    const urls = serverUrls(options.hostNames).filter((url) => url !== null);
    const tls = await httpTls(options, urls, `sink ${name}`);
    this.#servers = new Servers({
      ...(tls === undefined ? {} : { tls }),
      urls,
      authorization: authorizationOf(options),
      connectTimeoutMs: options.connectTimeout,
      answerTimeoutMs: options.requestTimeout,
      bodyTimeoutMs: options.requestTimeout,
      maxConnections: 1,
      maxAnswerBytes: mostAnswerBytes,
    });
    this.#isKnown = false;
    this.counter.start();
    this.counter.connectionCreated++;
  }

  async stop(): Promise<void> {
    const servers = this.#servers;
    this.#servers = null;
    if (servers !== null) this.counter.connectionClosed++;
    await servers?.close();
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    const servers = this.#servers;
    if (servers === null) throw this.#failure('it is not started');
    const outcome = new OutcomeBuilder();
    const abilities = await this.#abilities(servers, signal);
    await this.#send(servers, this.#documents(delivery, abilities, outcome), outcome, signal);
    return outcome.outcome();
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  async #abilities(servers: Servers, signal: AbortSignal): Promise<Abilities> {
    let abilities: Abilities;
    try {
      abilities = await servers.abilities(signal);
    } catch (error) {
      this.#countFailure(error);
      throw this.#failure(errorText(error), error);
    }
    if (!this.#isKnown) this.#tell(abilities);
    this.#isKnown = true;
    return abilities;
  }

  #tell({ name, types, ttl }: Abilities): void {
    const { log, options, name: sink } = this.#context;
    log.info(`sink ${sink}: the documents go to ${name}`);
    if (!types && options.indexType !== defaultType)
      log.warn(`sink ${sink}: indexType is left out: ${name} has no types`);
    if (!ttl && this.#ttl > 0)
      log.warn(
        `sink ${sink}: ttl is left out: in ${name} documents don't go by themselves; see to the indexes' ages`,
      );
  }

  #documents(delivery: Delivery, abilities: Abilities, outcome: OutcomeBuilder): Document[] {
    const documents: Document[] = [];
    let at = 0;
    for (const batch of delivery.batches) {
      for (let i = 0; i < batch.count; i++, at++) {
        try {
          documents.push({ at, lines: this.#lines(batch.event(i), abilities) });
        } catch (error) {
          if (!(error instanceof UnfitEvent)) throw error;
          outcome.refuse(at, error.message);
        }
      }
    }
    return documents;
  }

  #lines(event: EventView, { types, ttl }: Abilities): string {
    const target = {
      index: this.#index(event),
      ...(types ? { type: this.#type(event) } : {}),
      ...(ttl && this.#ttl > 0 ? { ttl: this.#ttl } : {}),
    };
    return bulkLines(target, this.#document(event));
  }

  /** One request, or, where it is too large for the server, two of half the documents. */
  async #send(
    servers: Servers,
    documents: readonly Document[],
    outcome: OutcomeBuilder,
    signal: AbortSignal,
  ): Promise<void> {
    if (documents.length === 0) return;
    let answer: HttpAnswer & { readonly server: string };
    try {
      const body = Buffer.from(documents.map(({ lines }) => lines).join(''), 'utf8');
      answer = await servers.ask('POST', bulkPath, body, signal);
    } catch (error) {
      this.#pend(documents, outcome, errorText(error), error);
      return;
    }
    const { status, server } = answer;
    if (status === tooLarge && documents.length > 1) {
      const half = documents.length >> 1;
      await this.#send(servers, documents.slice(0, half), outcome, signal);
      await this.#send(servers, documents.slice(half), outcome, signal);
    } else if (status === tooLarge)
      outcome.refuse(
        documents[0]!.at,
        `${server}: status ${status}: the document is too large for the server`,
      );
    else if (status !== 200)
      this.#pend(documents, outcome, `${server}: status ${status}: ${startOf(answer.body)}`);
    else this.#sort(documents, outcome, answer);
  }

  #sort(
    documents: readonly Document[],
    outcome: OutcomeBuilder,
    { body, server }: HttpAnswer & { readonly server: string },
  ): void {
    const fates = bulkFates(body, documents.length);
    if (fates === null) {
      this.#pend(
        documents,
        outcome,
        `${server}: it answers with no result for each document: ${startOf(body)}`,
      );
      return;
    }
    let failed: string | null = null;
    for (const [i, fate] of fates.entries()) {
      const { at } = documents[i]!;
      if (fate.kind === 'refused') outcome.refuse(at, fate.reason);
      else if (fate.kind === 'again') {
        failed ??= fate.reason;
        outcome.pend(at, this.#failure(`${server}: ${fate.reason}`));
      }
    }
    if (failed !== null) this.counter.eventWriteFail++;
  }

  #pend(documents: readonly Document[], outcome: OutcomeBuilder, why: string, cause?: unknown): void {
    this.#countFailure(cause);
    const error = this.#failure(why, cause);
    for (const { at } of documents) outcome.pend(at, error);
  }

  #countFailure(error: unknown): void {
    this.counter.eventWriteFail++;
    if (error instanceof HttpError && !error.maybeDone) this.counter.connectionFailed++;
  }

  #failure(why: string, cause?: unknown): MillraceError {
    const message = `sink ${this.#context.name}: ${why}`;
    return new MillraceError('DELIVERY_FAILED', message, cause === undefined ? {} : { cause });
  }
}

const mostShown = 300;

/** An answer's text on one line, as much of it as a person reads. */
function startOf(body: Buffer): string {
  return body.subarray(0, mostShown).toString('utf8').replaceAll(/\s+/g, ' ');
}
