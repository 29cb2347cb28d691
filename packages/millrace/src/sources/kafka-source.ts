import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaClient } from '../client/client.ts';
import { fatalProblems, problemNotes, serverFaults, withDefaults } from '../client/component-properties.ts';
import { Consumer } from '../client/consumer.ts';
import type { FetchedBatch } from '../client/fetched-batch.ts';
import type { TopicPartition, TopicPartitionOffset } from '../client/options.ts';
import { consumerOptionsFrom, consumerPropertyNames, splitServers } from '../client/properties.ts';
import { KafkaSourceCounter } from '../component/counters.ts';
import { defineSource, type SourceContext } from '../component/define.ts';
import type { PollableSource, ProcessStatus } from '../component/source.ts';
import { javaRegex } from '../config/java-regex.ts';
import { type OptionValues, opt } from '../config/options.ts';
import { decodeAvroEvents } from '../records/avro-event.ts';
import type { EventBatch, RecordOrigin } from '../records/event-batch.ts';
import { readRecord } from '../records/record.ts';
import { concatBatches, mapEvents } from '../records/transform.ts';
import { errorText } from '../runtime/errors.ts';

const options = {
  'kafka.bootstrap.servers': opt.string({
    doc: 'Brokers to ask first: host:port, separated by commas.',
    required: true,
  }),
  'kafka.topics': opt.list({
    doc: 'Topics to read, separated by commas.',
    separator: /\s*,\s*/,
    oldNames: ['topic'],
  }),
  'kafka.topics.regex': opt.string({
    doc: 'Reads all topics whose whole name matches; wins over kafka.topics.',
  }),
  'kafka.consumer': opt.map({
    doc: "Kafka's own consumer properties; group.id is flume unless set here.",
    keys: consumerPropertyNames,
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
  timestampHeader: opt.string({
    doc: 'Of the guide.',
    ignored: 'the header is always "timestamp", as in Flume 1.11',
  }),
  zookeeperConnect: opt.string({
    doc: 'Of old versions.',
    ignored: 'brokers are found by kafka.bootstrap.servers',
  }),
  migrateZookeeperOffsets: opt.boolean({ doc: 'Of old versions.', ignored: 'offsets are kept in Kafka' }),
};
type Options = OptionValues<typeof options>;

function consumerProperties(values: Options): ReadonlyMap<string, string> {
  return withDefaults(values['kafka.consumer'], { 'group.id': values.groupId ?? 'flume' });
}

const wantedTopics = (values: Options): readonly string[] =>
  values['kafka.topics'].filter((topic) => topic !== '');

export const kafkaSource = defineSource({
  classNames: ['org.apache.flume.source.kafka.KafkaSource'],
  summary:
    'Reads Kafka topics as a member of a consumer group; offsets are committed after the channels have the events.',
  options,
  batchSizeOption: 'batchSize',
  validate: (values) => {
    const { problems } = consumerOptionsFrom(consumerProperties(values));
    const faults = fatalProblems('kafka.consumer', problems, { 'group.id': 'groupId' });
    const regex = values['kafka.topics.regex'];
    if (regex !== undefined) {
      try {
        javaRegex(regex, { fullMatch: true });
      } catch (error) {
        faults.push({ key: 'kafka.topics.regex', message: `kafka.topics.regex: ${errorText(error)}` });
      }
    } else if (wantedTopics(values).length === 0) {
      faults.push({ key: 'kafka.topics', message: 'At least one Kafka topic must be specified.' });
    }
    faults.push(...serverFaults('kafka.bootstrap.servers', values['kafka.bootstrap.servers']));
    return faults;
  },
  notes: (values) => problemNotes('kafka.consumer', consumerOptionsFrom(consumerProperties(values)).problems),
  reads: (values) => {
    const regex = values['kafka.topics.regex'];
    const pattern = regex === undefined ? null : javaRegex(regex, { fullMatch: true });
    return {
      at: splitServers(values['kafka.bootstrap.servers']),
      includes: (topic) => pattern?.test(topic) ?? wantedTopics(values).includes(topic),
      ...(values.setTopicHeader ? { header: values.topicHeader } : {}),
    };
  },
  create: (context) => new KafkaSource(context),
});

/** Events of one partition, ready for the channels. */
interface Piece extends TopicPartition {
  readonly batch: EventBatch;
  /** What to commit when they are in the channels. */
  readonly nextOffset: number;
}

/** How long `stop` tries to commit; what is not committed then is read again. */
const stopCommitMs = 5000;
/** A transaction of so many bytes is large enough: joining fetched batches writes every event's headers out. */
const enoughBytes = 256 * 1024;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}\0${partition}`;

/**
 * Flume's KafkaSource. Fetched bytes go into the channels as they are; topic and partition are shared headers, offset,
 * timestamp and key are read from the records when somebody asks. What could not be put is put again at the next turn;
 * what was read of partitions that went to another member is dropped, as that member reads it.
 */
export class KafkaSource implements PollableSource {
  readonly counter = new KafkaSourceCounter();
  readonly #context: SourceContext<typeof options>;
  /** Read, not yet put; in order per partition. */
  #waiting: FetchedBatch[] = [];
  /** Cut for a put that has not succeeded yet. */
  #group: Piece[] = [];
  /** Put, not yet committed. */
  readonly #toCommit = new Map<string, TopicPartitionOffset>();
  #client: KafkaClient | null = null;
  #consumer: Consumer | null = null;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { options: values, log, name, agent } = this.#context;
    const parsed = consumerOptionsFrom(consumerProperties(values));
    this.#client = new KafkaClient({
      clientId: `${agent}-${name}`,
      ...parsed.client,
      bootstrapServers: splitServers(values['kafka.bootstrap.servers']),
      log,
    });
    const regex = values['kafka.topics.regex'];
    this.#consumer = new Consumer(this.#client, {
      ...parsed.options,
      groupId: parsed.options.groupId ?? 'flume',
      ...(regex === undefined
        ? { topics: wantedTopics(values) }
        : { pattern: javaRegex(regex, { fullMatch: true }) }),
      onAssigned: (partitions) => this.#tell(partitions, 'assigned'),
      onRevoked: async (partitions) => {
        this.#tell(partitions, 'revoked');
        await this.#commit().catch((error: unknown) =>
          log.warn(`Error committing offsets. ${errorText(error)}`),
        );
        this.#forget(partitions);
      },
      onLost: (partitions) => {
        this.#tell(partitions, 'lost');
        this.#forget(partitions);
      },
    });
    log.info(`Kafka source ${name} started.`);
    this.counter.start();
  }

  async stop(): Promise<void> {
    const { log, name } = this.#context;
    const committed = this.#commit().catch((error: unknown) =>
      log.warn(`Error committing offsets. ${errorText(error)}`),
    );
    await Promise.race([committed, sleep(stopCommitMs, undefined, { ref: false })]);
    await this.#consumer?.close();
    await this.#client?.close();
    this.#consumer = null;
    this.#client = null;
    this.#waiting = [];
    this.#group = [];
    this.#toCommit.clear();
    this.counter.stop();
    log.info(`Kafka Source ${name} stopped.`);
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const { log, channels } = this.#context;
    let putting = false;
    try {
      if (this.#group.length === 0) await this.#gather(signal);
      if (this.#group.length === 0) return 'backoff';
      const batch = this.#groupBatch();
      putting = true;
      this.counter.eventReceived += batch.count;
      await channels.put(batch);
      putting = false;
      this.counter.eventAccepted += batch.count;
      for (const { topic, partition, nextOffset } of this.#group) {
        this.#toCommit.set(keyOf({ topic, partition }), { topic, partition, offset: nextOffset });
      }
      this.#group = [];
      const began = performance.now();
      await this.#commit();
      this.counter.kafkaCommitTimer += Math.round(performance.now() - began);
      return 'ready';
    } catch (error) {
      if (putting) this.counter.channelWriteFail++;
      else this.counter.eventReadFail++;
      log.error(`KafkaSource EXCEPTION, {} ${errorText(error)}`, { error });
      return 'backoff';
    }
  }

  /**
   * Gathers up to batchSize events within batchDurationMillis; a poll that finds nothing ends it, and so does a fetched
   * batch that would have to be cut to fit.
   */
  async #gather(signal: AbortSignal): Promise<void> {
    const { batchSize, batchDurationMillis } = this.#context.options;
    const began = performance.now();
    let events = 0;
    let sizeBytes = 0;
    while (events < batchSize && sizeBytes < enoughBytes) {
      const next = this.#waiting[0];
      if (next !== undefined) {
        if (events > 0 && next.batch.count > batchSize - events) break;
        events += this.#takePiece(next, batchSize - events);
        sizeBytes += this.#group.at(-1)!.batch.sizeBytes;
        continue;
      }
      const left = Math.max(0, Math.ceil(batchDurationMillis - (performance.now() - began)));
      if ((left === 0 && events > 0) || signal.aborted || this.#consumer === null) break;
      const fetched = await this.#consumer.poll(left, signal);
      if (fetched.length === 0) {
        this.counter.kafkaEmptyCount++;
        break;
      }
      this.#waiting.push(...fetched);
    }
    if (this.#group.length > 0) this.counter.kafkaEventGetTimer += Math.round(performance.now() - began);
  }

  /** Moves up to `most` events of the first waiting batch into the group; how many. */
  #takePiece(fetched: FetchedBatch, most: number): number {
    const { topic, partition, baseOffset, nextOffset, batch } = fetched;
    const count = Math.min(batch.count, most);
    const whole = count === batch.count;
    const piece = whole ? batch : batch.slice(0, count);
    const end = whole ? nextOffset : baseOffset + readRecord(batch.records, batch.index[count]!).offsetDelta;
    this.#group.push({ topic, partition, nextOffset: end, batch: this.#asEvents(piece, fetched) });
    if (whole) this.#waiting.shift();
    else this.#waiting[0] = { ...fetched, batch: batch.slice(count, batch.count) };
    return count;
  }

  /** The records as Flume events. Throws `BATCH_CORRUPT` where values should be Avro data and are not. */
  #asEvents(batch: EventBatch, { topic, partition, baseOffset }: FetchedBatch): EventBatch {
    const { useFlumeEventFormat, setTopicHeader, topicHeader, header } = this.#context.options;
    const shared = new Map<string, string>();
    if (setTopicHeader) shared.set(topicHeader, topic);
    shared.set('partition', String(partition));
    const shown: RecordOrigin = {
      baseOffset,
      offsetHeader: 'offset',
      timestampHeader: 'timestamp',
      keyHeader: 'key',
    };
    const plain = batch.withSharedHeaders(shared).withOrigin({ ...shown, headerNames: header });
    if (!useFlumeEventFormat) return plain;
    const decoded = decodeAvroEvents(batch.withSharedHeaders(shared).withOrigin(shown));
    if (header.size === 0) return decoded;
    const withMapped = mapEvents(decoded, (event, i) => {
      const headers = event.headers();
      const source = plain.event(i);
      for (const name of header.keys()) {
        const value = source.header(name);
        if (value !== undefined) headers.set(name, value);
      }
      return { headers };
    });
    return withMapped ?? decoded;
  }

  /** One batch for one transaction of the channels. A fetched batch alone passes untouched. */
  #groupBatch(): EventBatch {
    const batches = this.#group.map(({ batch }) => batch);
    return batches.length === 1 ? batches[0]! : concatBatches(batches);
  }

  async #commit(): Promise<void> {
    if (this.#consumer === null || this.#toCommit.size === 0) return;
    const offsets = [...this.#toCommit.values()];
    this.#toCommit.clear();
    try {
      await this.#consumer.commit(offsets);
    } catch (error) {
      for (const offset of offsets)
        if (!this.#toCommit.has(keyOf(offset))) this.#toCommit.set(keyOf(offset), offset);
      throw error;
    }
  }

  #forget(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf));
    const stays = (partition: TopicPartition): boolean => !gone.has(keyOf(partition));
    this.#waiting = this.#waiting.filter(stays);
    this.#group = this.#group.filter(stays);
    for (const key of gone) this.#toCommit.delete(key);
  }

  #tell(partitions: readonly TopicPartition[], what: string): void {
    for (const { topic, partition } of partitions) {
      this.#context.log.info(`topic ${topic} - partition ${partition} ${what}.`);
    }
  }
}
