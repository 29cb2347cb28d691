/** 'ready' tells the truth: at the terminal, at /readyz, and to Prometheus. */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { agentFile, memory } from '../../packages/testkit/src/flume/small-agent.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { binPath, startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const readiness = async (port: number) => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { status: answer.status, body: await answer.json() };
};

test('ports that are taken are told all at once, each with its option', async () => {
  await using dir = tempDir();
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
        ),
    ),
  );
  try {
    const args = [
      'start',
      '--dir',
      dir.join('d'),
      '--listen',
      `127.0.0.1:${ports[0]}`,
      '--http',
      `127.0.0.1:${ports[1]}`,
    ];
    const run = await runToEnd(process.execPath, [binPath('millrace'), ...args], { anyExit: true });
    expect(run.code).toBe(69);
    for (const word of [...ports.map(String), '--listen', '--http']) expect(run.stderr).toContain(word);
  } finally {
    for (const server of servers) server.close();
  }
});

test('a component that the configuration cannot have: started, not ready, and why', async () => {
  await using dir = tempDir();
  const [broker, http, netcat] = (await freePorts(3)) as [number, number, number];
  const lines = agentFile(netcat, memory, ['type = nulll']);
  writeFileSync(dir.join('a.conf'), lines);
  const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
  await using start = await startMillrace([
    'start',
    '--dir',
    dir.join('d'),
    '-f',
    dir.join('a.conf'),
    ...ports,
  ]);
  await start.waitForLine(/^started in \d+ ms, not ready: /);
  await start.waitForLine(/^ {2}agent a, sink k: .*nulll/);
  const { status, body } = await readiness(http);
  expect(status).toBe(503);
  expect(body).toMatchObject({ ready: false });
  expect(JSON.stringify(body)).toMatch(/agent a, sink k.*nulll/);
  expect((await fetch(`http://127.0.0.1:${http}/livez`)).status).toBe(200);
  expect(start.stdout).not.toMatch(/^ready/m);
});

test('a source whose port is taken: not ready, and ready when the port is free', async () => {
  await using dir = tempDir();
  const [broker, http, netcat] = (await freePorts(3)) as [number, number, number];
  writeFileSync(dir.join('a.conf'), agentFile(netcat, memory, ['type = null']));
  const blocker = createServer().listen(netcat, '127.0.0.1');
  const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
  await using start = await startMillrace([
    'start',
    '--dir',
    dir.join('d'),
    '-f',
    dir.join('a.conf'),
    ...ports,
  ]);
  await start.waitForLine(/^started in \d+ ms, not ready: /);
  expect((await readiness(http)).status).toBe(503);
  blocker.close();
  await start.waitForLine(/^ready in \d+ ms: /);
  const { status, body } = await readiness(http);
  expect({ status, body }).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
  // The source has not forgotten that its port was taken, and the whole state says the same, the broker beside it.
  const failed = {
    kind: 'source',
    state: 'started',
    lastFailure: expect.objectContaining({ error: expect.stringContaining('in use') }),
  };
  expect(body).toMatchObject({ components: expect.arrayContaining([expect.objectContaining(failed)]) });
  const whole = (await (await fetch(`http://127.0.0.1:${http}/api/state`)).json()) as object;
  expect(whole).toMatchObject({
    ready: true,
    components: expect.arrayContaining([expect.objectContaining(failed)]),
  });
  expect(whole).toHaveProperty('broker');
});

test('Prometheus sees topics, groups and their lag', async () => {
  await using dir = tempDir();
  const [broker, http] = (await freePorts(2)) as [number, number];
  const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
  await using start = await startMillrace(['start', '--dir', dir.join('d'), ...ports]);
  await start.waitForLine(/^ready/);
  appendFileSync(dir.join('d', 'flume.log'), 'one\ntwo\nthree\n');
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
  const metrics = async () =>
    (await fetch(`http://127.0.0.1:${http}/metrics`, { headers: { accept } })).text();
  const sum = (text: string, name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{[^}]*topic="test"[^}]*\\} (\\d+)$`, 'gm'))]
      .map(([, value]) => Number(value))
      .reduce((total, value) => total + value, 0);
  const text = await waitFor('what was sent and read', async () => {
    const now = await metrics();
    return sum(now, 'millrace_group_committed_offset') === 3 ? now : null;
  });
  expect(sum(text, 'millrace_topic_log_end_offset')).toBe(3);
  expect(sum(text, 'millrace_topic_records')).toBe(3);
  expect(sum(text, 'millrace_topic_size_bytes')).toBeGreaterThan(3);
  expect(sum(text, 'millrace_group_lag_records')).toBe(0);
  expect(text).toMatch(/^millrace_group_members\{group="store"\} 1$/m);
  expect(text).toMatch(/^millrace_ready 1$/m);
  expect(text).toMatch(/^millrace_broker_requests_total\{api="Produce"\} [1-9]\d*$/m);
  expect(text).toMatch(/^millrace_component_state\{agent="store",kind="sink",[^}]*state="started"\} 1$/m);
});

test('start --listen HOST:0: the agents and whoever reads are given the port that was found', async () => {
  await using dir = tempDir();
  const args = ['start', '--dir', 'data', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  await using start = await startMillrace(args, { cwd: dir.path });
  const [, broker] = await start.waitForLine(/^ready.*broker on 127\.0\.0\.1:([1-9]\d*),/);
  await start.waitForLine(new RegExp(`--bootstrap-server 127\\.0\\.0\\.1:${broker} `));
  expect(start.stderr).toBe('');
  appendFileSync(dir.join('data', 'flume.log'), 'through the port that was found\n');
  const arrived = () =>
    readdirSync(dir.join('data', 'destination'))
      .map((name) => readFileSync(dir.join('data', 'destination', name), 'utf8'))
      .join('');
  await waitFor('the line at the destination', () => arrived() === 'through the port that was found\n');
  expect((await start.stop({ signal: 'SIGINT', graceMs: 60_000 })).code).toBe(0);
});
