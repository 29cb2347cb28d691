import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TailFolder } from '../../../../testkit/src/taildir/running-source.ts';
import { realSourceFiles } from '../../tracking/source-files.ts';
import { FileGroup } from './file-groups.ts';
import { FolderTree, type KnownPlace } from './folder-tree.ts';

describe('a path with **', () => {
  const group = (path: string) => new FileGroup('g', path, new Map());

  it.each([
    ['/var/log/**/.*\\.log', '/var/log', true],
    ['/var/log/**/.*\\.log', '/var/log/a/b', true],
    ['/var/log/**/.*\\.log', '/var/logs', false],
    ['/var/log/**/.*\\.log', '/var', false],
    ['/var/**/app/.*', '/var/app', true],
    ['/var/**/app/.*', '/var/x/app', true],
    ['/var/**/app/.*', '/var/x/myapp', false],
    ['/**/x', '/', true],
    ['/**/x', '/a', true],
    ['/var/log/.*', '/var/log/a', false],
  ])('%s in %s: %s', (path, folder, covers) => {
    expect(group(path).coversFolder(folder)).toBe(covers);
  });

  it('has one of them', () => {
    expect(() => group('/a/**/b/**/c')).toThrow('one **');
  });
});

describe('folders of a tree', () => {
  const dir = new TailFolder();
  const files = realSourceFiles;
  const root = join(dir.dir, 'tree');
  const tree = () => new FolderTree(files, [new FileGroup('g', `${root}/**/.*`, new Map())]);
  const foldersOf = (it: FolderTree, known: KnownPlace[] = []) =>
    it.lookNow(known).map(({ folder }) => folder.slice(root.length));

  beforeEach(() => mkdirSync(join(root, 'a/b'), { recursive: true }));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  afterAll(() => dir.remove());

  it('come and go', () => {
    const it = tree();
    expect(foldersOf(it)).toEqual(['', '/a', '/a/b']);
    mkdirSync(join(root, 'c'));
    rmSync(join(root, 'a/b'), { recursive: true });
    expect(foldersOf(it)).toEqual(['', '/a', '/c']);
  });

  it('have no circles, and none twice', () => {
    symlinkSync(root, join(root, 'a/back'));
    symlinkSync(join(root, 'a'), join(root, 'other'));
    expect(foldersOf(tree())).toEqual(['', '/a', '/a/b']);
  });

  it('stay while something of them is open, or their tree is away', () => {
    const it = tree();
    const { dev } = files.stat(root)!;
    const known = (more: Partial<KnownPlace> = {}): KnownPlace => {
      return { at: null, path: join(root, 'gone/x.log'), folderDev: dev, isOpen: false, ...more };
    };
    expect(foldersOf(it, [known()])).not.toContain('/gone');
    expect(foldersOf(it, [known({ isOpen: true })])).toContain('/gone');
    // Another device stands there: an empty mount point, perhaps.
    expect(foldersOf(it, [known({ folderDev: dev + 1n })])).toContain('/gone');
    renameSync(root, `${root}.away`);
    expect(foldersOf(it, [known()])).toEqual(['/gone']);
    renameSync(`${root}.away`, root);
  });
});

describe('TAILDIR over a tree', () => {
  let folder: TailFolder;
  const write = (path: string, ...lines: string[]) => {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
  };
  const settings = () => ({ filegroupPaths: new Map([['f1', `${folder.log('**')}/.*\\.log`]]) });

  beforeEach(() => {
    folder = new TailFolder();
  });
  afterEach(() => folder.remove());

  it('reads files of all folders, also of those that come, and each line once over a restart', async () => {
    write(folder.log('top.log'), 'top');
    write(folder.log('a/b/deep.log'), 'deep');
    write(folder.log('a/other.txt'), 'not this');
    const tail = await folder.tail(settings()).start();
    await tail.until(() => tail.bodies.length === 2);
    write(folder.log('new/day/one.log'), 'new');
    await tail.until(() => tail.bodies.length === 3);
    await tail.stop();
    write(folder.log('a/b/deep.log'), 'more');
    const again = await folder.tail(settings()).start();
    await again.expectLines('more');
    expect(tail.bodies.sort()).toEqual(['deep', 'new', 'top']);
  });

  it('follows a folder that is renamed, and forgets one that is removed', async () => {
    write(folder.log('a/one.log'), 'one');
    write(folder.log('b/two.log'), 'two');
    const tail = await folder.tail(settings()).start();
    await tail.until(() => tail.bodies.length === 2);
    renameSync(folder.log('a'), folder.log('c'));
    write(folder.log('c/one.log'), 'one more');
    rmSync(folder.log('b'), { recursive: true });
    await tail.until(() => tail.bodies.length === 3);
    await tail.settled();
    expect(tail.bodies.slice(2)).toEqual(['one more']);
    writeFileSync(folder.log('c/last.log'), 'last\n');
    await tail.until(() => tail.bodies.length === 4);
    expect(tail.bodies.at(-1)).toBe('last');
  });
});
