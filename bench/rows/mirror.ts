/** From the embedded broker to Apache Kafka: `millrace kafka-mirror` against kcat piped to kcat. */

import { binPath } from '../../packages/testkit/src/process/millrace.ts';
import { endedChildrenCpuSeconds } from '../../packages/testkit/src/process/process-figures.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import type { Measurement } from '../lib/measurement.ts';
import type { Contender, Row, RowSpec } from '../lib/row.ts';
import { type Server, startKafkaServer, startMillraceServer } from '../lib/servers.ts';
import { checkTopic } from '../lib/topic.ts';

const partitions = 4;
const topic = 'moved';

type Copy = (from: Server, to: Server, input: Corpus) => Promise<void>;

const copies: Readonly<Record<string, { what: string; run: Copy }>> = {
  'kcat to kcat': {
    what: 'kcat -C of the topic from its beginning, piped to kcat -P with acks=all; values alone, offsets and partitions are not kept',
    async run(from, to, input) {
      const read = `kcat -b ${from.bootstrap} -C -t ${topic} -o beginning -c ${input.sum.count} -q`;
      const write = `kcat -b ${to.bootstrap} -P -t ${topic} -X acks=all -X linger.ms=20`;
      await runToEnd('sh', ['-c', `${read} | ${write}`], { timeoutMs: 600_000 });
    },
  },
  'kafka-mirror': {
    what: 'millrace kafka-mirror; keys, headers, times and offsets kept, start-up of its Node included',
    async run(from, to) {
      const args = ['kafka-mirror', '--from', from.bootstrap, '--to', to.bootstrap, '--topics', topic];
      await runToEnd(process.execPath, [binPath('millrace'), ...args], { timeoutMs: 600_000 });
    },
  },
};

async function measureCopy(copy: Copy, from: Server, to: Server, input: Corpus): Promise<Measurement> {
  await to.createTopic(topic, partitions);
  from.mark();
  to.mark();
  const childrenBefore = endedChildrenCpuSeconds();
  const startedAt = performance.now();
  await copy(from, to, input);
  const seconds = (performance.now() - startedAt) / 1000;
  const [source, target] = [from.costSinceMark(), to.costSinceMark()];
  const client = endedChildrenCpuSeconds() - childrenBefore;
  await checkTopic(to.bootstrap, topic, partitions, input);
  await to.deleteTopic(topic);
  return {
    events: input.sum.count,
    bytes: input.sum.bytes,
    eventsPerSecond: input.sum.count / seconds,
    wholeSeconds: seconds,
    readyAfterMs: 0,
    processes: {
      copy: { cpuSeconds: client, readyRssBytes: null, peakRssBytes: null },
      source,
      target,
    },
  };
}

export const mirror: RowSpec = {
  name: 'mirror',
  title: 'From the embedded broker to Apache Kafka',
  method:
    'The access log in a topic of 4 partitions of the embedded broker, copied to Apache Kafka 4.3 on the same machine. CPU is that of the copying programs; the rate is from the start of the copying programs to their end.',
  baseline: 'kcat to kcat',
  contenderNames: Object.keys(copies),
  async open({ events, contenders }): Promise<Row> {
    const input = await corpus(events);
    const from = await startMillraceServer('millrace', 'fsync');
    let to: Server;
    try {
      to = await startKafkaServer();
      await from.createTopic(topic, partitions);
      await runToEnd(
        'kcat',
        [
          ...['-b', from.bootstrap, '-P', '-t', topic, '-X', 'acks=all', '-X', 'linger.ms=20'],
          '-l',
          input.path,
        ],
        { timeoutMs: 600_000 },
      );
    } catch (error) {
      await from[Symbol.asyncDispose]();
      throw error;
    }
    return {
      contenders: contenders.map(
        (name): Contender => ({
          name,
          what: copies[name]!.what,
          measure: async () => measureCopy(copies[name]!.run, from, to, input),
        }),
      ),
      async [Symbol.asyncDispose]() {
        await to[Symbol.asyncDispose]();
        await from[Symbol.asyncDispose]();
      },
    };
  },
};
