/** What a process does, a line each, for people: SIGQUIT's answer. */
import type { ComponentReport } from './api.ts';
import { brokerDoing } from './broker-state.ts';
import type { ThreadState } from './threads.ts';

const at = (ms: number): string => new Date(ms).toISOString();

export function stateLines({ notReady, components, broker }: Omit<ThreadState, 'metrics'>): string[] {
  return [
    `state: ${notReady.length === 0 ? 'ready' : `not ready (${notReady.length})`}`,
    ...notReady.map(
      ({ component, reason, since }) =>
        `not ready: ${component}: ${reason}${since === undefined ? '' : ` (since ${at(since)})`}`,
    ),
    ...components.map(componentLine),
    ...(broker === null ? [] : brokerDoing(broker)),
  ];
}

function componentLine({ agent, kind, name, type, ...report }: ComponentReport): string {
  const { state, since, lastError, lastFailure, waits, counters } = report;
  const parts = [
    since === undefined ? state : `${state} since ${at(since)}`,
    ...(lastError === undefined ? [] : [lastError]),
    // The fault that makes it failing is told already.
    ...waits
      .filter(({ what }) => what !== lastError)
      .map((wait) => `waits for ${wait.what} (since ${at(wait.since)})`),
    ...(lastFailure === undefined || lastFailure.error === lastError
      ? []
      : [`failed last at ${at(lastFailure.at)}: ${lastFailure.error}`]),
    ...(Object.keys(counters).length === 0 ? [] : [figures(counters)]),
  ];
  return `agent ${agent}, ${kind} ${name} (${type}): ${parts.join(', ')}`;
}

/** The counters that say something: those above 0. */
function figures(counters: Readonly<Record<string, string>>): string {
  const shown = Object.entries(counters).filter(([name, value]) => name !== 'Type' && Number(value) > 0);
  return shown.map(([name, value]) => `${name}=${value}`).join(' ') || 'nothing yet';
}
