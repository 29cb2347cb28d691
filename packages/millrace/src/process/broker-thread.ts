/** The broker's worker thread. */
import { workerData } from 'node:worker_threads';
import { Broker, type BrokerOptions } from '../broker/index.ts';
import { late } from '../runtime/deadline.ts';
import { brokerFaults } from './broker-state.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { serveThread } from './thread-side.ts';
import { nothingEnded } from './threads.ts';

/** What a broker can be told by whoever runs its thread. */
export type BrokerThreadOptions = Omit<BrokerOptions, 'files' | 'logger' | 'now'>;

export interface BrokerThreadData extends BrokerThreadOptions {
  readonly host: string;
  readonly port: number;
  readonly log: LogOutputOptions;
}

await serveThread(async ({ shown }) => {
  const { log, ...options } = workerData as BrokerThreadData;
  const output = new LogOutput(log, shown);
  const broker = await Broker.start({
    ...options,
    logger: output.logger('broker'),
  });
  return {
    info: { port: broker.port, ports: broker.ports, bootstrapServers: broker.bootstrapServers },
    state: () => {
      const figures = broker.figures();
      return {
        metrics: [],
        notReady: brokerFaults(figures, options.dataDir),
        broker: figures,
        components: [],
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
