/** An agent's worker thread. */
import { workerData } from 'node:worker_threads';
import { Agent } from '../agent/agent.ts';
import { type OriginPlan, originOf } from '../agent/configuration/origin/config-origin.ts';
import { loadPlugins } from '../agent/configuration/plugins.ts';
import { errorText } from '../runtime/errors.ts';
import { agentEnd, agentState } from './agent-state.ts';
import { LogOutput, type LogOutputOptions } from './log-output.ts';
import { ownLines } from './own-lines.ts';
import { serveThread } from './thread-side.ts';

export interface AgentThreadData {
  readonly agentName: string;
  readonly origin: OriginPlan;
  readonly systemProperties: ReadonlyMap<string, string>;
  readonly reload: boolean;
  readonly strictTypes: boolean;
  /** Absolute paths of modules, or folders of them, with components of the operator's own. */
  readonly plugins: readonly string[];
  /** How long a stop may take to empty channels that would lose their events. */
  readonly drainMs: number;
  readonly log: LogOutputOptions;
}

await serveThread(async ({ tell, shown, signal }) => {
  const { agentName, origin: plan, log, reload, plugins, ...given } = workerData as AgentThreadData;
  const output = new LogOutput(log, shown);
  const logger = output.logger(agentName);
  const options = { ...given, components: await loadPlugins(plugins) };
  const origin = await originOf(plan, { agentName, log: logger });
  await origin.open(signal);
  let own = ownLines(origin.texts(), agentName);
  const agent = await Agent.fromOrigin(origin, agentName, { ...options, log: logger });
  await agent.start(signal);

  /** Of several agents in the same files, only those whose lines have changed begin anew. */
  const readAgain = async (): Promise<boolean> => {
    const now = ownLines(origin.texts(), agentName);
    if (now === own) return false;
    const result = await agent.reload();
    if (result.reloaded) own = now;
    if (result.reloaded) tell(`agent ${agentName}: the configuration was read again and runs`);
    else tell(`agent ${agentName}: the old configuration goes on: ${result.reasons.join('; ')}`);
    return true;
  };
  const changed = async (line: string): Promise<void> => {
    logger.info(line);
    if (!(await readAgain())) logger.info(`Nothing of agent ${agentName} has changed`);
  };
  const watch = reload ? origin.watch(changed) : null;
  return {
    info: { components: agent.model.components },
    state: () => agentState(agent),
    reopen: () => output.reopen(),
    async reload() {
      try {
        await origin.refresh(signal);
      } catch (error) {
        logger.error(`${errorText(error)}; the configuration that runs goes on`);
        tell(`agent ${agentName}: the old configuration goes on: ${errorText(error)}`);
        return;
      }
      if (await readAgain()) return;
      tell(`agent ${agentName}: the configuration was read again, nothing of it has changed`);
    },
    async stop(stopOptions) {
      // A reload under way is the agent's to end; the watch ends with it.
      const watching = watch?.stop();
      const end = await agentEnd(agent, stopOptions);
      await stopOptions.deadline.race(Promise.resolve(watching));
      await origin.close();
      output.close();
      return end;
    },
  };
});
