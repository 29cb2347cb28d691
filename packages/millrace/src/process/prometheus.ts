import { Counter, Gauge, Registry, type RegistryContentType } from 'prom-client';
import type { BrokerFigures, NetworkFigures } from '../broker/index.ts';
import type { ComponentReport } from './api.ts';
import type { Metric, ThreadState } from './threads.ts';

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
 * Prometheus's text form: the counters as `millrace_channel_event_put_success_total{agent,component}`, the broker's
 * topics and groups, what is ready. Labels are names from the configuration, of topics and of groups, so their number
 * is bounded by what there is.
 */
export async function prometheusMetrics(
  { metrics, broker, notReady, components }: ThreadState,
  process: readonly ProcessFigure[],
  form: 'prometheus' | 'openmetrics' = 'prometheus',
): Promise<string> {
  const registry: Registry<RegistryContentType> = new Registry<RegistryContentType>();
  if (form === 'openmetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  addComponents(registry, metrics);
  addStates(registry, components);
  if (broker !== null) addBroker(registry, broker);
  const help = 'Whether every component is up, 0 or 1; /readyz tells which is not.';
  const own: ProcessFigure = {
    name: 'millrace_ready',
    type: 'gauge',
    help,
    value: notReady.length === 0 ? 1 : 0,
  };
  for (const { name, type, help, value } of [...process, own]) {
    new (type === 'gauge' ? Gauge : Counter)({ name, help, registers: [registry] }).inc(value);
  }
  return registry.metrics();
}

function addComponents(registry: Registry<RegistryContentType>, metrics: readonly Metric[]): void {
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
}

/** What each component says of itself. Texts are for `/readyz` and `/api/state`: as labels their number has no bound. */
function addStates(registry: Registry<RegistryContentType>, components: readonly ComponentReport[]): void {
  if (components.length === 0) return;
  const registers = [registry];
  const who = ['agent', 'kind', 'component'];
  const state = new Gauge({
    name: 'millrace_component_state',
    help: 'One of starting, started, failing, stopped, dropped; 1 for the one that it is.',
    labelNames: [...who, 'state'],
    registers,
  });
  const since = new Gauge({
    name: 'millrace_component_state_since_seconds',
    help: 'When that began, Unix time.',
    labelNames: who,
    registers,
  });
  const waits = new Gauge({
    name: 'millrace_component_waits',
    help: 'What a component waits for: idle, nothing to do; held, others are not ready; fault, something is to be mended.',
    labelNames: [...who, 'wait'],
    registers,
  });
  const waitSince = new Gauge({
    name: 'millrace_component_wait_since_seconds',
    help: 'When the longest of these waits began, Unix time.',
    labelNames: [...who, 'wait'],
    registers,
  });
  const failed = new Gauge({
    name: 'millrace_component_last_failure_seconds',
    help: 'When it last failed, also when that is mended, Unix time.',
    labelNames: who,
    registers,
  });
  for (const report of components) {
    const labels = { agent: report.agent, kind: report.kind, component: report.name };
    for (const one of componentStates) state.set({ ...labels, state: one }, report.state === one ? 1 : 0);
    if (report.since !== undefined) since.set(labels, report.since / 1000);
    if (report.lastFailure !== undefined) failed.set(labels, report.lastFailure.at / 1000);
    for (const wait of waitKinds) {
      const of = report.waits.filter(({ kind }) => kind === wait);
      waits.set({ ...labels, wait }, of.length);
      if (of.length > 0) waitSince.set({ ...labels, wait }, Math.min(...of.map((each) => each.since)) / 1000);
    }
  }
}

const componentStates = ['starting', 'started', 'failing', 'stopped', 'dropped'] as const;
const waitKinds = ['idle', 'held', 'fault'] as const;

function addTraffic(registry: Registry<RegistryContentType>, network: NetworkFigures): void {
  const registers = [registry];
  const { connections, connectionsOpened, connectionsFailed, apis } = network;
  const figure = (type: typeof Gauge | typeof Counter, name: string, help: string, value: number) =>
    new type({ name: `millrace_broker_${name}`, help, registers }).inc(value);
  figure(Gauge, 'connections', 'Open connections.', connections);
  figure(Counter, 'connections_opened_total', 'Connections that were taken.', connectionsOpened);
  figure(
    Counter,
    'connections_failed_total',
    'Connections that the broker ended: what was sent was no request, or the request failed.',
    connectionsFailed,
  );
  const byApi = (name: string, help: string) =>
    new Counter({ name: `millrace_broker_${name}_total`, help, labelNames: ['api'], registers });
  const requests = byApi('requests', 'Requests.');
  const requestBytes = byApi('request_bytes', 'Bytes of the requests: what came in.');
  const answerBytes = byApi('answer_bytes', 'Bytes of the answers: what went out.');
  const seconds = byApi('request_seconds', 'From the whole request to its answer, summed.');
  for (const each of apis) {
    const labels = { api: each.api };
    requests.inc(labels, each.requests);
    requestBytes.inc(labels, each.requestBytes);
    answerBytes.inc(labels, each.answerBytes);
    seconds.inc(labels, each.seconds);
  }
}

function addBroker(
  registry: Registry<RegistryContentType>,
  { partitions, groups, freeBytes, network }: BrokerFigures,
): void {
  addTraffic(registry, network);
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `millrace_${name}`, help, labelNames, registers });
  const place = ['topic', 'partition'];
  const start = gauge('topic_log_start_offset', 'Offset of the first record that is there.', place);
  const end = gauge('topic_log_end_offset', 'Offset of the next record that is appended.', place);
  const watermark = gauge('topic_high_watermark', 'Consumers see what lies below this offset.', place);
  const size = gauge('topic_size_bytes', 'Bytes of the segments of a partition.', place);
  const records = gauge('topic_records', 'Records that are there, by offsets.', place);
  const online = gauge(
    'topic_partition_online',
    'Whether the log of a partition takes records, 0 or 1.',
    place,
  );
  for (const figures of partitions) {
    const labels = { topic: figures.topic, partition: figures.partition };
    start.set(labels, figures.startOffset);
    end.set(labels, figures.endOffset);
    watermark.set(labels, figures.highWatermark);
    size.set(labels, figures.sizeBytes);
    records.set(labels, figures.endOffset - figures.startOffset);
    online.set(labels, figures.failure === '' ? 1 : 0);
  }
  const members = gauge('group_members', 'Members of a consumer group.', ['group']);
  const committed = gauge('group_committed_offset', 'Committed offset.', ['group', ...place]);
  const lag = gauge('group_lag_records', 'Records between committed offset and high watermark.', [
    'group',
    ...place,
  ]);
  for (const { groupId, members: count, offsets } of groups) {
    members.set({ group: groupId }, count);
    for (const { topic, partition, committedOffset, lag: behind } of offsets) {
      committed.set({ group: groupId, topic, partition }, committedOffset);
      lag.set({ group: groupId, topic, partition }, behind);
    }
  }
  if (freeBytes !== null)
    gauge('broker_free_bytes', 'Free bytes of the device of the data.', []).set(freeBytes);
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
