/** An agent's worker thread. */
import { workerData } from 'node:worker_threads';
import { Agent } from '../agent/agent.ts';
import { loadPlugins } from '../agent/configuration/plugins.ts';
import { FileWatch, latestChange } from '../agent/running/reload.ts';
import { agentEnd, agentState } from './agent-state.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { ownLines } from './own-lines.ts';
import { serveThread } from './thread-side.ts';

export interface AgentThreadData {
  readonly agentName: string;
  /** Absolute paths; a later one overrides an earlier one. */
  readonly files: readonly string[];
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly reload: boolean;
  readonly pollIntervalMs: number;
  readonly strictTypes: boolean;
  /** Absolute paths of modules, or folders of them, with components of the operator's own. */
  readonly plugins: readonly string[];
  /** How long a stop may take to empty channels that would lose their events. */
  readonly drainMs: number;
  readonly log: LogOutputOptions;
}

await serveThread(async ({ tell, shown, signal }) => {
  const { agentName, files, log, reload, pollIntervalMs, plugins, ...given } = workerData as AgentThreadData;
  const output = new LogOutput(log, shown);
  const logger = output.logger(agentName);
  const options = { ...given, components: await loadPlugins(plugins) };
  const { mtimeMs } = await latestChange(files);
  let own = await ownLines(files, agentName);
  const agent = await Agent.fromFile(files, agentName, { ...options, reloadIntervalMs: 0, log: logger });
  await agent.start(signal);

  /** Of several agents in the same files, only those whose lines have changed begin anew. */
  const readAgain = async (): Promise<boolean> => {
    const now = await ownLines(files, agentName);
    if (now !== null && now === own) return false;
    const result = await agent.reload();
    if (result.reloaded) own = now;
    if (result.reloaded) tell(`agent ${agentName}: the configuration was read again and runs`);
    else tell(`agent ${agentName}: the old configuration goes on: ${result.reasons.join('; ')}`);
    return true;
  };
  const changed = async (file: string): Promise<void> => {
    logger.info(`Reloading configuration file:${file}`);
    if (!(await readAgain())) logger.info(`Nothing of agent ${agentName} has changed`);
  };
  const watch = new FileWatch(files, pollIntervalMs, changed, logger);
  if (reload) watch.start(mtimeMs);
  return {
    info: { components: agent.model.components },
    state: () => agentState(agent),
    reopen: () => output.reopen(),
    async reload() {
      if (await readAgain()) return;
      tell(`agent ${agentName}: the configuration was read again, nothing of it has changed`);
    },
    async stop(stopOptions) {
      // A reload under way is the agent's to end; the watch ends with it.
      const watching = watch.stop();
      const end = await agentEnd(agent, stopOptions);
      await stopOptions.deadline.race(watching);
      output.close();
      return end;
    },
  };
});
