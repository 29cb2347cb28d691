/** The main job as a new user meets it: `millrace start`, its own words followed to the letter; then things go wrong. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realLogFiles } from '../../packages/testkit/src/files/real-logs.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { runKafkaTool } from '../../packages/testkit/src/kafka/kafka-tools.ts';
import { freePort, freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const root = join(import.meta.dirname, '../..');

/** Everything that has arrived in a file_roll folder, in the order of its files. */
function destination(dir: string): string {
  if (!existsSync(dir)) return '';
  return readdirSync(dir)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

test('the quickstart: a line in the log file is in the topic and at the destination; a producer reaches the logger', async () => {
  await using dir = tempDir();
  const [broker, http] = await freePorts(2);
  const data = dir.join('data');
  const servers = `localhost:${broker}`;
  await using start = await startMillrace([
    'start', '--dir', data, '--listen', servers, '--http', `localhost:${http}`,
  ]); // biome-ignore format: a command line
  await start.waitForLine(/^ready in \d+ ms: broker on .*agents collect, store, back/);

  appendFileSync(join(data, 'flume.log'), 'hello\nhéllo wörld\n');
  await waitFor(
    'the lines at the destination',
    () => lines(destination(join(data, 'destination'))).length >= 2,
  );
  expect(
    Buffer.from(destination(join(data, 'destination')), 'latin1')
      .toString()
      .split('\n')
      .toSorted(),
  ).toEqual(['', 'hello', 'héllo wörld']); // prettier-ignore

  const described = await runKafkaTool('kafka-topics', [
    '--bootstrap-server',
    servers,
    '--describe',
    '--topic',
    'test',
  ]);
  expect(described.stdout).toMatch(/PartitionCount: 4/);
  const consumed = await runKafkaTool('kafka-console-consumer', [
    '--bootstrap-server', servers, '--topic', 'test', '--from-beginning', '--max-messages', '2', '--timeout-ms', '30000',
  ]); // biome-ignore format: a command line
  expect(lines(consumed.stdout).toSorted()).toEqual(['hello', 'héllo wörld']);

  await runKafkaTool('kafka-console-producer', ['--bootstrap-server', servers, '--topic', 'back'], {
    stdin: 'hi back\n',
  });
  await start.waitForLine(/Event: \{ headers:\{\} body: 68 69 20 62 61 63 6B +hi back \}/);

  const metrics = (await (await fetch(`http://localhost:${http}/metrics`)).json()) as Record<
    string,
    Record<string, string>
  >;
  expect(metrics['SOURCE.tail']!.EventAcceptedCount).toBe('2');
  expect(metrics['SINK.files']!.EventDrainSuccessCount).toBe('2');
  expect(await (await fetch(`http://localhost:${http}/prometheus`)).text()).toContain(
    'millrace_source_event_accepted_total{agent="collect",component="tail"} 2',
  );
  expect((await fetch(`http://localhost:${http}/readyz`)).status).toBe(200);
  expect(await start.stop({ signal: 'SIGINT', graceMs: 60_000 })).toEqual({ code: 0, signal: null });
});

test('stopped under load and started again, every line of real logs arrives exactly once', async () => {
  await using dir = tempDir();
  const [broker, http] = await freePorts(2);
  const data = dir.join('data');
  const args = ['start', '--dir', data, '--listen', `localhost:${broker}`, '--http', `localhost:${http}`];
  const real = realLogFiles().map((path) => readFileSync(path));
  const wanted = Buffer.concat([
    ...real.map((bytes) => Buffer.concat([bytes, Buffer.from('\n')])),
    Buffer.from(`${'x'.repeat(1_000_000)}\n`),
    Buffer.from([0, 255, 254, 1, 10]),
  ]);
  const half = Math.floor(wanted.length / 2);
  {
    await using first = await startMillrace(args);
    await first.waitForLine(/^ready/);
    appendFileSync(join(data, 'flume.log'), wanted.subarray(0, half));
    await waitFor('the first lines', () => destination(join(data, 'destination')) !== '');
    expect(await first.stop({ signal: 'SIGINT', graceMs: 60_000 })).toEqual({ code: 0, signal: null });
  }
  appendFileSync(join(data, 'flume.log'), wanted.subarray(half));
  await using second = await startMillrace(args);
  await second.waitForLine(/^ready/);
  const expected = lines(wanted.toString('latin1').replaceAll('\r\n', '\n')).toSorted();
  await waitFor('all lines', () => lines(destination(join(data, 'destination'))).length >= expected.length, {
    timeoutMs: 60_000,
  });
  await second.stop({ signal: 'SIGINT', graceMs: 60_000 });
  const arrived = lines(destination(join(data, 'destination'))).toSorted();
  const count = (list: readonly string[]) =>
    list.reduce((counts, line) => counts.set(line, (counts.get(line) ?? 0) + 1), new Map<string, number>());
  const [want, have] = [count(expected), count(arrived)];
  const shown = (line: string) => line.slice(0, 200);
  const missing = [...want].filter(([line, n]) => (have.get(line) ?? 0) < n).map(([line]) => shown(line));
  const doubled = [...have].filter(([line, n]) => n > (want.get(line) ?? 0)).map(([line]) => shown(line));
  expect({ missing, doubled }).toEqual({ missing: [], doubled: [] });
});

test("the user's own file, with flume-ng's command line and the console that old tutorials ask for", async () => {
  await using dir = tempDir();
  const [netcat, http] = await freePorts(2);
  const conf = dir.join('example.conf');
  writeFileSync(
    conf,
    `a1.sources = r1
a1.sinks = k1
a1.channels = c1
a1.sources.r1.type = netcat
a1.sources.r1.bind = localhost
a1.sources.r1.port = ${netcat}
a1.sinks.k1.type = logger
a1.channels.c1.type = memory
a1.sources.r1.channels = c1
a1.sinks.k1.channel = c1
`,
  );
  await using agent = await startMillrace(
    ['agent', '-n', 'a1', '-c', 'conf', '-f', conf, '-Dflume.root.logger=INFO,console',
     '-Dflume.monitoring.type=http', `-Dflume.monitoring.port=${http}`],
    { bin: 'flume-ng' },
  ); // biome-ignore format: a command line
  await waitFor('readiness', async () => (await fetch(`http://localhost:${http}/readyz`)).status === 200);
  const answer = await runToEnd('bash', [
    '-c',
    `exec 3<>/dev/tcp/localhost/${netcat}; echo 'Hello world!' >&3; head -1 <&3`,
  ]);
  expect(answer.stdout).toBe('OK\n');
  await agent.waitForLine(
    /Event: \{ headers:\{\} body: 48 65 6C 6C 6F 20 77 6F 72 6C 64 21 {13}Hello world! \}/,
  );
  expect(await agent.stop()).toEqual({ code: 143, signal: null });
});

test('a taken port is told with the port, who asks for it and the option that changes it', async () => {
  await using dir = tempDir();
  const port = await freePort();
  const blocker = createServer().listen(port, '127.0.0.1');
  try {
    const ended = await runToEnd(
      process.execPath,
      [
        join(root, 'packages/millrace/bin/millrace.mjs'),
        'start',
        '--dir',
        dir.join('d'),
        '--listen',
        `127.0.0.1:${port}`,
        '--http',
        'localhost:0',
      ],
      { anyExit: true },
    );
    expect(ended.code).toBe(69);
    expect(ended.stderr).toContain(String(port));
    expect(ended.stderr).toContain('broker');
    expect(ended.stderr).toContain('--listen');
  } finally {
    blocker.close();
  }
});

test('a second Ctrl-C ends at once', async () => {
  await using dir = tempDir();
  const conf = dir.join('stuck.conf');
  mkdirSync(dir.join('in'));
  writeFileSync(
    conf,
    `a1.sources = r1
a1.sinks = k1
a1.channels = c1
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
a1.channels.c1.type = memory
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = 127.0.0.1:1
a1.sinks.k1.channel = c1
`,
  );
  await using agent = await startMillrace(['agent', '-n', 'a1', '-f', conf, '--drain', '60']);
  await agent.waitForLine(/Starting Source r1/);
  agent.signal('SIGINT');
  await agent.waitForLine(/draining/);
  // The first moments count as the same Ctrl-C, which npx and the terminal may both send.
  const again = setInterval(() => agent.signal('SIGINT'), 100);
  const end = await agent.exited.finally(() => clearInterval(again));
  expect(end).toEqual({ code: 130, signal: null });
});

test.each([
  ['embedded-broker', 'consumed one, three, two'],
  ['agent-in-code', 'wrote 0, 1, 2, 3, 4'],
])('the example %s runs', async (name, expected) => {
  const run = await runToEnd(process.execPath, [join(root, 'examples', name, 'main.ts')], { cwd: root });
  expect(run.stdout.trim()).toBe(expected);
});

test('the plugin example passes its own tests, the suites of its kinds among them', async () => {
  const files = ['json-lines-sink', 'plugin'].map((name) => join(root, `examples/plugin/${name}.test.ts`));
  const run = await runToEnd(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd: root });
  for (const suite of [
    'sink contract: json_lines',
    'source contract: heartbeat',
    'interceptor contract: mask',
  ])
    expect(run.stdout).toContain(suite);
  expect(run.stdout).toMatch(/^# fail 0$/m);
});

test('an agent of the command line runs the plugin example', async () => {
  using dir = tempDir();
  mkdirSync(dir.join('out'));
  writeFileSync(
    dir.join('own.conf'),
    `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = heartbeat
a1.sources.r1.interval = 5
a1.sources.r1.channels = c1
a1.channels.c1.type = memory
a1.sinks.k1.type = json_lines
a1.sinks.k1.path = ${dir.join('out', 'lines.jsonl')}
a1.sinks.k1.channel = c1
`,
  );
  const out = dir.join('out', 'lines.jsonl');
  const words = ['agent', '-n', 'a1', '-f', dir.join('own.conf')];
  for (const [bin, option] of [
    ['millrace', '--plugins'],
    ['flume-ng', '--plugins-path'],
  ] as const) {
    rmSync(out, { force: true });
    await using agent = await startMillrace([...words, option, join(root, 'examples/plugin')], { bin });
    await waitFor('lines', () => lines(readFileSync(out, 'utf8')).length > 3);
    await agent.stop();
  }
});

test.each([
  [['strat'], 64, "did you mean 'start'?"],
  [['start', '--lisen', 'x'], 64, 'Did you mean --listen?'],
  [['start', '--listen', 'nonsense'], 64, '--listen takes HOST:PORT'],
  [['agent', '-f', '/nowhere.conf'], 64, '-n is missing'],
  [['agent', '-n', 'a1', '-f', '/nowhere.conf'], 78, '/nowhere.conf'],
  [
    ['agent', '-n', 'a1', '-f', 'x.conf', '--plugins', '/nowhere.ts'],
    78,
    'plugin /nowhere.ts: it is not there',
  ],
  [['broker', '--partitions', '0'], 64, '--partitions takes a whole number'],
  [['broker', '--set', 'log.flush=no'], 64, 'log.flush is fsync or os'],
  [['broker', '--memory', '--listen', '192.0.2.1:0'], 69, 'cannot listen on 192.0.2.1:0'],
  [['broker', '--data', '/dev/null/data', '--listen', ':0'], 69, "can't use /dev/null"],
  [['broker', '--data', '/proc/x', '--listen', ':0'], 69, "can't use /proc/x"],
  [['start', '--dir', '/proc/x/y'], 69, "can't use /proc/x"],
] as const)('millrace %j ends with %i and says why', async (args, code, text) => {
  const run = await runToEnd(process.execPath, [join(root, 'packages/millrace/bin/millrace.mjs'), ...args], {
    anyExit: true,
  });
  expect(run.stderr).toContain(text);
  expect(run.code).toBe(code);
});
