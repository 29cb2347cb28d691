import { KafkaClient } from '../../clients/kafka/client.ts';
import { Consumer } from '../../clients/kafka/consumer/consumer.ts';
import type { TopicPartition } from '../../clients/kafka/options.ts';
import { Producer } from '../../clients/kafka/producer/producer.ts';
import { SendFailure } from '../../clients/kafka/producer/send-failure.ts';
import { consumerProperties, producerProperties } from '../../clients/kafka/settings/properties.ts';
import type { Channel, Transaction } from '../../component/channel.ts';
import { type ComponentContext, defineChannel } from '../../component/define.ts';
import { LastAttempt, lastAttemptMs } from '../../component/last-attempt.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { type RefusedBytes, type RefusedEventOf, refusedOptions } from '../../component/refused.ts';
import { BasicTransaction } from '../../component/transaction.ts';
import { opt } from '../../config/options.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { decodeAvroEvents } from '../../records/avro-event.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';
import { keepEvents } from '../../records/transform.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { Bell, unlessAborted } from '../../runtime/timers.ts';
import { type TakePiece, TakeQueue } from './channel-takes.ts';
import { KafkaChannelCounter } from './counters.ts';
import { type RoutedBatch, type RouteOptions, routeBatch, routeEvents } from './route.ts';
import { bootstrapServers } from './servers.ts';

const options = {
  'kafka.bootstrap.servers': bootstrapServers,
  'kafka.topic': opt.string({
    doc: 'The topic that holds the events.',
    default: 'flume-channel',
    oldNames: ['topic'],
  }),
  'kafka.consumer': opt.properties(consumerProperties, {
    doc: "Kafka's own consumer properties.",
    defaults: { 'group.id': 'flume', 'auto.offset.reset': 'earliest' },
    own: {
      'group.id': { option: 'groupId' },
      'auto.offset.reset': { option: 'readSmallestOffset', as: { true: 'earliest', false: 'latest' } },
    },
  }),
  'kafka.producer': opt.properties(producerProperties, {
    doc: "Kafka's own producer properties.",
    defaults: { acks: 'all', 'linger.ms': '0' },
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
  ...refusedOptions,
  capacity: opt.string({ doc: 'Of other channels.', ignored: 'the topic has no capacity' }),
  transactionCapacity: opt.string({ doc: 'Of other channels.', ignored: 'a transaction has no limit here' }),
  zookeeperConnect: opt.string({
    doc: 'Of old versions.',
    ignored: 'brokers are found by kafka.bootstrap.servers',
  }),
  migrateZookeeperOffsets: opt.boolean({ doc: 'Of old versions.', ignored: 'offsets are kept in Kafka' }),
};

export const kafkaChannel = defineChannel({
  classNames: ['org.apache.flume.channel.kafka.KafkaChannel'],
  summary:
    'Keeps events in a Kafka topic; works without a source (Kafka to sink) and without a sink (source to Kafka).',
  example: `
a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = localhost:9092
a1.channels.c1.kafka.topic = channel-c1
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
`,
  differs: [
    'KafkaSource and KafkaChannel set records aside that are no Avro Flume events, and go on; Flume tries them for ever (`onRefused = retry`).',
  ],
  options,
  validate: (values) => {
    const fault = topicNameFault(values['kafka.topic']);
    if (fault === null) return [];
    const message = `kafka.topic: "${values['kafka.topic']}" cannot be a topic's name: ${fault}`;
    return [{ key: 'kafka.topic', message }];
  },
  isDestination: true,
  create: (context) => new KafkaChannel(context),
});

/** How long a rebalance waits for open takes of the partitions that go to another member. */
const revokeWaitMs = 10_000;
/** How long a commit of offsets is tried: a later one covers it. */
const commitMs = 5000;
/** How often a put that is to end looks whether the brokers are down. */
const lookMs = 20;
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
  /** Of puts that failed: what of them has not arrived. A retry of the same batch goes on with that. */
  readonly #unfinished = new WeakMap<EventBatch, Unsent>();
  /** Offsets by partition of records that were set aside and are not yet committed: once is enough. */
  readonly #setAside = new Map<string, Set<number>>();

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
    const parsed = values['kafka.producer'];
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: values['kafka.bootstrap.servers'],
      log,
    });
    this.#producer = new Producer(this.#client, parsed.options);
    log.info(`Topic = ${values['kafka.topic']}`);
    this.counter.start();
  }

  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    if (this.#client === null) return;
    const consumer = this.#consumer;
    const owned = consumer?.assignment ?? [];
    this.#consumer = null;
    this.#bell.ring();
    await consumer?.close(deadline === undefined ? {} : { deadline });
    await (deadline ?? Deadline.never()).race(this.#filling?.catch(() => {}) ?? Promise.resolve());
    this.#takes.close(owned);
    this.#setAside.clear();
    // Sources have ended: nobody waits long for what is still under way, and it comes again.
    await this.#producer?.close((deadline ?? Deadline.never()).within(lastAttemptMs));
    await this.#client.close();
    this.#producer = null;
    this.#client = null;
    this.#bell.ring();
    this.counter.stop();
    this.#context.log.info(`Kafka channel ${this.name} stopped.`);
  }

  begin(signal?: AbortSignal): Transaction {
    if (this.#client === null)
      throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
    return new KafkaTransaction(this.name, this, signal);
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Deadline.in(maxMs);
    while (this.#takes.empty && !signal.aborted && !deadline.passed) {
      // A failure is the next take's to tell.
      const filled =
        this.#client !== null &&
        (await this.#fill(Math.min(deadline.leftMs, pollStepMs), signal).then(
          () => true,
          () => false,
        ));
      if (!filled) await this.#bell.wait(deadline.leftMs, signal);
    }
  }

  /**
   * Sends the batches and resolves when all their events are acknowledged, or set aside because the topic will never take
   * them. Throws what `KafkaChannel` throws, `DELIVERY_FAILED`; the same batches then go on where they ended. When the
   * signal aborts, brokers that are known to be down get one more attempt. Gives how many events were set aside.
   */
  async send(batches: readonly EventBatch[], signal?: AbortSignal): Promise<number> {
    const producer = this.#producer;
    if (producer === null) throw new MillraceError('CHANNEL_CLOSED', `channel ${this.name} is not started`);
    const began = performance.now();
    const unsent = batches.map((batch): [EventBatch, Unsent] => [
      batch,
      this.#unfinished.get(batch) ?? this.#routed(batch),
    ]);
    const ended = unsent.map(([, { parts }]) =>
      Promise.allSettled(
        parts.map(({ topic, partition, batch, stamp }) => producer.send(topic, partition, batch, { stamp })),
      ),
    );
    producer.hurry();
    if (!(await this.#answered(producer, ended, signal))) {
      const { trouble: cause } = producer;
      throw new MillraceError('DELIVERY_FAILED', `Commit given up: ${errorText(cause)}`, { cause });
    }
    let cause: unknown = null;
    let setAside = 0;
    for (const [i, [batch, before]] of unsent.entries()) {
      const left = leftOver(batch, before, await ended[i]!, this.#context.options.onRefused);
      cause ??= left.cause;
      try {
        await this.#setAsideRefused(left.refused);
        left.setAside += left.refused.length;
        left.refused = [];
      } catch (error) {
        cause ??= error;
      }
      setAside += left.setAside;
      // Also what has nothing left: another of the same transaction may fail, and both come again.
      this.#unfinished.set(batch, left);
    }
    if (cause !== null) {
      throw new MillraceError(
        'DELIVERY_FAILED',
        `Commit failed as send to Kafka failed: ${errorText(cause)}`,
        { cause },
      );
    }
    for (const batch of batches) this.#unfinished.delete(batch);
    this.counter.kafkaEventSendTimer += Math.round(performance.now() - began);
    return setAside;
  }

  /** False when the signal has aborted and the brokers were down for a last attempt. */
  async #answered(
    producer: Producer,
    ended: readonly Promise<unknown>[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (signal === undefined) return true;
    let done = false;
    const all = Promise.all(ended).then(() => {
      done = true;
    });
    await unlessAborted(all, signal);
    const lastAttempt = new LastAttempt();
    while (!done) {
      if (lastAttempt.isOver(producer.trouble !== null)) return false;
      await Deadline.in(lookMs).race(all);
    }
    return true;
  }

  #routed(batch: EventBatch): Unsent {
    if (this.#context.options.onRefused === 'retry') {
      return { parts: routeBatch(batch, this.#route), refused: [], setAside: 0 };
    }
    const { parts, refused } = routeEvents(batch, this.#route);
    return {
      parts,
      refused: refused.map(({ index, reason }) => ({ batch, index, reason, stage: 'put' })),
      setAside: 0,
    };
  }

  async #setAsideRefused(events: readonly RefusedEventOf[]): Promise<void> {
    if (events.length === 0) return;
    await this.#context.refused.setAside(events);
    this.#context.log.error(
      `${events.length} events are refused by the topic and are set aside: ${events[0]!.reason}`,
    );
  }

  /** The next events, waiting `kafka.pollTimeout` for them where `mayWait`. */
  async takePiece(
    most: number,
    mayWait: boolean,
    signal: AbortSignal | undefined,
  ): Promise<TakePiece | null> {
    const began = performance.now();
    if (this.#takes.empty && mayWait) {
      const deadline = Deadline.in(this.#context.options['kafka.pollTimeout']);
      // A poll comes back empty when the group was joined: the rest of the time is for the events.
      do await this.#fill(deadline.leftMs, signal);
      while (this.#takes.empty && !deadline.passed && signal?.aborted !== true);
    }
    const piece = this.#takes.take(most);
    // As in Flume, a wait that brought nothing is not counted.
    if (piece !== null) this.counter.kafkaEventGetTimer += Math.round(performance.now() - began);
    return piece;
  }

  /**
   * The events of a piece, as they were put. Values that should be Avro data and are none are set aside; with
   * `onRefused = retry`, `BATCH_CORRUPT` is thrown instead, as in Flume.
   */
  async eventsOf(piece: TakePiece): Promise<EventBatch> {
    const { batch, baseOffset, ledger } = piece;
    const shown = { baseOffset, keyHeader: 'key' };
    const place = `${ledger.topic}-${ledger.partition}`;
    const provenance = { place, positionOf: (offsetDelta: number) => baseOffset + offsetDelta };
    const { parseAsFlumeEvent, onRefused } = this.#context.options;
    if (!parseAsFlumeEvent)
      return batch.withOrigin({ ...shown, headerNames: new Map() }).withProvenance(provenance);
    const bad: RefusedBytes[] = [];
    const onBad = (i: number, error: Error): void => {
      const { value, offsetDelta } = readRecord(batch.records, batch.index[i]!);
      const bytes = value ?? Buffer.alloc(0);
      bad.push({ bytes, reason: error.message, stage: 'decode', place, position: baseOffset + offsetDelta });
    };
    try {
      const events = decodeAvroEvents(batch, onRefused === 'setAside' ? onBad : undefined);
      await this.#setAsideBytes(place, bad);
      return events.withOrigin(shown).withProvenance(provenance);
    } catch (cause) {
      if (!(cause instanceof MillraceError) || cause.code !== 'BATCH_CORRUPT') throw cause;
      throw new MillraceError(
        'BATCH_CORRUPT',
        `Error while getting events from Kafka. ${notFlume}: ${errorText(cause)}`,
        { cause },
      );
    }
  }

  async #setAsideBytes(place: string, records: readonly RefusedBytes[]): Promise<void> {
    const before = this.#setAside.get(place) ?? new Set();
    const fresh = records.filter(({ position }) => !before.has(position));
    if (fresh.length === 0) return;
    await this.#context.refused.setAsideBytes(fresh);
    this.counter.eventRefused += fresh.length;
    for (const { position } of fresh) before.add(position);
    this.#setAside.set(place, before);
    this.#context.log.error(
      `${fresh.length} records are no Flume events and are set aside, the first of ${place} at offset ` +
        `${fresh[0]!.position}. ${notFlume}: ${fresh[0]!.reason}`,
    );
  }

  giveBack(pieces: readonly TakePiece[]): void {
    this.#takes.giveBack(pieces);
    this.#bell.ring();
  }

  /** Commits what may be committed. As in Flume, a failure is logged: a later commit covers it, or events come again. */
  async finish(pieces: readonly TakePiece[]): Promise<void> {
    const offsets = this.#takes.finish(pieces);
    if (this.#setAside.size > 0) for (const piece of pieces) this.#forgetSetAside(piece);
    this.#bell.ring();
    if (offsets.length === 0 || this.#consumer === null) return;
    const began = performance.now();
    try {
      await this.#consumer.commit(offsets, { deadline: Deadline.in(commitMs) });
    } catch (error) {
      this.#context.log.info(`Error committing offsets. ${errorText(error)}`);
    }
    this.counter.kafkaCommitTimer += Math.round(performance.now() - began);
  }

  #forgetSetAside({ ledger, from, to }: TakePiece): void {
    const positions = this.#setAside.get(`${ledger.topic}-${ledger.partition}`);
    for (const position of positions ?? [])
      if (position >= from && position < to) positions!.delete(position);
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
    const parsed = values['kafka.consumer'];
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
        const deadline = Deadline.in(revokeWaitMs);
        const isStopping = (): boolean => this.#consumer === null;
        while (this.#takes.openOf(partitions) > 0 && !deadline.passed && !isStopping()) {
          await this.#bell.wait(deadline.leftMs);
        }
        this.#takes.close(partitions);
      },
      onLost: (partitions) => {
        tell(partitions, 'lost');
        this.#takes.close(partitions);
      },
      onReset: (partitions) => this.#takes.uncount(partitions),
    });
  }
}

class KafkaTransaction extends BasicTransaction {
  protected override readonly heldAtCommit = true;
  readonly #channel: KafkaChannel;
  readonly #signal: AbortSignal | undefined;
  readonly #puts: EventBatch[] = [];
  readonly #taken: TakePiece[] = [];
  /** Records of the pieces without those that are no events. */
  #takenEvents = 0;

  constructor(name: string, channel: KafkaChannel, signal: AbortSignal | undefined) {
    super(name);
    this.#channel = channel;
    this.#signal = signal;
  }

  protected override async doPut(batch: EventBatch): Promise<void> {
    if (this.#taken.length > 0) throw mixed(this.#channel.name);
    this.#puts.push(batch);
    this.#channel.counter.eventPutAttempt += batch.count;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    if (this.#puts.length > 0) throw mixed(this.#channel.name);
    for (;;) {
      // A poll may take partitions away, and that waits for open takes: one that holds events must not wait for itself.
      const piece = await this.#channel.takePiece(maxEvents, this.#taken.length === 0, signal);
      if (piece === null) return null;
      this.#taken.push(piece);
      const events = await this.#channel.eventsOf(piece);
      this.#channel.counter.eventTakeAttempt += events.count;
      if (events.count > 0) {
        this.#takenEvents += events.count;
        return events;
      }
      // All of it was set aside: whatever becomes of this transaction, it is done with.
      this.#taken.pop();
      await this.#channel.finish([piece]);
    }
  }

  protected override async doCommit(): Promise<void> {
    const { counter } = this.#channel;
    if (this.#puts.length > 0) {
      const setAside = await this.#channel.send(this.#puts, this.#signal);
      counter.eventPutSuccess += countOf(this.#puts) - setAside;
      counter.eventRefused += setAside;
    } else if (this.#taken.length > 0) {
      await this.#channel.finish(this.#taken);
      counter.eventTakeSuccess += this.#takenEvents;
    }
  }

  protected override async doRollback(): Promise<void> {
    if (this.#taken.length === 0) return;
    this.#channel.counter.rollbackCount += countOf(this.#taken.map(({ batch }) => batch));
    this.#channel.giveBack(this.#taken);
  }
}

/** What of a put has not arrived: as it goes to Kafka, and as it is set aside. */
interface Unsent {
  readonly parts: readonly RoutedBatch[];
  refused: readonly RefusedEventOf[];
  /** Events of it that are set aside already. */
  setAside: number;
}

/** What is left of the batch's parts after the answers, and why. */
function leftOver(
  batch: EventBatch,
  { parts, refused: before, setAside }: Unsent,
  results: readonly PromiseSettledResult<unknown>[],
  onRefused: 'setAside' | 'retry',
): Unsent & { readonly cause: unknown } {
  const left: RoutedBatch[] = [];
  const refused = [...before];
  let cause: unknown = null;
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') continue;
    const part = parts[i]!;
    const failure: unknown = result.reason;
    if (!(failure instanceof SendFailure)) {
      left.push(part);
      cause ??= failure;
      continue;
    }
    const again = new Set(failure.pending);
    const placeOf = (index: number): number => part.indexes?.[index] ?? index;
    for (const { index, reason } of failure.refused) {
      if (onRefused === 'retry') again.add(index);
      else refused.push({ batch, index: placeOf(index), reason, stage: 'put' });
    }
    if (again.size === 0) continue;
    cause ??= failure;
    left.push({
      ...part,
      batch: keepEvents(part.batch, (n) => again.has(n))!,
      indexes: [...again].sort((a, b) => a - b).map(placeOf),
    });
  }
  return { parts: left, refused, setAside, cause };
}

const notFlume =
  'This is usually caused by trying to read a non-flume event. Ensure the setting for parseAsFlumeEvent is correct';

const countOf = (batches: readonly EventBatch[]): number =>
  batches.reduce((sum, { count }) => sum + count, 0);

const mixed = (name: string): MillraceError =>
  new MillraceError('TRANSACTION_STATE', `channel ${name}: a transaction puts or takes, not both`);
