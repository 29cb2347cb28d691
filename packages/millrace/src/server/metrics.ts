import type { Metric } from './threads.ts';

/**
 * The body of Flume's `/metrics`: one object per component, keyed `TYPE.name`, every value a string
 * (o.a.f.instrumentation.http.HTTPMetricsServer).
 */
export function flumeMetrics(metrics: readonly Metric[]): Record<string, Readonly<Record<string, string>>> {
  return Object.fromEntries(metrics.map(({ kind, name, attributes }) => [`${kind}.${name}`, attributes]));
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
 * The same counters in Prometheus's text form 0.0.4: `millrace_channel_event_put_success_total{agent,component}`.
 * Labels are names from the configuration only, so their number is bounded.
 */
export function prometheusMetrics(metrics: readonly Metric[], process: readonly ProcessFigure[]): string {
  const families = new Map<string, { type: 'counter' | 'gauge'; samples: string[] }>();
  const add = (name: string, type: 'counter' | 'gauge', sample: string): void => {
    const family = families.get(name) ?? { type, samples: [] };
    families.set(name, family);
    family.samples.push(`${name}${sample}`);
  };
  for (const { agent, kind, name, attributes } of metrics) {
    for (const [attribute, text] of Object.entries(attributes)) {
      const value = text === 'true' ? 1 : text === 'false' ? 0 : Number(text);
      if (attribute === 'Type' || Number.isNaN(value)) continue;
      const type = gauges.has(attribute) ? 'gauge' : 'counter';
      const stem = snake(attribute).replace(/_count$/, '');
      const family = `millrace_${kind.toLowerCase()}_${stem.replace(/^channel_/, '')}${type === 'counter' ? '_total' : ''}`;
      add(family, type, `{agent="${escapeLabel(agent)}",component="${escapeLabel(name)}"} ${value}`);
    }
  }
  for (const { name, type, value } of process) add(name, type, ` ${value}`);
  let text = '';
  for (const [name, { type, samples }] of families) text += `# TYPE ${name} ${type}\n${samples.join('\n')}\n`;
  return text;
}

export interface ProcessFigure {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

/** What the process itself costs, under Prometheus's usual names. */
export function processFigures(): readonly ProcessFigure[] {
  const { user, system } = process.cpuUsage();
  return [
    { name: 'process_cpu_seconds_total', type: 'counter', value: (user + system) / 1e6 },
    { name: 'process_resident_memory_bytes', type: 'gauge', value: process.memoryUsage.rss() },
    { name: 'process_start_time_seconds', type: 'gauge', value: Math.round(performance.timeOrigin / 1000) },
  ];
}

function escapeLabel(label: string): string {
  return label.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
}
