/** An agent's worker thread. */
import { workerData } from 'node:worker_threads';
import { Agent } from '../agent/agent.ts';
import { agentEnd, agentState } from './agent-state.ts';
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
  /** How long a stop may take to empty channels that would lose their events. */
  readonly drainMs: number;
  readonly log: LogOutputOptions;
}

await serveThread(async ({ tell, shown }) => {
  const { agentName, files, log, reload, pollIntervalMs, ...options } = workerData as AgentThreadData;
  const output = new LogOutput(log, shown);
  const agent = await Agent.fromFile(files, agentName, {
    ...options,
    reloadIntervalMs: reload ? pollIntervalMs : 0,
    log: output.logger(agentName),
  });
  await agent.start();
  return {
    info: { components: agent.model.components },
    state: () => agentState(agent),
    reopen: () => output.reopen(),
    async reload() {
      const result = await agent.reload();
      if (result.reloaded) tell(`agent ${agentName}: the configuration was read again and runs`);
      else tell(`agent ${agentName}: the old configuration goes on: ${result.reasons.join('; ')}`);
    },
    async stop() {
      const end = await agentEnd(agent);
      output.close();
      return end;
    },
  };
});
