import { SinkCounter } from '../../component/counters.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import { tlsOfStores } from '../../component/options/http-tls.ts';
import type { DeliverOptions, Sink, SinkBatch } from '../../component/sink.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Wait } from '../../runtime/wait.ts';
import { type Entry, EntryMaker } from './entry.ts';
import {
  type RedisAddress,
  redisAddress,
  redisFaults,
  redisNotes,
  redisOptions,
  shownServer,
} from './options.ts';
import { RedisPlace } from './place.ts';
import { neverThere } from './replay.ts';
import { explained, isErrorReply, RedisFault, type RedisReply } from './server.ts';

export const redisSink = defineSink({
  type: 'redis',
  classNames: [],
  summary: 'Adds events to streams of Redis or Valkey, on request each once.',
  example: `
a1.sinks.k1.type = redis
a1.sinks.k1.url = rediss://collector@redis.example.com:6379
a1.sinks.k1.password = example
a1.sinks.k1.stream = events
a1.sinks.k1.maxLength = 1000000
a1.sinks.k1.batchSize = 1000
`,
  options: redisOptions,
  batchSizeOption: 'batchSize',
  validate: redisFaults,
  notes: redisNotes,
  writes: (values) => {
    const { host, port, database } = redisAddress(values.url)!;
    return {
      at: [`${host}:${port}`],
      name: `${database}/${values.stream}`,
      key: 'stream',
      title: `the stream ${values.stream}`,
    };
  },
  promises: ({ url, stream, ids }) => ({
    does: `adds entries to the stream ${stream} of ${shownServer(redisAddress(url)!)}`,
    delivered: 'the server has it in memory; when it is on its disk, appendfsync of the server says',
    survives: 'unknown',
    exactlyOnce: ids === 'offset',
    ...(ids === 'offset'
      ? {}
      : { doubles: ['after a lost answer, or a kill before the channel knows, entries are added again'] }),
  }),
  create: (context) => new RedisSink(context),
});

/** So much goes through quickly; the server holds it as a whole before it runs. */
const batchBytes = 8 * 1024 * 1024;

class RedisSink implements Sink {
  readonly counter = new SinkCounter();
  /** One delivery at a time: an entry that comes behind a greater one is taken for one that is there. */
  readonly batch: SinkBatch;
  readonly #context: SinkContext<typeof redisOptions>;
  readonly #address: RedisAddress;
  readonly #entries: EntryMaker;
  readonly #fault: Wait;
  #server: RedisPlace | null = null;
  #toldNameless = false;

  constructor(context: SinkContext<typeof redisOptions>) {
    const { options } = context;
    this.#context = context;
    this.batch = { events: options.batchSize, bytes: batchBytes };
    this.#address = redisAddress(options.url, options.password)!;
    this.#entries = new EntryMaker(options);
    this.#fault = context.state.wait('fault');
  }

  /** Works also while no server can be had. Throws as `tlsOfStores`. */
  async start(): Promise<void> {
    const { options, name } = this.#context;
    const stores = {
      truststore: options.truststore,
      truststorePassword: options['truststore-password']?.reveal(),
      keystore: options.keystore,
      keystorePassword: options['keystore-password']?.reveal(),
    };
    const tls = this.#address.isTls ? { tls: await tlsOfStores(stores, `sink ${name}`) } : {};
    this.#server = new RedisPlace({
      ...tls,
      address: this.#address,
      connectTimeoutMs: options.connectTimeout,
      requestTimeoutMs: options.requestTimeout,
      onConnection: (opened) => {
        if (opened) this.counter.connectionCreated++;
        else this.counter.connectionClosed++;
      },
    });
    this.counter.start();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close();
    this.#fault.end();
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    const server = this.#server;
    if (server === null) throw this.#failure('it is not started');
    const outcome = new OutcomeBuilder();
    const { entries, events } = this.#made(delivery, outcome);
    if (entries.length === 0) return outcome.outcome();
    try {
      const replies = await server.transaction(
        entries.map(({ command }) => command),
        signal,
      );
      await this.#sort(server, { entries, events, replies }, outcome, signal);
      this.#fault.end();
      return outcome.outcome();
    } catch (error) {
      this.counter.eventWriteFail++;
      if (error instanceof RedisFault && error.isConnection) this.counter.connectionFailed++;
      const why = `${shownServer(this.#address)}: ${errorText(error)}`;
      this.#fault.begin(why);
      throw this.#failure(why, error);
    }
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  /** `events`: of each entry the place of its event. */
  #made(delivery: Delivery, outcome: OutcomeBuilder): { entries: Entry[]; events: number[] } {
    const entries: Entry[] = [];
    const events: number[] = [];
    let at = 0;
    for (const batch of delivery.batches) {
      for (let i = 0; i < batch.count; i++, at++) {
        const made = this.#entries.entry(batch, i);
        if (typeof made === 'string') outcome.refuse(at, made);
        else {
          entries.push(made);
          events.push(at);
        }
      }
    }
    if (this.#entries.hasNameless && !this.#toldNameless) {
      this.#toldNameless = true;
      const { log, name, options } = this.#context;
      log.warn(
        `sink ${name}: ids = offset: there are events that come from no topic: they go to the stream ${options.stream}, with names that the server makes, and are added again when a delivery is repeated`,
      );
    }
    return { entries, events };
  }

  async #sort(
    server: RedisPlace,
    { entries, events, replies }: { entries: Entry[]; events: number[]; replies: RedisReply[] },
    outcome: OutcomeBuilder,
    signal: AbortSignal,
  ): Promise<void> {
    const passed: number[] = [];
    for (const [i, reply] of replies.entries()) {
      if (!isErrorReply(reply)) continue;
      if (entries[i]!.id !== null && isPassed(reply.message)) passed.push(i);
      else
        outcome.pend(events[i]!, this.#failure(`${shownServer(this.#address)}: ${explained(reply.message)}`));
    }
    if (passed.length === 0) return;
    const missing = await neverThere(
      passed.map((i) => entries[i]!),
      (commands) => server.transaction(commands, signal),
    );
    for (const at of missing)
      outcome.refuse(
        events[passed[at]!]!,
        `its entry ${entries[passed[at]!]!.id} of the stream ${entries[passed[at]!]!.stream} is not there, and greater ones are: another sink writes the same partition, or the order was lost`,
      );
  }

  #failure(why: string, cause?: unknown): MillraceError {
    const message = `sink ${this.#context.name}: ${why}`;
    return new MillraceError('DELIVERY_FAILED', message, cause === undefined ? {} : { cause });
  }
}

/** The stream has an entry of this name or of a greater one (`XADD`). */
const isPassed = (message: string) => message.includes('equal or smaller than the target stream top item');
