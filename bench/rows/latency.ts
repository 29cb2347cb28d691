/** How long an event is under way through a broker: produced with acks=all, fetched by a group member. */
import { resolve } from 'node:path';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import type { Server } from '../lib/servers.ts';
import { openServers, serverNames, serverWhat } from './broker.ts';

const partitions = 4;
const seconds = 10;
const client = resolve(import.meta.dirname, '../lib/latency-client.ts');

interface Report {
  readonly received: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

async function measureLatency(server: Server, rate: number, run: number): Promise<Measurement> {
  const topic = `latency-${server.name}-${rate}-${run}-${process.pid}`;
  await server.createTopic(topic, partitions);
  server.mark();
  const { stdout } = await runToEnd(
    process.execPath,
    [client, server.bootstrap, topic, `${partitions}`, `${rate}`, `${seconds}`],
    { timeoutMs: 120_000, name: 'latency client' },
  );
  const cost = server.costSinceMark();
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report;
  if (report.received !== rate * seconds) {
    throw new Misconfigured(`${report.received} of ${rate * seconds} events came back`);
  }
  await server.deleteTopic(topic);
  return {
    events: report.received,
    bytes: report.received * 200,
    eventsPerSecond: rate,
    wholeSeconds: seconds,
    readyAfterMs: server.readyAfterMs,
    processes: { [server.name]: cost },
    figures: { 'p50 ms': report.p50, 'p99 ms': report.p99, 'p99.9 ms': report.p999, 'max ms': report.max },
  };
}

function latencyRow(rate: number): RowSpec {
  return {
    name: `latency-${rate / 1000}k`,
    title: `End-to-end latency at ${rate.toLocaleString('en-US')} events/s`,
    method: `One client process produces 200-byte events on a fixed schedule (acks=all, no linger) and consumes them in a group, for ${seconds} s a run, the first fifth not counted; latency counts from the moment an event was due.`,
    baseline: 'kafka',
    onDemand: true,
    contenderNames: serverNames,
    eventsOf: () => rate * seconds,
    async open({ contenders }): Promise<Row> {
      const opened = await openServers(contenders);
      return {
        contenders: contenders.map(
          (name): Contender => ({
            name,
            what: serverWhat(name),
            measure: async ({ run }) => measureLatency(opened.get(name), rate, run),
          }),
        ),
        [Symbol.asyncDispose]: () => opened.close(),
      };
    },
  };
}

export const latencyRows: readonly RowSpec[] = [latencyRow(1_000), latencyRow(30_000)];
