import { basename, dirname } from 'node:path';
import type { FileLayer, LayerFile, OpenMode } from '../../packages/millrace/src/runtime/files.ts';

/** Ways in which the layer lies or fails, to see that a proof notices. All off: an honest disk. */
export interface FaultSettings {
  /** `datasync` resolves without having done anything. */
  acknowledgeBeforeSync?: boolean;
  /** `syncDir` resolves without having done anything. */
  skipDirectorySync?: boolean;
  /** `datasync` rejects with `EIO`. */
  failSync?: boolean;
  /** Writes take only part of the bytes given, now and then. */
  shortWrites?: boolean;
  /** Bytes that all files together may have; beyond it `ENOSPC`, after a short write. */
  diskBytes?: number;
}

type Operation = { position: number; bytes: Buffer } | { truncate: number };

const sectorBytes = 512;

/** A file: what programs see, what the device surely has, and what may or may not have reached it since. */
class Inode {
  cache: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  pending: Operation[] = [];

  apply(operation: Operation): void {
    this.cache = applied(this.cache, operation);
    this.pending.push(operation);
  }

  /** The first `count` pending operations are on the device. */
  settle(count: number): void {
    for (const operation of this.pending.splice(0, count)) this.durable = applied(this.durable, operation);
  }

  /** What a restart finds: of the unsynced operations some happened, some did not, some in part, sector by sector. */
  afterCrash(random: () => number): Buffer {
    let content = this.durable;
    const mood = random();
    for (const operation of this.pending) {
      if (mood < 0.3) break;
      if ('truncate' in operation) {
        if (random() < 0.7) content = applied(content, operation);
        continue;
      }
      const { position, bytes } = operation;
      if (mood > 0.8) {
        content = applied(content, operation);
        continue;
      }
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(sectorBytes - ((position + at) % sectorBytes), bytes.length - at);
        if (random() < 0.7) {
          content = applied(content, { position: position + at, bytes: bytes.subarray(at, at + length) });
        }
        at += length;
      }
    }
    return content;
  }
}

function applied(content: Buffer, operation: Operation): Buffer {
  if ('truncate' in operation) {
    if (operation.truncate <= content.length) return Buffer.from(content.subarray(0, operation.truncate));
    return Buffer.concat([content, Buffer.alloc(operation.truncate - content.length)]);
  }
  const { position, bytes } = operation;
  const result = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(result);
  bytes.copy(result, position);
  return result;
}

type NameChange = (names: Map<string, Inode>) => void;

class Directory {
  readonly cache = new Map<string, Inode>();
  readonly durable = new Map<string, Inode>();
  pending: NameChange[] = [];

  change(change: NameChange): void {
    change(this.cache);
    this.pending.push(change);
  }

  settle(count: number): void {
    for (const change of this.pending.splice(0, count)) change(this.durable);
  }
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
  #directories = new Map<string, Directory>();
  #generation = 0;

  constructor(seed: number, faults: FaultSettings = {}) {
    this.#random = randomFrom(seed);
    this.faults = faults;
  }

  /** The machine loses power: files opened before answer `EIO` from now on, syncs under way never end. */
  crash(): void {
    this.#generation++;
    const directories = new Map<string, Directory>();
    const survivors = new Map<Inode, Inode>();
    for (const [path, before] of this.#directories) {
      before.settle(Math.floor(this.#random() * (before.pending.length + 1)));
      const after = new Directory();
      for (const [name, inode] of before.durable) {
        let survivor = survivors.get(inode);
        if (survivor === undefined) {
          survivor = new Inode();
          survivor.durable = inode.afterCrash(this.#random);
          survivor.cache = survivor.durable;
          survivors.set(inode, survivor);
        }
        after.cache.set(name, survivor);
        after.durable.set(name, survivor);
      }
      directories.set(path, after);
    }
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
      remove: (path) => alive().remove(path),
      removeDir: (dir) => alive().removeDir(dir),
      freeBytes: (dir) => alive().freeBytes(dir),
    };
  }

  /** Changes bytes on the device behind the program's back. */
  damage(path: string, position: number, bytes: Buffer): void {
    const inode = this.#inode(path);
    if (inode === undefined) throw new Error(`no such file: ${path}`);
    inode.cache = applied(inode.cache, { position, bytes });
    inode.durable = applied(inode.durable, { position, bytes });
  }

  open(path: string, mode: OpenMode): LayerFile {
    let inode = this.#inode(path);
    if (inode === undefined) {
      const directory = this.#directories.get(dirname(path));
      if (mode !== 'create' || directory === undefined) throw errno('ENOENT', `open '${path}'`);
      const made = new Inode();
      inode = made;
      directory.change((names) => names.set(basename(path), made));
    }
    return this.#file(path, inode);
  }

  list(dir: string): readonly string[] {
    const folders = [...this.#directories.keys()].filter((path) => dirname(path) === dir && path !== dir);
    return [...(this.#directories.get(dir)?.cache.keys() ?? []), ...folders.map((path) => basename(path))];
  }

  size(path: string): number | null {
    return this.#inode(path)?.cache.length ?? null;
  }

  makeDir(dir: string): void {
    if (!this.#directories.has(dir)) this.#directories.set(dir, new Directory());
  }

  syncDir(dir: string): Promise<void> {
    this.syncs.directory++;
    const directory = this.#directories.get(dir);
    const count = directory?.pending.length ?? 0;
    return this.#later(() => {
      if (this.faults.skipDirectorySync !== true) directory?.settle(count);
    });
  }

  rename(from: string, to: string): void {
    if (this.#directories.has(from)) {
      this.#renameDir(from, to);
      return;
    }
    const directory = this.#directories.get(dirname(from));
    const inode = directory?.cache.get(basename(from));
    if (directory === undefined || inode === undefined || dirname(from) !== dirname(to)) {
      throw errno('ENOENT', `rename '${from}'`);
    }
    directory.change((names) => {
      names.delete(basename(from));
      names.set(basename(to), inode);
    });
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
    if (directory?.cache.has(basename(path))) directory.change((names) => names.delete(basename(path)));
  }

  freeBytes(_dir: string): number {
    return this.faults.diskBytes === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, this.#room());
  }

  #inode(path: string): Inode | undefined {
    return this.#directories.get(dirname(path))?.cache.get(basename(path));
  }

  #room(): number {
    if (this.faults.diskBytes === undefined) return Number.MAX_SAFE_INTEGER;
    let used = 0;
    for (const { cache } of this.#directories.values())
      for (const inode of cache.values()) used += inode.cache.length;
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

  #write(inode: Inode, path: string, buffers: readonly Buffer[], position: number): number {
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
    inode.apply({ position, bytes });
    return bytes.length;
  }

  #sync(inode: Inode, path: string, count: number): void {
    if (this.faults.failSync === true) {
      inode.pending.splice(0, count); // as Linux does: the pages count as clean afterwards
      throw errno('EIO', `fdatasync '${path}'`);
    }
    if (this.faults.acknowledgeBeforeSync !== true) inode.settle(count);
  }

  #file(path: string, inode: Inode): LayerFile {
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
        inode.apply({ truncate: sizeBytes });
      },
      datasync: () => {
        check();
        this.syncs.data++;
        const count = inode.pending.length;
        return this.#later(() => this.#sync(inode, path, count));
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
