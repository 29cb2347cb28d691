/** Files under an inode that was another's, and what a process left that was killed between two notes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dirA, lines, Tail } from '../../../../testkit/src/taildir/tail.ts';

const app = `${dirA}/app.log`;

/** As a compressor does: the archive has the time of the file that goes. */
function compress({ world }: Tail, from: string, to: string): void {
  const { content, mtimeMs } = world.at(from)!;
  const archive = world.create(to);
  world.append(archive, gzipSync(content));
  archive.mtimeMs = mtimeMs;
  world.unlink(from);
}

describe('an inode that is given again', () => {
  it('hides no generation that came and went unseen: the path had a file before it', async () => {
    const t = new Tail();
    t.write(app, 'never read, and longer than what comes');
    t.world.faults.set(app, { code: 'EACCES', at: 'open' });
    await t.start();
    const { ino } = t.world.at(app)!;
    t.world.clockMs += 10;
    t.world.rename(app, `${app}.1`);
    t.write(app, 'between');
    t.world.clockMs += 10;
    t.world.rename(app, `${app}.2`);
    t.world.unlink(`${app}.1`);
    t.write(app, 'new');
    expect(t.world.at(app)!.ino).toBe(ino);
    t.world.faults.clear();
    t.world.faults.set(`${app}.2`, { code: 'EIO', at: 'stat' });
    await t.rounds(5);
    expect(t.take()).toEqual(['new']);
    t.world.faults.clear();
    await t.rounds(40);
    expect(t.take()).toEqual(['between']);
  });

  it('and an archive too young to be looked into: what was read of it is not read again', async () => {
    const t = new Tail(undefined, { readCompressed: true });
    await t.start();
    t.write(app, ...lines('old', 5));
    await t.rounds(2);
    await t.stop();
    t.write(app, 'more');
    t.world.rename(app, `${app}.1`);
    t.world.clockMs += 5;
    compress(t, `${app}.1`, `${app}.2.gz`);
    t.world.create(app);
    await t.start();
    await t.rounds(20);
    expect(t.take()).toEqual([...lines('old', 5), 'more']);
    expect(t.lost).toEqual([]);
  });

  it('to a file that can’t be looked into: its size says nothing of an archive of the one before', async () => {
    const t = new Tail(undefined, { readCompressed: true });
    await t.start();
    t.write(app, ...lines('old', 5));
    await t.rounds(2);
    await t.stop();
    t.write(app, ...lines('more', 20));
    t.world.rename(app, `${app}.1`);
    t.world.clockMs += 2000;
    compress(t, `${app}.1`, `${app}.1.gz`);
    t.write(app, ...lines('new', 10)); // more than was read of the one before, less than it held
    t.world.faults.set(app, { code: 'EIO', at: 'open' });
    await t.start();
    await t.rounds(5);
    t.world.faults.clear();
    await t.rounds(20);
    expect(t.take().toSorted()).toEqual(
      [...lines('old', 5), ...lines('more', 20), ...lines('new', 10)].toSorted(),
    );
    expect(t.lost).toEqual([]);
  });

  it('to an archive: it is none of a file that was never read, whose lines would come again', async () => {
    const t = new Tail(undefined, { readCompressed: true });
    t.write(app, 'never read');
    t.world.faults.set(app, { code: 'EACCES', at: 'open' });
    await t.start();
    t.world.clockMs += 10;
    t.world.rename(app, `${app}.2`);
    t.world.faults.set(`${app}.2`, { code: 'EACCES', at: 'open' });
    t.world.faults.delete(app);
    t.write(app, 'one', 'two');
    await t.rounds(3);
    expect(t.take()).toEqual(['one', 'two']);
    t.world.clockMs += 2000;
    const { ino } = t.world.at(`${app}.2`)!;
    t.world.unlink(`${app}.2`);
    t.world.rename(app, `${app}.1`);
    compress(t, `${app}.1`, `${app}.1.gz`);
    expect(t.world.at(`${app}.1.gz`)!.ino).toBe(ino);
    t.write(app, 'new');
    await t.rounds(20);
    expect(t.take()).toEqual(['new']);
  });
});

describe('a kill between the note of a copy and the end of the note of what it is a copy of', () => {
  it.each([
    ['at once', 2],
    ['later', 1],
  ])('leaves nothing that awaits another copy, when it was found %s', async (when, writes) => {
    const t = new Tail(undefined, { readCompressed: true });
    t.write(app, ...lines('old', 5));
    await t.start();
    const file = t.world.at(app)!;
    const { content } = file;
    t.world.truncate(file);
    t.write(app, 'new');
    if (when === 'later') await t.rounds(1); // it is awaited
    t.world.append(t.world.create(`${app}.1`), Buffer.concat([content, Buffer.from('more\n')]));
    t.killAfter(writes);
    await t.rounds(1);
    t.kill();
    await t.start();
    const before = t.take();
    compress(t, `${app}.1`, `${app}.1.gz`);
    t.world.clockMs += 1000;
    await t.rounds(20);
    expect(t.take()).toEqual([]);
    expect([...new Set(before)].toSorted()).toEqual([...lines('old', 5), 'more', 'new'].toSorted());
    expect(t.lost).toEqual([]);
  });
});
