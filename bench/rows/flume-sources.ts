/** Every kind of source, interceptors and fan-out: the same file run by Flume and by Millrace, to a null sink and to Kafka. */
import { copyFileSync, createReadStream, mkdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { type AgentProgram, agentPrograms } from '../lib/agent-run.ts';
import { type Arrival, rateOf, watchCount } from '../lib/arrival.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import { KafkaPeer } from '../lib/kafka-peer.ts';
import type { Measurement } from '../lib/measurement.ts';
import type { Measured } from '../lib/programs.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import { watchArrival } from '../lib/topic.ts';

const partitions = 4;
const batch = 1000;
const connections = 4;
/** A program that has moved nothing for so long has lost what is missing. */
const stallMs = 30_000;
const feedClient = resolve(import.meta.dirname, '../lib/feed-client.ts');

interface Place {
  readonly dir: string;
  readonly input: Corpus;
  /** What a network source listens on. */
  readonly port: number;
}

interface Job {
  readonly name: string;
  readonly title: string;
  /** Lines of the configuration after `a1.sources.r1.`; may make files. */
  source(place: Place): readonly string[] | Promise<readonly string[]>;
  /** The protocol in which the corpus is sent to the source's port. */
  readonly feed?: string;
  readonly channels?: number;
  /** No more than so many, where one of the two would take all day. */
  readonly mostEvents?: number;
  /** To Kafka as well: what is measured there is the source, so one row of each kind is enough. */
  readonly toKafka?: boolean;
}

const listen = (type: string, bind: string) => (place: Place) => [
  `type = ${type}`,
  `${bind} = 127.0.0.1`,
  `port = ${place.port}`,
];

const tail = ({ dir, input }: Place): string[] => [
  'type = TAILDIR',
  'filegroups = f1',
  `filegroups.f1 = ${input.path}`,
  `positionFile = ${join(dir, 'position.json')}`,
];

/** The corpus in files of so many lines, in a folder that the source may change. */
async function spoolOf(place: Place, linesPerFile: number): Promise<string> {
  const folder = join(place.dir, 'spool');
  mkdirSync(folder);
  let lines: string[] = [];
  let files = 0;
  const write = async () => {
    await writeFile(join(folder, `${String(files).padStart(6, '0')}.log`), `${lines.join('\n')}\n`);
    files += 1;
    lines = [];
  };
  for await (const line of createInterface({ input: createReadStream(place.input.path) })) {
    lines.push(line);
    if (lines.length === linesPerFile) await write();
  }
  if (lines.length > 0) await write();
  return folder;
}

const jobs: readonly Job[] = [
  {
    name: 'source-netcat',
    title: 'netcat, without answers',
    source: (place) => [...listen('netcat', 'bind')(place), 'ack-every-event = false'],
    feed: 'netcat',
    toKafka: true,
  },
  {
    name: 'source-syslogtcp',
    title: 'syslogtcp, RFC 3164',
    source: listen('syslogtcp', 'host'),
    feed: 'syslogtcp',
    toKafka: true,
  },
  { name: 'source-http', title: 'http, JSON', source: listen('http', 'bind'), feed: 'http', toKafka: true },
  { name: 'source-avro', title: 'avro', source: listen('avro', 'bind'), feed: 'avro', toKafka: true },
  {
    name: 'source-thrift',
    title: 'thrift, binary',
    source: (place) => [...listen('thrift', 'bind')(place), 'protocol = binary'],
    feed: 'thrift',
    toKafka: true,
  },
  {
    name: 'source-spooldir',
    title: 'spooldir, one large file',
    source: (place) => {
      const folder = join(place.dir, 'spool');
      mkdirSync(folder);
      copyFileSync(place.input.path, join(folder, 'access.log'));
      return ['type = spooldir', `spoolDir = ${folder}`];
    },
    toKafka: true,
  },
  {
    name: 'source-spooldir-small',
    title: 'spooldir, files of 20 lines',
    source: async (place) => ['type = spooldir', `spoolDir = ${await spoolOf(place, 20)}`],
    mostEvents: 60_000, // Flume lists the folder for each file
  },
  {
    name: 'source-exec',
    title: 'exec, cat',
    source: (place) => ['type = exec', `command = cat ${place.input.path}`],
    toKafka: true,
  },
  {
    name: 'interceptors',
    title: 'TAILDIR with timestamp, host and regex_extractor',
    source: (place) => [
      ...tail(place),
      'interceptors = i1 i2 i3',
      'interceptors.i1.type = timestamp',
      'interceptors.i2.type = host',
      'interceptors.i3.type = regex_extractor',
      'interceptors.i3.regex = "(GET|POST|PUT|DELETE) ([^ ?]+)',
      'interceptors.i3.serializers = s1 s2',
      'interceptors.i3.serializers.s1.name = method',
      'interceptors.i3.serializers.s2.name = path',
    ],
  },
  {
    name: 'multiplexing',
    title: 'TAILDIR, multiplexed to three channels by what regex_extractor found',
    source: (place) => [
      ...tail(place),
      'interceptors = i1',
      'interceptors.i1.type = regex_extractor',
      'interceptors.i1.regex = "(GET|POST|PUT|DELETE) ',
      'interceptors.i1.serializers = s1',
      'interceptors.i1.serializers.s1.name = method',
      'selector.type = multiplexing',
      'selector.header = method',
      'selector.mapping.GET = c1',
      'selector.mapping.POST = c2',
      'selector.default = c3',
    ],
    channels: 3,
  },
];

type Target = { readonly bootstrap: string; readonly topic: string } | null;

async function confOf(job: Job, place: Place, target: Target): Promise<string> {
  const channels = Array.from({ length: job.channels ?? 1 }, (_, i) => i + 1);
  const names = (letter: string) => channels.map((i) => `${letter}${i}`).join(' ');
  const source = await job.source(place);
  const isRpc = source.some((line) => /^type = (avro|thrift|http|netcat|syslogtcp)$/.test(line));
  return `${[
    'a1.sources = r1',
    `a1.channels = ${names('c')}`,
    `a1.sinks = ${names('k')}`,
    ...source.map((line) => `a1.sources.r1.${line}`),
    ...(isRpc ? [] : [`a1.sources.r1.batchSize = ${batch}`]),
    `a1.sources.r1.channels = ${names('c')}`,
    ...channels.flatMap((i) => [
      `a1.channels.c${i}.type = memory`,
      `a1.channels.c${i}.capacity = 200000`,
      `a1.channels.c${i}.transactionCapacity = 10000`,
      `a1.sinks.k${i}.channel = c${i}`,
      ...(target === null
        ? [`a1.sinks.k${i}.type = null`, `a1.sinks.k${i}.batchSize = ${batch}`]
        : [
            `a1.sinks.k${i}.type = org.apache.flume.sink.kafka.KafkaSink`,
            `a1.sinks.k${i}.kafka.bootstrap.servers = ${target.bootstrap}`,
            `a1.sinks.k${i}.kafka.topic = ${target.topic}`,
            `a1.sinks.k${i}.flumeBatchSize = ${batch}`,
            `a1.sinks.k${i}.kafka.producer.acks = all`,
            `a1.sinks.k${i}.kafka.producer.linger.ms = 20`,
            `a1.sinks.k${i}.kafka.producer.batch.size = 1000000`,
          ]),
    ]),
  ].join('\n')}\n`;
}

/** The program's own counters say how many events its sinks have taken from the channels. */
async function watchTakes(port: number, job: Job, events: number, watch: ReturnType<typeof watching>) {
  const channels = Array.from({ length: job.channels ?? 1 }, (_, i) => `CHANNEL.c${i + 1}`);
  const arrival = await watchCount({
    ...watch,
    ...{ events, everyMs: 50, stallMs },
    count: async () => {
      const takes = await Promise.all(
        channels.map((channel) => counterOf(port, channel, 'EventTakeSuccessCount').catch(() => 0)),
      );
      return takes.reduce((sum, count) => sum + (count || 0), 0); // before it is up there is none
    },
  });
  if (arrival.lastCount > events)
    throw new Misconfigured(`${arrival.lastCount} events were taken of ${events}`);
  return arrival;
}

const watching = (agent: Measured, client: ManagedProcess | null) => ({
  onLook() {
    agent.check();
    if (client?.exit && client.exit.code !== 0) throw new Misconfigured(`the client ended: ${client.tail()}`);
  },
  onFirst: () => agent.markReady(),
});

interface Entry {
  readonly name: string;
  readonly program: AgentProgram;
  readonly isToKafka: boolean;
}

async function measureJob(
  job: Job,
  { name, program, isToKafka }: Entry,
  input: Corpus,
  kafka: KafkaPeer | null,
  run: number,
): Promise<Measurement> {
  await using dir: TempDir = tempDir('millrace-bench-');
  const place = { dir: dir.path, input, port: await freePort() };
  const monitor = await freePort();
  const topic = `${job.name}-${name}-${run}-${process.pid}`;
  const target = isToKafka && kafka ? { bootstrap: kafka.bootstrap, topic } : null;
  if (target) await kafka!.createTopic(topic, partitions);
  const conf = await confOf(job, place, target);
  await using agent = await agentPrograms[program](dir.path, conf, { properties: monitoringArgs(monitor) });
  await using client = job.feed ? await feed(job.feed, place, agent) : null;
  const watch = watching(agent, client);
  const { count } = input.sum;
  const arrival: Arrival = target
    ? await watchArrival({
        port: kafka!.port,
        topic,
        partitions,
        events: count,
        stallMs,
        ...watch,
      })
    : await watchTakes(monitor, job, count, watch);
  const cost = agent.costSinceMark();
  if (client) {
    const exit = await client.exited;
    if (exit.code !== 0) throw new Misconfigured(`the client ended: ${client.tail()}`);
  }
  if (target) await kafka!.deleteTopic(topic);
  return {
    events: count,
    bytes: input.sum.bytes,
    eventsPerSecond: rateOf(arrival),
    wholeSeconds: (arrival.lastAtMs - agent.startedAtMs) / 1000,
    readyAfterMs: job.feed ? null : arrival.firstSeenAtMs - agent.startedAtMs,
    processes: { [name]: cost },
  };
}

/** The client, started when the source listens. */
async function feed(protocol: string, { port, input }: Place, agent: Measured): Promise<ManagedProcess> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = new RegExp(`0100007F:${hexPort} 0+:0000 0A`); // state 0A: LISTEN; Java binds IPv6 for IPv4, too
  const isListening = () =>
    ['/proc/net/tcp', '/proc/net/tcp6'].some((file) => listening.test(readFileSync(file, 'utf8')));
  for (const deadline = performance.now() + 60_000; !isListening(); await sleep(50)) {
    agent.check();
    if (performance.now() > deadline) throw new Misconfigured('the source never listened');
  }
  return ManagedProcess.spawn(
    process.execPath,
    [feedClient, protocol, String(port), String(connections), input.path],
    { name: 'feed client' },
  );
}

function jobRow(job: Job): RowSpec {
  const entries: Entry[] = [false, ...(job.toKafka ? [true] : [])].flatMap((isToKafka) =>
    (['flume', 'millrace'] as const).map((program) => ({
      name: `${program}-${isToKafka ? 'kafka' : 'null'}`,
      program,
      isToKafka,
    })),
  );
  return {
    name: job.name,
    title: `Flume's file, unchanged: ${job.title}`,
    method: `The same configuration run by Flume and by Millrace: the source, a memory channel of 200,000, ${
      job.toKafka ? 'a null sink or a Kafka sink' : 'null sinks'
    }. The rate counts from the first event seen at the far end to the last (the channel's own count of takes, or the offsets of the topic); CPU is the whole program from its start.`,
    baseline: 'flume-null',
    onDemand: true,
    eventsOfAll: 300_000,
    ...(job.mostEvents !== undefined && { eventsOf: (asked: number) => Math.min(asked, job.mostEvents!) }),
    contenderNames: entries.map(({ name }) => name),
    async open({ events, contenders }): Promise<Row> {
      const input = await corpus(events);
      const chosen = entries.filter(({ name }) => contenders.includes(name));
      const kafka = chosen.some(({ isToKafka }) => isToKafka) ? await KafkaPeer.start() : null;
      await kafka?.warmUp();
      return {
        contenders: chosen.map(
          (entry): Contender => ({
            name: entry.name,
            what: `${entry.program}: ${job.title} → memory → ${entry.isToKafka ? 'Kafka' : 'null'}`,
            measure: ({ run }) => measureJob(job, entry, input, kafka, run),
          }),
        ),
        [Symbol.asyncDispose]: async () => kafka?.[Symbol.asyncDispose](),
      };
    },
  };
}

export const flumeSourceRows: readonly RowSpec[] = jobs.map(jobRow);
