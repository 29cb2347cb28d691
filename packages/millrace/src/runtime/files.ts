import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from './errors.ts';
import { makeFolder } from './make-folder.ts';

/** An open file. Positions and sizes are bytes; nothing here keeps a position of its own. */
export interface LayerFile {
  readonly path: string;
  size(): number;
  /** One `pwritev`: the number of bytes written, which may be fewer than given. Throws Node's error (`ENOSPC`, `EIO`). */
  write(buffers: readonly Buffer[], position: number): number;
  /** One `pread`: the number of bytes read, 0 at the end of the file. */
  read(into: Buffer, position: number): number;
  truncate(sizeBytes: number): void;
  /** Resolves when all bytes written before the call, and the file's size, are on the device. Does not sync its name. */
  datasync(): Promise<void>;
  close(): void;
}

/**
 * `read`: must exist. `write`: must exist, read and write. `create`: read and write, made when missing, never truncated.
 * `append`: as `create`, and every write goes to the end, whoever else writes there, too. `new`: read and write, made
 * here; `EEXIST` where the name is taken, also when two come at once.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'append' | 'new';

/**
 * Every file call of the log and the file channel goes through a layer: the real one, one in memory, and, in tests,
 * one that forgets what was not synced. Calls are synchronous where they only touch the page cache.
 */
export interface FileLayer {
  /** `permissions` of a file that is made here, less what the process masks; default 0o666. Layers in memory have none. */
  open(path: string, mode: OpenMode, permissions?: number): LayerFile;
  /** Names of the files and folders in a folder, unsorted; an empty list when there is no such folder. */
  list(dir: string): readonly string[];
  /** Size in bytes, or null when there is no such file; a folder is none. */
  size(path: string): number | null;
  /** Makes the folder and its missing parents; the new names are synced. */
  makeDir(dir: string): void;
  /** Resolves when the names made, renamed and removed in the folder before the call are on the device. */
  syncDir(dir: string): Promise<void>;
  /** Renames a file, or a folder with all that is in it; open files stay what they are. */
  rename(from: string, to: string): void;
  /**
   * Renames a file; `EEXIST` where the new name is taken, also when two come at once. Where the file has both names (a
   * process was killed in between), the old one is removed.
   */
  renameNew(from: string, to: string): void;
  /** Removes a file; a missing one is no error. */
  remove(path: string): void;
  /** Removes an empty folder; a missing one is no error. */
  removeDir(dir: string): void;
  /** Bytes that an ordinary process may still write on the folder's device. */
  freeBytes(dir: string): number;
  /** Bytes of the folder's device, used and free; layers that are no device do not tell. */
  totalBytes?(dir: string): number;
}

const openFlags = { read: 'r', write: 'r+', create: 'r+', new: 'wx+' } as const;

class RealFile implements LayerFile {
  readonly path: string;
  #fd: number;
  #syncs = 0;
  #closing = false;

  constructor(path: string, mode: OpenMode, permissions: number) {
    this.path = path;
    if (mode === 'append') {
      this.#fd = openSync(path, 'a+', permissions);
      return;
    }
    if (mode === 'create') {
      // 'a+' would ignore positions and 'w+' would truncate: make the name first, then open it for writing anywhere.
      try {
        this.#fd = openSync(path, 'wx+', permissions);
        return;
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error;
      }
    }
    this.#fd = openSync(path, openFlags[mode], permissions);
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  write(buffers: readonly Buffer[], position: number): number {
    if (buffers.length === 1) return writeSync(this.#fd, buffers[0]!, 0, buffers[0]!.length, position);
    return writevSync(this.#fd, buffers, position);
  }

  read(into: Buffer, position: number): number {
    return readSync(this.#fd, into, 0, into.length, position);
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.#fd, sizeBytes);
  }

  datasync(): Promise<void> {
    this.#syncs++;
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#syncs--;
        if (this.#closing) this.close();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    // A sync that waits for a thread would otherwise meet a number that may mean another file by then.
    this.#closing = this.#syncs > 0;
    if (this.#closing || this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }
}

class RealFiles implements FileLayer {
  open(path: string, mode: OpenMode, permissions = 0o666): LayerFile {
    return new RealFile(path, mode, permissions);
  }

  list(dir: string): readonly string[] {
    try {
      return readdirSync(dir);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  size(path: string): number | null {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined || stat.isDirectory() ? null : stat.size;
  }

  makeDir(dir: string): void {
    const first = makeFolder(dir);
    if (first === undefined) return;
    // Every folder that got a new name in it, from the parent of the topmost new one down.
    const top = dirname(first);
    for (let at = dirname(dir); ; at = dirname(at)) {
      withFd(at, fsyncSync);
      if (at === top || at === dirname(at)) break;
    }
  }

  syncDir(dir: string): Promise<void> {
    if (process.platform === 'win32') return Promise.resolve(); // a folder cannot be opened there; NTFS journals names
    return new Promise((resolve, reject) => {
      const fd = openSync(dir, 'r');
      fsync(fd, (error) => {
        closeSync(fd);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  rename(from: string, to: string): void {
    renameSync(from, to);
  }

  renameNew(from: string, to: string): void {
    try {
      linkSync(from, to);
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) {
        if (!isSameFile(from, to)) throw error;
      } else if (hasErrno(error, ...noLinks)) {
        // A file system without links has no rename that spares what is there: the look before it is the best there is.
        if (this.size(to) !== null) throw errnoError('EEXIST', `file already exists, rename -> '${to}'`);
        renameSync(from, to);
        return;
      } else throw error;
    }
    unlinkSync(from);
  }

  remove(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }

  removeDir(dir: string): void {
    try {
      rmdirSync(dir);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }

  freeBytes(dir: string): number {
    const stat = statfsSync(dir);
    return stat.bavail * stat.bsize;
  }

  totalBytes(dir: string): number {
    const stat = statfsSync(dir);
    return stat.blocks * stat.bsize;
  }
}

/** What file systems without hard links answer. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'];

function isSameFile(a: string, b: string): boolean {
  const first = statSync(a, { bigint: true });
  const second = statSync(b, { bigint: true });
  return first.ino === second.ino && first.dev === second.dev;
}

function errnoError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

function withFd(path: string, action: (fd: number) => void): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    action(fd);
  } finally {
    closeSync(fd);
  }
}

/** The file system of the machine. */
export const realFiles: FileLayer = new RealFiles();

/**
 * Writes all buffers at `position`, going on after short writes. Throws the layer's error (a write that makes no
 * progress counts as `ENOSPC`); what was written before it stays in the file.
 */
export function writeFully(file: LayerFile, buffers: readonly Buffer[], position: number): void {
  let total = 0;
  for (const buffer of buffers) total += buffer.length;
  let written = file.write(buffers, position);
  while (written < total) {
    const more = file.write(remaining(buffers, written), position + written);
    if (more === 0) throw errnoError('ENOSPC', `no space left, write '${file.path}'`);
    written += more;
  }
}

function remaining(buffers: readonly Buffer[], skip: number): Buffer[] {
  const rest: Buffer[] = [];
  let left = skip;
  for (const buffer of buffers) {
    if (left >= buffer.length) left -= buffer.length;
    else {
      rest.push(left === 0 ? buffer : buffer.subarray(left));
      left = 0;
    }
  }
  return rest;
}

/** Reads until `into` is full or the file ends; the number of bytes read. */
export function readFully(file: LayerFile, into: Buffer, position: number): number {
  let got = 0;
  while (got < into.length) {
    const more = file.read(got === 0 ? into : into.subarray(got), position + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}
