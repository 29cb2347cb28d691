/** Which file is which, in a world in memory: what TAILDIR reads, from where, and what it lets go. */
import { expect, test } from 'vitest';
import { mostFilesATurn } from '../../packages/millrace/src/tracking/pace.ts';
import { dirA, dirB, lines, positionPath, Tail } from '../../packages/testkit/src/taildir/tail.ts';

test.each([2, 3, 7])('%i generations by rename, stop, start: none is read again', async (generations) => {
  const tail = new Tail();
  await tail.start();
  for (let g = 0; g < generations; g++) {
    tail.write(`${dirA}/app.log`, ...lines(`g${g}`, 5));
    await tail.rounds(3);
    for (let n = generations; n >= 1; n--)
      tail.world.rename(`${dirA}/app.log.${n}`, `${dirA}/app.log.${n + 1}`);
    tail.world.rename(`${dirA}/app.log`, `${dirA}/app.log.1`);
    tail.write(`${dirA}/app.log`, `fresh ${g}`);
    await tail.rounds(3);
  }
  expect(tail.take()).toHaveLength(generations * 6);
  await tail.stop();
  await tail.start();
  expect(tail.take()).toEqual([]);
});

test.each([2, 4])('%i targets of a symbolic link, stop, start: none is read again', async (targets) => {
  const tail = new Tail([`${dirA}/app\\.INFO`]);
  for (let n = 1; n <= targets; n++) {
    const path = `${dirA}/app.INFO.00${n}`;
    tail.write(path, ...lines(`t${n}`, 3));
    tail.world.symlink(path, `${dirA}/app.INFO`);
    if (n === 1) await tail.start();
    await tail.rounds(3);
  }
  expect(tail.take()).toHaveLength(targets * 3);
  await tail.stop();
  await tail.start();
  expect(tail.take()).toEqual([]);
});

test.each(['kill', 'stop'] as const)('groups after a %s don’t touch one another', async (how) => {
  const paths = ['one', 'two', 'three'].map((name) => `${dirA}/${name}.log`);
  const tail = new Tail(paths.map((path) => path.replace('.log', '\\.log')));
  for (const path of paths) tail.write(path, ...lines(path, 20));
  await tail.start();
  expect(tail.take()).toHaveLength(60);
  if (how === 'kill') tail.kill();
  else await tail.stop();
  if (how === 'stop') {
    // Rewritten in place, and longer than before.
    for (const path of paths) {
      tail.world.truncate(tail.world.at(path)!);
      tail.write(path, ...lines(`new ${path}`, 40));
    }
  }
  await tail.start();
  expect(tail.take()).toHaveLength(how === 'kill' ? 0 : 120);
});

test.each([1, 17, 400])(
  'after a start, a file rewritten in place and longer by %i lines is read whole',
  async (more) => {
    const tail = new Tail();
    tail.write(`${dirA}/app.log`, 'old first');
    await tail.start();
    await tail.stop();
    await tail.start();
    tail.take();
    tail.world.truncate(tail.world.at(`${dirA}/app.log`)!);
    tail.write(`${dirA}/app.log`, ...lines('new', more + 1));
    await tail.rounds(4);
    expect(tail.take()).toEqual(lines('new', more + 1));
  },
);

test('two devices with the same inode: the rest of a rotated file is read', async () => {
  const tail = new Tail([`${dirA}/app\\.log`, `${dirB}/app\\.log`]);
  tail.write(`${dirA}/app.log`, 'a1');
  const twin = tail.world.createTwin(tail.world.at(`${dirA}/app.log`)!, `${dirB}/app.log`);
  tail.world.append(twin, Buffer.from('b1\n'));
  await tail.start();
  expect(tail.take().toSorted()).toEqual(['a1', 'b1']);
  await tail.stop();
  for (const dir of [dirA, dirB]) {
    tail.write(`${dir}/app.log`, `${dir} rest`);
    tail.world.rename(`${dir}/app.log`, `${dir}/app.log.1`);
    tail.write(`${dir}/app.log`, `${dir} new`);
  }
  await tail.start();
  expect(tail.take().toSorted()).toEqual(['/a new', '/a rest', '/b new', '/b rest']);
});

test('a file deleted while it slept is let go; under its inode a new one has its own path and group', async () => {
  const tail = new Tail([`${dirA}/x.*`, `${dirA}/y.*`]);
  for (let i = 0; i < 20; i++) tail.write(`${dirA}/x${i}`, `x${i}`);
  await tail.start();
  await tail.rounds(12);
  for (let i = 0; i < 20; i++) tail.world.unlink(`${dirA}/x${i}`);
  for (let i = 0; i < 5; i++) tail.write(`${dirA}/y${i}`, `y${i}`);
  tail.take();
  await tail.rounds(12);
  expect(tail.size).toBe(5);
  expect(tail.headers.map((it) => `${it.get('group')} ${it.get('file')}`).toSorted()).toEqual(
    [0, 1, 2, 3, 4].map((i) => `g1 ${dirA}/y${i}`),
  );
});

test.each(['EACCES', 'EMFILE', 'ENFILE', 'ESTALE', 'EIO', 'EINTR'])(
  '%s for a while at a start: not other content',
  async (code) => {
    for (const at of ['open', 'read', 'stat'] as const) {
      const tail = new Tail();
      tail.write(`${dirA}/app.log`, ...lines('x', 30));
      await tail.start();
      expect(tail.take()).toHaveLength(30);
      await tail.stop();
      tail.world.faults.set(`${dirA}/app.log`, { code, at });
      await tail.start();
      await tail.rounds(5);
      tail.world.faults.clear();
      tail.write(`${dirA}/app.log`, 'more');
      await tail.rounds(30);
      expect(tail.take()).toEqual(['more']);
    }
  },
);

test.each(['away', 'unmounted'] as const)(
  'a folder that is %s for longer than idleTimeout, then back',
  async (how) => {
    const tail = new Tail();
    tail.write(`${dirA}/app.log`, ...lines('x', 30));
    await tail.start();
    tail.take();
    tail.world.setFolder(dirA, how);
    await tail.rounds(20, 1000);
    await tail.stop();
    await tail.start();
    tail.world.setFolder(dirA, 'there');
    tail.write(`${dirA}/app.log`, 'more');
    await tail.rounds(5);
    expect(tail.take()).toEqual(['more']);
  },
);

test.each([2, 20, 60])('copytruncate whose copy takes %i s', async (seconds) => {
  const tail = new Tail([`${dirA}/app\\.log.*`]);
  tail.write(`${dirA}/app.log`, ...lines('x', 500));
  await tail.start();
  const original = tail.world.at(`${dirA}/app.log`)!;
  const copy = tail.world.create(`${dirA}/app.log.1`);
  const pieces = seconds;
  for (let i = 0; i < pieces; i++) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((original.content.length * n) / pieces));
    tail.world.append(copy, original.content.subarray(from, to));
    await tail.rounds(2, 500);
  }
  tail.world.truncate(original);
  tail.write(`${dirA}/app.log`, 'after');
  await tail.rounds(20);
  expect(tail.take()).toEqual([...lines('x', 500), 'after']);
});

test('an inode beyond 2^53 in Flume’s file is found again', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, 'one', 'two');
  const { ino } = tail.world.at(`${dirA}/app.log`)!;
  expect(ino).toBeGreaterThan(2n ** 53n);
  await tail.start();
  expect(tail.take()).toEqual(['one', 'two']);
  await tail.stop();
  const text = Buffer.alloc(200);
  const length = tail.state.open(positionPath, 'read').read(text, 0);
  expect(text.toString('utf8', 0, length)).toBe(`[{"inode":${ino},"pos":8,"file":"${dirA}/app.log"}]`);
  tail.state.remove(`${positionPath}.journal`); // Flume keeps none
  tail.write(`${dirA}/app.log`, 'three');
  await tail.start();
  expect(tail.take()).toEqual(['three']);
});

test.each([1, 3, 8])('%i descriptors for 40 files: all are read, again and again', async (descriptors) => {
  const tail = new Tail([`${dirA}/f.*`]);
  tail.world.descriptors = descriptors;
  await tail.start();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 40; i++) tail.write(`${dirA}/f${i}`, `${i} ${round}`);
    await tail.rounds(8, 700);
    expect(tail.take()).toHaveLength(40);
  }
});

test('one file with EIO does not starve those behind it', async () => {
  const tail = new Tail([`${dirA}/f.*`]);
  for (let i = 0; i < 10; i++) tail.write(`${dirA}/f${i}`, `${i}`);
  tail.world.faults.set(`${dirA}/f0`, { code: 'EIO', at: 'read' });
  await tail.start();
  expect(tail.take()).toHaveLength(9);
  tail.world.faults.clear();
  await tail.rounds(10);
  expect(tail.take()).toEqual(['0']);
});

test('many files rotated at once: calls to the file system grow with their number, not with its square', async () => {
  const callsFor = async (files: number): Promise<number> => {
    const tail = new Tail([`${dirA}/app\\d+\\.log`]);
    for (let i = 0; i < files; i++) tail.write(`${dirA}/app${i}.log`, `old ${i}`);
    await tail.start();
    for (let i = 0; i < files; i++) {
      tail.world.rename(`${dirA}/app${i}.log`, `${dirA}/app${i}.log.1`);
      tail.write(`${dirA}/app${i}.log`, `new ${i}`);
    }
    const before = tail.world.calls;
    await tail.rounds(4);
    expect(tail.take()).toHaveLength(2 * files);
    return tail.world.calls - before;
  };
  const [few, many] = [await callsFor(50), await callsFor(500)];
  expect(many / few).toBeLessThan(15);
});

test.each(['rotated', 'deleted', 'copied and truncated', 'asleep, then written to'])(
  '1,000 files %s at once: the event loop has its turn after few files',
  async (what) => {
    const tail = new Tail([`${dirA}/app\\d+\\.log.*`]);
    const paths = Array.from({ length: 1000 }, (_, i) => `${dirA}/app${i}.log`);
    for (const path of paths) tail.write(path, `old ${path}`);
    await tail.start();
    if (what === 'asleep, then written to') await tail.rounds(12);
    for (const path of paths) {
      const file = tail.world.at(path)!;
      if (what === 'rotated') tail.world.rename(path, `${path}.1`);
      if (what === 'deleted') tail.world.unlink(path);
      if (what === 'copied and truncated') {
        tail.world.append(tail.world.create(`${path}.1`), file.content);
        tail.world.truncate(file);
      }
      tail.write(path, `new ${path}`);
    }
    const most = await tail.mostCallsOfATurn(() => tail.rounds(20));
    expect(tail.take()).toHaveLength(2000);
    // Each file costs a look, a question or two, an opening, a read, and a slot of the journal.
    expect(most).toBeLessThanOrEqual(mostFilesATurn * 8);
  },
);

test.each(['channel', 'delivered'] as const)(
  'acknowledge = %s: what was lost is read again after settle',
  async (acknowledge) => {
    const tail = new Tail(undefined, { acknowledge, maxEvents: 2 });
    tail.write(`${dirA}/app.log`, ...lines('x', 10));
    await tail.start();
    tail.take();
    await tail.stop();
    const fates = tail.fates.splice(0);
    expect(fates).toHaveLength(5);
    for (const [i, tell] of fates.entries()) tell(i === 2 ? 'lost' : i === 4 ? 'held' : 'delivered');
    await tail.settle();
    await tail.start();
    expect(tail.take()).toEqual(lines('x', 10).slice(4));
  },
);

test('acknowledge = delivered: a kill loses nothing that a memory channel held', async () => {
  const tail = new Tail(undefined, { acknowledge: 'delivered', maxEvents: 2 });
  tail.write(`${dirA}/app.log`, ...lines('x', 10));
  await tail.start();
  tail.take();
  for (const i of [0, 1, 3]) tail.fates[i]!('delivered');
  tail.kill();
  await tail.start();
  expect(tail.take()).toEqual(lines('x', 10).slice(4));
});

test('beside Flume’s way: a byte order mark, NUL bytes and a save by rename', async () => {
  const more = { skipBom: true, skipNul: true, continueReplaced: true };
  const tail = new Tail([`${dirA}/.*`], more);
  tail.world.append(tail.world.create(`${dirA}/bom`), Buffer.from('\ufefffirst\n'));
  tail.world.append(
    tail.world.create(`${dirA}/nul`),
    Buffer.concat([Buffer.alloc(700_000), Buffer.from('text\n')]),
  );
  tail.write(`${dirA}/saved`, 'one', 'two');
  await tail.start();
  expect(tail.take().toSorted()).toEqual(['first', 'one', 'text', 'two']);
  const saved = tail.world.at(`${dirA}/saved`)!.content;
  tail.world.unlink(`${dirA}/saved`);
  tail.world.append(tail.world.create(`${dirA}/saved`), Buffer.concat([saved, Buffer.from('three\n')]));
  await tail.rounds(4);
  expect(tail.take()).toEqual(['three']);
});
