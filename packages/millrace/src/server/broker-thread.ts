/** The broker's worker thread. */
import { workerData } from 'node:worker_threads';
import { Broker, type BrokerFigures } from '../broker/index.ts';
import { late } from '../runtime/deadline.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { serveThread } from './thread-side.ts';
import { type NotReady, nothingEnded } from './threads.ts';

export interface BrokerThreadData {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly logFlush: 'fsync' | 'os';
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly advertisedHost: string | undefined;
  readonly topicDefaults: Readonly<Record<string, string>>;
  readonly log: LogOutputOptions;
}

/** With less than this free, the next segments and indexes can't be made. */
const fullBelowBytes = 1 << 20;

await serveThread(async ({ shown }) => {
  const { log, ...options } = workerData as BrokerThreadData;
  const output = new LogOutput(log, shown);
  const broker = await Broker.start({
    ...options,
    logger: output.logger('broker'),
  });
  return {
    info: { port: broker.port, bootstrapServers: broker.bootstrapServers },
    state: () => {
      const figures = broker.figures();
      return {
        metrics: [],
        notReady: faultsOf(figures, options.dataDir),
        broker: figures,
        doing: doing(figures),
      };
    },
    reopen: () => output.reopen(),
    async stop({ deadline }) {
      const figures = broker.figures();
      const stopped = await deadline.race(broker.stop());
      output.close();
      const problems = stopped === late ? ['the broker did not close its logs by the deadline'] : [];
      return { ...nothingEnded, broker: figures, problems };
    },
  };
});

/** Why the broker would refuse records now. */
function faultsOf({ partitions, freeBytes }: BrokerFigures, dataDir: string | undefined): NotReady[] {
  const faults = partitions
    .filter(({ failure }) => failure !== '')
    .map(({ topic, partition, failure }) => ({
      component: `broker, ${topic}-${partition}`,
      reason: failure,
    }));
  if (freeBytes !== null && freeBytes < fullBelowBytes) {
    faults.push({
      component: 'broker',
      reason: `no space left on the device of ${dataDir} (${freeBytes} bytes)`,
    });
  }
  return faults;
}

function doing({ partitions, groups }: BrokerFigures): string[] {
  const of = new Map<string, { count: number; records: number; sizeBytes: number }>();
  for (const { topic, startOffset, endOffset, sizeBytes } of partitions) {
    const sum = of.get(topic) ?? { count: 0, records: 0, sizeBytes: 0 };
    sum.count += 1;
    sum.records += endOffset - startOffset;
    sum.sizeBytes += sizeBytes;
    of.set(topic, sum);
  }
  return [
    ...[...of].map(
      ([topic, sum]) =>
        `broker, topic ${topic}: ${sum.records} records, ${sum.sizeBytes} bytes in ${sum.count} partitions`,
    ),
    ...groups.map(({ groupId, state, members, offsets }) => {
      const lag = offsets.reduce((sum, each) => sum + each.lag, 0);
      return `broker, group ${groupId}: ${state}, ${members} members, ${lag} records behind`;
    }),
  ];
}
