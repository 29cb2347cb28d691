import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { MemoryFiles } from '../log/memory-files.ts';
import { type FileLayer, readFully, realFiles, writeFully } from './files.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each<[string, () => FileLayer]>([
  ['the real one', () => realFiles],
  ['the one in memory', () => new MemoryFiles()],
  ['the faulty one without faults', () => new FaultyFiles(1)],
])('writes anywhere, reads to the end, cuts off, renames and removes: %s', async (_name, make) => {
  const files = make();
  const deep = join(dir, 'a', 'b', 'c');
  files.makeDir(deep);
  files.makeDir(deep);
  const path = join(deep, 'f');
  expect(() => files.open(path, 'write')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  const file = files.open(path, 'create');
  writeFully(file, [Buffer.from('head '), Buffer.from('tail')], 0);
  writeFully(file, [Buffer.from('HEAD')], 0);
  const again = files.open(path, 'create');
  expect(again.size()).toBe(9); // finding it does not empty it
  again.close();
  const into = Buffer.alloc(20);
  expect(readFully(file, into, 2)).toBe(7);
  expect(into.toString('latin1', 0, 7)).toBe('AD tail');
  expect(file.read(into, 9)).toBe(0);
  file.truncate(4);
  expect(files.size(path)).toBe(4);
  writeFully(file, [Buffer.from('x')], 6);
  expect(readFully(file, into, 0)).toBe(7);
  expect(into.toString('latin1', 0, 7)).toBe('HEAD\0\0x');
  await file.datasync();
  await files.syncDir(deep);
  writeFully(files.open(join(deep, 'g'), 'create'), [Buffer.from('old')], 0);
  files.rename(path, join(deep, 'g'));
  expect(files.list(deep)).toEqual(['g']);
  expect(files.size(join(deep, 'g'))).toBe(7);
  files.remove(join(deep, 'g'));
  files.remove(join(deep, 'g'));
  expect(files.size(join(deep, 'g'))).toBeNull();
  expect(files.list(join(dir, 'none'))).toEqual([]);
  expect(files.freeBytes(dir)).toBeGreaterThan(0);
  file.close();
});

it.each<[string, () => FileLayer]>([
  ['the real one', () => realFiles],
  ['the one in memory', () => new MemoryFiles()],
  ['the faulty one without faults', () => new FaultyFiles(1)],
])('renames a folder with what is in it, and removes it when it is empty: %s', (_name, make) => {
  const files = make();
  const from = join(dir, 'folder');
  const to = join(dir, 'renamed');
  files.makeDir(from);
  const file = files.open(join(from, 'f'), 'create');
  files.rename(from, to);
  writeFully(file, [Buffer.from('late')], 0);
  expect(files.list(dir)).toEqual(['renamed']);
  expect(files.list(from)).toEqual([]);
  expect(files.size(join(to, 'f'))).toBe(4);
  expect(() => files.removeDir(to)).toThrow(expect.objectContaining({ code: 'ENOTEMPTY' }));
  files.remove(join(to, 'f'));
  files.removeDir(to);
  files.removeDir(to);
  expect(files.list(dir)).toEqual([]);
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
