/** Tailed files as operators treat them, end to end with a real agent: without kills every line arrives once. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lineOf } from '../../packages/testkit/src/oracle/lines.ts';
import { LiveChain } from '../../packages/testkit/src/oracle/live.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

/** What logrotate does with `rotate 3`, by the programs that its users write themselves. */
function rotate(path: string, how: 'rename' | 'copytruncate'): void {
  const shift = `for n in 2 1; do [ -e "$0.$n" ] && mv "$0.$n" "$0.$((n+1))"; done; true`;
  const last = how === 'rename' ? 'mv "$0" "$0.1"; : > "$0"' : 'cp "$0" "$0.1"; : > "$0"';
  execFileSync('/bin/sh', ['-c', `${shift}; ${last}`, path]);
}

test('rotation by renaming, again and again under a fast writer', async () => {
  await using live = await LiveChain.start();
  for (let generation = 0; generation < 12; generation++) {
    for (let i = 0; i < 20; i++) {
      live.write('app.log', 50, `app/${generation}`);
      await sleep(5);
    }
    rotate(live.in('app.log'), 'rename');
    // The third copy is overwritten by the next rotations: what is gone before it is read nobody can save.
    if (generation % 3 === 2) await live.settle();
  }
  expect(await live.onceFaults()).toEqual([]);
});

test('copytruncate: what was not read yet is found in the copy', async () => {
  await using live = await LiveChain.start();
  for (let generation = 0; generation < 4; generation++) {
    live.write('app.log', 3000, `app/${generation}`);
    if (generation % 2 === 0) await sleep(60);
    rotate(live.in('app.log'), 'copytruncate');
    live.write('app.log', 10, `app/${generation}/after`);
    // Within the time for which a copy in the making is watched, and after it.
    await sleep(generation % 2 === 0 ? 1000 : 3500);
  }
  expect(await live.onceFaults()).toEqual([]);
});

test('truncated without a copy: what was not read is lost, counted and told; the rest goes on', async () => {
  // Nothing leaves the channel while its sink has no folder, so the source can't read on.
  const small = ['channels.c1.capacity', 'channels.c1.transactionCapacity', 'sources.r1.batchSize'];
  await using live = await LiveChain.start({
    more: small.map((key) => `a1.${key} = 1000`).join('\n'),
    prepare: (it) => rmSync(it.chain.output, { recursive: true }),
  });
  live.write('app.log', 30_000, 'before');
  await live.agent.process.waitForLine(/reached it's capacity/);
  truncateSync(live.in('app.log'), 0);
  live.write('app.log', 10, 'after');
  mkdirSync(live.chain.output);
  const [, bytes] = await live.agent.process.waitForLine(/at least (\d+) bytes of .*app\.log are lost/);
  await waitFor('the lines after it', () => !live.verdict().missing.some((line) => line.startsWith('after')));
  const { missing, foreign, doubles } = live.verdict();
  expect([foreign, doubles]).toEqual([[], 0]);
  expect(missing.length).toBeGreaterThan(0);
  const lostBytes = missing.reduce((sum, id) => {
    const [stream, number] = id.split('#');
    return sum + Buffer.byteLength(lineOf(stream!, Number(number))) + 1;
  }, 0);
  expect(Number(bytes)).toBe(lostBytes);
});

test('deleted and made again, with the same inode where the file system gives it', async () => {
  await using live = await LiveChain.start();
  const inodes = new Set<number>();
  for (let life = 0; life < 10; life++) {
    live.write('app.log', 200 + life, `life/${life}`);
    inodes.add(statSync(live.in('app.log')).ino);
    if (life % 2 === 0) expect((await live.settle()).missing).toEqual([]);
    else await live.untilOpen('app.log'); // a file that is open when it is deleted can still be read
    unlinkSync(live.in('app.log'));
  }
  expect(await live.onceFaults()).toEqual([]);
  console.log(`delete and make again: 10 lives, ${inodes.size} inodes`);
});

test('a chain of rotations while the agent is down', async () => {
  await using live = await LiveChain.start();
  live.write('app.log', 500, 'g0');
  await live.settle();
  live.write('app.log', 77, 'g0'); // maybe read, maybe not
  await live.agent.stop();
  live.write('app.log', 300, 'g0');
  rotate(live.in('app.log'), 'rename');
  live.write('app.log', 400, 'g1');
  rotate(live.in('app.log'), 'rename');
  live.write('app.log', 500, 'g2');
  await live.agent.start();
  live.write('app.log', 5, 'g2');
  expect(await live.onceFaults()).toEqual([]);
});

test('a last line without newline, completed later', async () => {
  await using live = await LiveChain.start();
  live.write('app.log', 10);
  const line = Buffer.from(`${lineOf('half', 0)}\n`);
  appendFileSync(live.in('app.log'), line.subarray(0, 12));
  await live.settle();
  await sleep(1000);
  appendFileSync(live.in('app.log'), line.subarray(12));
  const seen = () => live.verdict().foreign;
  await waitFor('the completed line', () => seen().length > 0);
  expect(seen()).toEqual([lineOf('half', 0)]);
});

test('2,000 files', async () => {
  await using live = await LiveChain.start();
  for (let round = 0; round < 3; round++) {
    for (let file = 0; file < 2000; file++) live.write(`f${file}.log`, 3);
  }
  expect(await live.onceFaults()).toEqual([]);
});

test('a file that grows faster than it is read', async () => {
  await using live = await LiveChain.start();
  for (let i = 0; i < 60; i++) {
    live.write('big.log', 5000);
    await sleep(1);
  }
  expect(await live.onceFaults()).toEqual([]);
});

test('a folder that appears later', async () => {
  await using live = await LiveChain.start({
    prepare: (it) => rmSync(it.dir.join('in'), { recursive: true }),
  });
  await sleep(500);
  mkdirSync(live.dir.join('in'));
  live.write('app.log', 100);
  expect(await live.onceFaults()).toEqual([]);
});

test('a file that the agent may not read is told once, and read when it may', async () => {
  // Root may read anything, so the agent is somebody else then.
  const root = process.getuid?.() === 0;
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
  await using live = await LiveChain.start({
    program: { wrapper: root ? nobody : [] },
    prepare: (it) => {
      for (const path of [it.dir.path, it.chain.input, it.chain.output]) chmodSync(path, 0o777);
      writeFileSync(it.in('secret.log'), '');
      chmodSync(it.in('secret.log'), 0);
    },
  });
  live.write('open.log', 10);
  if (root) live.write('secret.log', 10);
  else expect((await live.settle()).missing).toEqual([]);
  await live.agent.process.waitForLine(/Can't read .*secret\.log/);
  chmodSync(live.in('secret.log'), 0o666);
  if (!root) live.write('secret.log', 10);
  expect(await live.onceFaults()).toEqual([]);
  expect(live.agent.output.match(/Can't read .*secret\.log/g)).toHaveLength(1);
});
