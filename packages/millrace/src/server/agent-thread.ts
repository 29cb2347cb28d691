/** An agent's worker thread. */
import { workerData } from 'node:worker_threads';
import { Agent } from '../agent/agent.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { serveThread } from './thread-side.ts';

export interface AgentThreadData {
  readonly agentName: string;
  /** Absolute paths; a later one overrides an earlier one. */
  readonly files: readonly string[];
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly reload: boolean;
  readonly pollIntervalMs: number;
  readonly strictTypes: boolean;
  readonly log: LogOutputOptions;
}

await serveThread(async () => {
  const { agentName, files, log, ...options } = workerData as AgentThreadData;
  const output = new LogOutput(log);
  const agent = await Agent.fromFile(files, agentName, { ...options, log: output.logger(agentName) });
  await agent.start();
  return {
    info: {},
    metrics: () => agent.counters().map((counter) => ({ agent: agentName, ...counter })),
    ready: () => agent.ready,
    async stop(drainMs) {
      const summary = await agent.stop(drainMs);
      output.close();
      return summary;
    },
  };
});
