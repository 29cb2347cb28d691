import { MillraceError } from '../runtime/errors.ts';
import type { GangliaPlan } from './ganglia.ts';
import type { ProcessPlan } from './process.ts';

/** Where the counters go, by `-Dflume.monitoring.…`. */
export interface Monitoring {
  readonly http?: NonNullable<ProcessPlan['http']>;
  readonly ganglia?: GangliaPlan;
  /** What has no effect, a sentence each. */
  readonly notes: readonly string[];
}

type Properties = ReadonlyMap<string, string>;

/** The names of `flume.monitoring.type` in any letter case, and the classes behind them. */
const types: Readonly<Record<string, (properties: Properties) => Monitoring>> = {
  http: httpOf,
  'org.apache.flume.instrumentation.http.HTTPMetricsServer': httpOf,
  prometheus: httpOf,
  'org.apache.flume.instrumentation.http.PrometheusHTTPMetricsServer': httpOf,
  ganglia: gangliaOf,
  'org.apache.flume.instrumentation.GangliaServer': gangliaOf,
};

/** Throws `USAGE` where a value can't be used. A class that is not there is told, and the agent runs, as in Flume. */
export function monitoring(properties: Properties): Monitoring {
  const type = properties.get('flume.monitoring.type');
  if (type === undefined) return { notes: [] };
  const make = types[type] ?? types[type.toLowerCase()];
  if (make !== undefined) return make(properties);
  const note = `-Dflume.monitoring.type=${type} is not there: http, prometheus and ganglia are; nothing is monitored`;
  return { notes: [note] };
}

/** Flume listens on all interfaces; so does this, unless `flume.monitoring.bind` says otherwise. */
function httpOf(properties: Properties): Monitoring {
  const setBy = '-Dflume.monitoring.port';
  const written = properties.get('flume.monitoring.port') ?? '41414';
  const port = Number(written);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new MillraceError('USAGE', `${setBy}=${written} is not a port number`);
  return { http: { host: properties.get('flume.monitoring.bind') ?? '0.0.0.0', port, setBy }, notes: [] };
}

function gangliaOf(properties: Properties): Monitoring {
  const written = properties.get('flume.monitoring.hosts') ?? '';
  const notes: string[] = [];
  const hosts = written.split(',').flatMap((part) => {
    const [host = '', port = ''] = part.trim().split(':');
    if (host !== '' && /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536)
      return [{ host, port: Number(port) }];
    notes.push(`-Dflume.monitoring.hosts: '${part}' is no HOST:PORT`);
    return [];
  });
  if (hosts.length === 0) {
    throw new MillraceError('USAGE', `-Dflume.monitoring.hosts=${written} names no host for Ganglia`, {
      remedy: 'Write -Dflume.monitoring.hosts=HOST:8649,HOST:8649.',
    });
  }
  const seconds = properties.get('flume.monitoring.pollFrequency') ?? '60';
  if (!/^\d{1,9}$/.test(seconds) || Number(seconds) === 0)
    throw new MillraceError('USAGE', `-Dflume.monitoring.pollFrequency=${seconds} is no number of seconds`);
  const isGanglia3 = properties.get('flume.monitoring.isGanglia3')?.toLowerCase() === 'true';
  return { ganglia: { hosts, pollMs: Number(seconds) * 1000, isGanglia3 }, notes };
}
