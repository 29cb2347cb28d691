/** What TAILDIR can't look at, or did not see in time: it is read, or told, once it can be. */
import { expect, test } from 'vitest';
import { dirA, lines, Tail } from '../../packages/testkit/src/taildir/tail.ts';

test.each(['EACCES', 'EIO', 'EMFILE'])(
  '%s at a rotated file that no pattern matches: read once it can be',
  async (code) => {
    const tail = new Tail([`${dirA}/app\\.log`], { idleTimeoutMs: 600 });
    tail.write(`${dirA}/app.log`, 'one');
    await tail.start();
    tail.world.rename(`${dirA}/app.log`, `${dirA}/app.log.1`);
    tail.write(`${dirA}/app.log`, 'two');
    await tail.rounds(10);
    expect(tail.take()).toEqual(['one', 'two']); // and both are closed
    tail.world.faults.set(`${dirA}/app.log.1`, { code, at: 'open' });
    tail.write(`${dirA}/app.log.1`, 'late');
    tail.write(`${dirA}/other`, 'a name that has all be looked at');
    await tail.rounds(10);
    tail.world.faults.clear();
    await tail.rounds(40);
    expect(tail.take()).toEqual(['late']);
  },
);

test('a name that could not be looked at: a generation that nobody saw is found once it can be', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, 'one');
  await tail.start();
  tail.world.clockMs += 10;
  tail.world.rename(`${dirA}/app.log`, `${dirA}/app.log.2`);
  tail.write(`${dirA}/app.log`, 'two');
  tail.world.clockMs += 10;
  tail.world.rename(`${dirA}/app.log`, `${dirA}/app.log.1`);
  tail.write(`${dirA}/app.log`, 'three');
  tail.world.faults.set(`${dirA}/app.log.1`, { code: 'EACCES', at: 'stat' });
  await tail.rounds(10);
  expect(tail.take()).toEqual(['one', 'three']);
  tail.world.faults.clear();
  await tail.rounds(40);
  expect(tail.take()).toEqual(['two']);
});

test('a generation that nobody saw is found where no file stands at the path now', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, 'one');
  await tail.start();
  await tail.rounds(10);
  tail.world.unlink(`${dirA}/app.log`);
  tail.write(`${dirA}/other`, 'so that its going is noticed');
  await tail.rounds(20);
  expect(tail.size).toBe(0);
  tail.write(`${dirA}/app.log`, 'two');
  tail.world.rename(`${dirA}/app.log`, `${dirA}/app.log.1`);
  await tail.rounds(20);
  expect(tail.take()).toEqual(['one', 'two']);
});

test('what is awaited in a copy survives a kill', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, ...lines('x', 10));
  await tail.start();
  const original = tail.world.at(`${dirA}/app.log`)!;
  tail.write(`${dirA}/app.log`, 'not read yet');
  tail.world.append(tail.world.create(`${dirA}/app.log.1`), original.content);
  tail.world.faults.set(`${dirA}/app.log.1`, { code: 'EACCES', at: 'open' });
  tail.world.truncate(original);
  tail.write(`${dirA}/app.log`, 'after');
  await tail.rounds(5);
  tail.kill();
  await tail.start();
  await tail.rounds(5);
  expect(tail.take()).toEqual([...lines('x', 10), 'after']);
  tail.world.faults.clear();
  await tail.rounds(10);
  expect(tail.take()).toEqual(['not read yet']);
  await tail.stop();
  await tail.start();
  expect(tail.take()).toEqual([]);
});

test.each(['away', 'unmounted'] as const)('a copy is awaited while its folder is %s', async (how) => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, ...lines('x', 10));
  await tail.start();
  const original = tail.world.at(`${dirA}/app.log`)!;
  tail.write(`${dirA}/app.log`, 'not read yet');
  const { content } = original;
  tail.world.truncate(original);
  tail.write(`${dirA}/app.log`, 'after');
  await tail.rounds(5);
  tail.world.setFolder(dirA, how);
  await tail.rounds(20, 1000);
  tail.world.append(tail.world.create(`${dirA}/app.log.1`), content);
  tail.world.setFolder(dirA, 'there');
  await tail.rounds(5);
  expect(tail.take()).toEqual([...lines('x', 10), 'after', 'not read yet']);
  expect(tail.lost).toEqual([]);
});

test('a name that can never be looked at holds up no word of a loss', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, ...lines('x', 10));
  tail.write(`${dirA}/forbidden`, 'behind a link');
  tail.world.faults.set(`${dirA}/forbidden`, { code: 'EACCES', at: 'stat' });
  await tail.start();
  await tail.rounds(10);
  tail.world.faults.set(`${dirA}/app.log`, { code: 'EIO', at: 'read' });
  tail.write(`${dirA}/app.log`, 'seen, not read');
  await tail.rounds(2);
  tail.world.truncate(tail.world.at(`${dirA}/app.log`)!);
  tail.world.faults.delete(`${dirA}/app.log`);
  await tail.rounds(10);
  expect(tail.lost).toEqual([]);
  await tail.rounds(70, 1000);
  expect(tail.lost).toEqual([expect.stringContaining('at least 15 bytes of /a/app.log are lost')]);
});

test('acknowledge = delivered: what arrives of a file after it was let go is no reason to remember it', async () => {
  const tail = new Tail(undefined, { acknowledge: 'delivered' });
  tail.write(`${dirA}/app.log`, ...lines('x', 3));
  await tail.start();
  tail.world.unlink(`${dirA}/app.log`);
  await tail.rounds(20);
  expect(tail.size).toBe(0);
  for (const tell of tail.fates) tell('delivered');
  expect(tail.remembered).toBe(0);
});

test.each([1, 5, 25])(
  'copied, truncated and written again with %i lines taken of those in memory',
  async (taken) => {
    const tail = new Tail(undefined, { maxEvents: 1, maxBatchCount: 1 });
    tail.write(`${dirA}/app.log`, ...lines('a line of forty bytes or a little more:', 40));
    await tail.start();
    await tail.rounds(taken, 1);
    const original = tail.world.at(`${dirA}/app.log`)!;
    tail.world.append(tail.world.create(`${dirA}/app.log.1`), original.content);
    tail.world.truncate(original);
    tail.write(`${dirA}/app.log`, ...lines('after', 3));
    await tail.rounds(3, 1); // no look at the folder yet: what was read before the truncation goes on
    await tail.rounds(60);
    expect(tail.take().toSorted()).toEqual(
      [...lines('a line of forty bytes or a little more:', 40), ...lines('after', 3)].toSorted(),
    );
    expect(tail.lost).toEqual([]);
  },
);

test('a channel that lost all it held, and a copy that no pattern matches: it is read from the copy', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, ...lines('x', 10));
  await tail.start();
  expect(tail.take()).toHaveLength(10);
  await tail.stop();
  for (const tell of tail.fates) tell('lost');
  await tail.settle();
  const original = tail.world.at(`${dirA}/app.log`)!;
  tail.world.append(tail.world.create(`${dirA}/app.log.1`), original.content);
  tail.world.truncate(original);
  tail.write(`${dirA}/app.log`, 'after');
  await tail.start();
  await tail.rounds(10);
  expect(tail.take().toSorted()).toEqual(['after', ...lines('x', 10)]);
});

test('short of descriptors: a file that was deleted a moment ago is read to its end', async () => {
  const tail = new Tail(undefined, { maxEvents: 1, maxBatchCount: 1 });
  tail.write(`${dirA}/app.log`, ...lines('x', 20));
  await tail.start();
  tail.world.unlink(`${dirA}/app.log`);
  tail.world.listFaults.set(dirA, 'EMFILE');
  await tail.rounds(10);
  tail.world.listFaults.clear();
  await tail.rounds(30);
  expect(tail.take()).toEqual(lines('x', 20));
});

test('a file of which nothing could be read, and that was truncated: what it held is told', async () => {
  const tail = new Tail();
  tail.write(`${dirA}/app.log`, 'fifteen letters');
  tail.world.faults.set(`${dirA}/app.log`, { code: 'EACCES', at: 'open' });
  await tail.start();
  tail.world.truncate(tail.world.at(`${dirA}/app.log`)!);
  tail.world.faults.clear();
  tail.write(`${dirA}/app.log`, 'short');
  await tail.rounds(10);
  expect(tail.take()).toEqual(['short']);
  expect(tail.lost).toEqual([expect.stringContaining('at least 16 bytes of /a/app.log are lost')]);
});

test('a file of which nothing could be read, and that was renamed beside a second name: nothing is lost', async () => {
  const tail = new Tail([`${dirA}/app\\.log.*`]);
  tail.write(`${dirA}/app.log`, 'one');
  const file = tail.world.at(`${dirA}/app.log`)!;
  tail.world.link(file, `${dirA}/app.log.link`);
  for (const name of ['app.log', 'app.log.link'])
    tail.world.faults.set(`${dirA}/${name}`, { code: 'EACCES', at: 'open' });
  await tail.start();
  tail.world.unlink(`${dirA}/app.log`);
  tail.world.faults.clear();
  await tail.rounds(10);
  expect(tail.take()).toEqual(['one']);
  expect(tail.lost).toEqual([]);
});

test('truncated and written to while it could not be looked into: its copy is no file of its own', async () => {
  const tail = new Tail([`${dirA}/app\\.log.*`], { idleTimeoutMs: 600 });
  tail.write(`${dirA}/app.log`, ...lines('x', 3));
  await tail.start();
  await tail.rounds(10); // it is closed
  tail.write(`${dirA}/app.log`, ...lines('unread', 5));
  const original = tail.world.at(`${dirA}/app.log`)!;
  tail.world.append(tail.world.create(`${dirA}/app.log.1`), original.content);
  tail.world.truncate(original);
  tail.write(`${dirA}/app.log`, ...lines('after', 3)); // longer than what was read, shorter than the copy
  tail.world.faults.set(`${dirA}/app.log`, { code: 'EACCES', at: 'open' });
  await tail.rounds(4);
  tail.world.faults.clear();
  await tail.rounds(20);
  const all = [...lines('x', 3), ...lines('unread', 5), ...lines('after', 3)];
  expect(tail.take().toSorted()).toEqual(all.toSorted());
});

test.each([1, 2])(
  'truncated before it was read, and a kill after %i writes of what that changes: it is read once',
  async (writes) => {
    const tail = new Tail();
    tail.write(`${dirA}/app.log`, ...lines('unread', 5));
    tail.world.faults.set(`${dirA}/app.log`, { code: 'EACCES', at: 'open' });
    await tail.start();
    tail.world.truncate(tail.world.at(`${dirA}/app.log`)!);
    tail.killAfter(writes); // the first notes the file as a new one, the second lets go of what it was
    await tail.rounds(1);
    tail.kill();
    tail.world.faults.clear();
    tail.write(`${dirA}/app.log`, ...lines('written after it', 10)); // it is longer again than it ever was
    await tail.start();
    await tail.rounds(10);
    expect(tail.take()).toEqual(lines('written after it', 10));
    expect(tail.size).toBe(1);
    expect(tail.remembered).toBe(1);
  },
);

test.each(['app\\.log', 'app\\.log.*'])(
  '%s: a copy under the inode of an older one, which can’t be looked into for long, is read where it goes on',
  async (pattern) => {
    const tail = new Tail([`${dirA}/${pattern}`], { idleTimeoutMs: 600 });
    const copied = () => {
      const original = tail.world.at(`${dirA}/app.log`)!;
      tail.world.append(tail.world.create(`${dirA}/app.log.1`), original.content);
      tail.world.truncate(original);
    };
    tail.write(`${dirA}/app.log`, ...lines('x', 5));
    await tail.start();
    tail.write(`${dirA}/app.log`, 'read in the copy');
    copied();
    tail.write(`${dirA}/app.log`, ...lines('y', 10));
    await tail.rounds(10); // all is read and closed
    expect(tail.take().toSorted()).toEqual(
      [...lines('x', 5), ...lines('y', 10), 'read in the copy'].toSorted(),
    );
    const older = tail.world.at(`${dirA}/app.log.1`)!;
    tail.write(`${dirA}/app.log`, 'not read yet');
    tail.world.unlink(`${dirA}/app.log.1`);
    copied();
    expect(tail.world.at(`${dirA}/app.log.1`)!.ino).toBe(older.ino);
    tail.world.faults.set(`${dirA}/app.log.1`, { code: 'EACCES', at: 'open' });
    tail.write(`${dirA}/app.log`, 'after');
    await tail.rounds(20);
    expect(tail.take()).toEqual(['after']);
    tail.world.faults.clear();
    await tail.rounds(40);
    expect(tail.take()).toEqual(['not read yet']);
    expect(tail.lost).toEqual([]);
  },
);
