import { KafkaClient } from '../client/client.ts';
import { fatalProblems, problemNotes, serverFaults, withDefaults } from '../client/component-properties.ts';
import { Producer } from '../client/producer.ts';
import { producerOptionsFrom, producerPropertyNames, splitServers } from '../client/properties.ts';
import { type RoutedBatch, type RouteOptions, routeBatch } from '../client/route-events.ts';
import type { Transaction } from '../component/channel.ts';
import { KafkaSinkCounter } from '../component/counters.ts';
import { defineSink, type SinkContext } from '../component/define.ts';
import type { ProcessStatus, Sink } from '../component/sink.ts';
import { type OptionValues, opt } from '../config/options.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';

const defaultTopic = 'default-flume-topic';

const options = {
  'kafka.bootstrap.servers': opt.string({
    doc: 'Brokers to ask first: host:port, separated by commas.',
    required: true,
    oldNames: ['brokerList'],
  }),
  'kafka.topic': opt.string({
    doc: 'Where events go that name no topic themselves; may hold %{header} while allowTopicOverride is true.',
    default: defaultTopic,
    oldNames: ['topic'],
  }),
  flumeBatchSize: opt.int({
    doc: 'Most events of one transaction.',
    unit: 'events',
    default: 100,
    min: 1,
    oldNames: ['batchSize'],
  }),
  useFlumeEventFormat: opt.boolean({
    doc: 'Send headers and body as an Avro datum (AvroFlumeEvent) instead of the body alone.',
    default: false,
  }),
  allowTopicOverride: opt.boolean({ doc: 'Whether an event may name its topic in a header.', default: true }),
  topicHeader: opt.string({ doc: 'The header that names the topic.', default: 'topic' }),
  partitionIdHeader: opt.string({ doc: 'The header that names the partition; it must hold a whole number.' }),
  defaultPartitionId: opt.int({ doc: 'The partition of events that name none.', min: 0 }),
  timestampHeader: opt.string({ doc: "The header that holds the record's time in Unix ms." }),
  header: opt.map({ doc: 'header.NAME = the record header in which the event header NAME is sent.' }),
  'kafka.producer': opt.map({
    doc: "Kafka's own producer properties; acks is 1, linger.ms 0 and batch.size 131072 unless set here.",
    keys: producerPropertyNames,
  }),
  requiredAcks: opt.string({
    doc: 'Old form of kafka.producer.acks: 0, 1 or -1.',
    replacedBy: 'kafka.producer.acks',
  }),
  'serializer.class': opt.string({ doc: 'Of old versions.', ignored: 'bodies are sent as they are' }),
  'key.serializer.class': opt.string({ doc: 'Of old versions.', ignored: 'keys are sent as UTF-8' }),
};
type Options = OptionValues<typeof options>;

/** Nothing lingers, as in Flume; small batches are joined only while the brokers are busy, and then to large ones. */
function producerProperties(values: Options): ReadonlyMap<string, string> {
  return withDefaults(values['kafka.producer'], {
    acks: values.requiredAcks ?? '1',
    'linger.ms': '0',
    'batch.size': '131072',
  });
}

export const kafkaSink = defineSink({
  classNames: ['org.apache.flume.sink.kafka.KafkaSink'],
  summary: 'Sends events to Kafka topics, several batches under way at once.',
  options,
  batchSizeOption: 'flumeBatchSize',
  validate: (values) => {
    const { problems } = producerOptionsFrom(producerProperties(values));
    const faults = fatalProblems('kafka.producer', problems, { acks: 'requiredAcks' });
    faults.push(...serverFaults('kafka.bootstrap.servers', values['kafka.bootstrap.servers']));
    if (/%[^{]/.test(values['kafka.topic'])) {
      faults.push({ key: 'kafka.topic', message: 'kafka.topic: only %{header} is understood here' });
    }
    return faults;
  },
  notes: (values) => problemNotes('kafka.producer', producerOptionsFrom(producerProperties(values)).problems),
  writes: (values) => ({
    at: splitServers(values['kafka.bootstrap.servers']),
    name: values['kafka.topic'],
    key: 'kafka.topic',
    ...(values.allowTopicOverride ? { header: values.topicHeader } : {}),
  }),
  create: (context) => new KafkaSink(context),
});

/** A take transaction whose events are on their way. */
interface Flight {
  readonly transaction: Transaction;
  readonly events: number;
  readonly sizeBytes: number;
  /** Never rejects; false: the broker did not take it, or the commit failed. */
  readonly done: Promise<boolean>;
}

/** Bounds on what is under way between calls of `process`. */
const maxFlights = 256;
const maxFlightBytes = 16 * 1024 * 1024;
/** A take of so much is as good as a full one; going on would cut the channel's next batch, and a cut batch is copied. */
const enoughBytes = 512 * 1024;
/** How long `stop` waits for answers before it gives the events back to the channel. */
const stopWaitMs = 10_000;

/**
 * Flume's KafkaSink. Takes are committed in order, each as soon as the broker has acknowledged all its events; when one
 * fails, it and all after it are rolled back, the latest first, and `process` throws.
 */
export class KafkaSink implements Sink {
  readonly counter = new KafkaSinkCounter();
  readonly #context: SinkContext<typeof options>;
  readonly #route: RouteOptions;
  readonly #flights: Flight[] = [];
  #client: KafkaClient | null = null;
  #producer: Producer | null = null;
  #flightBytes = 0;
  #failure: unknown = null;
  /** Ends a take that waits for events while a failure is to be dealt with. */
  #failed = new AbortController();
  #wake: { readonly of: AbortSignal; readonly either: AbortSignal } | null = null;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
    const { options: values, log } = context;
    this.#route = {
      topic: values['kafka.topic'],
      allowTopicOverride: values.allowTopicOverride,
      topicHeader: values.topicHeader,
      partitionIdHeader: values.partitionIdHeader,
      defaultPartitionId: values.defaultPartitionId,
      timestampHeader: values.timestampHeader,
      headerNames: values.header,
      useFlumeEventFormat: values.useFlumeEventFormat,
      onBadTimestamp: (value) => log.warn(`Invalid timestamp in header ${values.timestampHeader} - ${value}`),
    };
  }

  async start(): Promise<void> {
    const { options: values, log, name, agent } = this.#context;
    if (values['kafka.topic'] === defaultTopic) {
      log.warn(`Topic was not specified. Using ${defaultTopic} as the topic.`);
    }
    if (values.requiredAcks !== undefined) {
      log.warn('requiredAcks is deprecated. Please use the parameter kafka.producer.acks');
    }
    const parsed = producerOptionsFrom(producerProperties(values));
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: splitServers(values['kafka.bootstrap.servers']),
      log,
    });
    this.#producer = new Producer(this.#client, parsed.options);
    this.counter.start();
  }

  async stop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    // What is not acknowledged by then fails, and goes back to the channel.
    await producer?.close(stopWaitMs);
    await this.#land();
    this.#failure = null;
    this.#failed = new AbortController();
    this.#wake = null;
    await this.#client?.close();
    this.#client = null;
    this.counter.stop();
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    if (this.#failure === null) await this.#waitForWindow(signal);
    if (this.#failure !== null) await this.#giveBack(signal);
    const taken = await this.#takeAndSend(signal);
    if (taken > 0) return 'ready';
    if (this.#flights.length > 0) {
      await this.#arrivals(signal);
      if (this.#failure !== null) await this.#giveBack(signal);
      return 'ready';
    }
    return 'backoff';
  }

  async #waitForWindow(signal: AbortSignal): Promise<void> {
    const isFull = (): boolean => this.#flights.length >= maxFlights || this.#flightBytes >= maxFlightBytes;
    while (isFull() && this.#failure === null && !signal.aborted) {
      await unlessAborted(this.#flights[0]!.done, signal);
    }
  }

  /** Resolves when all that is under way has ended, well or badly; sooner when the signal aborts: `stop` sees to it. */
  async #arrivals(signal: AbortSignal): Promise<void> {
    await unlessAborted(Promise.all(this.#flights.map(({ done }) => done)), signal);
  }

  /** Takes up to a batch of events and sends it off; the number of events. */
  async #takeAndSend(signal: AbortSignal): Promise<number> {
    const { channel, options: values } = this.#context;
    const transaction = channel.begin();
    const wake = this.#wakeSignal(signal);
    const routed: RoutedBatch[] = [];
    let events = 0;
    let sizeBytes = 0;
    try {
      while (events < values.flumeBatchSize && sizeBytes < enoughBytes) {
        const batch = await transaction.take(values.flumeBatchSize - events, wake);
        if (batch === null) break;
        events += batch.count;
        sizeBytes += batch.sizeBytes;
        routed.push(...routeBatch(batch, this.#route));
      }
    } catch (error) {
      this.counter.eventDrainAttempt += events;
      await this.#giveBack(signal, error, transaction);
    }
    if (this.#failure !== null) await this.#giveBack(signal, this.#failure, transaction);
    if (events === 0) {
      await transaction.rollback();
      this.counter.batchEmpty++;
      return 0;
    }
    if (events < values.flumeBatchSize && sizeBytes < enoughBytes) this.counter.batchUnderflow++;
    this.counter.eventDrainAttempt += events;
    this.#depart(transaction, events, sizeBytes, routed);
    return events;
  }

  /** Aborts with the runner's signal, and when something under way fails. */
  #wakeSignal(signal: AbortSignal): AbortSignal {
    if (this.#wake?.of !== signal) {
      this.#wake = { of: signal, either: AbortSignal.any([signal, this.#failed.signal]) };
    }
    return this.#wake.either;
  }

  #depart(transaction: Transaction, events: number, sizeBytes: number, routed: readonly RoutedBatch[]): void {
    const began = performance.now();
    const producer = this.#producer;
    const sends = routed.map(({ topic, partition, batch, stamp }) =>
      producer === null
        ? Promise.reject(new MillraceError('DELIVERY_FAILED', 'the sink is stopped'))
        : producer.send(topic, partition, batch, { stamp }),
    );
    // All must have ended before a rollback, or an event could be under way twice.
    const sent = Promise.allSettled(sends);
    const before = this.#flights.at(-1)?.done ?? Promise.resolve(true);
    const arrive = async (): Promise<boolean> => {
      const failed = (await sent).find((result) => result.status === 'rejected');
      if (!(await before) || this.#failure !== null) return false;
      if (failed !== undefined) {
        this.#fail(failed.reason);
        return false;
      }
      try {
        await transaction.commit();
      } catch (error) {
        this.#fail(error);
        return false;
      }
      this.#flights.shift();
      this.#flightBytes -= sizeBytes;
      this.counter.eventDrainSuccess += events;
      this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
      return true;
    };
    this.#flightBytes += sizeBytes;
    this.#flights.push({ transaction, events, sizeBytes, done: arrive() });
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#failed.abort();
  }

  /** Waits until everything under way has ended, well or badly; rolls back what ended badly. */
  async #land(): Promise<void> {
    await Promise.all(this.#flights.map(({ done }) => done));
    for (const { transaction } of this.#flights.splice(0).reverse()) await this.#rollback(transaction);
    this.#flightBytes = 0;
  }

  async #rollback(transaction: Transaction): Promise<void> {
    await transaction.rollback();
    this.counter.rollbackCount++;
  }

  /** Gives back what failed and all after it, `latest` first of all, and throws. */
  async #giveBack(signal: AbortSignal, error: unknown = this.#failure, latest?: Transaction): Promise<never> {
    await this.#arrivals(signal);
    if (latest !== undefined) await this.#rollback(latest);
    // What is still under way when the sink is to stop is given back there, after the producer has given it up.
    if (!signal.aborted) {
      await this.#land();
      this.#failure = null;
      this.#failed = new AbortController();
      this.#wake = null;
    }
    throw new MillraceError('DELIVERY_FAILED', `Failed to publish events: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** Resolves with the promise, or when the signal aborts. */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake);
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', wake);
}
