import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let dir = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** A process that tries to lock the folder, says `locked` or the error's code, and stays. */
async function locker(): Promise<{ child: ChildProcess; said: string }> {
  const module = new URL('./folder-lock.ts', import.meta.url).href;
  const script = `
    const { lockFolder } = await import(${JSON.stringify(module)});
    try { lockFolder(${JSON.stringify(dir)}); gc(); console.log('locked'); } catch (error) { console.log(error.code); }
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [chunk] = await once(child.stdout!, 'data');
  return { child, said: String(chunk).trim() };
}

it('holds within the process and lets go', () => {
  const lock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'DIRECTORY_LOCKED' }));
  lock.release();
  lock.release();
  lockFolder(dir).release();
});

it('holds against another process, names it, and is free again when that is killed', async () => {
  const { child, said } = await locker();
  expect(said).toBe('locked');
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ details: { dir, pid: child.pid } }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockFolder(dir);
  expect((await locker()).said).toBe('DIRECTORY_LOCKED');
  lock.release();
});

it('is not lost when the holder itself, also in another thread, tries to lock once more', async () => {
  const lock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'DIRECTORY_LOCKED' }));
  const module = new URL('./folder-lock.ts', import.meta.url).href;
  const worker = new Worker(
    `import(${JSON.stringify(module)}).then(({ lockFolder }) => {
      try { lockFolder(${JSON.stringify(dir)}); return 'locked'; } catch (error) { return error.code; }
    }).then((said) => require('node:worker_threads').parentPort.postMessage(said));`,
    { eval: true },
  );
  expect(await once(worker, 'message')).toEqual(['DIRECTORY_LOCKED']);
  await worker.terminate();
  expect((await locker()).said).toBe('DIRECTORY_LOCKED');
  lock.release();
});

it('lets one of several starters through', async () => {
  const said = (await Promise.all([1, 2, 3, 4].map(locker))).map((starter) => starter.said).sort();
  expect(said).toEqual(['DIRECTORY_LOCKED', 'DIRECTORY_LOCKED', 'DIRECTORY_LOCKED', 'locked']);
});

it('takes a folder where a process id was left behind that lives on as another program', () => {
  writeFileSync(join(dir, '.lock.pid'), `${process.ppid}\n`);
  writeFileSync(join(dir, '.lock'), '');
  lockFolder(dir).release();
});
