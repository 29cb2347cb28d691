/** What an agent says of itself, in the words of threads. */
import type { Agent, CounterSnapshot } from '../agent/agent.ts';
import type { Metric, NotReady, ThreadEnd, ThreadState } from './threads.ts';

export function agentState(agent: Agent): ThreadState {
  return {
    metrics: metricsOf(agent),
    notReady: notReady(agent),
    broker: null,
    doing: doing(agent),
  };
}

/** Stops the agent and tells what became of what its channels held. */
export async function agentEnd(agent: Agent): Promise<ThreadEnd> {
  const metrics = metricsOf(agent);
  await agent.stop();
  const channels = agent.undelivered.map(({ channel, events }) => ({
    agent: agent.name,
    channel,
    held: 0,
    lost: events,
  }));
  return { metrics, channels, broker: null, problems: [], known: true };
}

function metricsOf(agent: Agent): Metric[] {
  return agent.counters().map((counter) => metricOf(agent.name, counter));
}

function metricOf(agent: string, { kind, name, attributes }: CounterSnapshot): Metric {
  const kinds = { source: 'SOURCE', channel: 'CHANNEL', sink: 'SINK' } as const;
  return { agent, kind: kinds[kind], name, attributes };
}

function notReady(agent: Agent): NotReady[] {
  const { components, valid } = agent.model;
  const dropped = components
    .filter(({ status }) => status === 'dropped')
    .map(({ kind, name, reason }) => ({
      component: `agent ${agent.name}, ${kind} ${name}`,
      reason: `dropped from the configuration: ${reason}`,
    }));
  if (dropped.length > 0) return dropped;
  if (!valid) return [{ component: `agent ${agent.name}`, reason: 'no source and no sink of it can run' }];
  if (!agent.ready) return [{ component: `agent ${agent.name}`, reason: 'not every component is up' }];
  return [];
}

function doing(agent: Agent): string[] {
  const counters = new Map(agent.counters().map((counter) => [`${counter.kind} ${counter.name}`, counter]));
  return agent.model.components
    .filter(({ kind, status }) => status === 'kept' && ['source', 'channel', 'sink'].includes(kind))
    .map(({ kind, name, type }) => {
      const counter = counters.get(`${kind} ${name}`);
      return `agent ${agent.name}, ${kind} ${name} (${type})${counter === undefined ? '' : `: ${figures(counter.attributes)}`}`;
    });
}

/** The counters that say something: those above 0. */
function figures(attributes: Readonly<Record<string, string>>): string {
  const shown = Object.entries(attributes).filter(([name, value]) => name !== 'Type' && Number(value) > 0);
  return shown.map(([name, value]) => `${name}=${value}`).join(' ') || 'nothing yet';
}
