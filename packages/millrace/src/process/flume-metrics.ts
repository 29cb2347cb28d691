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
