import type { AgentThreadData } from './agent-thread.ts';
import { monitoring } from './monitoring.ts';
import { MillraceProcess } from './process.ts';
import { rootLogger } from './root-logger.ts';

/** What `millrace agent` and `flume-ng agent` were told, in whatever words. */
export interface AgentRun extends Omit<AgentThreadData, 'log'> {
  readonly jsonLog: boolean;
}

/** What has no effect is told by `tell`. Throws `USAGE` where a property can't be used. */
export function agentProcess({ jsonLog, ...agent }: AgentRun, tell: (text: string) => void): MillraceProcess {
  const { systemProperties } = agent;
  const { http, ganglia, notes } = monitoring(systemProperties);
  for (const note of notes) tell(note);
  const wanted = systemProperties.get('flume.root.logger');
  const log = rootLogger(wanted, systemProperties, jsonLog ? 'json' : 'flume');
  return new MillraceProcess({
    agents: [{ ...agent, log }],
    ...(http === undefined ? {} : { http }),
    ...(ganglia === undefined ? {} : { ganglia }),
  });
}
