import { MillraceError } from '../runtime/errors.ts';
import type { AgentThreadData } from './agent-thread.ts';
import { MillraceProcess, type ProcessPlan } from './process.ts';
import { rootLogger } from './root-logger.ts';

/** What `millrace agent` and `flume-ng agent` were told, in whatever words. */
export interface AgentRun extends Omit<AgentThreadData, 'log'> {
  readonly jsonLog: boolean;
}

/**
 * What `-Dflume.monitoring.type=http -Dflume.monitoring.port=N` asks for. Flume listens on all interfaces; so does this,
 * unless `flume.monitoring.bind` says otherwise.
 */
export function monitoring(properties: ReadonlyMap<string, string>): ProcessPlan['http'] {
  const type = properties.get('flume.monitoring.type');
  if (type === undefined) return undefined;
  const setBy = '-Dflume.monitoring.port';
  if (type.toLowerCase() !== 'http' && type.toLowerCase() !== 'prometheus') {
    throw new MillraceError('USAGE', `-Dflume.monitoring.type=${type} is not there yet; only http is`, {
      remedy: 'Use -Dflume.monitoring.type=http; /prometheus is served at the same port.',
    });
  }
  const port = Number(properties.get('flume.monitoring.port') ?? '41414');
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new MillraceError(
      'USAGE',
      `${setBy}=${properties.get('flume.monitoring.port')} is not a port number`,
    );
  }
  return { host: properties.get('flume.monitoring.bind') ?? '0.0.0.0', port, setBy };
}

export function agentProcess({ jsonLog, ...agent }: AgentRun): MillraceProcess {
  const { systemProperties } = agent;
  const http = monitoring(systemProperties);
  const wanted = systemProperties.get('flume.root.logger');
  const log = rootLogger(wanted, systemProperties, jsonLog ? 'json' : 'flume');
  return new MillraceProcess({
    agents: [{ ...agent, log }],
    ...(http === undefined ? {} : { http }),
  });
}
