/** The embedded broker against Apache Kafka: the same client, the same settings, server costs. */

import { runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { endedChildrenCpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import { type Server, startKafkaServer, startMillraceServer } from '../lib/servers.ts';
import { checkTopic, sumTopic } from '../lib/topic.ts';

const partitions = 4;

/** A client's work against a server: returns when it is done, having checked what it can. */
interface Work {
  readonly what: string;
  /** Fills the topic before the clock starts, for reading clients. */
  readonly prefill: boolean;
  run(server: Server, topic: string, input: Corpus): Promise<void>;
}

const producerSettings = ['acks=all', 'linger.ms=20', 'batch.size=1000000'];

async function produceWithKcat(server: Server, topic: string, input: Corpus): Promise<void> {
  await runToEnd(
    'kcat',
    ['-b', server.bootstrap, '-P', '-t', topic, '-X', 'acks=all', '-X', 'linger.ms=20', '-l', input.path],
    { timeoutMs: 600_000 },
  );
}

const works: Readonly<Record<string, Work>> = {
  'kcat-produce': {
    what: 'kcat -P -l of the access log, acks=all, linger 20 ms',
    prefill: false,
    run: produceWithKcat,
  },
  'kcat-consume': {
    what: 'kcat -C from the beginning until it has every event, printing none',
    prefill: true,
    async run(server, topic, input) {
      const count = `${input.sum.count}`;
      const args = [
        '-b',
        server.bootstrap,
        '-C',
        '-t',
        topic,
        '-o',
        'beginning',
        '-c',
        count,
        '-q',
        '-f',
        '',
      ];
      await runToEnd('kcat', args, { timeoutMs: 600_000 });
    },
  },
  'perf-produce': {
    what: `kafka-producer-perf-test, the access log as payload, ${producerSettings.join(', ')}`,
    prefill: false,
    async run(server, topic, input) {
      const { stdout } = await runKafkaTool(
        'kafka-producer-perf-test',
        [
          ...['--topic', topic, '--num-records', `${input.sum.count}`, '--throughput', '-1'],
          ...['--payload-file', input.path],
          ...['--bootstrap-server', server.bootstrap, '--command-property', ...producerSettings],
        ],
        { jvm: 'measured', timeoutMs: 600_000 },
      );
      if (!stdout.includes(`${input.sum.count} records sent`)) throw new Misconfigured(stdout);
    },
  },
  'perf-consume': {
    what: 'kafka-consumer-perf-test over the whole topic',
    prefill: true,
    async run(server, topic, input) {
      const { stdout } = await runKafkaTool(
        'kafka-consumer-perf-test',
        [
          ...['--topic', topic, '--num-records', `${input.sum.count}`, '--hide-header', '--timeout', '60000'],
          ...['--bootstrap-server', server.bootstrap],
        ],
        { jvm: 'measured', timeoutMs: 600_000 },
      );
      const read = Number(stdout.trim().split('\n').at(-1)?.split(',')[4]);
      if (read < input.sum.count) throw new Misconfigured(`it read ${read} of ${input.sum.count}: ${stdout}`);
    },
  },
};

async function measureWork(
  name: string,
  work: Work,
  server: Server,
  input: Corpus,
  run: number,
): Promise<Measurement> {
  const topic = `${name}-${server.name}-${run}-${process.pid}`;
  await server.createTopic(topic, partitions);
  if (work.prefill) await produceWithKcat(server, topic, input);
  server.mark();
  const childrenBefore = endedChildrenCpuSeconds();
  const startedAt = performance.now();
  await work.run(server, topic, input);
  const seconds = (performance.now() - startedAt) / 1000;
  const cost = server.costSinceMark();
  const client = endedChildrenCpuSeconds() - childrenBefore;
  // The payload file of the Java tool is drawn from at random, so its lines can only be counted.
  if (name === 'perf-produce') await checkCount(server, topic, input.sum.count);
  else await checkTopic(server.bootstrap, topic, partitions, input);
  await server.deleteTopic(topic);
  return {
    events: input.sum.count,
    bytes: input.sum.bytes,
    eventsPerSecond: input.sum.count / seconds,
    wholeSeconds: seconds,
    readyAfterMs: server.readyAfterMs,
    processes: {
      [server.name]: cost,
      client: { cpuSeconds: client, readyRssBytes: null, peakRssBytes: null },
    },
  };
}

async function checkCount(server: Server, topic: string, events: number): Promise<void> {
  const sum = await sumTopic(server.bootstrap, topic);
  if (sum.count !== events) throw new Misconfigured(`${topic} holds ${sum.count} events, not ${events}`);
}

type Start = () => Promise<Server>;
const servers: Readonly<Record<string, { what: string; start: Start }>> = {
  kafka: { what: 'Apache Kafka 4.3, one node, its own JVM flags, warmed up', start: startKafkaServer },
  millrace: {
    what: 'millrace broker; acks=all is answered after the data is on the disk',
    start: () => startMillraceServer('millrace', 'fsync'),
  },
  'millrace-os': {
    what: 'millrace broker with log.flush=os: answered from the page cache, as Kafka does',
    start: () => startMillraceServer('millrace-os', 'os'),
  },
};

/** Starts each server once; one that doesn't start fails its contenders, not the row. */
export async function openServers(
  names: readonly string[],
): Promise<{ get(name: string): Server; close(): Promise<void> }> {
  const started = new Map<string, Server | Error>();
  for (const name of names) {
    try {
      started.set(name, await servers[name]!.start());
    } catch (error) {
      started.set(name, error instanceof Error ? error : new Error(String(error)));
    }
  }
  return {
    get(name) {
      const server = started.get(name);
      if (server === undefined || server instanceof Error) throw server ?? new Error(`no server ${name}`);
      return server;
    },
    async close() {
      for (const server of started.values()) {
        if (!(server instanceof Error)) await server[Symbol.asyncDispose]();
      }
    },
  };
}

export const serverNames = Object.keys(servers);
export const serverWhat = (name: string): string => servers[name]!.what;

function brokerRow(name: string): RowSpec {
  const work = works[name]!;
  return {
    name: `broker-${name}`,
    title: `Broker under ${name.replace('-', ' ')}`,
    method: `${work.what}; 4 partitions, one broker. CPU is the server's over the client's run; the rate is the client's, with its start-up. "ready" is from the server's start to its first answer.`,
    baseline: 'kafka',
    ...(name.startsWith('perf') && { eventsOfAll: 1_000_000 }),
    contenderNames: serverNames,
    async open({ events, contenders }): Promise<Row> {
      const input = await corpus(events);
      const opened = await openServers(contenders);
      return {
        contenders: contenders.map(
          (server): Contender => ({
            name: server,
            what: serverWhat(server),
            measure: async ({ run }) => measureWork(name, work, opened.get(server), input, run),
          }),
        ),
        [Symbol.asyncDispose]: () => opened.close(),
      };
    },
  };
}

export const brokerRows: readonly RowSpec[] = Object.keys(works).map(brokerRow);
