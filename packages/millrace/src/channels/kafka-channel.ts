import { KafkaClient } from '../client/client.ts';
import { fatalProblems, problemNotes, serverFaults, withDefaults } from '../client/component-properties.ts';
import { Consumer } from '../client/consumer.ts';
import type { TopicPartition } from '../client/options.ts';
import { Producer } from '../client/producer.ts';
import {
  consumerOptionsFrom,
  consumerPropertyNames,
  producerOptionsFrom,
  producerPropertyNames,
  splitServers,
} from '../client/properties.ts';
import { type RoutedBatch, type RouteOptions, routeBatch } from '../client/route-events.ts';
import { topicNameFault } from '../client/topic-name.ts';
import type { Channel, Transaction } from '../component/channel.ts';
import { KafkaChannelCounter } from '../component/counters.ts';
import { type ComponentContext, defineChannel } from '../component/define.ts';
import { BasicTransaction } from '../component/transaction.ts';
import { type OptionValues, opt } from '../config/options.ts';
import { decodeAvroEvents } from '../records/avro-event.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { Bell } from '../runtime/timers.ts';
import { type TakePiece, TakeQueue } from './kafka-channel-takes.ts';

const options = {
  'kafka.bootstrap.servers': opt.string({
    doc: 'Brokers to ask first: host:port, separated by commas.',
    required: true,
    oldNames: ['brokerList'],
  }),
  'kafka.topic': opt.string({
    doc: 'The topic that holds the events.',
    default: 'flume-channel',
    oldNames: ['topic'],
  }),
  'kafka.consumer': opt.map({
    doc: "Kafka's own consumer properties; group.id is flume and auto.offset.reset earliest unless set here.",
    keys: consumerPropertyNames,
  }),
  'kafka.producer': opt.map({
    doc: "Kafka's own producer properties; acks is all unless set here.",
    keys: producerPropertyNames,
  }),
  groupId: opt.string({
    doc: 'Old form of kafka.consumer.group.id.',
    replacedBy: 'kafka.consumer.group.id',
  }),
  readSmallestOffset: opt.boolean({
    doc: 'Old form of kafka.consumer.auto.offset.reset: true is earliest.',
    replacedBy: 'kafka.consumer.auto.offset.reset',
  }),
  parseAsFlumeEvent: opt.boolean({
    doc: 'Whether values are Avro data with headers and body; false: the body alone, other headers than key are lost.',
    default: true,
  }),
  'kafka.pollTimeout': opt.duration('ms', {
    doc: 'How long a take waits for events.',
    java: 'long',
    default: 500,
    min: 0,
    oldNames: ['pollTimeout'],
  }),
  partitionIdHeader: opt.string({ doc: 'The header that names the partition; it must hold a whole number.' }),
  defaultPartitionId: opt.int({ doc: 'The partition of events that name none.', min: 0 }),
  capacity: opt.string({ doc: 'Of other channels.', ignored: 'the topic has no capacity' }),
  transactionCapacity: opt.string({ doc: 'Of other channels.', ignored: 'a transaction has no limit here' }),
  zookeeperConnect: opt.string({
    doc: 'Of old versions.',
    ignored: 'brokers are found by kafka.bootstrap.servers',
  }),
  migrateZookeeperOffsets: opt.boolean({ doc: 'Of old versions.', ignored: 'offsets are kept in Kafka' }),
};
type Options = OptionValues<typeof options>;

const producerProperties = (values: Options): ReadonlyMap<string, string> =>
  withDefaults(values['kafka.producer'], { acks: 'all', 'linger.ms': '0' });

function consumerProperties(values: Options): ReadonlyMap<string, string> {
  const reset = values.readSmallestOffset === false ? 'latest' : 'earliest';
  return withDefaults(values['kafka.consumer'], {
    'group.id': values.groupId ?? 'flume',
    'auto.offset.reset': reset,
  });
}

export const kafkaChannel = defineChannel({
  classNames: ['org.apache.flume.channel.kafka.KafkaChannel'],
  summary:
    'Keeps events in a Kafka topic; works without a source (Kafka to sink) and without a sink (source to Kafka).',
  options,
  validate: (values) => {
    const faults = [
      ...fatalProblems('kafka.producer', producerOptionsFrom(producerProperties(values)).problems),
      ...fatalProblems('kafka.consumer', consumerOptionsFrom(consumerProperties(values)).problems, {
        'group.id': 'groupId',
      }),
    ];
    faults.push(...serverFaults('kafka.bootstrap.servers', values['kafka.bootstrap.servers']));
    const fault = topicNameFault(values['kafka.topic']);
    if (fault !== null) {
      const message = `kafka.topic: "${values['kafka.topic']}" cannot be a topic's name: ${fault}`;
      faults.push({ key: 'kafka.topic', message });
    }
    return faults;
  },
  notes: (values) => [
    ...problemNotes('kafka.producer', producerOptionsFrom(producerProperties(values)).problems),
    ...problemNotes('kafka.consumer', consumerOptionsFrom(consumerProperties(values)).problems),
  ],
  isDestination: true,
  create: (context) => new KafkaChannel(context),
});

/** How long a rebalance waits for open takes of the partitions that go to another member. */
const revokeWaitMs = 10_000;
/** How long `stop` waits for the answers to puts that are under way. */
const stopWaitMs = 10_000;
/** A wait for events polls in steps, so that a take never waits long behind it. */
const pollStepMs = 500;

/**
 * Flume's KafkaChannel: a put commits when the brokers have acknowledged its events; a take reads as a member of a
 * consumer group and commits offsets up to the first event that is not done with. The group is joined at the first
 * take, so a channel without a sink has no member there.
 */
export class KafkaChannel implements Channel {
  readonly name: string;
  readonly counter = new KafkaChannelCounter();
  readonly transactionCapacity = Number.POSITIVE_INFINITY;
  readonly durable = true;
  readonly #context: ComponentContext<typeof options>;
  readonly #route: RouteOptions;
  readonly #takes = new TakeQueue();
  readonly #bell = new Bell();
  #client: KafkaClient | null = null;
  #producer: Producer | null = null;
  #consumer: Consumer | null = null;
  #filling: Promise<void> | null = null;

  constructor(context: ComponentContext<typeof options>) {
    this.#context = context;
    this.name = context.name;
    const { options: values } = context;
    this.#route = {
      topic: values['kafka.topic'],
      allowTopicOverride: false,
      topicHeader: 'topic',
      partitionIdHeader: values.partitionIdHeader,
      defaultPartitionId: values.defaultPartitionId,
      timestampHeader: undefined,
      headerNames: new Map(),
      useFlumeEventFormat: values.parseAsFlumeEvent,
      onBadTimestamp: () => {},
    };
  }

  async start(): Promise<void> {
    if (this.#client !== null) return;
    const { options: values, log, agent, name } = this.#context;
    log.info(`Starting Kafka Channel: ${name}`);
    const parsed = producerOptionsFrom(producerProperties(values));
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: splitServers(values['kafka.bootstrap.servers']),
      log,
    });
    this.#producer = new Producer(this.#client, parsed.options);
    log.info(`Topic = ${values['kafka.topic']}`);
    this.counter.start();
  }

  async stop(): Promise<void> {
    if (this.#client === null) return;
    const consumer = this.#consumer;
    this.#consumer = null;
    await consumer?.close();
    await this.#filling?.catch(() => {});
    this.#takes.close(consumer?.assignment ?? []);
    await this.#producer?.close(stopWaitMs);
    await this.#client.close();
    this.#producer = null;
    this.#client = null;
    this.#bell.ring();
    this.counter.stop();
    this.#context.log.info(`Kafka channel ${this.name} stopped.`);
  }

  begin(): Transaction {
    if (this.#client === null)
      throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
    return new KafkaTransaction(this.name, this);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + maxMs;
    while (this.#takes.empty && !signal.aborted) {
      const left = deadline - Date.now();
      if (left <= 0) return;
      // A failure is the next take's to tell.
      if (
        this.#client === null ||
        !(await this.#fill(Math.min(left, pollStepMs), signal).then(
          () => true,
          () => false,
        ))
      ) {
        await this.#bell.wait(left, signal);
      }
    }
  }

  /** Sends the batches and resolves when all are acknowledged. Throws what `KafkaChannel` throws: `DELIVERY_FAILED`. */
  async send(batches: readonly EventBatch[]): Promise<void> {
    const producer = this.#producer;
    if (producer === null) throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
    const routed: RoutedBatch[] = batches.flatMap((batch) => routeBatch(batch, this.#route));
    const began = performance.now();
    const sends = routed.map(({ topic, partition, batch, stamp }) =>
      producer.send(topic, partition, batch, { stamp }),
    );
    void producer.flush();
    const failed = (await Promise.allSettled(sends)).find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      const cause: unknown = failed.reason;
      throw new MillraceError(
        'DELIVERY_FAILED',
        `Commit failed as send to Kafka failed: ${errorText(cause)}`,
        { cause },
      );
    }
    this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
  }

  /** The next events, waiting `kafka.pollTimeout` for them where `mayWait`. */
  async takePiece(
    most: number,
    mayWait: boolean,
    signal: AbortSignal | undefined,
  ): Promise<TakePiece | null> {
    if (this.#takes.empty && mayWait) {
      const began = Date.now();
      const deadline = began + this.#context.options['kafka.pollTimeout'];
      // A poll comes back empty when the group was joined: the rest of the time is for the events.
      do await this.#fill(Math.max(0, deadline - Date.now()), signal);
      while (this.#takes.empty && Date.now() < deadline && signal?.aborted !== true);
      this.counter.kafkaEventGetTimer += Date.now() - began;
    }
    return this.#takes.take(most);
  }

  /** The events of a piece, as they were put. Throws `BATCH_CORRUPT` where values are not Avro data and should be. */
  eventsOf({ batch, baseOffset }: TakePiece): EventBatch {
    const shown = { baseOffset, keyHeader: 'key' };
    if (!this.#context.options.parseAsFlumeEvent)
      return batch.withOrigin({ ...shown, headerNames: new Map() });
    try {
      return decodeAvroEvents(batch).withOrigin(shown);
    } catch (cause) {
      const hint =
        'This is usually caused by trying to read a non-flume event. Ensure the setting for parseAsFlumeEvent is correct';
      throw new MillraceError(
        'BATCH_CORRUPT',
        `Error while getting events from Kafka. ${hint}: ${errorText(cause)}`,
        { cause },
      );
    }
  }

  giveBack(pieces: readonly TakePiece[]): void {
    this.#takes.giveBack(pieces);
    this.#bell.ring();
  }

  /** Commits what may be committed. As in Flume, a failure is logged: a later commit covers it, or events come again. */
  async finish(pieces: readonly TakePiece[]): Promise<void> {
    const offsets = this.#takes.finish(pieces);
    this.#bell.ring();
    if (offsets.length === 0 || this.#consumer === null) return;
    const began = performance.now();
    try {
      await this.#consumer.commit(offsets);
    } catch (error) {
      this.#context.log.info(`Error committing offsets. ${errorText(error)}`);
    }
    this.counter.kafkaCommitTimer += Math.round(performance.now() - began);
  }

  /** Polls once; calls at the same time share one poll. */
  #fill(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    this.#filling ??= this.#poll(maxMs, signal).finally(() => {
      this.#filling = null;
      if (!this.#takes.empty) this.#bell.ring();
    });
    return this.#filling;
  }

  async #poll(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#client === null)
      throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
    this.#consumer ??= this.#newConsumer(this.#client);
    for (const fetched of await this.#consumer.poll(maxMs, signal)) this.#takes.add(fetched);
  }

  #newConsumer(client: KafkaClient): Consumer {
    const { options: values, log } = this.#context;
    const parsed = consumerOptionsFrom(consumerProperties(values));
    const tell = (partitions: readonly TopicPartition[], what: string): void => {
      for (const { topic, partition } of partitions)
        log.info(`topic ${topic} - partition ${partition} ${what}.`);
    };
    return new Consumer(client, {
      ...parsed.options,
      groupId: parsed.options.groupId ?? 'flume',
      topics: [values['kafka.topic']],
      onAssigned: (partitions) => tell(partitions, 'assigned'),
      onRevoked: async (partitions) => {
        tell(partitions, 'revoked');
        this.#takes.drop(partitions);
        const deadline = Date.now() + revokeWaitMs;
        while (this.#takes.openOf(partitions) > 0 && Date.now() < deadline) {
          await this.#bell.wait(deadline - Date.now());
        }
        this.#takes.close(partitions);
      },
      onLost: (partitions) => {
        tell(partitions, 'lost');
        this.#takes.close(partitions);
      },
    });
  }
}

class KafkaTransaction extends BasicTransaction {
  protected override readonly heldAtCommit = true;
  readonly #channel: KafkaChannel;
  readonly #puts: EventBatch[] = [];
  readonly #taken: TakePiece[] = [];

  constructor(name: string, channel: KafkaChannel) {
    super(name);
    this.#channel = channel;
  }

  protected override async doPut(batch: EventBatch): Promise<void> {
    if (this.#taken.length > 0) throw mixed(this.#channel.name);
    this.#puts.push(batch);
    this.#channel.counter.eventPutAttempt += batch.count;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    if (this.#puts.length > 0) throw mixed(this.#channel.name);
    // A poll may take partitions away, and that waits for open takes: one that holds events must not wait for itself.
    const piece = await this.#channel.takePiece(maxEvents, this.#taken.length === 0, signal);
    if (piece === null) return null;
    this.#taken.push(piece);
    const events = this.#channel.eventsOf(piece);
    this.#channel.counter.eventTakeAttempt += events.count;
    return events;
  }

  protected override async doCommit(): Promise<void> {
    const { counter } = this.#channel;
    if (this.#puts.length > 0) {
      await this.#channel.send(this.#puts);
      counter.eventPutSuccess += countOf(this.#puts);
    } else if (this.#taken.length > 0) {
      await this.#channel.finish(this.#taken);
      counter.eventTakeSuccess += countOf(this.#taken.map(({ batch }) => batch));
    }
  }

  protected override async doRollback(): Promise<void> {
    if (this.#taken.length === 0) return;
    this.#channel.counter.rollbackCount += countOf(this.#taken.map(({ batch }) => batch));
    this.#channel.giveBack(this.#taken);
  }
}

const countOf = (batches: readonly EventBatch[]): number =>
  batches.reduce((sum, { count }) => sum + count, 0);

const mixed = (name: string): MillraceError =>
  new MillraceError('TRANSACTION_STATE', `channel ${name}: a transaction puts or takes, not both`);
