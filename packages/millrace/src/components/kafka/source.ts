import { KafkaClient } from '../../clients/kafka/client.ts';
import { CommitRefused } from '../../clients/kafka/consumer/commit-refused.ts';
import { Consumer } from '../../clients/kafka/consumer/consumer.ts';
import type { FetchedBatch } from '../../clients/kafka/consumer/fetched-batch.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../../clients/kafka/options.ts';
import { consumerProperties } from '../../clients/kafka/settings/properties.ts';
import { defineSource, type SourceContext } from '../../component/define.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { refusedOptions } from '../../component/refused.ts';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { javaRegex } from '../../java/regex.ts';
import type { Deadline } from '../../runtime/deadline.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Wait } from '../../runtime/wait.ts';
import { KafkaSourceCounter } from './counters.ts';
import { bootstrapServers } from './servers.ts';
import { Gatherer, type Group } from './source-gatherer.ts';
import { OffsetLedger } from './source-ledger.ts';

const options = {
  'kafka.bootstrap.servers': bootstrapServers,
  'kafka.topics': opt.list({
    doc: 'Topics to read, separated by commas.',
    separator: /\s*,\s*/,
    oldNames: ['topic'],
  }),
  'kafka.topics.regex': opt.string({
    doc: 'Reads all topics whose whole name matches; wins over kafka.topics.',
  }),
  'kafka.consumer': opt.properties(consumerProperties, {
    doc: "Kafka's own consumer properties.",
    defaults: { 'group.id': 'flume' },
    own: { 'group.id': { option: 'groupId' } },
  }),
  groupId: opt.string({
    doc: 'Old form of kafka.consumer.group.id.',
    replacedBy: 'kafka.consumer.group.id',
  }),
  batchSize: opt.int({ doc: 'Most events of one put.', unit: 'events', default: 1000, min: 1 }),
  batchDurationMillis: opt.duration('ms', {
    doc: 'Longest time in which events are gathered for a put.',
    default: 1000,
    min: 0,
  }),
  useFlumeEventFormat: opt.boolean({
    doc: 'Values are Avro data (AvroFlumeEvent) with headers and body.',
    default: false,
  }),
  setTopicHeader: opt.boolean({ doc: 'Whether events carry the name of their topic.', default: true }),
  topicHeader: opt.string({ doc: 'The header that holds it.', default: 'topic' }),
  header: opt.map({ doc: 'header.NAME = the record header that is shown as event header NAME.' }),
  acknowledge: opt.enum(['channel', 'delivered'], {
    doc: "When an offset is committed: channel, as in Flume, once the channels have the events (what a memory channel loses with a killed process is not read again); delivered once the sinks' destinations have them, or a channel that outlives the process.",
    default: 'channel',
  }),
  ...refusedOptions,
  timestampHeader: opt.string({
    doc: 'Of the guide.',
    ignored: 'the header is always "timestamp", as in Flume 1.11',
  }),
  zookeeperConnect: opt.string({
    doc: 'Of old versions.',
    ignored: 'brokers are found by kafka.bootstrap.servers',
  }),
  migrateZookeeperOffsets: opt.boolean({
    doc: 'Of old versions.',
    default: true,
    ignored: 'offsets are kept in Kafka',
  }),
};
type Options = OptionValues<typeof options>;

const wantedTopics = (values: Options): readonly string[] =>
  values['kafka.topics'].filter((topic) => topic !== '');

export const kafkaSource = defineSource({
  classNames: ['org.apache.flume.source.kafka.KafkaSource'],
  summary:
    'Reads Kafka topics as a member of a consumer group; offsets are committed after the channels have the events.',
  example: `
a1.sources.r1.type = org.apache.flume.source.kafka.KafkaSource
a1.sources.r1.kafka.bootstrap.servers = localhost:9092
a1.sources.r1.kafka.topics = events
a1.sources.r1.kafka.consumer.group.id = collector
a1.sources.r1.kafka.consumer.auto.offset.reset = earliest
`,
  differs: [
    'KafkaSource and KafkaChannel set records aside that are no Avro Flume events, and go on; Flume tries them for ever (`onRefused = retry`).',
    '`zookeeperConnect` and `migrateZookeeperOffsets` have no effect; Flume 1.11 asks ZooKeeper for brokers and for the offsets of the group at the start, and reads nothing until it answers.',
  ],
  options,
  batchSizeOption: 'batchSize',
  validate: (values) => {
    const regex = values['kafka.topics.regex'];
    if (regex !== undefined) return patternFaults('kafka.topics.regex', regex);
    if (wantedTopics(values).length > 0) return [];
    return [{ key: 'kafka.topics', message: 'At least one Kafka topic must be specified.' }];
  },
  reads: (values) => {
    const regex = values['kafka.topics.regex'];
    const pattern = regex === undefined ? null : javaRegex(regex, { fullMatch: true });
    return {
      at: values['kafka.bootstrap.servers'],
      includes: (topic) => pattern?.test(topic) ?? wantedTopics(values).includes(topic),
      ...(values.setTopicHeader ? { header: values.topicHeader } : {}),
      format: values.useFlumeEventFormat ? 'flume-event' : 'body',
      formatKey: 'useFlumeEventFormat',
    };
  },
  headers: (values) =>
    values.useFlumeEventFormat
      ? null
      : [
          ...(values.setTopicHeader ? [values.topicHeader] : []),
          ...['timestamp', 'partition', 'offset', 'key'],
          ...values.header.keys(),
        ],
  promises: (values) => ({
    does: `reads ${values['kafka.topics.regex'] === undefined ? wantedTopics(values).join(', ') : `the topics that match ${values['kafka.topics.regex']}`} from Kafka at ${values['kafka.bootstrap.servers'].join(',')}`,
    origin: 'rereads',
    until: values.acknowledge === 'delivered' ? 'delivered' : 'taken',
    safer: 'set acknowledge = delivered: the topic keeps the events, and they are read again',
    doubles: ['a rebalance of its group, or a kill, repeats what was read and not yet committed'],
    order: 'the events of one partition stay in order',
    losses: [
      {
        when: 'the agent stands still for longer than the topic keeps its records',
        what: 'those that have expired are gone',
      },
    ],
  }),
  create: (context) => new KafkaSource(context),
});

/**
 * Flume's KafkaSource. Fetched bytes go into the channels as they are. What could not be put is put again at the next
 * turn; what was read of partitions that went to another member is dropped, as that member reads it.
 *
 * After `stop` nothing is read, and the member stays in its group, so that `settle` can take back the offsets of events
 * that were lost with a channel before it leaves: a commit without membership would be refused by a group that is alive,
 * and could overwrite another member's in one that is not.
 */
export class KafkaSource implements PollableSource {
  readonly counter = new KafkaSourceCounter();
  readonly #context: SourceContext<typeof options>;
  readonly #ledger: OffsetLedger;
  readonly #gatherer: Gatherer;
  readonly #unassigned: Wait;
  #group: Group | null = null;
  #isPutting = false;
  #client: KafkaClient | null = null;
  #consumer: Consumer | null = null;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
    this.#unassigned = context.state.wait('idle');
    context.state.include(() => this.#client?.waits() ?? []);
    this.#ledger = new OffsetLedger(context.options.acknowledge);
    this.#gatherer = new Gatherer(context.name, context.options);
  }

  async start(): Promise<void> {
    const { options: values, log, name, agent } = this.#context;
    await this.#leave();
    const parsed = values['kafka.consumer'];
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: values['kafka.bootstrap.servers'],
      log,
    });
    const regex = values['kafka.topics.regex'];
    this.#consumer = new Consumer(this.#client, {
      ...parsed.options,
      groupId: parsed.options.groupId ?? 'flume',
      ...(regex === undefined
        ? { topics: wantedTopics(values) }
        : { pattern: javaRegex(regex, { fullMatch: true }) }),
      onAssigned: (partitions) => {
        this.#tell(partitions, 'assigned');
        this.#unassigned.end();
      },
      onRevoked: async (partitions) => {
        this.#tell(partitions, 'revoked');
        await this.#commitOrTell();
        this.#forget(partitions);
        this.#noteAssignment(partitions);
      },
      onLost: (partitions) => {
        this.#tell(partitions, 'lost');
        this.#forget(partitions);
        this.#noteAssignment(partitions);
      },
      onReset: (partitions) => {
        const reset = new Set(partitions.map(keyOf));
        this.#gatherer.uncount((partition) => reset.has(keyOf(partition)));
        this.#ledger.forget(partitions);
      },
    });
    this.#unassigned.begin('partitions: its group has given it none yet');
    log.info(`Kafka source ${name} started.`);
    this.counter.start();
  }

  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    const { log, name } = this.#context;
    await this.#finishPut();
    await this.#commitOrTell(deadline);
    this.#consumer?.endReading();
    this.#dropRead();
    this.counter.stop();
    log.info(`Kafka Source ${name} stopped.`);
  }

  async settle({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    try {
      await this.#commitOrTell(deadline);
      await this.#takeBack(deadline);
    } finally {
      await this.#leave(deadline);
    }
  }

  #dropRead(): void {
    this.#gatherer.clear();
    this.#group = null;
  }

  async #leave(deadline?: Deadline): Promise<void> {
    const consumer = this.#consumer;
    const client = this.#client;
    this.#consumer = null;
    this.#client = null;
    this.#dropRead();
    this.#ledger.clear();
    await consumer?.close(deadline === undefined ? {} : { deadline });
    await client?.close();
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const { log } = this.#context;
    let putting = false;
    try {
      await this.#readLostAgain();
      if (this.#group === null) await this.#gather(signal);
      const group = this.#group;
      if (group === null) {
        await this.#commit();
        return 'backoff';
      }
      putting = true;
      await this.#put(group, signal);
      putting = false;
      await this.#commit();
      return 'ready';
    } catch (error) {
      if (putting) this.counter.channelWriteFail++;
      else this.counter.eventReadFail++;
      log.error(`KafkaSource EXCEPTION, {} ${errorText(error)}`, { error });
      return 'backoff';
    }
  }

  /** What only some channels have goes to the others, too, where they take it: some would get it twice otherwise. */
  async #finishPut(): Promise<void> {
    const { channels, log } = this.#context;
    const batch = this.#group?.batch ?? null;
    if (this.#isPutting || batch === null || channels.hasPart?.(batch) !== true) return;
    try {
      await this.#put(this.#group!, AbortSignal.abort());
    } catch (error) {
      this.counter.channelWriteFail++;
      log.error(`KafkaSource EXCEPTION, {} ${errorText(error)}`, { error });
    }
  }

  async #put(group: Group, signal: AbortSignal): Promise<void> {
    this.#isPutting = true;
    try {
      await this.#putGroup(group, signal);
      this.#group = null;
    } finally {
      this.#isPutting = false;
    }
  }

  async #putGroup(group: Group, signal: AbortSignal): Promise<void> {
    const { channels, refused, log } = this.#context;
    if (group.bad.length > 0) {
      await refused.setAsideBytes(group.bad);
      const [first] = group.bad;
      log.error(
        `${group.bad.length} records are no Avro Flume events and are set aside, the first of ${first!.place} ` +
          `at offset ${first!.position}: ${first!.reason}`,
      );
      group.bad = [];
    }
    group.entry ??= this.#ledger.begin(group.pieces.filter(({ uncounted }) => !uncounted));
    const { batch, entry } = group;
    if (batch === null) this.#ledger.fate(entry, 'delivered');
    else {
      this.counter.eventReceived += batch.count;
      await channels.put(batch, { signal, onFate: (fate) => this.#ledger.fate(entry, fate) });
      this.counter.eventAccepted += batch.count;
    }
    this.#ledger.put(entry);
  }

  /**
   * Gathers up to batchSize events within batchDurationMillis; a poll that finds nothing ends it, and so does a fetched
   * batch that would have to be cut to fit.
   */
  async #gather(signal: AbortSignal): Promise<void> {
    const { batchDurationMillis } = this.#context.options;
    const began = performance.now();
    while (!this.#gatherer.fill()) {
      const left = Math.max(0, Math.ceil(batchDurationMillis - (performance.now() - began)));
      const some = !this.#gatherer.empty;
      if ((left === 0 && some) || signal.aborted || this.#consumer === null) break;
      const fetched = await this.#pollOrThrow(left, signal, some);
      if (fetched.length === 0) {
        this.counter.kafkaEmptyCount++;
        break;
      }
      this.#gatherer.add(fetched);
    }
    if (this.#gatherer.empty) return;
    this.counter.kafkaEventGetTimer += Math.round(performance.now() - began);
    this.#group = this.#gatherer.take();
  }

  /** A poll that fails while there is something to put is over: what is there goes on, and the next one fails again. */
  async #pollOrThrow(ms: number, signal: AbortSignal, some: boolean): Promise<readonly FetchedBatch[]> {
    try {
      return (await this.#consumer?.poll(ms, signal)) ?? [];
    } catch (error) {
      if (!some) throw error;
      return [];
    }
  }

  // Offsets

  async #commit(deadline?: Deadline): Promise<void> {
    const offsets = this.#ledger.ready();
    if (this.#consumer === null || offsets.length === 0) return;
    const began = performance.now();
    try {
      await this.#consumer.commit(offsets, deadline === undefined ? {} : { deadline });
    } catch (error) {
      // They stay for the commit after the rebalance.
      if (error instanceof CommitRefused && error.reason === 'rebalancing') return;
      if (error instanceof CommitRefused && (error.reason === 'stale' || error.reason === 'made-again'))
        this.#ledger.forget(error.offsets);
      throw error;
    }
    this.#ledger.committed(offsets);
    this.counter.kafkaCommitTimer += Math.round(performance.now() - began);
  }

  async #commitOrTell(deadline?: Deadline): Promise<void> {
    await this.#commit(deadline).catch((error: unknown) =>
      this.#context.log.warn(`Error committing offsets. ${errorText(error)}`),
    );
  }

  /** Commits lower offsets where events were lost behind what is committed; those partitions, with where to go on. */
  async #takeBack(deadline?: Deadline): Promise<readonly TopicPartitionOffset[]> {
    const { log } = this.#context;
    const lost = this.#ledger.lost();
    if (lost.length === 0 || this.#consumer === null) return lost;
    for (const { topic, partition, offset } of lost) {
      log.warn(
        `events of ${topic}-${partition} from offset ${offset} on were lost with a channel; read again`,
      );
    }
    const back = lost.filter(({ offset, committed }) => offset < committed);
    try {
      await this.#consumer.commit(back, deadline === undefined ? {} : { deadline });
    } catch (error) {
      const names = back.map(({ topic, partition, offset }) => `${topic}-${partition} to ${offset}`);
      log.error(`Offsets could not be taken back (${names.join(', ')}): ${errorText(error)}`);
    }
    this.#ledger.forget(lost);
    return lost;
  }

  /** A channel that was stopped while the source goes on (a reload) lost events: back to the first of them. */
  async #readLostAgain(): Promise<void> {
    if (this.#ledger.lost().length === 0) return;
    const lost = await this.#takeBack();
    this.#forget(lost);
    for (const { offset, ...partition } of lost) this.#consumer?.seek(partition, offset);
  }

  /**
   * Drops what was read of the partitions. A put that was tried goes on as it is: some channels may have it already, and
   * what comes twice then is better than the rest coming twice.
   */
  #forget(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf));
    const stays = (partition: TopicPartition): boolean => !gone.has(keyOf(partition));
    this.#gatherer.keep(stays);
    if (this.#group !== null && this.#group.entry === null) {
      const pieces = this.#group.pieces.filter(stays);
      if (pieces.length === 0) this.#group = null;
      else if (pieces.length < this.#group.pieces.length) this.#group = this.#gatherer.groupOf(pieces);
    }
    this.#ledger.forget(partitions);
  }

  /** `gone`: what it gives up now. */
  #noteAssignment(gone: readonly TopicPartition[]): void {
    if ((this.#consumer?.assignment.length ?? 0) <= gone.length)
      this.#unassigned.begin('partitions: its group has given them to others');
  }

  #tell(partitions: readonly TopicPartition[], what: string): void {
    for (const { topic, partition } of partitions) {
      this.#context.log.info(`topic ${topic} - partition ${partition} ${what}.`);
    }
  }
}
