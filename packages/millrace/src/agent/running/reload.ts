import type { AgentModel, ComponentReport } from '../model.ts';

/**
 * Why a new configuration must not replace the one that runs: it has no valid agent, or a component would be dropped
 * that was not dropped before. (Flume would stop what runs.) Empty: it may.
 */
export function reloadFaults(running: AgentModel, next: AgentModel): string[] {
  if (!next.valid) return running.valid ? [`agent ${next.name} would not be valid`] : [];
  const key = ({ kind, name }: ComponentReport) => `${kind} ${name}`;
  const before = new Set(running.components.filter(({ status }) => status === 'dropped').map(key));
  return next.components
    .filter((component) => component.status === 'dropped' && !before.has(key(component)))
    .map((component) => `${key(component)} would be dropped: ${component.reason}`);
}
