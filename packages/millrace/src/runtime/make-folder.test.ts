import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it.each([['a'], ['a/b'], ['a/b/c/d']])('makes %s and tells the topmost that is new', (path) => {
  expect(makeFolder(join(dir, path))).toBe(join(dir, 'a'));
  expect(existsSync(join(dir, path))).toBe(true);
  expect(makeFolder(join(dir, path))).toBeUndefined();
  expect(makeFolder(join(dir, path, 'more'))).toBe(join(dir, path, 'more'));
});

it('leaves the root alone', () => {
  expect(makeFolder('/')).toBeUndefined();
});

it('says why where a file stands in the way', () => {
  writeFileSync(join(dir, 'file'), '');
  expect(() => makeFolder(join(dir, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(join(dir, 'file', 'a', 'b'))).toThrow('ENOTDIR');
});

it.skipIf(process.platform !== 'linux').each([['/proc/x'], ['/proc/x/y/z']])(
  'ends with an error on %s, where nothing can be made',
  (path) => {
    expect(() => makeFolder(path)).toThrow('ENOENT');
  },
);
