import { KafkaClient } from '../../clients/kafka/client.ts';
import { Producer } from '../../clients/kafka/producer/producer.ts';
import { SendFailure } from '../../clients/kafka/producer/send-failure.ts';
import { producerProperties } from '../../clients/kafka/settings/properties.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import type { DeliverOptions, Sink, SinkBatch, SinkWindow } from '../../component/sink.ts';
import { opt } from '../../config/options.ts';
import { javaHashMapEntries } from '../../java/hash-map.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { printable } from '../../runtime/diagnostics.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { KafkaSinkCounter } from './counters.ts';
import { acknowledgementNotes, deliveredBy } from './promises.ts';
import { type RoutedBatch, type RouteOptions, routeEvents } from './route.ts';
import { bootstrapServersOrBrokerList } from './servers.ts';
import { SinkTransactions } from './sink-transactions.ts';

const defaultTopic = 'default-flume-topic';

const options = {
  'kafka.bootstrap.servers': bootstrapServersOrBrokerList,
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
  // Nothing lingers, as in Flume; small batches are joined only while the brokers are busy, and then to large ones.
  'kafka.producer': opt.properties(producerProperties, {
    doc: "Kafka's own producer properties.",
    defaults: { acks: '1', 'linger.ms': '0', 'batch.size': '524288' },
    own: { acks: { option: 'requiredAcks' } },
  }),
  requiredAcks: opt.string({
    doc: 'Old form of kafka.producer.acks: 0, 1 or -1.',
    replacedBy: 'kafka.producer.acks',
  }),
  'serializer.class': opt.string({ doc: 'Of old versions.', ignored: 'bodies are sent as they are' }),
  'key.serializer.class': opt.string({ doc: 'Of old versions.', ignored: 'keys are sent as UTF-8' }),
};
export const kafkaSink = defineSink({
  classNames: ['org.apache.flume.sink.kafka.KafkaSink'],
  summary: 'Sends events to Kafka topics, several batches under way at once.',
  example: `
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = localhost:9092
a1.sinks.k1.kafka.topic = events
a1.sinks.k1.kafka.producer.acks = all
a1.sinks.k1.kafka.producer.compression.type = zstd
`,
  differs: [
    'With `kafka.producer.transactional.id` each delivery is a transaction; behind a Kafka channel of the same cluster the offsets that were read are part of it, and events arrive exactly once for readers with `isolation.level=read_committed` ([exactly-once.md](../../exactly-once.md)). Flume 1.11 has no transactions.',
  ],
  options,
  batchSizeOption: 'flumeBatchSize',
  validate: (values) =>
    /%[^{]/.test(values['kafka.topic'])
      ? [{ key: 'kafka.topic', message: 'kafka.topic: only %{header} is understood here' }]
      : [],
  writes: (values) => ({
    at: values['kafka.bootstrap.servers'],
    name: values['kafka.topic'],
    key: 'kafka.topic',
    ...(values.allowTopicOverride ? { header: values.topicHeader } : {}),
    format: values.useFlumeEventFormat ? 'flume-event' : 'body',
    formatKey: 'useFlumeEventFormat',
  }),
  needs: (values) => [
    ...[...values['kafka.topic'].matchAll(/%\{([\w.-]+)\}/g)].map(([, header]) => ({
      header: header!,
      key: 'kafka.topic',
      without: 'goes to a topic whose name lacks that part',
    })),
    ...(values.partitionIdHeader === undefined || values.defaultPartitionId !== undefined
      ? []
      : [
          {
            header: values.partitionIdHeader,
            key: 'partitionIdHeader',
            without: 'goes to a partition of the partitioner’s choice',
          },
        ]),
    ...(values.timestampHeader === undefined
      ? []
      : [
          {
            header: values.timestampHeader,
            key: 'timestampHeader',
            without: 'has the time at which it is sent',
          },
        ]),
  ],
  notes: acknowledgementNotes,
  promises: (values) => ({
    does: `writes to the topic ${values['kafka.topic']}${values.allowTopicOverride ? `, or to the one that the header ${values.topicHeader} names,` : ''} in Kafka at ${values['kafka.bootstrap.servers'].join(',')}`,
    ...deliveredBy(values['kafka.producer'].options.acks),
    exactlyOnce: values['kafka.producer'].options.transactionalId !== undefined,
    doubles: ['after a lost answer, or a kill before the channel knows, events are sent again'],
    order: 'the events of one partition stay in order',
  }),
  transactional: (values) => {
    const { transactionalId } = values['kafka.producer'].options;
    if (transactionalId === undefined) return null;
    const at = values['kafka.bootstrap.servers'];
    return { at, id: transactionalId, key: 'kafka.producer.transactional.id' };
  },
  create: (context) => new KafkaSink(context),
});

/** Bounds on what is under way at once. */
const window: SinkWindow = { deliveries: 256, bytes: 16 * 1024 * 1024 };
/** So much is as good as a full delivery; going on would cut the channel's next batch, and a cut batch is copied. */
const enoughBytes = 512 * 1024;
/** A transaction costs the same whatever is in it. */
const enoughBytesOfTransaction = 8 * 1024 * 1024;
/** How long a stop without a deadline waits for answers. */
const stopWaitMs = 10_000;

/**
 * Flume's KafkaSink. An event is acknowledged when the broker has acknowledged it; one that names no possible topic or
 * partition, or that the broker will never take, is refused.
 */
export class KafkaSink implements Sink {
  readonly counter = new KafkaSinkCounter();
  readonly batch: SinkBatch;
  readonly window = window;
  readonly #context: SinkContext<typeof options>;
  readonly #route: RouteOptions;
  #client: KafkaClient | null = null;
  #producer: Producer | null = null;
  /** In place of the producer, where deliveries are transactions. */
  #transactions: SinkTransactions | null = null;
  readonly transactional: boolean;
  /** Aborts when nobody waits for what is under way. */
  #givenUp: AbortSignal | null = null;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
    const { options: values, log } = context;
    context.state.include(() => [
      ...(this.#client?.waits() ?? []),
      ...(this.#producer?.waits() ?? []),
      ...(this.#transactions?.waits() ?? []),
    ]);
    this.transactional = values['kafka.producer'].options.transactionalId !== undefined;
    const bytes = this.transactional ? enoughBytesOfTransaction : enoughBytes;
    this.batch = { events: values.flumeBatchSize, bytes };
    this.#route = {
      topic: values['kafka.topic'],
      allowTopicOverride: values.allowTopicOverride,
      topicHeader: values.topicHeader,
      partitionIdHeader: values.partitionIdHeader,
      defaultPartitionId: values.defaultPartitionId,
      timestampHeader: values.timestampHeader,
      // Flume goes through a hash map of them.
      headerNames: new Map(javaHashMapEntries(values.header)),
      useFlumeEventFormat: values.useFlumeEventFormat,
      onBadTimestamp: (value) =>
        log.warn(`Invalid timestamp in header ${values.timestampHeader} - ${printable(value)}`),
    };
  }

  /** The producer tries again by itself, for `delivery.timeout.ms`; what it meets meanwhile is no failure yet. */
  get trouble(): unknown {
    return this.#producer?.trouble ?? this.#transactions?.trouble ?? null;
  }

  async prepare(): Promise<void> {
    await this.#transactions?.ready();
  }

  async start(): Promise<void> {
    const { options: values, log, name, agent } = this.#context;
    if (values['kafka.topic'] === defaultTopic) {
      log.warn(`Topic was not specified. Using ${defaultTopic} as the topic.`);
    }
    if (values.requiredAcks !== undefined) {
      log.warn('requiredAcks is deprecated. Please use the parameter kafka.producer.acks');
    }
    const parsed = values['kafka.producer'];
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: values['kafka.bootstrap.servers'],
      log,
    });
    const { transactionalId } = parsed.options;
    if (transactionalId === undefined) {
      this.#producer = new Producer(this.#client, { ...parsed.options, joinWhileBusy: true });
    } else {
      const producing = { ...parsed.options, transactionalId, joinWhileBusy: true };
      this.#transactions = new SinkTransactions(this.#client, producing, this.#route);
    }
    this.counter.start();
  }

  async stop(options?: StopOptions): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    // What is not acknowledged by then fails, and goes back to the channel. What is given up was waited for already.
    const leftMs = this.#givenUp?.aborted === true ? 0 : (options?.deadline ?? Deadline.never()).leftMs / 2;
    await producer?.close(Math.min(leftMs, stopWaitMs));
    await this.#transactions?.close();
    this.#transactions = null;
    await this.#client?.close();
    this.#client = null;
    this.counter.stop();
  }

  /** What lingers leaves now. */
  async flush(): Promise<void> {
    this.#transactions?.hurry();
    await this.#producer?.flush();
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (!full) this.counter.batchUnderflow++;
  }

  async deliver(delivery: Delivery, options: DeliverOptions): Promise<DeliveryOutcome> {
    const producer = this.#producer;
    this.#givenUp = options.signal;
    if (this.#transactions !== null) return await this.#deliverWhole(this.#transactions, delivery, options);
    if (producer === null) throw new MillraceError('DELIVERY_FAILED', 'the sink is stopped');
    const { batches } = delivery;
    const began = performance.now();
    const built = new OutcomeBuilder();
    const sends: Promise<void>[] = [];
    let first = 0;
    for (const batch of batches) {
      const { parts, refused } = routeEvents(batch, this.#route);
      for (const { index, reason } of refused) built.refuse(first + index, reason);
      for (const part of parts) sends.push(send(producer, part, first, built));
      first += batch.count;
    }
    await Promise.all(sends);
    const outcome = built.outcome();
    if (outcome.pending?.length !== 0) this.counter.rollbackCount++;
    else this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
    return outcome;
  }

  async #deliverWhole(
    transactions: SinkTransactions,
    delivery: Delivery,
    options: DeliverOptions,
  ): Promise<DeliveryOutcome> {
    const began = performance.now();
    try {
      const outcome = await transactions.deliver(delivery, options);
      this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
      return outcome;
    } catch (error) {
      this.counter.rollbackCount++;
      throw error;
    }
  }
}

/** Sends a part of a batch whose first event has the index `first` in its delivery; what fails is noted. */
async function send(
  producer: Producer,
  { topic, partition, batch, stamp, indexes }: RoutedBatch,
  first: number,
  built: OutcomeBuilder,
): Promise<void> {
  try {
    await producer.send(topic, partition, batch, { stamp });
  } catch (cause) {
    const indexOf = (i: number): number => first + (indexes === null ? i : indexes[i]!);
    const message = `Failed to publish events: ${errorText(cause)}`;
    const error = new MillraceError('DELIVERY_FAILED', message, { cause });
    if (cause instanceof SendFailure) {
      for (const { index, reason } of cause.refused) built.refuse(indexOf(index), reason);
      for (const index of cause.pending) built.pend(indexOf(index), error);
      return;
    }
    for (let i = 0; i < batch.count; i++) built.pend(indexOf(i), error);
  }
}
