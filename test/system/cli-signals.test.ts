/** What signals do to a server, what its exit code says, what it tells at its end. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { agentFile, listens, memory, send } from '../../packages/testkit/src/flume/small-agent.ts';
import { freePort, freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { binPath, startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { ManagedProcess, runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { Terminal } from '../../packages/testkit/src/process/terminal.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

test.each([
  ['millrace', 'SIGTERM', 0],
  ['millrace', 'SIGINT', 0],
  ['flume-ng', 'SIGTERM', 143],
  ['flume-ng', 'SIGINT', 0],
] as const)('%s, %s with everything delivered: %i', async (bin, signal, code) => {
  await using dir = tempDir();
  const port = await freePort();
  writeFileSync(dir.join('a.conf'), agentFile(port, memory, ['type = null']));
  await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf')], { bin });
  await listens(port);
  await send(port, 7);
  expect(await agent.stop({ signal })).toEqual({ code, signal: null });
  if (bin === 'millrace') expect(agent.stderr).toMatch(/^ {2}agent a: 7 events in, 7 out, 0 held, 0 lost$/m);
});

test('SIGQUIT tells what every component does, and goes on; SIGUSR1 opens no debugger', async () => {
  await using dir = tempDir();
  const [port, taken] = (await freePorts(2)) as [number, number];
  const conf = agentFile(port, memory, ['type = null']) + agentFile(taken, memory, ['type = null'], 'b');
  writeFileSync(dir.join('a.conf'), conf);
  await using agent = await startMillrace(['agent', '-n', 'a', '-f', dir.join('a.conf')]);
  await listens(port);
  await send(port, 3);
  agent.signal('SIGQUIT');
  await agent.waitForLine(/^state: ready$/);
  await agent.waitForLine(/agent a, source r \(netcat\)/);
  await agent.waitForLine(/agent a, channel c \(memory\): .*EventPutSuccessCount=3/);
  agent.signal('SIGUSR1');
  await agent.waitForLine(/SIGUSR1 does nothing/);
  agent.signal('SIGUSR2');
  await agent.waitForLine(/SIGUSR2 does nothing/);
  await send(port, 2);
  expect(agent.stderr).not.toContain('Debugger');
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
});

test.each([['straight'], ['nohup']])(
  'SIGHUP (%s) reads the configuration again, and nothing is lost',
  async (way) => {
    await using dir = tempDir();
    const [before, after] = (await freePorts(2)) as [number, number];
    const conf = dir.join('a.conf');
    mkdirSync(dir.join('out'));
    const sink = ['type = file_roll', `sink.directory = ${dir.join('out')}`];
    writeFileSync(conf, agentFile(before, memory, sink));
    const args = [binPath('millrace'), 'agent', '-n', 'a', '-f', conf, '--no-reload-conf'];
    const command = way === 'nohup' ? ['nohup', process.execPath, ...args] : [process.execPath, ...args];
    await using agent = await ManagedProcess.spawn(command[0]!, command.slice(1), { cwd: dir.path });
    await listens(before);
    await send(before, 3);
    writeFileSync(conf, agentFile(after, memory, sink));
    agent.signal('SIGHUP');
    await agent.waitForLine(/agent a: the configuration was read again and runs/);
    await listens(after);
    await send(after, 2);
    writeFileSync(conf, 'a.sources = r\n');
    agent.signal('SIGHUP');
    await agent.waitForLine(/agent a: the old configuration goes on: /);
    await send(after, 1);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const arrived = readdirSync(dir.join('out')).map((name) =>
      readFileSync(join(dir.path, 'out', name), 'utf8'),
    );
    expect(arrived.join('').split('\n').filter(Boolean).length).toBe(6);
  },
);

test('the terminal goes away: what is in hand is drained, as at SIGTERM', async () => {
  await using dir = tempDir();
  const port = await freePort();
  writeFileSync(dir.join('a.conf'), agentFile(port, memory, ['type = null']));
  const log = ['-Dflume.root.logger=INFO,LOGFILE', `-Dflume.log.dir=${dir.path}`];
  const command = [
    process.execPath,
    binPath('millrace'),
    'agent',
    '-n',
    'a',
    '-f',
    dir.join('a.conf'),
    ...log,
  ];
  await using terminal = await Terminal.run(command, { columns: 80, rows: 24 });
  await listens(port);
  await send(port, 5);
  await terminal.process.kill(); // its end closes the pseudo-terminal, and the system tells the session's leader
  await waitFor('the end', () =>
    readFileSync(dir.join('flume.log'), 'utf8').includes('CHANNEL, name: c stopped'),
  );
});

test('a log file that is moved away is opened anew, at SIGHUP and by itself; one that grows is set aside', async () => {
  await using dir = tempDir();
  const [broker, http] = await freePorts(2);
  const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
  const limits = ['-Dmillrace.log.maxBytes=20000', '-Dmillrace.log.keep=2'];
  await using start = await startMillrace(['start', '--dir', 'data', ...ports, ...limits], { cwd: dir.path });
  await start.waitForLine(/^ready/);
  const log = (name: string) => dir.join('data', name);
  const producer = async (text: string) => {
    const args = ['kafka-console-producer', '--bootstrap-server', `127.0.0.1:${broker}`, '--topic', 'back'];
    await runToEnd(process.execPath, [binPath('millrace'), ...args], { stdin: text });
  };
  renameSync(log('millrace.log'), log('moved'));
  start.signal('SIGHUP');
  await start.waitForLine(/agent back: the configuration was read again/);
  await producer('after the move\n');
  await waitFor('the new file', () => readFileSync(log('millrace.log'), 'utf8').includes('after the move'));
  expect(readFileSync(log('moved'), 'utf8')).not.toContain('after the move');

  renameSync(log('millrace.log'), log('moved2'));
  await waitFor('a line in the new file', async () => {
    await producer('again\n');
    return readFileSync(log('millrace.log'), 'utf8').includes('again');
  });

  await waitFor('two that were set aside, and no third', async () => {
    await producer('x\n'.repeat(200));
    return readdirSync(dir.join('data')).includes('millrace.log.2');
  });
  const names = () => readdirSync(dir.join('data')).filter((name) => name.startsWith('millrace.log'));
  await waitFor('lines in a new file', async () => {
    await producer('x\n'.repeat(400));
    return names().includes('millrace.log');
  });
  expect(names().toSorted()).toEqual(['millrace.log', 'millrace.log.1', 'millrace.log.2']);
  appendFileSync(log('flume.log'), 'end\n');
  await start.stop({ signal: 'SIGINT', graceMs: 60_000 });
});
