import { expect, test } from 'vitest';
import { SinkCounter } from '../component/counters.ts';
import { KafkaChannelCounter } from '../components/kafka/counters.ts';
import type { WaitReport } from '../runtime/wait.ts';
import type { ComponentReport } from './api.ts';
import { flumeMetrics } from './flume-metrics.ts';
import { prometheusMetrics } from './prometheus.ts';

const channel = new KafkaChannelCounter();
channel.start(1);
const sink = new SinkCounter();
sink.start(1);
sink.eventDrainSuccess = 12;
const metrics = [
  { agent: 'a1', kind: 'CHANNEL' as const, name: 'c1', attributes: channel.flumeAttributes() },
  { agent: 'a1', kind: 'SINK' as const, name: 'k"1', attributes: sink.flumeAttributes() },
];

test('Flume’s form: keyed TYPE.name, every value a string (golden G)', () => {
  const body = flumeMetrics(metrics);
  expect(Object.keys(body)).toEqual(['CHANNEL.c1', 'SINK.k"1']);
  expect(body['CHANNEL.c1']).toMatchObject({
    ChannelFillPercentage: '1.7976931348623157E308',
    Type: 'CHANNEL',
  });
  for (const attributes of Object.values(body)) {
    for (const value of Object.values(attributes)) expect(typeof value).toBe('string');
  }
});

test('Prometheus’s form: counters end in _total, labels are escaped, each family is typed once', async () => {
  const process = { name: 'process_cpu_seconds_total', type: 'counter', help: 'CPU', value: 1.5 } as const;
  const text = await prometheusMetrics({ metrics, broker: null, notReady: [], components }, [process]);
  expect(text).toContain('# TYPE millrace_sink_event_drain_success_total counter\n');
  expect(text).toContain('millrace_sink_event_drain_success_total{agent="a1",component="k\\"1"} 12\n');
  expect(text).toContain('# TYPE millrace_channel_size gauge\n');
  expect(text).toContain('process_cpu_seconds_total 1.5\n');
  const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(types).size).toBe(types.length);
});

test('two agents of one process may use the same name: neither hides the other', () => {
  const attributes = { Type: 'SINK' };
  const kind = 'SINK' as const;
  const metrics = [
    { agent: 'a', kind, name: 'k1', attributes },
    { agent: 'b', kind, name: 'k1', attributes },
    { agent: 'b', kind, name: 'k2', attributes },
  ];
  expect(Object.keys(flumeMetrics(metrics))).toEqual(['SINK.a.k1', 'SINK.b.k1', 'SINK.k2']);
});

const figures = {
  partitions: [
    {
      topic: 't',
      partition: 3,
      startOffset: 10,
      endOffset: 25,
      highWatermark: 24,
      sizeBytes: 4096,
      failure: '',
    },
  ],
  groups: [
    {
      groupId: 'g',
      state: 'Stable',
      members: 2,
      offsets: [{ topic: 't', partition: 3, committedOffset: 20, lag: 4 }],
    },
  ],
  freeBytes: 1e9,
  network: {
    connections: 1,
    connectionsOpened: 3,
    connectionsFailed: 1,
    apis: [{ api: 'Produce', requests: 2, requestBytes: 200, answerBytes: 50, seconds: 0.25 }],
  },
};
const components: ComponentReport[] = [];

test('topics, groups and what is ready are there for Prometheus', async () => {
  const notReady = [{ component: 'agent a, source r', reason: 'its port is taken' }];
  const text = await prometheusMetrics({ metrics: [], broker: figures, notReady, components }, []);
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'millrace_broker_connections 1',
    'millrace_broker_connections_opened_total 3',
    'millrace_broker_connections_failed_total 1',
    'millrace_broker_requests_total{api="Produce"} 2',
    'millrace_broker_request_bytes_total{api="Produce"} 200',
    'millrace_broker_answer_bytes_total{api="Produce"} 50',
    'millrace_broker_request_seconds_total{api="Produce"} 0.25',
    'millrace_topic_log_start_offset{topic="t",partition="3"} 10',
    'millrace_topic_log_end_offset{topic="t",partition="3"} 25',
    'millrace_topic_high_watermark{topic="t",partition="3"} 24',
    'millrace_topic_size_bytes{topic="t",partition="3"} 4096',
    'millrace_topic_records{topic="t",partition="3"} 15',
    'millrace_topic_partition_online{topic="t",partition="3"} 1',
    'millrace_group_members{group="g"} 2',
    'millrace_group_committed_offset{group="g",topic="t",partition="3"} 20',
    'millrace_group_lag_records{group="g",topic="t",partition="3"} 4',
    'millrace_broker_free_bytes 1000000000',
    'millrace_ready 0',
  ]);
});

test('what each component does and waits for, without its texts', async () => {
  const waits: WaitReport[] = [
    { kind: 'fault', what: 'broker b:1 to answer', since: 4000 },
    { kind: 'fault', what: 'topic t: not in the cluster', since: 3000 },
  ];
  const report: ComponentReport = {
    ...{ agent: 'a', kind: 'source', name: 'r', type: 'x', state: 'failing', since: 2000 },
    ...{ waits, lastFailure: { error: 'gone', at: 1000 }, counters: {} },
  };
  const text = await prometheusMetrics({ metrics: [], broker: null, notReady: [], components: [report] }, []);
  const who = 'agent="a",kind="source",component="r"';
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    `millrace_component_state{${who},state="starting"} 0`,
    `millrace_component_state{${who},state="started"} 0`,
    `millrace_component_state{${who},state="failing"} 1`,
    `millrace_component_state{${who},state="stopped"} 0`,
    `millrace_component_state{${who},state="dropped"} 0`,
    `millrace_component_state_since_seconds{${who}} 2`,
    `millrace_component_waits{${who},wait="idle"} 0`,
    `millrace_component_waits{${who},wait="held"} 0`,
    `millrace_component_waits{${who},wait="fault"} 2`,
    `millrace_component_wait_since_seconds{${who},wait="fault"} 3`,
    `millrace_component_last_failure_seconds{${who}} 1`,
    'millrace_ready 1',
  ]);
});

test('OpenMetrics ends with its mark, and names a counter’s family without _total', async () => {
  const process = { name: 'process_cpu_seconds_total', type: 'counter', help: 'CPU', value: 1.5 } as const;
  const state = { metrics, broker: figures, notReady: [], components };
  const text = await prometheusMetrics(state, [process], 'openmetrics');
  expect(text.endsWith('# EOF\n')).toBe(true);
  expect(text).toContain('# TYPE process_cpu_seconds counter\n');
  expect(text).toContain('process_cpu_seconds_total 1.5\n');
});
