import { basename, dirname } from 'node:path';
import type { FileLayer, LayerFile, OpenMode } from '../../../millrace/src/runtime/files.ts';
import { SimFolder, SimInode } from './sim-inode.ts';

/** A call that may be made to fail. */
export type FileCall =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'datasync'
  | 'syncDir'
  | 'rename'
  | 'remove'
  | 'makeDir';

/** The name of an errno (`EMFILE`, `ENOSPC`, `EIO`) that the call is to fail with; null lets it be. */
export type FaultPlan = (call: FileCall, path: string) => string | null;

/** A sync that was asked for and has not ended. */
export interface Completion {
  readonly what: string;
  /** Ends it, as the plan of faults says. */
  run(): void;
}

/** Lies that a disk may tell, to see that a proof notices. */
export interface DiskLies {
  /** `datasync` ends without anything on the device. */
  readonly acknowledgeBeforeSync?: boolean;
  /** `syncDir` ends without any name on the device. */
  readonly skipDirectorySync?: boolean;
}

/**
 * A disk whose syncs end when the simulation says so, in any order. It keeps apart what a program sees (the page cache)
 * and what the device has: bytes of a file are there after its `datasync`, a name in a folder (of a file or of a
 * folder, made, renamed or removed) after that folder's `syncDir`; before that a power cut keeps or loses them as the
 * draw falls, names in the order of their changes, bytes sector by sector. A name that is lost takes the whole folder
 * behind it. `kill` ends the process and keeps the page cache, `cutPower` keeps what the device has.
 */
export class SimFiles {
  readonly #random: () => number;
  readonly #lies: DiskLies;
  #root = new SimFolder();
  #generation = 0;
  #completions: Completion[] = [];
  /** What fails from now on; null: nothing. */
  plan: FaultPlan | null = null;
  /** Files that the running process has open. */
  openFiles = 0;
  #callsLeft = Number.POSITIVE_INFINITY;
  #isDead = false;

  constructor(random: () => number, lies: DiskLies = {}) {
    this.#random = random;
    this.#lies = lies;
  }

  get completions(): readonly Completion[] {
    return this.#completions;
  }

  /** Ends the sync number `i`. */
  complete(i: number): string {
    const [completion] = this.#completions.splice(i, 1);
    completion!.run();
    return completion!.what;
  }

  /** Whether `dieAfter` has ended the process. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process ends by itself in the call number `calls` from now, before it does anything. */
  dieAfter(calls: number): void {
    this.#callsLeft = calls;
  }

  /** The process is gone: its syncs never end, its files answer `EIO`, what it wrote is still in the page cache. */
  kill(): void {
    this.#generation++;
    this.#completions = [];
    this.openFiles = 0;
    this.plan = null;
    this.#callsLeft = Number.POSITIVE_INFINITY;
    this.#isDead = false;
  }

  #mayDie(what: string): void {
    if (--this.#callsLeft >= 0) return;
    this.#generation++;
    this.#isDead = true;
    this.#completions = [];
    throw errno('EIO', `${what}: the process has just ended`);
  }

  /** The machine is gone, and all that had not reached the device. */
  cutPower(): void {
    this.kill();
    this.#root = this.#root.afterPowerCut(this.#random, new Map());
  }

  /** The file layer of one process, from now until it is killed. */
  life(): FileLayer {
    const generation = this.#generation;
    const alive = (call: FileCall, path: string): void => {
      if (generation !== this.#generation) throw errno('EIO', `${call} '${path}': the process is gone`);
      if (call !== 'read') this.#mayDie(`${call} '${path}'`);
      const code = this.plan?.(call, path) ?? null;
      if (code !== null) throw errno(code, `${call} '${path}'`);
    };
    return {
      open: (path, mode) => {
        alive('open', path);
        return this.#open(path, mode, alive);
      },
      list: (dir) => [...(this.#folder(dir)?.names.keys() ?? [])],
      size: (path) => {
        const node = this.#node(path);
        return node instanceof SimInode ? node.cache.length : null;
      },
      makeDir: (dir) => {
        alive('makeDir', dir);
        this.#makeDir(dir);
      },
      syncDir: (dir) => this.#syncDir(dir, alive),
      rename: (from, to) => {
        alive('rename', from);
        this.#rename(from, to);
      },
      renameNew: (from, to) => {
        alive('rename', from);
        if (this.#node(to) !== undefined) throw errno('EEXIST', `rename -> '${to}'`);
        this.#rename(from, to);
      },
      remove: (path) => {
        alive('remove', path);
        const folder = this.#folder(dirname(path));
        if (folder?.names.has(basename(path))) folder.change((names) => names.delete(basename(path)));
      },
      removeDir: (dir: string) => {
        alive('remove', dir);
        const folder = this.#folder(dir);
        if (folder === undefined) return;
        if (folder.names.size > 0) throw errno('ENOTEMPTY', `rmdir '${dir}'`);
        this.#folder(dirname(dir))!.change((names) => names.delete(basename(dir)));
      },
      freeBytes: () => Number.MAX_SAFE_INTEGER,
    } as FileLayer;
  }

  /** All paths of files, as a program sees them. */
  paths(dir = ''): string[] {
    const found: string[] = [];
    for (const [name, node] of this.#folder(dir === '' ? '/' : dir)!.names) {
      if (node instanceof SimInode) found.push(`${dir}/${name}`);
      else found.push(...this.paths(`${dir}/${name}`));
    }
    return found;
  }

  /** The bytes of a file, as a program sees them. */
  bytes(path: string): Buffer {
    return (this.#node(path) as SimInode).cache;
  }

  /** Changes bytes on the device and in the page cache behind the program's back. */
  damage(path: string, position: number, bytes: Buffer): void {
    (this.#node(path) as SimInode).damage(position, bytes);
  }

  #node(path: string): SimInode | SimFolder | undefined {
    let at: SimInode | SimFolder | undefined = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      at = at instanceof SimFolder ? at.names.get(name) : undefined;
    }
    return at;
  }

  #folder(path: string): SimFolder | undefined {
    const node = this.#node(path);
    return node instanceof SimFolder ? node : undefined;
  }

  /** As the real layer does: the folders that were missing have durable names afterwards, one that was there has not. */
  #makeDir(dir: string): void {
    if (dir === '/' || this.#folder(dir) !== undefined) return;
    this.#makeDir(dirname(dir));
    const parent = this.#folder(dirname(dir))!;
    const made = new SimFolder();
    parent.change((names) => names.set(basename(dir), made));
    this.#mayDie(`makeDir ${dir}`); // between mkdir and the fsync of its parent
    if (this.#lies.skipDirectorySync !== true) parent.settle(parent.changes);
  }

  #rename(from: string, to: string): void {
    const folder = this.#folder(dirname(from));
    const node = folder?.names.get(basename(from));
    if (folder === undefined || node === undefined || dirname(from) !== dirname(to)) {
      throw errno('ENOENT', `rename '${from}'`);
    }
    const there = folder.names.get(basename(to));
    if (there instanceof SimFolder && there.names.size > 0)
      throw errno('ENOTEMPTY', `rename '${from}' to '${to}'`);
    folder.change((names) => {
      names.delete(basename(from));
      names.set(basename(to), node);
    });
  }

  #later(what: string, action: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#completions.push({
        what,
        run: () => {
          try {
            action();
            resolve();
          } catch (error) {
            reject(error);
          }
        },
      });
    });
  }

  async #syncDir(dir: string, alive: (call: FileCall, path: string) => void): Promise<void> {
    alive('syncDir', dir);
    const folder = this.#folder(dir);
    if (folder === undefined) throw errno('ENOENT', `open '${dir}'`);
    const upTo = folder.changes;
    return this.#later(`syncDir ${dir}`, () => {
      if (this.#lies.skipDirectorySync !== true) folder.settle(upTo);
    });
  }

  #open(path: string, mode: OpenMode, alive: (call: FileCall, path: string) => void): LayerFile {
    let inode = this.#node(path);
    if (!(inode instanceof SimInode)) {
      const folder = this.#folder(dirname(path));
      if (inode !== undefined) throw errno('EISDIR', `open '${path}'`);
      if (mode === 'read' || mode === 'write' || folder === undefined)
        throw errno('ENOENT', `open '${path}'`);
      const made = new SimInode();
      inode = made;
      folder.change((names) => names.set(basename(path), made));
    } else if (mode === 'new') throw errno('EEXIST', `open '${path}'`);
    return this.#file(path, inode, alive);
  }

  #file(path: string, inode: SimInode, alive: (call: FileCall, path: string) => void): LayerFile {
    let isOpen = true;
    this.openFiles++;
    const usable = (call: FileCall) => {
      if (!isOpen) throw errno('EBADF', `${call} '${path}'`);
      alive(call, path);
    };
    const generation = this.#generation;
    return {
      path,
      size: () => inode.cache.length,
      write: (buffers, position) => {
        const bytes = Buffer.concat(buffers);
        try {
          usable('write');
        } catch (error) {
          // A disk that fills up takes the beginning.
          const part = bytes.subarray(0, Math.floor(this.#random() * bytes.length));
          if (isOpen && generation === this.#generation && part.length > 0) inode.write(position, part);
          throw error;
        }
        inode.write(position, bytes);
        return bytes.length;
      },
      read: (into, position) => {
        usable('read');
        return position >= inode.cache.length ? 0 : inode.cache.copy(into, 0, position);
      },
      truncate: (sizeBytes) => {
        usable('truncate');
        inode.truncate(sizeBytes);
      },
      datasync: () => {
        if (!isOpen) throw errno('EBADF', `datasync '${path}'`);
        const upTo = inode.changes;
        return this.#later(`datasync ${path}`, () => {
          const code = this.plan?.('datasync', path) ?? null;
          if (code !== null) {
            // As Linux does: the pages count as clean afterwards, and may be read from the device again.
            inode.lose(upTo, () => this.#random() < 0.3);
            if (this.#random() < 0.3) inode.dropPages();
            throw errno(code, `fdatasync '${path}'`);
          }
          if (this.#lies.acknowledgeBeforeSync !== true) inode.settle(upTo);
        });
      },
      close: () => {
        if (isOpen && generation === this.#generation) this.openFiles--;
        isOpen = false;
      },
    };
  }
}

export function errno(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
