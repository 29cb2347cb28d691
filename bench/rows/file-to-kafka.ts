/** A log file into a topic of real Kafka: Millrace against Flume, rsyslog, the OpenTelemetry collector and kcat. */

import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { MissingNeed } from '../../scripts/lib/test-needs.ts';
import { rateOf } from '../lib/arrival.ts';
import { collectConf, rsyslogConf } from '../lib/collect-conf.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import { KafkaPeer } from '../lib/kafka-peer.ts';
import type { Measurement } from '../lib/measurement.ts';
import { provideOtelCollector, startOtelCollector } from '../lib/otel-collector.ts';
import { type Measured, startFlume, startKcat, startMillraceAgent, startRsyslogd } from '../lib/programs.ts';
import type { Contender, RowSpec, RunOptions } from '../lib/row.ts';
import { checkTopic, watchArrival } from '../lib/topic.ts';

export const partitions = 4;

/** Starts a contender that sends the corpus to the topic. */
type Start = (at: { dir: string; bootstrap: string; topic: string; input: string }) => Promise<Measured>;

interface Entry {
  readonly what: string;
  readonly start: Start;
  /** Makes what it needs, once, before anything is measured; fails with what is missing. */
  readonly provide?: () => Promise<unknown>;
}

const agent =
  (run: typeof startFlume, channel: 'memory' | 'file', tuned: boolean): Start =>
  ({ dir, ...at }) =>
    run(dir, collectConf({ ...at, dir, channel, tuned }));

const settings = 'batches of 10,000, acks=all, linger 20 ms, batch.size 1 MB';
const entries: Readonly<Record<string, Entry>> = {
  'millrace-memory': {
    what: `TAILDIR, memory channel, Kafka sink; the file of flume-memory-tuned, unchanged (${settings})`,
    start: agent(startMillraceAgent, 'memory', true),
  },
  'millrace-memory-default': {
    what: 'the file of flume-memory-default, unchanged',
    start: agent(startMillraceAgent, 'memory', false),
  },
  'millrace-file': {
    what: 'the file of flume-file-tuned, unchanged; every commit is on the disk',
    start: agent(startMillraceAgent, 'file', true),
  },
  'flume-memory-tuned': {
    what: `${settings}, capacity 200,000, heap 2 GB`,
    start: agent(startFlume, 'memory', true),
  },
  'flume-memory-default': {
    what: "every setting as Flume leaves it (batches of 100, acks=1), but heap 2 GB instead of bin/flume-ng's 20 MB",
    start: agent(startFlume, 'memory', false),
  },
  'flume-file-tuned': {
    what: `${settings}, file channel with capacity 1,000,000`,
    start: agent(startFlume, 'file', true),
  },
  'flume-file-default': {
    what: 'every setting as Flume leaves it, file channel, heap 2 GB',
    start: agent(startFlume, 'file', false),
  },
  rsyslog: {
    what: 'imfile, omkafka, batches of 10,000, acks=all, linger 20 ms',
    start: ({ dir, ...at }) => startRsyslogd(dir, rsyslogConf({ dir, ...at })),
  },
  'otel-memory': {
    what: 'OpenTelemetry collector: filelog receiver with a position, Kafka exporter, queue of 200,000 in memory, batches of 10,000, acks=all, linger 20 ms, batches up to 1 MB',
    start: (at) => startOtelCollector({ ...at, queue: 'memory' }),
    provide: provideOtelCollector,
  },
  'otel-file': {
    what: 'as otel-memory, but with the queue of 1,000,000 and the position in file_storage with fsync, lines handed on synchronously',
    start: (at) => startOtelCollector({ ...at, queue: 'file' }),
    provide: provideOtelCollector,
  },
  'otel-file-batch': {
    what: 'as otel-file, with a batch processor in front of the queue: a synced write takes 10,000 lines, and a kill loses what the processor held',
    start: (at) => startOtelCollector({ ...at, queue: 'file-batch' }),
    provide: provideOtelCollector,
  },
  kcat: {
    what: 'kcat -P -l, acks=all, linger 20 ms: no channel, no position, for scale',
    start: ({ bootstrap, topic, input }) =>
      startKcat(['-b', bootstrap, '-P', '-t', topic, '-X', 'acks=all', '-X', 'linger.ms=20', '-l', input]),
  },
};

/** One run of one contender into a fresh topic: wait for the last event, then read everything back and compare. */
export async function measureCollect(
  kafka: KafkaPeer,
  name: string,
  start: Start,
  input: Corpus,
  { run }: RunOptions,
  options: { partitions?: number; inputPath?: string; topicConfig?: Record<string, string> } = {},
): Promise<Measurement> {
  const count = options.partitions ?? partitions;
  const topic = `${name}-${run}-${process.pid}`;
  await kafka.createTopic(topic, count, options.topicConfig);
  await using dir = tempDir('millrace-bench-');
  kafka.mark();
  await using contender = await start({
    dir: dir.path,
    bootstrap: kafka.bootstrap,
    topic,
    input: options.inputPath ?? input.path,
  });
  const isShortLived = name.startsWith('kcat');
  const arrival = await watchArrival({
    port: kafka.port,
    topic,
    partitions: count,
    events: input.sum.count,
    onLook: () => isShortLived || contender.check(),
    onFirst: () => contender.markReady(),
  });
  if (isShortLived) await contender.process.exited;
  const own = isShortLived ? kafka.endedChildCost(contender) : contender.costSinceMark();
  const broker = kafka.costSinceMark();
  contender.checkOutput();
  await checkTopic(kafka.bootstrap, topic, count, input);
  await kafka.deleteTopic(topic);
  return {
    events: input.sum.count,
    bytes: input.sum.bytes,
    eventsPerSecond: rateOf(arrival),
    wholeSeconds: (arrival.lastAtMs - contender.startedAtMs) / 1000,
    readyAfterMs: arrival.firstSeenAtMs - contender.startedAtMs,
    processes: { [name]: own, Kafka: broker },
  };
}

/** What stands in the way of a contender, which then has no figures; the others run. */
async function missingNeeds(contenders: readonly string[]): Promise<ReadonlyMap<string, MissingNeed>> {
  const missing = new Map<string, MissingNeed>();
  for (const name of contenders) {
    try {
      await entries[name]!.provide?.();
    } catch (error) {
      if (!(error instanceof MissingNeed)) throw error;
      missing.set(name, error);
    }
  }
  return missing;
}

export const fileToKafka: RowSpec = {
  name: 'file-to-kafka',
  title: 'Log file to a topic of Apache Kafka, 4 partitions',
  method:
    'Each contender reads the same file into a fresh topic of one warm Kafka broker. The rate counts from the first event seen in the topic to the last; CPU is the whole program from its start; "ready" is from its start to the first event in the topic. Every event is read back and compared.',
  baseline: 'flume-memory-tuned',
  contenderNames: Object.keys(entries),
  async open({ events, contenders }) {
    const input = await corpus(events);
    const missing = await missingNeeds(contenders);
    const kafka = await KafkaPeer.start();
    await kafka.warmUp();
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: entries[name]!.what,
          async measure(options) {
            if (missing.has(name)) throw missing.get(name)!;
            return measureCollect(kafka, name, entries[name]!.start, input, options);
          },
        }),
      ),
      [Symbol.asyncDispose]: () => kafka[Symbol.asyncDispose](),
    };
  },
};
