/** A file channel over several data folders. */
import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { fileChannelDefaults } from '../../../../testkit/src/flume/file-channel-options.ts';
import { chanceOf, roundsOr } from '../../../../testkit/src/oracle/seed.ts';
import { put } from '../../component/testing/channel-fixture.ts';
import { testSurroundings } from '../../component/testing/context.ts';
import { bodiesOf } from '../../component/testing/test-api.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { FileChannel } from './channel.ts';

const three = ['/a/data', '/b/data', '/c/data'];
const plenty = 1 << 30;

/** Devices of their own below `/a`, `/b` and `/c`: free bytes of each, null where it does not answer. */
class Disks {
  readonly files = new FaultyFiles(1);
  readonly free: Record<string, number | null> = {};
  /** So many folders get their mark. */
  marksLeft = Number.POSITIVE_INFINITY;

  /** The layer as one process sees it. */
  life(): FileLayer {
    const life = this.files.life();
    const freeBytes = (dir: string): number => {
      const free = this.free[dir.slice(0, 2)];
      if (free === null) throw new Error('EIO');
      return free ?? plenty;
    };
    const rename = (from: string, to: string): void => {
      if (to.endsWith('/data-folders') && this.marksLeft-- <= 0)
        throw new Error('the process is killed here');
      life.rename(from, to);
    };
    return { ...life, freeBytes, rename };
  }

  segments(dir: string): number {
    return this.files.list(`${dir}/events-0`).filter((name) => name.endsWith('.log')).length;
  }

  /** The folder is as where its disk is not mounted. */
  unmount(dir: string): () => void {
    this.files.rename(dir, `/away${dir}`);
    return () => {
      for (const made of [`${dir}/events-0`, dir]) this.files.removeDir(made);
      this.files.rename(`/away${dir}`, dir);
    };
  }
}

async function started(disks: Disks, dataDirs = three): Promise<FileChannel> {
  const options = {
    ...fileChannelDefaults,
    ...{ checkpointDir: '/a/checkpoint', dataDirs, maxFileSize: 500, minimumRequiredSpace: 2 << 20 },
  };
  const channel = new FileChannel(
    {
      ...testSurroundings(),
      ...{ agent: 'a1', name: 'c1', options, log: silentLogger, report: () => {} },
    },
    { files: disks.life(), lock: false },
  );
  await channel.start();
  return channel;
}

const body = (i: number) => `${i} ${'x'.repeat(60)}`;

async function putNumbers(channel: FileChannel, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await put(channel, body(i));
}

async function takeNumbers(channel: FileChannel, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const numbers: number[] = [];
  const transaction = channel.begin();
  while (numbers.length < most) {
    const batch = await transaction.take(most - numbers.length);
    if (batch === null) break;
    numbers.push(...bodiesOf(batch).map((text) => Number(text.split(' ')[0])));
  }
  await transaction.commit();
  return numbers;
}

/**
 * Where the numbers go on that were taken, of which those below `taken` had been before: since the last checkpoint, they
 * may come again, and not all of them, for the folders forget the files that they gave back each for itself.
 */
function nextAfter(taken: number, found: readonly number[]): number {
  const numbers = found.filter((number) => number >= 0); // a put that was under way may be there
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  const fresh = numbers.filter((number) => number >= taken);
  expect(fresh).toEqual(range(taken, taken + fresh.length));
  return taken + fresh.length;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('several data folders', () => {
  it('start again after a kill between any two of their marks', async () => {
    let isWhole = false;
    for (let killAt = 0; !isWhole; killAt++) {
      const disks = new Disks();
      disks.marksLeft = killAt;
      const first = await started(disks).catch(() => null);
      isWhole = first !== null;
      disks.files.kill();
      disks.marksLeft = Number.POSITIVE_INFINITY;
      const second = await started(disks);
      await putNumbers(second, 0, 3);
      expect(await takeNumbers(second)).toEqual(range(0, 3));
      await second.stop();
    }
  });

  it('hold files in turn, of one order, over the end of the process; and give them back', async () => {
    const disks = new Disks();
    const first = await started(disks);
    await putNumbers(first, 0, 60);
    const counts = three.map((dir) => disks.segments(dir));
    expect(Math.min(...counts)).toBeGreaterThan(2);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(await takeNumbers(first, 10)).toEqual(range(0, 10));
    disks.files.kill();
    const second = await started(disks);
    await putNumbers(second, 60, 70);
    expect(await takeNumbers(second)).toEqual(range(10, 70));
    await second.stop();
    expect(three.reduce((sum, dir) => sum + disks.segments(dir), 0)).toBe(1);
  });

  it('lose nothing of what was committed by a power cut, each at its own moment', async () => {
    const chance = chanceOf('power cuts over several folders');
    for (let round = 0; round < roundsOr(40); round++) {
      const disks = new Disks();
      let [next, taken] = [0, 0];
      for (let life = 0; life < 3; life++) {
        const channel = await started(disks);
        taken = nextAfter(taken, await takeNumbers(channel, chance.int(0, 10)));
        const to = next + chance.int(0, 30);
        await putNumbers(channel, next, to);
        next = to;
        const unfinished = put(channel, body(-1)).catch(() => {});
        disks.files.crash();
        await Promise.race([unfinished, new Promise(setImmediate)]);
      }
      const channel = await started(disks);
      expect(nextAfter(taken, await takeNumbers(channel))).toBe(next);
      await channel.stop();
    }
  });

  it('that are full get no new file, and puts fail only when all are', async () => {
    const disks = new Disks();
    const channel = await started(disks);
    await put(channel, body(0));
    disks.free['/a'] = 1 << 20;
    disks.free['/b'] = null; // does not answer
    await putNumbers(channel, 1, 30);
    expect([disks.segments('/a/data'), disks.segments('/b/data')]).toEqual([1, 0]);
    disks.free['/c'] = 1 << 20;
    await expect(put(channel, body(30))).rejects.toMatchObject({ code: 'DISK_FULL' });
    disks.free['/b'] = plenty;
    await putNumbers(channel, 30, 40);
    expect(disks.segments('/b/data')).toBeGreaterThan(0);
    expect(await takeNumbers(channel)).toEqual(range(0, 40));
  });

  it('that are named no longer are read until they are empty, and get no new file', async () => {
    const disks = new Disks();
    const first = await started(disks);
    await putNumbers(first, 0, 30);
    await first.stop();
    const second = await started(disks, ['/a/data', '/c/data']);
    const before = disks.segments('/b/data');
    await putNumbers(second, 30, 60);
    expect(disks.segments('/b/data')).toBe(before);
    expect(await takeNumbers(second)).toEqual(range(0, 60));
    await second.stop();
    expect(disks.segments('/b/data')).toBe(0);
    await (await started(disks, ['/a/data', '/c/data'])).stop();
    disks.unmount('/b/data');
    await (await started(disks, ['/a/data', '/c/data'])).stop();
    // Nor does it belong to them any more.
    const third = await started(disks, ['/a/data', '/c/data', '/d/data']);
    await putNumbers(third, 60, 80);
    expect(disks.segments('/d/data')).toBeGreaterThan(0);
    expect(await takeNumbers(third)).toEqual(range(60, 80));
    await third.stop();
  });

  it('that are not there keep the channel from starting, whichever it is, and nothing is lost', async () => {
    const disks = new Disks();
    const first = await started(disks);
    await putNumbers(first, 0, 30);
    await first.stop();
    for (const dir of three) {
      const mount = disks.unmount(dir);
      await expect(started(disks), dir).rejects.toMatchObject({
        code: 'FILE_ACCESS',
        message: expect.stringContaining(dir),
      });
      mount();
    }
    const channel = await started(disks, ['/c/data', '/b/data', '/a/data']); // their order is nothing
    expect(await takeNumbers(channel)).toEqual(range(0, 30));
    await channel.stop();
  });

  it('of two channels are not mixed', async () => {
    const disks = new Disks();
    for (const dirs of [
      ['/a/data', '/b/data'],
      ['/c/data', '/d/data'],
    ])
      await (await started(disks, dirs)).stop();
    await expect(started(disks, ['/a/data', '/b/data', '/c/data'])).rejects.toMatchObject({
      message: expect.stringContaining('/c/data belongs with /c/data, /d/data, not with /a/data'),
    });
  });

  it('may become several of one, and one by itself has no mark', async () => {
    const disks = new Disks();
    const first = await started(disks, ['/a/data']);
    await putNumbers(first, 0, 20);
    await first.stop();
    expect(disks.files.size('/a/data/data-folders')).toBeNull();
    const second = await started(disks);
    await putNumbers(second, 20, 40);
    expect(disks.segments('/c/data')).toBeGreaterThan(0);
    expect(await takeNumbers(second)).toEqual(range(0, 40));
    await second.stop();
  });
});
