import { expect, test } from 'vitest';
import { KafkaChannelCounter, SinkCounter } from '../component/counters.ts';
import { flumeMetrics, prometheusMetrics } from './metrics.ts';

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
  const text = await prometheusMetrics(metrics, [process]);
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
