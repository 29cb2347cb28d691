/** A topic of Kafka to objects in MinIO: the s3 sink with either kind of names, and the AWS SDK alone. */
import { resolve } from 'node:path';
import { LineSummer } from '../../packages/testkit/src/files/access-log.ts';
import { endedChildrenCpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { credentialsInEnvironment, ObjectStore } from '../../packages/testkit/src/s3/object-store.ts';
import { measureAgent } from '../lib/agent-run.ts';
import type { Measurement } from '../lib/measurement.ts';
import { type Contender, Misconfigured, type Row, type RowSpec } from '../lib/row.ts';
import { ServerCost } from '../lib/server-cost.ts';
import { checkSum } from '../lib/topic.ts';
import { TopicInput } from '../lib/topic-input.ts';

const client = resolve(import.meta.dirname, '../lib/s3-client.ts');
const bodyBytes = 200;
const batch = 10_000;
const objectBytes = 32 * 1024 * 1024;
/** More than the sink has unacknowledged at once (64 MiB): what is counted is done before the topic is at its end. */
const moreEvents = 400_000;

const agents = {
  'millrace-counter': {
    what: 'the s3 sink, objects of 32 MiB in parts of 8 MiB, batches of 10,000, `s3.names = counter`',
    names: 'counter',
  },
  'millrace-deterministic': {
    what: 'the same with `s3.names = deterministic`: an object holds offsets of one partition, and none comes twice',
    names: 'deterministic',
  },
} as const;
const sdkWhat =
  'the AWS SDK alone: bytes in memory, `Upload` of lib-storage, objects of 32 MiB in parts of 8 MiB, four at once, one object after the other';

function confOf(input: TopicInput, store: ObjectStore, bucket: string, dir: string, names: string): string {
  const sink = [
    ...['type = s3', 'channel = c1', `s3.path = s3://${bucket}/access`, `s3.endpoint = ${store.endpoint}`],
    ...[`s3.names = ${names}`, `s3.batchSize = ${batch}`, `s3.rollSize = ${objectBytes}`],
    ...['s3.rollInterval = 0', 's3.idleTimeout = 2', `openFilesFolder = ${dir}/open`],
  ];
  return `${[...input.confLines(batch), ...sink.map((line) => `a1.sinks.k1.${line}`)].join('\n')}\n`;
}

/** Every line of the topic is in an object, once. */
async function checkObjects(store: ObjectStore, bucket: string, input: TopicInput): Promise<void> {
  const { sum } = input.corpus;
  const objects = await waitFor(
    'the last object to be there',
    async () => {
      const found = await store.objects(bucket);
      const sizeBytes = found.reduce((total, each) => total + each.sizeBytes, 0);
      return sizeBytes >= sum.bytes + sum.count ? found : null;
    },
    { timeoutMs: 180_000, everyMs: 200 },
  );
  const summer = new LineSummer();
  for (const { key } of objects) summer.add((await store.read(bucket, key))!);
  checkSum(`bucket ${bucket}`, summer.sum(), sum);
}

async function measureSdk(
  store: ObjectStore,
  server: ServerCost,
  bucket: string,
  events: number,
): Promise<Measurement> {
  const objects = Math.max(1, Math.round((events * (bodyBytes + 1)) / objectBytes));
  const written = Math.floor((objects * objectBytes) / (bodyBytes + 1));
  server.mark();
  const childrenBefore = endedChildrenCpuSeconds();
  const args = [client, store.endpoint, bucket, `${objects}`, `${objectBytes}`];
  const { stdout } = await runToEnd(process.execPath, args, { timeoutMs: 600_000, name: 'AWS SDK' });
  const { seconds } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { seconds: number };
  const cpuSeconds = endedChildrenCpuSeconds() - childrenBefore;
  const cost = server.costSinceMark();
  const found = await store.objects(bucket);
  if (found.length !== objects || found.some(({ sizeBytes }) => sizeBytes !== objectBytes))
    throw new Misconfigured(`${bucket} has ${found.length} objects of ${objects}, or some are not whole`);
  return {
    ...{ events: written, bytes: written * bodyBytes, eventsPerSecond: written / seconds },
    ...{ wholeSeconds: seconds, readyAfterMs: null },
    processes: { sdk: { cpuSeconds, readyRssBytes: null, peakRssBytes: null }, MinIO: cost },
  };
}

export const topicToS3: RowSpec = {
  name: 'topic-to-s3',
  title: 'A topic of Kafka to objects in MinIO',
  method: `A topic of 4 partitions with lines of ${bodyBytes} bytes, read in a fresh consumer group into a memory channel and written to one MinIO on this machine. The rate counts from the first events that the sink's own counter has as delivered to the last, that of the SDK from the first object's begin to the last one's end; CPU is the whole program. All objects of the agents are read back: every line is there, once.`,
  baseline: 'sdk',
  onDemand: true,
  eventsOfAll: 500_000,
  contenderNames: ['sdk', ...Object.keys(agents)],
  async open({ events, contenders }): Promise<Row> {
    await using opening = new AsyncDisposableStack();
    opening.use(credentialsInEnvironment());
    const store = opening.use(await ObjectStore.start('minio'));
    const input = opening.use(await TopicInput.open(events + moreEvents, bodyBytes));
    const server = new ServerCost([store.pid]);
    const opened = opening.move();
    const measure = async (name: string, run: number): Promise<Measurement> => {
      const bucket = `${name}-${run}`;
      await store.makeBucket(bucket);
      try {
        if (name === 'sdk') return await measureSdk(store, server, bucket, events);
        const { names } = agents[name as keyof typeof agents];
        return await measureAgent({
          ...{ name, program: 'millrace', events, bodyBytes },
          conf: (dir) => confOf(input, store, bucket, dir, names),
          count: ({ counter }) => counter('SINK.k1', 'EventDrainSuccessCount'),
          alongside: { MinIO: server, Kafka: input.kafka },
          check: () => checkObjects(store, bucket, input),
        });
      } finally {
        await store.removeBucket(bucket);
      }
    };
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: name === 'sdk' ? sdkWhat : agents[name as keyof typeof agents].what,
          measure: ({ run }) => measure(name, run),
        }),
      ),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
};
