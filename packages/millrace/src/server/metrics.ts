import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from './threads.ts';

/**
 * The body of Flume's `/metrics`: one object per component, keyed `TYPE.name`, every value a string
 * (o.a.f.instrumentation.http.HTTPMetricsServer). Flume has one agent a process; where several agents here use the
 * same name, each is shown as `TYPE.agent.name`.
 */
export function flumeMetrics(metrics: readonly Metric[]): Record<string, Readonly<Record<string, string>>> {
  const uses = new Map<string, number>();
  for (const { kind, name } of metrics) uses.set(`${kind}.${name}`, (uses.get(`${kind}.${name}`) ?? 0) + 1);
  return Object.fromEntries(
    metrics.map(({ agent, kind, name, attributes }) => {
      const key = `${kind}.${name}`;
      return [uses.get(key) === 1 ? key : `${kind}.${agent}.${name}`, attributes];
    }),
  );
}

/** Attributes that go up and down or are points in time; all others only grow. */
const gauges = new Set([
  'ChannelSize',
  'ChannelCapacity',
  'ChannelFillPercentage',
  'OpenConnectionCount',
  'StartTime',
  'StopTime',
  'Open',
  'Closed',
  'Unhealthy',
]);

/** `EventPutSuccessCount` → `event_put_success_count`. */
function snake(attribute: string): string {
  return attribute.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}

/**
 * The same counters in Prometheus's text form: `millrace_channel_event_put_success_total{agent,component}`. Labels are
 * names from the configuration only, so their number is bounded.
 */
export async function prometheusMetrics(
  metrics: readonly Metric[],
  process: readonly ProcessFigure[],
): Promise<string> {
  const registry = new Registry();
  const families = new Map<string, Gauge | Counter>();
  for (const { agent, kind, name, attributes } of metrics) {
    for (const [attribute, text] of Object.entries(attributes)) {
      const value = text === 'true' ? 1 : text === 'false' ? 0 : Number(text);
      if (attribute === 'Type' || Number.isNaN(value)) continue;
      const type = gauges.has(attribute) ? Gauge : Counter;
      const stem = snake(attribute)
        .replace(/_count$/, '')
        .replace(/^channel_/, '');
      const family = `millrace_${kind.toLowerCase()}_${stem}${type === Counter ? '_total' : ''}`;
      const help = `Flume's ${attribute} of a ${kind.toLowerCase()}.`;
      const labelNames = ['agent', 'component'];
      const metric =
        families.get(family) ?? new type({ name: family, help, labelNames, registers: [registry] });
      families.set(family, metric);
      metric.inc({ agent, component: name }, value);
    }
  }
  for (const { name, type, help, value } of process) {
    new (type === 'gauge' ? Gauge : Counter)({ name, help, registers: [registry] }).inc(value);
  }
  return registry.metrics();
}

export interface ProcessFigure {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: number;
}

/** What the process itself costs, under Prometheus's usual names. */
export function processFigures(): readonly ProcessFigure[] {
  const { user, system } = process.cpuUsage();
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'CPU time of the process, s.',
      value: (user + system) / 1e6,
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Resident memory of the process.',
      value: process.memoryUsage.rss(),
    },
    {
      name: 'process_start_time_seconds',
      type: 'gauge',
      help: 'Start of the process, Unix time.',
      value: Math.round(performance.timeOrigin / 1000),
    },
  ];
}
