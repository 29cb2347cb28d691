import { basename, dirname } from 'node:path';
import type { FileLayer, LayerFile, OpenMode } from '../../../millrace/src/runtime/files.ts';
import { SimFolder, SimInode } from '../sim/sim-inode.ts';

/** Ways in which the layer lies or fails, to see that a proof notices. All off: an honest disk. */
export interface FaultSettings {
  /** `datasync` resolves without having done anything. */
  acknowledgeBeforeSync?: boolean;
  /** `syncDir` resolves without having done anything. */
  skipDirectorySync?: boolean;
  /** `datasync` rejects with `EIO`. */
  failSync?: boolean;
  /** After a sync that failed, programs see what the device has: the pages are read from it again. */
  dropPages?: boolean;
  /** Writes take only part of the bytes given, now and then. */
  shortWrites?: boolean;
  /** Bytes that all files together may have; beyond it `ENOSPC`, after a short write. */
  diskBytes?: number;
}

/**
 * A file layer in memory that remembers what was not synced and forgets it (or parts of it) at `crash()`. Metadata goes
 * to the device in order, as with a journal; data in any order. The same seed gives the same accidents.
 */
export class FaultyFiles implements FileLayer {
  readonly faults: FaultSettings;
  /** How often each kind of sync was asked for. */
  readonly syncs = { data: 0, directory: 0 };
  readonly #random: () => number;
  /** By path: folders are not in one another here, and their own names are durable at once. */
  #directories = new Map<string, SimFolder>();
  #generation = 0;

  constructor(seed: number, faults: FaultSettings = {}) {
    this.#random = randomFrom(seed);
    this.faults = faults;
  }

  /** The machine loses power: files opened before answer `EIO` from now on, syncs under way never end. */
  crash(): void {
    this.#generation++;
    const directories = new Map<string, SimFolder>();
    const survivors = new Map<SimInode | SimFolder, SimInode | SimFolder>();
    for (const [path, folder] of this.#directories)
      directories.set(path, folder.afterPowerCut(this.#random, survivors));
    this.#directories = directories;
  }

  /** The process is killed: the page cache stays, open files and syncs under way are gone. */
  kill(): void {
    this.#generation++;
  }

  /** The layer as one process sees it: after a crash or kill everything it asks for is `EIO`, by path too. */
  life(): FileLayer {
    const generation = this.#generation;
    const alive = (): this => {
      if (generation !== this.#generation) throw errno('EIO', 'the machine was stopped');
      return this;
    };
    return {
      open: (path, mode) => alive().open(path, mode),
      list: (dir) => alive().list(dir),
      size: (path) => alive().size(path),
      makeDir: (dir) => alive().makeDir(dir),
      syncDir: async (dir) => alive().syncDir(dir),
      rename: (from, to) => alive().rename(from, to),
      renameNew: (from, to) => alive().renameNew(from, to),
      remove: (path) => alive().remove(path),
      removeDir: (dir) => alive().removeDir(dir),
      freeBytes: (dir) => alive().freeBytes(dir),
    };
  }

  /** Changes bytes on the device behind the program's back. */
  damage(path: string, position: number, bytes: Buffer): void {
    const inode = this.#inode(path);
    if (inode === undefined) throw new Error(`no such file: ${path}`);
    inode.damage(position, bytes);
  }

  open(path: string, mode: OpenMode): LayerFile {
    let inode = this.#inode(path);
    if (inode === undefined) {
      const directory = this.#directories.get(dirname(path));
      if (mode === 'read' || mode === 'write' || directory === undefined)
        throw errno('ENOENT', `open '${path}'`);
      const made = new SimInode();
      inode = made;
      directory.change((names) => names.set(basename(path), made));
    } else if (mode === 'new') throw errno('EEXIST', `open '${path}'`);
    return this.#file(path, inode);
  }

  list(dir: string): readonly string[] {
    const folders = [...this.#directories.keys()].filter((path) => dirname(path) === dir && path !== dir);
    return [...(this.#directories.get(dir)?.names.keys() ?? []), ...folders.map((path) => basename(path))];
  }

  size(path: string): number | null {
    return this.#inode(path)?.cache.length ?? null;
  }

  makeDir(dir: string): void {
    if (!this.#directories.has(dir)) this.#directories.set(dir, new SimFolder());
  }

  syncDir(dir: string): Promise<void> {
    this.syncs.directory++;
    const directory = this.#directories.get(dir);
    const upTo = directory?.changes ?? 0;
    return this.#later(() => {
      if (this.faults.skipDirectorySync !== true) directory?.settle(upTo);
    });
  }

  rename(from: string, to: string): void {
    if (this.#directories.has(from)) {
      this.#renameDir(from, to);
      return;
    }
    const directory = this.#directories.get(dirname(from));
    const inode = directory?.names.get(basename(from));
    if (directory === undefined || inode === undefined || dirname(from) !== dirname(to)) {
      throw errno('ENOENT', `rename '${from}'`);
    }
    directory.change((names) => {
      names.delete(basename(from));
      names.set(basename(to), inode);
    });
  }

  renameNew(from: string, to: string): void {
    if (this.size(to) !== null) throw errno('EEXIST', `rename -> '${to}'`);
    this.rename(from, to);
  }

  /** Names of folders are durable at once here. */
  #renameDir(from: string, to: string): void {
    for (const [path, directory] of [...this.#directories]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#directories.delete(path);
      this.#directories.set(`${to}${path.slice(from.length)}`, directory);
    }
  }

  removeDir(dir: string): void {
    if (this.list(dir).length > 0) throw errno('ENOTEMPTY', `rmdir '${dir}'`);
    this.#directories.delete(dir);
  }

  remove(path: string): void {
    const directory = this.#directories.get(dirname(path));
    if (directory?.names.has(basename(path))) directory.change((names) => names.delete(basename(path)));
  }

  freeBytes(_dir: string): number {
    return this.faults.diskBytes === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, this.#room());
  }

  #inode(path: string): SimInode | undefined {
    return this.#directories.get(dirname(path))?.names.get(basename(path)) as SimInode | undefined;
  }

  #room(): number {
    if (this.faults.diskBytes === undefined) return Number.MAX_SAFE_INTEGER;
    let used = 0;
    for (const { names } of this.#directories.values())
      for (const inode of names.values()) used += (inode as SimInode).cache.length;
    return this.faults.diskBytes - used;
  }

  /** Runs an action a little later, unless the machine has crashed or the process was killed by then. */
  #later(action: () => void): Promise<void> {
    const generation = this.#generation;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        if (generation !== this.#generation) return; // nobody is there to hear it
        try {
          action();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #write(inode: SimInode, path: string, buffers: readonly Buffer[], position: number): number {
    let bytes = Buffer.concat(buffers);
    const grows = Math.max(0, position + bytes.length - inode.cache.length);
    const room = this.#room();
    if (grows > room) {
      const fits = bytes.length - (grows - Math.max(0, room));
      if (fits <= 0) throw errno('ENOSPC', `write '${path}'`);
      bytes = bytes.subarray(0, fits);
    }
    if (this.faults.shortWrites === true && bytes.length > 1 && this.#random() < 0.3) {
      bytes = bytes.subarray(0, 1 + Math.floor(this.#random() * (bytes.length - 1)));
    }
    inode.write(position, bytes);
    return bytes.length;
  }

  #sync(inode: SimInode, path: string, upTo: number): void {
    if (this.faults.failSync === true) {
      // As Linux does: the pages count as clean afterwards.
      inode.lose(upTo, () => false);
      if (this.faults.dropPages === true) inode.dropPages();
      throw errno('EIO', `fdatasync '${path}'`);
    }
    if (this.faults.acknowledgeBeforeSync !== true) inode.settle(upTo);
  }

  #file(path: string, inode: SimInode): LayerFile {
    const generation = this.#generation;
    const check = () => {
      if (generation !== this.#generation) throw errno('EIO', `the machine was stopped, '${path}'`);
    };
    return {
      path,
      size: () => inode.cache.length,
      write: (buffers, position) => {
        check();
        return this.#write(inode, path, buffers, position);
      },
      read: (into, position) => {
        check();
        return position >= inode.cache.length ? 0 : inode.cache.copy(into, 0, position);
      },
      truncate: (sizeBytes) => {
        check();
        inode.truncate(sizeBytes);
      },
      datasync: () => {
        check();
        this.syncs.data++;
        const upTo = inode.changes;
        return this.#later(() => this.#sync(inode, path, upTo));
      },
      close: () => {},
    };
  }
}

function errno(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** A small generator (mulberry32): the same numbers for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
