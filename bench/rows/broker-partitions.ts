/** What a broker's throughput is when every request touches many partitions. */
import { resolve } from 'node:path';
import { endedChildrenCpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import type { Server } from '../lib/servers.ts';
import { sumTopic } from '../lib/topic.ts';
import { openServers, serverNames, serverWhat } from './broker.ts';

const client = resolve(import.meta.dirname, '../lib/partition-client.ts');
const bodyBytes = 200;

interface Setting {
  readonly server: string;
  readonly what: string;
  readonly config?: Readonly<Record<string, string>>;
}

/** Kafka keeps Millrace's promise only when it is told to sync each append. */
const settings: Readonly<Record<string, Setting>> = {
  ...Object.fromEntries(serverNames.map((name) => [name, { server: name, what: serverWhat(name) }])),
  'kafka-flush': {
    server: 'kafka',
    what: 'the same Kafka, the topic with flush.messages=1: on the disk before it is answered, as with Millrace',
    config: { 'flush.messages': '1' },
  },
};

async function produce(
  name: string,
  server: Server,
  partitions: number,
  { events, run }: { events: number; run: number },
): Promise<Measurement> {
  const topic = `partitions-${name}-${partitions}-${run}-${process.pid}`;
  await server.createTopic(topic, partitions, settings[name]!.config);
  server.mark();
  const childrenBefore = endedChildrenCpuSeconds();
  const { stdout } = await runToEnd(
    process.execPath,
    [client, server.bootstrap, topic, `${partitions}`, `${events}`],
    { timeoutMs: 600_000, name: 'partition client' },
  );
  const { seconds } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { seconds: number };
  const cost = server.costSinceMark();
  const clientCpu = endedChildrenCpuSeconds() - childrenBefore;
  const { count } = await sumTopic(server.bootstrap, topic);
  if (count !== events) throw new Misconfigured(`${topic} holds ${count} events, not ${events}`);
  await server.deleteTopic(topic);
  return {
    events,
    bytes: events * bodyBytes,
    eventsPerSecond: events / seconds,
    wholeSeconds: seconds,
    readyAfterMs: server.readyAfterMs,
    processes: {
      [name]: cost,
      client: { cpuSeconds: clientCpu, readyRssBytes: null, peakRssBytes: null },
    },
  };
}

function partitionsRow(partitions: number): RowSpec {
  return {
    name: `broker-partitions-${partitions}`,
    title: `Broker under a producer to ${partitions.toLocaleString('en-US')} partition${partitions > 1 ? 's' : ''}`,
    method: `Millrace's own producer gives each partition in turn a batch of 10 events of ${bodyBytes} bytes, acks=all, no linger; the topic is counted afterwards. CPU is the server's over the client's run.`,
    baseline: 'kafka',
    onDemand: true,
    eventsOfAll: 800_000,
    contenderNames: Object.keys(settings),
    // Whole rounds, so that every partition gets the same.
    eventsOf: (asked) => Math.max(1, Math.round(asked / 4 / (partitions * 10))) * partitions * 10,
    async open({ contenders }): Promise<Row> {
      const opened = await openServers([...new Set(contenders.map((name) => settings[name]!.server))]);
      return {
        contenders: contenders.map((name): Contender => {
          const { server, what } = settings[name]!;
          return { name, what, measure: (options) => produce(name, opened.get(server), partitions, options) };
        }),
        [Symbol.asyncDispose]: () => opened.close(),
      };
    },
  };
}

export const partitionRows: readonly RowSpec[] = [1, 10, 100, 1000].map(partitionsRow);
