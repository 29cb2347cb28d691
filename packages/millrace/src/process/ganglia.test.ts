import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { GangliaReporter } from './ganglia.ts';
import { gangliaPackets } from './ganglia-packets.ts';
import { monitoring } from './monitoring.ts';
import { type Metric, nothingEnded, type ThreadState } from './threads.ts';

describe('a packet', () => {
  it('of 3.0 has all in one, and the host in front of the name', () => {
    const [packet, ...more] = gangliaPackets({ name: 'flume.a', value: '12' }, 'h1', true);
    expect(more).toEqual([]);
    expect(packet?.toString('latin1')).toBe(
      '\0\0\0\0' +
        '\0\0\0\x05float\0\0\0' +
        '\0\0\0\x0ah1.flume.a\0\0' +
        '\0\0\0\x0212\0\0' +
        '\0\0\0\0' +
        '\0\0\0\x03\0\0\0\x3c\0\0\0\0',
    );
  });

  it('of 3.1 has a companion that tells what it is', () => {
    const packets = gangliaPackets({ name: 'flume.a', value: 'true' }, 'h1', false);
    const name = '\0\0\0\x07flume.a\0';
    expect(packets.map((packet) => packet.toString('latin1'))).toEqual([
      `\0\0\0\x80\0\0\0\x02h1\0\0${name}\0\0\0\0\0\0\0\x06string\0\0${name}\0\0\0\0` +
        '\0\0\0\x03\0\0\0\x3c\0\0\0\0\0\0\0\x01\0\0\0\x05GROUP\0\0\0\0\0\0\x05flume\0\0\0',
      `\0\0\0\x85\0\0\0\x02h1\0\0${name}\0\0\0\0\0\0\0\x02%s\0\0\0\0\0\x04true`,
    ]);
  });

  it.each(['0', '-1.5', '1.7976931348623157E308', 'NaN', '.5f', ' 7 '])(
    "takes '%s' for a number",
    (value) => {
      expect(gangliaPackets({ name: 'n', value }, 'h', true)[0]?.toString()).toContain('float');
    },
  );

  it.each(['SOURCE', 'true', '', '1,5', '1e'])("takes '%s' for a text", (value) => {
    expect(gangliaPackets({ name: 'n', value }, 'h', true)[0]?.toString()).toContain('string');
  });
});

const properties = (more: Readonly<Record<string, string>>) =>
  new Map(Object.entries(more).map(([name, value]) => [`flume.monitoring.${name}`, value]));

describe('-Dflume.monitoring.…', () => {
  it.each(['ganglia', 'GANGLIA', 'org.apache.flume.instrumentation.GangliaServer'])('type=%s', (type) => {
    const hosts = 'g1:8649, nonsense,g2:1,g3:x,:5';
    expect(monitoring(properties({ type, hosts, pollFrequency: '5', isGanglia3: 'True' }))).toEqual({
      ganglia: {
        hosts: [
          { host: 'g1', port: 8649 },
          { host: 'g2', port: 1 },
        ],
        pollMs: 5000,
        isGanglia3: true,
      },
      notes: [' nonsense', 'g3:x', ':5'].map((part) => `-Dflume.monitoring.hosts: '${part}' is no HOST:PORT`),
    });
    expect(monitoring(properties({ type, hosts: 'h:1' })).ganglia).toMatchObject({
      pollMs: 60_000,
      isGanglia3: false,
    });
  });

  it.each([
    { type: 'ganglia' },
    { type: 'ganglia', hosts: 'h' },
    { type: 'ganglia', hosts: 'h:1', pollFrequency: '0' },
    { type: 'http', port: 'x' },
  ])('%j is refused', (given) => {
    expect(() => monitoring(properties(given))).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('a class that is not there is told, and nothing is monitored, as in Flume', () => {
    const { notes, ...rest } = monitoring(properties({ type: 'com.example.Monitor' }));
    expect(rest).toEqual({});
    expect(notes).toEqual([expect.stringContaining('com.example.Monitor is not there')]);
  });

  it.each(['Http', 'org.apache.flume.instrumentation.http.HTTPMetricsServer'])('type=%s', (type) => {
    expect(monitoring(properties({ type })).http).toMatchObject({ host: '0.0.0.0', port: 41414 });
  });
});

it('every counter goes to every host, again and again; a host that is not there is told once', async () => {
  const socket = createSocket('udp4');
  const got = new Set<string>();
  let packets = 0;
  socket.on('message', (packet) => {
    packets++;
    got.add(packet.toString('latin1'));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const metric: Metric = {
    agent: 'a1',
    kind: 'SINK',
    name: 'k1',
    attributes: { Type: 'SINK', StartTime: '5' },
  };
  const long: Metric = { ...metric, name: 'x'.repeat(1500) };
  const state: ThreadState = { ...nothingEnded, metrics: [metric, long], notReady: [], components: [] };
  const told: string[] = [];
  const reporter = new GangliaReporter({
    hosts: [
      { host: 'no-such-host.invalid', port: 1 },
      { host: '127.0.0.1', port: socket.address().port },
    ],
    pollMs: 5,
    isGanglia3: true,
    state: async () => state,
    tell: (text) => void told.push(text),
  });
  reporter.start();
  await waitFor('several reports', () => packets >= 6);
  reporter.stop();
  socket.close();
  const wanted = [
    { name: 'flume.SINK.k1.Type', value: 'SINK' },
    { name: 'flume.SINK.k1.StartTime', value: '5' },
  ].flatMap((each) => gangliaPackets(each, hostname(), true));
  expect([...got]).toEqual(wanted.map((packet) => packet.toString('latin1')));
  expect(told).toEqual([
    expect.stringContaining('Ganglia takes no name as long as flume.SINK.xxx'),
    expect.stringContaining('Could not send metrics to metrics server: no-such-host.invalid:1: '),
  ]);
});
