import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasErrno } from './errors.ts';

/**
 * Makes a folder and those above it that are not there; gives the topmost that it made, or undefined when all were
 * there. Throws what `mkdir` says of the first that can't be made. Folder by folder: Node's own recursive call goes
 * round for ever, deaf to every signal, where a folder is there and refuses new names as not found (/proc, a folder
 * that was removed while it was in use).
 */
export function makeFolder(dir: string): string | undefined {
  const path = resolve(dir);
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      if (isFolder(path)) return undefined;
      throw error;
    }
    const parent = dirname(path);
    if (!hasErrno(error, 'ENOENT') || parent === path) {
      // A root, or a file system that says EROFS or EPERM before it looks: what is there needs no making.
      if (isFolder(path)) return undefined;
      throw error;
    }
    const topmost = makeFolder(parent);
    if (topmost === undefined && isFolder(path)) return undefined; // another was faster
    try {
      mkdirSync(path);
    } catch (again) {
      if (!hasErrno(again, 'EEXIST') || !isFolder(path)) throw again;
    }
    return topmost ?? path;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
