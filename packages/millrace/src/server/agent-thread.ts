/** An agent's worker thread. */
import { workerData } from 'node:worker_threads';
import { Agent, type CounterSnapshot } from '../agent/agent.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { serveThread } from './thread-side.ts';
import type { Metric } from './threads.ts';

export interface AgentThreadData {
  readonly agentName: string;
  /** Absolute paths; a later one overrides an earlier one. */
  readonly files: readonly string[];
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly reload: boolean;
  readonly pollIntervalMs: number;
  readonly strictTypes: boolean;
  /** How long a stop may take to empty channels that would lose their events. */
  readonly drainMs: number;
  readonly log: LogOutputOptions;
}

await serveThread(async () => {
  const { agentName, files, log, reload, pollIntervalMs, ...options } = workerData as AgentThreadData;
  const output = new LogOutput(log);
  const agent = await Agent.fromFile(files, agentName, {
    ...options,
    reloadIntervalMs: reload ? pollIntervalMs : 0,
    log: output.logger(agentName),
  });
  await agent.start();
  return {
    info: { components: agent.model.components },
    metrics: () => agent.counters().map((counter) => metricOf(agentName, counter)),
    ready: () => agent.ready,
    async stop() {
      await agent.stop();
      output.close();
      return agent.undelivered
        .map(
          ({ channel, events }) =>
            `${agentName}: ${events} events of channel ${channel} could not be delivered and are lost`,
        )
        .join('\n');
    },
  };
});

function metricOf(agent: string, { kind, name, attributes }: CounterSnapshot): Metric {
  const kinds = { source: 'SOURCE', channel: 'CHANNEL', sink: 'SINK' } as const;
  return { agent, kind: kinds[kind], name, attributes };
}
