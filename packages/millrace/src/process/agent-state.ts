/** What an agent says of itself, in the words of threads. */
import type { Agent, CounterSnapshot } from '../agent/agent.ts';
import type { StopOptions } from '../component/lifetime.ts';
import type { ComponentReport, Metric, NotReady, ThreadEnd, ThreadState } from './threads.ts';

export function agentState(agent: Agent): ThreadState {
  const components = componentsOf(agent);
  return { metrics: metricsOf(agent), notReady: notReady(agent, components), broker: null, components };
}

/** Stops the agent and tells what became of what its channels held. The counters are those of before the drain. */
export async function agentEnd(agent: Agent, options: StopOptions): Promise<ThreadEnd> {
  const metrics = metricsOf(agent);
  await agent.stop(options);
  const channels = agent.outcome.map(({ channel, delivered, refused, held, lost }) => ({
    agent: agent.name,
    channel,
    delivered,
    refused,
    held: held ?? 0,
    lost,
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

function componentsOf(agent: Agent): ComponentReport[] {
  const counters = new Map(agent.counters().map((counter) => [`${counter.kind} ${counter.name}`, counter]));
  const types = new Map(agent.model.components.map(({ kind, name, type }) => [`${kind} ${name}`, type]));
  return agent.state().map((state) => {
    const key = `${state.kind} ${state.name}`;
    return {
      ...state,
      agent: agent.name,
      type: types.get(key) ?? '',
      counters: counters.get(key)?.attributes ?? {},
    };
  });
}

function notReady(agent: Agent, components: readonly ComponentReport[]): NotReady[] {
  const faults = components
    .filter(({ state }) => state !== 'started')
    .map(({ kind, name, state, since, lastError }) => ({
      component: `agent ${agent.name}, ${kind} ${name}`,
      reason: lastError === undefined ? state : `${state}: ${lastError}`,
      ...(since === undefined ? {} : { since }),
    }));
  if (faults.length > 0 || agent.ready) return faults;
  const reason = agent.model.valid ? `it is ${agent.status}` : 'no source and no sink of it can run';
  return [{ component: `agent ${agent.name}`, reason }];
}
