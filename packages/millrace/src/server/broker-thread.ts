/** The broker's worker thread. */
import { workerData } from 'node:worker_threads';
import { Broker } from '../broker/index.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { serveThread } from './thread-side.ts';

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

await serveThread(async () => {
  const { log, ...options } = workerData as BrokerThreadData;
  const output = new LogOutput(log);
  const broker = await Broker.start({
    ...options,
    logger: output.logger('broker'),
  });
  return {
    info: { port: broker.port, bootstrapServers: broker.bootstrapServers },
    metrics: () => [],
    ready: () => true,
    async stop() {
      await broker.stop();
      output.close();
      return '';
    },
  };
});
