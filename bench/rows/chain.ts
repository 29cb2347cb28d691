/** The whole chain: log file → agent → broker → agent → files; Millrace's three processes against Flume's and Kafka's. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sumFiles } from '../../packages/testkit/src/files/access-log.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { collectConf, storeConf } from '../lib/collect-conf.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Measured, startFlume, startMillraceAgent } from '../lib/programs.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import type { Server } from '../lib/servers.ts';
import { checkSum } from '../lib/topic.ts';
import { openServers } from './broker.ts';

const partitions = 4;
const timeoutMs = 900_000;

interface Chain {
  readonly what: string;
  readonly server: string;
  readonly agent: (dir: string, conf: string) => Promise<Measured>;
}

const chains: Readonly<Record<string, Chain>> = {
  'flume-kafka': {
    what: 'Flume (tuned, memory channel) → Apache Kafka → Flume (Kafka source, tuned file channel, file_roll)',
    server: 'kafka',
    agent: startFlume,
  },
  millrace: {
    what: 'the same two files run by millrace agent, with millrace broker between them',
    server: 'millrace',
    agent: startMillraceAgent,
  },
};

function sizeOf(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

/** Looks at the output folder until it holds so many bytes; two looks make the rate. */
async function watchOutput(dir: string, wantedBytes: number, check: () => void) {
  const deadline = performance.now() + timeoutMs;
  let first: { at: number; bytes: number } | null = null;
  for (;;) {
    const bytes = sizeOf(dir);
    const now = performance.now();
    if (bytes > 0 && first === null) first = { at: now, bytes };
    if (bytes >= wantedBytes) return { first: first!, lastAt: now };
    check();
    if (now > deadline)
      throw new Misconfigured(`${bytes} of ${wantedBytes} bytes had arrived after 15 minutes`);
    await sleep(20);
  }
}

async function measureChain(
  name: string,
  chain: Chain,
  server: Server,
  input: Corpus,
  run: number,
): Promise<Measurement> {
  const topic = `chain-${name}-${run}-${process.pid}`;
  await server.createTopic(topic, partitions);
  await using dir = tempDir('millrace-bench-');
  const output = dir.join('out');
  mkdirSync(output);
  const at = { bootstrap: server.bootstrap, topic, tuned: true };
  server.mark();
  await using store = await chain.agent(
    dir.join('store'),
    storeConf({ ...at, dir: dir.join('store'), group: topic, output, channel: 'file' }),
  );
  await using collect = await chain.agent(
    dir.join('collect'),
    collectConf({ ...at, dir: dir.join('collect'), input: input.path, channel: 'memory' }),
  );
  const wantedBytes = input.sum.bytes + input.sum.count;
  const { first, lastAt } = await watchOutput(output, wantedBytes, () => {
    store.check();
    collect.check();
  });
  const costs = [collect.costSinceMark(), server.costSinceMark(), store.costSinceMark()];
  const total = costs.reduce((sum, cost) => sum + cost.cpuSeconds, 0);
  const peak = costs.reduce((sum, cost) => sum + (cost.peakRssBytes ?? 0), 0);
  collect.checkOutput();
  store.checkOutput();
  const files = readdirSync(output).map((file) => join(output, file));
  checkSum('the output folder', await sumFiles(files), input.sum);
  await server.deleteTopic(topic);
  const moved = (wantedBytes - first.bytes) / (wantedBytes / input.sum.count);
  return {
    events: input.sum.count,
    bytes: input.sum.bytes,
    eventsPerSecond: moved / ((lastAt - first.at) / 1000),
    wholeSeconds: (lastAt - store.startedAtMs) / 1000,
    readyAfterMs: first.at - store.startedAtMs,
    processes: {
      [name]: { cpuSeconds: total, readyRssBytes: null, peakRssBytes: peak },
      collect: costs[0]!,
      broker: costs[1]!,
      store: costs[2]!,
    },
  };
}

export const chain: RowSpec = {
  name: 'chain',
  title: 'Whole chain: log file → broker → file',
  method:
    'Two agents and a broker, three processes; the rate counts from the first byte in the output folder to the last; CPU and peak memory are those of all three together. The output is compared line by line (count and checksum).',
  baseline: 'flume-kafka',
  eventsOfAll: 500_000,
  contenderNames: Object.keys(chains),
  async open({ events, contenders }): Promise<Row> {
    const input = await corpus(events);
    const opened = await openServers(contenders.map((name) => chains[name]!.server));
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: chains[name]!.what,
          measure: async ({ run }) => {
            const it = chains[name]!;
            return measureChain(name, it, opened.get(it.server), input, run);
          },
        }),
      ),
      [Symbol.asyncDispose]: () => opened.close(),
    };
  },
};
