import { describe, expect, it } from 'vitest';
import { readFully, writeFully } from '../../../millrace/src/runtime/files.ts';
import { randomFrom } from '../files/faulty-files.ts';
import { SimFiles } from './sim-files.ts';
import { VirtualLoop } from './virtual-loop.ts';

function text(files: SimFiles, path: string): string {
  const file = files.life().open(path, 'read');
  const bytes = Buffer.alloc(file.size());
  return bytes.subarray(0, readFully(file, bytes, 0)).toString();
}

/** What is there after a power cut, for many draws of what survives. */
async function survivors(history: (files: SimFiles) => unknown, path: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    const files = new SimFiles(randomFrom(seed));
    await history(files);
    files.cutPower();
    found.add(files.paths().includes(path) ? text(files, path) : 'gone');
  }
  return found;
}

function write(files: SimFiles, path: string, content: string): void {
  const file = files.life().open(path, 'create');
  writeFully(file, [Buffer.from(content)], 0);
}

async function sync(files: SimFiles, path: string): Promise<void> {
  const done = files.life().open(path, 'write').datasync();
  while (files.completions.length > 0) files.complete(0);
  await done;
}

async function syncDir(files: SimFiles, path: string): Promise<void> {
  const done = files.life().syncDir(path);
  while (files.completions.length > 0) files.complete(0);
  await done;
}

describe('a disk that forgets what was not synced', () => {
  it('keeps bytes that were synced, under a name that was synced', async () => {
    const history = async (files: SimFiles) => {
      files.life().makeDir('/d');
      write(files, '/d/f', 'bytes');
      await sync(files, '/d/f');
      await syncDir(files, '/d');
    };
    expect(await survivors(history, '/d/f')).toEqual(new Set(['bytes']));
  });

  it('may lose a name that was not synced, of a file and of a folder that was renamed', async () => {
    const file = async (files: SimFiles) => {
      files.life().makeDir('/d');
      write(files, '/d/f', 'bytes');
      await sync(files, '/d/f');
    };
    expect(await survivors(file, '/d/f')).toEqual(new Set(['bytes', 'gone']));
    const folder = async (files: SimFiles) => {
      await file(files);
      await syncDir(files, '/d');
      files.life().rename('/d', '/e');
    };
    expect(await survivors(folder, '/e/f')).toEqual(new Set(['bytes', 'gone']));
    expect(await survivors(folder, '/d/f')).toEqual(new Set(['bytes', 'gone']));
  });

  it('covers with a sync what came before its call, not what came before its end', async () => {
    const history = async (files: SimFiles) => {
      files.life().makeDir('/d');
      write(files, '/d/f', 'first');
      await syncDir(files, '/d');
      const file = files.life().open('/d/f', 'write');
      const done = file.datasync();
      writeFully(file, [Buffer.from(' and second')], 5);
      files.complete(0);
      await done;
    };
    const found = await survivors(history, '/d/f');
    expect(found).toEqual(new Set(['first', 'first and second']));
  });

  it('keeps the page cache when only the process ends', () => {
    const files = new SimFiles(randomFrom(1));
    files.life().makeDir('/d');
    write(files, '/d/f', 'bytes');
    const life = files.life();
    const file = life.open('/d/f', 'write');
    files.kill();
    expect(() => writeFully(file, [Buffer.from('x')], 0)).toThrow('EIO');
    expect(() => life.remove('/d/f')).toThrow('EIO');
    expect(text(files, '/d/f')).toBe('bytes');
  });

  it('ends a process in the middle of what it does', () => {
    const files = new SimFiles(randomFrom(1));
    files.dieAfter(1);
    expect(() => files.life().makeDir('/d')).toThrow('ended');
    expect(files.isDead).toBe(true);
    files.kill();
    expect(files.life().list('/')).toEqual(['d']);
  });
});

it('fires virtual timers in their order, when it is told to', async () => {
  using loop = new VirtualLoop();
  const fired: string[] = [];
  const timer = setInterval(() => fired.push('every'), 10);
  setTimeout(() => fired.push('once'), 25).unref();
  setImmediate(() => fired.push('soon'));
  clearTimeout(setTimeout(() => fired.push('never'), 5));
  const before = performance.now();
  await loop.settle();
  expect(fired).toEqual([]);
  loop.turn();
  await loop.advance(30);
  clearInterval(timer);
  await loop.advance(100);
  expect(fired).toEqual(['soon', 'every', 'every', 'once', 'every']);
  expect(performance.now() - before).toBe(130);
});
