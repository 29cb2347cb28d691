/** A topic of Kafka to files in HDFS: Millrace's hdfs sink, Flume's, and Hadoop's own client alone. */
import { LineSummer } from '../../packages/testkit/src/files/access-log.ts';
import { RealHdfs } from '../../packages/testkit/src/hdfs/real-hdfs.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { type AgentProgram, measureAgent } from '../lib/agent-run.ts';
import type { Measurement } from '../lib/measurement.ts';
import type { Contender, Row, RowSpec } from '../lib/row.ts';
import { ServerCost } from '../lib/server-cost.ts';
import { checkSum } from '../lib/topic.ts';
import { TopicInput } from '../lib/topic-input.ts';

const bodyBytes = 200;
const batch = 10_000;
/** 20 MB; a count of events ends all files at the same events. */
const eventsPerFile = 100_000;
/**
 * The topic has so many more than are counted: what stands in the last file waits for a clock in both programs, and the
 * clock of the measurement does not.
 */
const moreEvents = 2 * eventsPerFile;

interface Agent {
  readonly what: string;
  readonly program: AgentProgram;
  /** Flume does not know `writeMode` and passes over it. */
  readonly mode: 'stream' | 'append';
}

const agents: Readonly<Record<string, Agent>> = {
  flume: {
    what: `Flume's hdfs sink: DataStream, batches of ${batch.toLocaleString('en')}, files of ${eventsPerFile.toLocaleString('en')} events; acknowledged after hflush`,
    program: 'flume',
    mode: 'stream',
  },
  millrace: {
    what: 'the same file with `writeMode = stream`: over WebHDFS, acknowledged when the file is closed and under its final name',
    program: 'millrace',
    mode: 'stream',
  },
  'millrace-append': {
    what: "the same with `writeMode = append`, Millrace's default: a request for each batch, acknowledged when the DataNodes have it",
    program: 'millrace',
    mode: 'append',
  },
};
const clientWhat =
  "Hadoop's Java client alone: bytes in memory, 64 KiB a write, files of the same size, one after the other; warmed up, without its start";

function confOf(input: TopicInput, hdfs: RealHdfs, folder: string, dir: string, { mode }: Agent): string {
  const sink = [
    ...['type = hdfs', 'channel = c1', `hdfs.path = ${hdfs.url}${folder}`, `hdfs.confDir = ${hdfs.confDir}`],
    ...['hdfs.fileType = DataStream', `hdfs.batchSize = ${batch}`, `hdfs.rollCount = ${eventsPerFile}`],
    ...['hdfs.rollInterval = 0', 'hdfs.rollSize = 0', 'hdfs.idleTimeout = 2'],
    ...[`writeMode = ${mode}`, `openFilesFolder = ${dir}/open`],
  ];
  return `${[...input.confLines(batch), ...sink.map((line) => `a1.sinks.k1.${line}`)].join('\n')}\n`;
}

/** Every line of the topic is in a file of its final name, once. */
async function checkFiles(hdfs: RealHdfs, folder: string, input: TopicInput): Promise<void> {
  const wantedBytes = input.corpus.sum.bytes + input.corpus.sum.count;
  const files = await waitFor(
    'the last file to be closed',
    async () => {
      const found = await hdfs.files(folder);
      const sizeBytes = found.reduce((sum, file) => sum + file.sizeBytes, 0);
      return found.every(({ path }) => !path.endsWith('.tmp')) && sizeBytes >= wantedBytes ? found : null;
    },
    { timeoutMs: 180_000, everyMs: 200 },
  );
  const summer = new LineSummer();
  for (const { path } of files) summer.add((await hdfs.read(path))!);
  checkSum(folder, summer.sum(), input.corpus.sum);
}

async function measureClient(
  hdfs: RealHdfs,
  servers: ServerCost,
  folder: string,
  events: number,
): Promise<Measurement> {
  const files = events / eventsPerFile;
  servers.mark();
  const { seconds, cpuSeconds } = await hdfs.writeFiles(folder, files, eventsPerFile * (bodyBytes + 1));
  const cost = servers.costSinceMark();
  return {
    ...{ events, bytes: events * bodyBytes, eventsPerSecond: events / seconds },
    ...{ wholeSeconds: seconds, readyAfterMs: null },
    processes: {
      'java-client': { cpuSeconds, readyRssBytes: null, peakRssBytes: null },
      // Its warm-up is a file as large as the others.
      HDFS: { ...cost, cpuSeconds: (cost.cpuSeconds * files) / (files + 1) },
    },
  };
}

export const topicToHdfs: RowSpec = {
  name: 'topic-to-hdfs',
  title: 'A topic of Kafka to files in HDFS',
  method: `A topic of 4 partitions with lines of ${bodyBytes} bytes, read in a fresh consumer group into a memory channel and written to one HDFS 3.5 (a NameNode and a DataNode on this machine). The rate counts from the first events that the sink's own counter has as delivered to the last; CPU is the whole program up to then. All files are read back: every line is there, once.`,
  baseline: 'flume',
  onDemand: true,
  eventsOfAll: 500_000,
  eventsOf: (asked) => Math.max(3, Math.round(asked / eventsPerFile)) * eventsPerFile,
  contenderNames: [...Object.keys(agents), 'java-client'],
  async open({ events, contenders }): Promise<Row> {
    await using opening = new AsyncDisposableStack();
    const hdfs = opening.use(await RealHdfs.start({ jvm: 'measured' }));
    await hdfs.ask('PUT', '/', 'op=SETPERMISSION&permission=777');
    const input = opening.use(await TopicInput.open(events + moreEvents, bodyBytes));
    const servers = new ServerCost(hdfs.pids());
    const opened = opening.move();
    const measure = async (name: string, run: number): Promise<Measurement> => {
      const folder = `/${name}-${run}`;
      const agent = agents[name];
      try {
        if (agent === undefined) return await measureClient(hdfs, servers, folder, events);
        return await measureAgent({
          ...{ name, program: agent.program, events, bodyBytes },
          programOptions: { beside: ['hdfs'], classes: hdfs.confDir },
          conf: (dir) => confOf(input, hdfs, folder, dir, agent),
          count: ({ counter }) => counter('SINK.k1', 'EventDrainSuccessCount'),
          alongside: { HDFS: servers, Kafka: input.kafka },
          check: () => checkFiles(hdfs, folder, input),
        });
      } finally {
        await hdfs.ask('DELETE', folder, 'op=DELETE&recursive=true');
      }
    };
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: agents[name]?.what ?? clientWhat,
          measure: ({ run }) => measure(name, run),
        }),
      ),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};
