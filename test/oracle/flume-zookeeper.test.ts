/** A configuration in ZooKeeper: real ZooKeeper, real Flume and Millrace look at the same node. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNode, watchNode } from '../../packages/millrace/src/clients/zookeeper/node-watch.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { javaCommand, log4jConfig, noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { RealZooKeeper } from '../../packages/testkit/src/zookeeper/real-zookeeper.ts';

let zookeeper: RealZooKeeper;
beforeAll(async () => {
  zookeeper = await RealZooKeeper.start();
});
afterAll(async () => {
  await zookeeper[Symbol.asyncDispose]();
});

test('a node is read, waited for, and read again after every change, over a restart of the server', async () => {
  const abort = new AbortController();
  const place = { servers: `${zookeeper.address}/top`, path: '/a1' };
  expect(await readNode(place, abort.signal)).toBe(null);

  const seen: string[] = [];
  const troubles: string[] = [];
  const listener = {
    value: async (data: Buffer | null) => void seen.push(data === null ? 'none' : data.toString()),
    trouble: (error: Error) => void troubles.push(error.message),
  };
  const running = watchNode(place, listener, abort.signal, { retryMs: 20, sessionTimeoutMs: 2000 });
  const sees = (text: string) => waitFor(text, () => seen.at(-1) === text);
  await sees('none');
  await zookeeper.create('/top', '');
  await zookeeper.create('/top/a1', 'one');
  await sees('one');
  for (const text of ['two', 'three', 'four']) {
    await zookeeper.set('/top/a1', text);
    await sees(text);
  }
  await zookeeper.delete('/top/a1');
  await sees('none');
  await zookeeper.stop();
  await waitFor('trouble', () => troubles.length > 0);
  await zookeeper.restart();
  await zookeeper.create('/top/a1', 'five');
  await sees('five');
  expect((await readNode(place, abort.signal))?.toString()).toBe('five');
  await zookeeper.create('/top/secret', 'x', ['digest', 'flume:abc']);
  await expect(readNode({ ...place, path: '/secret' }, abort.signal)).rejects.toMatchObject({
    kind: 'denied',
  });
  // A session that has nothing to ask stays: pings are answered.
  const before = troubles.length;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(troubles.length).toBe(before);
  abort.abort();
  await running;
});

const conf = (sink: string) =>
  [
    'a1.sources=r1',
    'a1.channels=c1',
    `a1.sinks=${sink}`,
    'a1.sources.r1.type=seq',
    'a1.sources.r1.totalEvents=1',
    'a1.sources.r1.channels=c1',
    'a1.channels.c1.type=memory',
    `a1.sinks.${sink}.type=null`,
    `a1.sinks.${sink}.channel=c1`,
  ].join('\n');

test('flume-ng -z starts before the node is there, runs it when it comes, and changes with it, as Flume does', async () => {
  await using dir = tempDir();
  writeFileSync(dir.join('log4j2.properties'), log4jConfig('INFO'));
  const args = ['-n', 'a1', '-z', zookeeper.address, '-p', '/confs'];
  const java = await javaCommand('flume', 'org.apache.flume.node.Application', args, {
    log4j: dir.join('log4j2.properties'),
  });
  await using flume = await ManagedProcess.spawn(java.command, java.args, { name: 'Flume', cwd: dir.path });
  await using ours = await startMillrace(['agent', ...args, '-Dflume.root.logger=INFO,console'], {
    bin: 'flume-ng',
  });
  await ours.waitForLine(/there is no node \/confs\/a1.*the agent waits for it/);
  await flume.waitForLine(/State change: CONNECTED/);
  await zookeeper.create('/confs', '');
  await zookeeper.create('/confs/a1', conf('k1'));
  for (const agent of [flume, ours]) await agent.waitForLine(/Starting Sink k1/);
  await zookeeper.set('/confs/a1', conf('k2'));
  for (const agent of [flume, ours]) await agent.waitForLine(/Starting Sink k2/);
  noteRealServer('flume');

  // Where Flume stops what runs, Millrace goes on and says so.
  await zookeeper.delete('/confs/a1');
  await flume.waitForLine(/Stopping Sink k2/);
  await ours.waitForLine(/there is no node \/confs\/a1; the configuration that runs goes on/);
  expect(ours.stdout + ours.stderr).not.toMatch(/Stopping Sink k2/);

  const once = await startMillrace(['agent', ...args, '--no-reload-conf'], { bin: 'flume-ng' });
  expect((await once.exited).code).toBe(78);
  expect(once.stderr).toContain('there is no node /confs/a1');
  expect((await ours.stop()).code).toBe(143);
});
