import { KafkaClient } from '../../clients/kafka/client.ts';
import { Producer } from '../../clients/kafka/producer/producer.ts';
import type { BeginOptions, Channel, Transaction } from '../../component/channel.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import { lastAttemptMs } from '../../component/last-attempt.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { channelOptions } from './channel-options.ts';
import { ChannelPuts } from './channel-puts.ts';
import { ChannelReader } from './channel-reader.ts';
import { type ChannelWays, KafkaTransaction } from './channel-transaction.ts';
import { KafkaChannelCounter } from './counters.ts';
import { acknowledgementNotes, deliveredBy } from './promises.ts';

export const kafkaChannel = defineChannel({
  classNames: ['org.apache.flume.channel.kafka.KafkaChannel'],
  summary:
    'Keeps events in a Kafka topic; works without a source (Kafka to sink) and without a sink (source to Kafka).',
  example: `
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = localhost:9092
a1.channels.c1.kafka.topic = channel-c1
`,
  differs: [
    'KafkaSource and KafkaChannel set records aside that are no Avro Flume events, and go on; Flume tries them for ever (`onRefused = retry`).',
  ],
  options: channelOptions,
  validate: (values) => {
    const fault = topicNameFault(values['kafka.topic']);
    if (fault === null) return [];
    const message = `kafka.topic: "${values['kafka.topic']}" cannot be a topic's name: ${fault}`;
    return [{ key: 'kafka.topic', message }];
  },
  notes: (values) => [
    ...acknowledgementNotes(values),
    ...(values['kafka.producer'].options.transactionalId === undefined
      ? []
      : [
          {
            key: 'kafka.producer.transactional.id',
            code: 'no-effect' as const,
            message: 'has no effect: what is put here is acknowledged event by event',
            suggestion: 'set it on the sink behind the channel, which then delivers exactly once',
          },
        ]),
  ],
  stream: (values) => ({
    at: values['kafka.bootstrap.servers'],
    name: values['kafka.topic'],
    key: 'kafka.topic',
    format: values.parseAsFlumeEvent ? 'flume-event' : 'body',
    formatKey: 'parseAsFlumeEvent',
  }),
  headers: (values) => (values.parseAsFlumeEvent ? null : ['key']),
  promises: (values) => {
    const { survives, losses = [] } = deliveredBy(values['kafka.producer'].options.acks);
    return {
      does: `keeps events in the topic ${values['kafka.topic']} of Kafka at ${values['kafka.bootstrap.servers'].join(',')}`,
      survives: survives === 'power cut' || survives === 'kill' ? survives : 'stop',
      losses: [
        ...losses,
        {
          when: 'the sinks stand still for longer than the topic keeps its records',
          what: 'those that have expired are gone',
          instead: 'give the topic a longer retention.ms',
        },
      ],
      doubles: ['a rebalance of its group, or a kill, repeats what was taken and not yet committed'],
      order: 'the events of one partition stay in order',
    };
  },
  isDestination: true,
  tellsPositions: (values) => ({ at: values['kafka.bootstrap.servers'] }),
  create: (context) => new KafkaChannel(context),
});

/**
 * Flume's KafkaChannel: a put commits when the brokers have acknowledged its events; a take reads as a member of a
 * consumer group and commits offsets up to the first event that is not done with. The group is joined at the first
 * take, so a channel without a sink has no member there.
 */
export class KafkaChannel implements Channel, ChannelWays {
  readonly name: string;
  readonly counter = new KafkaChannelCounter();
  readonly transactionCapacity = Number.POSITIVE_INFINITY;
  readonly durable = true;
  readonly reader: ChannelReader;
  readonly #context: ComponentContext<typeof channelOptions>;
  readonly #puts: ChannelPuts;
  #client: KafkaClient | null = null;
  #producer: Producer | null = null;

  constructor(context: ComponentContext<typeof channelOptions>) {
    this.#context = context;
    this.name = context.name;
    context.state.include(() => [...(this.#client?.waits() ?? []), ...(this.#producer?.waits() ?? [])]);
    this.#puts = new ChannelPuts(context);
    this.reader = new ChannelReader(context, this.counter);
  }

  async start(): Promise<void> {
    if (this.#client !== null) return;
    const { options: values, log, agent, name } = this.#context;
    log.info(`Starting Kafka Channel: ${name}`);
    const parsed = values['kafka.producer'];
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: values['kafka.bootstrap.servers'],
      log,
    });
    this.#producer = new Producer(this.#client, parsed.options);
    this.reader.open(this.#client);
    log.info(`Topic = ${values['kafka.topic']}`);
    this.counter.start();
  }

  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    if (this.#client === null) return;
    await this.reader.close(deadline);
    // Sources have ended: nobody waits long for what is still under way, and it comes again.
    await this.#producer?.close((deadline ?? Deadline.never()).within(lastAttemptMs));
    await this.#client.close();
    this.#producer = null;
    this.#client = null;
    this.reader.forget();
    this.counter.stop();
    this.#context.log.info(`Kafka channel ${this.name} stopped.`);
  }

  begin(signal?: AbortSignal, options: BeginOptions = {}): Transaction {
    if (this.#client === null) throw this.#notStarted();
    return new KafkaTransaction(this, signal, options.positions === true);
  }

  waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    return this.reader.waitForEvents(maxMs, signal);
  }

  async send(batches: readonly EventBatch[], signal?: AbortSignal): Promise<number> {
    if (this.#producer === null) throw this.#notStarted();
    const began = performance.now();
    const setAside = await this.#puts.send(this.#producer, batches, signal);
    this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
    return setAside;
  }

  #notStarted(): MillraceError {
    return new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
  }
}
