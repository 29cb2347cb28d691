import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../test/support/faulty-files.ts';
import { readFully, realFiles, writeFully } from './files.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('writes anywhere, reads to the end, cuts off, renames and removes', async () => {
  const deep = join(dir, 'a', 'b', 'c');
  realFiles.makeDir(deep);
  realFiles.makeDir(deep);
  const path = join(deep, 'f');
  const file = realFiles.open(path, 'create');
  writeFully(file, [Buffer.from('head '), Buffer.from('tail')], 0);
  writeFully(file, [Buffer.from('HEAD')], 0);
  expect(realFiles.open(path, 'create').size()).toBe(9); // finding it does not empty it
  const into = Buffer.alloc(20);
  expect(readFully(file, into, 2)).toBe(7);
  expect(into.toString('latin1', 0, 7)).toBe('AD tail');
  file.truncate(4);
  expect(file.size()).toBe(4);
  await file.datasync();
  await realFiles.syncDir(deep);
  realFiles.rename(path, join(deep, 'g'));
  expect(realFiles.list(deep)).toEqual(['g']);
  realFiles.remove(join(deep, 'g'));
  realFiles.remove(join(deep, 'g'));
  expect(realFiles.size(join(deep, 'g'))).toBeNull();
  expect(realFiles.list(join(dir, 'none'))).toEqual([]);
  expect(realFiles.freeBytes(dir)).toBeGreaterThan(0);
  file.close();
});

it('keeps a file open until a sync under way has ended', async () => {
  const file = realFiles.open(join(dir, 'f'), 'create');
  writeFully(file, [Buffer.from('x')], 0);
  const syncs = Array.from({ length: 20 }, () => file.datasync());
  file.close();
  await Promise.all(syncs);
});

it('goes on after short writes, over several buffers', () => {
  for (let seed = 0; seed < 20; seed++) {
    const files = new FaultyFiles(seed, { shortWrites: true });
    files.makeDir('/d');
    const file = files.open('/d/f', 'create');
    const pieces = ['one', '', 'twenty-two', 'three hundred and three'].map((text) => Buffer.from(text));
    writeFully(file, pieces, 5);
    const into = Buffer.alloc(100);
    expect(readFully(file, into, 5)).toBe(36);
    expect(into.toString('latin1', 0, 36)).toBe('onetwenty-twothree hundred and three');
  }
});
