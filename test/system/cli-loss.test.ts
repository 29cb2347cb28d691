/** What a stop loses or keeps: counted, told, and in the exit code. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { agentFile, listens, memory, nowhere, send } from '../../packages/testkit/src/flume/small-agent.ts';
import { freePort, freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s with events that only memory holds: counted, told, 3, within the one budget',
  async (signal) => {
    await using dir = tempDir();
    const port = await freePort();
    writeFileSync(dir.join('a.conf'), agentFile(port, memory, nowhere));
    await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), '--drain', '1']);
    await listens(port);
    await send(port, 5);
    expect(await agent.stop({ signal, graceMs: 60_000 })).toEqual({ code: 3, signal: null });
    expect(agent.stderr).toMatch(/agent a: 5 events of channel c could not be delivered and are lost/);
    expect(agent.stderr).not.toContain('did not stop by the deadline');
  },
);

const fileChannel = (dir: { join(...parts: string[]): string }) => [
  'type = file',
  `checkpointDir = ${dir.join('cp')}`,
  `dataDirs = ${dir.join('data')}`,
];
/** Ways in which a destination is down; what the sink's properties are then. */
const destinationsDown = {
  'dead port': nowhere,
  'dead port, acks=all and idempotent': [
    ...nowhere,
    'kafka.producer.acks = all',
    'kafka.producer.enable.idempotence = true',
  ],
  'each event refused for ever': [...nowhere, 'kafka.topic = no/topic', 'onRefused = retry'],
  'no folder': ['type = file_roll', 'sink.directory = /proc/none', 'sink.batchSize = 10'],
} as const;
/** A stop has 10 minutes here: only one that gives up by itself ends within the time of a test. */
const tenMinutes = ['--drain', '600'];

describe.each(Object.entries(destinationsDown))('a destination that is known to be down: %s', (_, sink) => {
  test.each(['memory', 'file'] as const)(
    'gets one more attempt at a stop, and holds it up no longer: %s channel',
    async (channel) => {
      await using dir = tempDir();
      const port = await freePort();
      const lines = channel === 'memory' ? memory : fileChannel(dir);
      writeFileSync(dir.join('a.conf'), agentFile(port, lines, sink));
      await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), ...tenMinutes]);
      await listens(port);
      await send(port, 3);
      const code = channel === 'memory' ? 3 : 0;
      expect(await agent.stop({ graceMs: 45_000 })).toEqual({ code, signal: null });
      expect(agent.stderr).toMatch(
        channel === 'memory' ? /3 events of channel c could not be delivered/ : /3 held, 0 lost/,
      );
      expect(agent.stderr).not.toContain('in time');
    },
  );
});

test.each(['failover', 'load_balance'])(
  'a %s group whose sinks are all down, each in its way',
  async (type) => {
    await using dir = tempDir();
    const port = await freePort();
    const group = [
      'sinks = k k2 k3',
      'sinks.k2.type = file_roll',
      'sinks.k2.sink.directory = /proc/none',
      'sinks.k2.channel = c',
      ...destinationsDown['each event refused for ever'].map((line) => `sinks.k3.${line}`),
      'sinks.k3.channel = c',
      'sinkgroups = g',
      'sinkgroups.g.sinks = k k2 k3',
      `sinkgroups.g.processor.type = ${type}`,
    ].map((line) => `a.${line}\n`);
    writeFileSync(dir.join('a.conf'), agentFile(port, memory, nowhere) + group.join(''));
    await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), ...tenMinutes]);
    await listens(port);
    await send(port, 3);
    expect(await agent.stop({ graceMs: 45_000 })).toEqual({ code: 3, signal: null });
    expect(agent.stderr).toMatch(/3 events of channel c could not be delivered/);
  },
);

test.each(['seq', 'netcat'])(
  'a KafkaChannel whose brokers are away: a %s source waits for it',
  async (source) => {
    await using dir = tempDir();
    const port = await freePort();
    const channel = [
      'type = org.apache.flume.channel.kafka.KafkaChannel',
      'kafka.bootstrap.servers = 127.0.0.1:1',
    ];
    const text =
      agentFile(port, channel, ['type = null']) + (source === 'seq' ? 'a.sources.r.type = seq\n' : '');
    writeFileSync(dir.join('a.conf'), text);
    await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), ...tenMinutes]);
    if (source === 'netcat') {
      await listens(port);
      connect(port, '127.0.0.1')
        .on('error', () => {})
        .write('one\ntwo\n');
    }
    await agent.waitForLine(/could not be established/);
    expect(await agent.stop({ graceMs: 45_000 })).toEqual({ code: 0, signal: null });
  },
);

test('a KafkaSource whose brokers are away does not hold a stop up', async () => {
  await using dir = tempDir();
  const text = agentFile(1, memory, ['type = null'])
    .replace('type = netcat', 'type = org.apache.flume.source.kafka.KafkaSource')
    .concat('a.sources.r.kafka.bootstrap.servers = 127.0.0.1:1\na.sources.r.kafka.topics = t\n')
    .concat('a.sources.r.batchSize = 100\n');
  writeFileSync(dir.join('a.conf'), text);
  await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), ...tenMinutes]);
  await agent.waitForLine(/could not be established/);
  expect(await agent.stop({ graceMs: 45_000 })).toEqual({ code: 0, signal: null });
});

test('what a file channel holds is not lost: 0, and it is told as held', async () => {
  await using dir = tempDir();
  const port = await freePort();
  const file = ['type = file', `checkpointDir = ${dir.join('cp')}`, `dataDirs = ${dir.join('data')}`];
  writeFileSync(dir.join('a.conf'), agentFile(port, file, nowhere));
  await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf'), '--drain', '2']);
  await listens(port);
  await send(port, 4);
  expect(await agent.stop({ graceMs: 60_000 })).toEqual({ code: 0, signal: null });
  expect(agent.stderr).toMatch(/agent a: 4 events in, 0 out, 4 held, 0 lost/);
});

test('of several files, the change of one begins only its agent anew, and is told', async () => {
  await using dir = tempDir();
  const [broker, http, ...ports] = (await freePorts(6)) as [number, number, number, number, number, number];
  const names = ['a', 'b', 'c'] as const;
  const file = (name: string) => dir.join(`${name}.conf`);
  for (const [i, name] of names.entries()) {
    writeFileSync(file(name), agentFile(ports[i]!, memory, ['type = null'], name));
  }
  const files = names.flatMap((name) => ['-f', file(name)]);
  const listen = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
  await using start = await startMillrace(['start', '--dir', 'data', ...files, ...listen], { cwd: dir.path });
  await start.waitForLine(/^ready/);
  writeFileSync(file('b'), agentFile(ports[3]!, memory, ['type = null'], 'b'));
  await start.waitForLine(/agent b: the configuration was read again and runs/);
  await listens(ports[3]!);
  const log = () => readFileSync(dir.join('data', 'millrace.log'), 'utf8');
  // Each agent looks at all files in a rhythm of its own: both edits at one look would be told once.
  const looks = (count: number) =>
    waitFor(
      `look ${count} of agent a`,
      () => (log().match(/Nothing of agent a has changed/g) ?? []).length >= count,
    );
  await looks(1);
  appendFileSync(file('a'), '# a remark is no change\n');
  await looks(2);
  expect(
    log()
      .match(/\[(\w)\] Starting new configuration/g)
      ?.toSorted(),
  ).toEqual(['a', 'b', 'b', 'c'].map((name) => `[${name}] Starting new configuration`));
  expect(start.stdout + start.stderr).not.toMatch(/agent [ac]: the configuration/);
  await start.stop({ signal: 'SIGINT', graceMs: 60_000 });
});
