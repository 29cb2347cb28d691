/** Files in memory as TAILDIR meets them, and what a file system does to it: the world of its tests. */
import { basename, dirname } from 'node:path';
import type {
  FileLook,
  FileStat,
  SourceFiles,
  SourceHandle,
} from '../../../millrace/src/tracking/source-files.ts';

export function errno(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}

/** A file; `ino` may have been another's before, `life` is its own. */
export class WorldFile {
  readonly life: number;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthMs: number;
  content = Buffer.alloc(0);
  mtimeMs: number;
  links = 0;
  opens = 0;

  constructor(life: number, dev: bigint, ino: bigint, nowMs: number) {
    this.life = life;
    this.dev = dev;
    this.ino = ino;
    this.birthMs = nowMs;
    this.mtimeMs = nowMs;
  }
}

interface Folder {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly names: Map<string, WorldFile | { readonly target: string }>;
  mtimeMs: number;
  /** `away`: its name is gone; `unmounted`: an empty folder of another device stands there. */
  state: 'there' | 'away' | 'unmounted';
}

/** Device numbers and the first inode are beyond what a double holds, as on some file systems. */
const firstInode = 2n ** 53n + 7n;

export class TailWorld implements SourceFiles {
  /** Unix ms; time stands still but for `advance`. */
  clockMs = 1_800_000_000_000;
  /** Errors of files, by path: `stat` and `open`, or `read` alone. */
  readonly faults = new Map<string, { code: string; at: 'open' | 'read' | 'stat' }>();
  readonly listFaults = new Map<string, string>();
  /** File descriptors that the process may have for tailing. */
  descriptors = Number.POSITIVE_INFINITY;
  /** Calls by the one who tails. */
  calls = 0;
  readonly #folders = new Map<string, Folder>();
  readonly #freeInodes = new Map<bigint, bigint[]>();
  readonly #reuse: () => boolean;
  #nextInode = firstInode;
  #lives = 0;
  readonly #open = new Set<WorldHandle>();

  /** `reuse`: whether a new file gets the inode of a deleted one of its device, where there is one. */
  constructor(reuse: () => boolean) {
    this.#reuse = reuse;
  }

  wallMs(): number {
    return this.clockMs;
  }

  makeFolder(path: string, dev: bigint): void {
    this.#folders.set(path, {
      dev,
      ino: this.#nextInode++,
      names: new Map(),
      mtimeMs: this.clockMs,
      state: 'there',
    });
  }

  setFolder(path: string, state: Folder['state']): void {
    this.#folders.get(path)!.state = state;
  }

  isThere(path: string): boolean {
    return this.#folders.get(path)!.state === 'there';
  }

  create(path: string): WorldFile {
    const folder = this.#folders.get(dirname(path))!;
    const free = this.#freeInodes.get(folder.dev) ?? [];
    const ino = free.length > 0 && this.#reuse() ? free.pop()! : this.#nextInode++;
    const file = new WorldFile(++this.#lives, folder.dev, ino, this.clockMs);
    this.link(file, path);
    return file;
  }

  /** A file of another device with the same inode. */
  createTwin({ ino }: WorldFile, path: string): WorldFile {
    const file = new WorldFile(++this.#lives, this.#folders.get(dirname(path))!.dev, ino, this.clockMs);
    this.link(file, path);
    return file;
  }

  link(file: WorldFile, path: string): void {
    this.unlink(path);
    const folder = this.#folders.get(dirname(path))!;
    folder.names.set(basename(path), file);
    folder.mtimeMs = this.clockMs;
    file.links++;
  }

  symlink(target: string, path: string): void {
    this.unlink(path);
    const folder = this.#folders.get(dirname(path))!;
    folder.names.set(basename(path), { target });
    folder.mtimeMs = this.clockMs;
  }

  unlink(path: string): void {
    const folder = this.#folders.get(dirname(path))!;
    const entry = folder.names.get(basename(path));
    if (entry === undefined) return;
    folder.names.delete(basename(path));
    folder.mtimeMs = this.clockMs;
    if (entry instanceof WorldFile) this.#release(entry, -1, 0);
  }

  rename(from: string, to: string): void {
    const file = this.at(from);
    if (file === null) return;
    this.link(file, to);
    this.unlink(from);
  }

  append(file: WorldFile, bytes: Buffer): void {
    file.content = Buffer.concat([file.content, bytes]);
    file.mtimeMs = this.clockMs;
  }

  truncate(file: WorldFile): void {
    file.content = Buffer.alloc(0);
    file.mtimeMs = this.clockMs;
  }

  /** The file under a name, whatever the state of its folder; null where there is none. */
  at(path: string): WorldFile | null {
    const entry = this.#folders.get(dirname(path))?.names.get(basename(path));
    if (entry === undefined) return null;
    return entry instanceof WorldFile ? entry : this.at(entry.target);
  }

  /** The files that have a name in a folder, whatever its state. */
  filesIn(path: string): readonly WorldFile[] {
    const entries = [...this.#folders.get(path)!.names.values()];
    return entries.filter((entry) => entry instanceof WorldFile);
  }

  list(path: string): readonly string[] {
    this.calls++;
    const folder = this.#folders.get(path);
    if (folder === undefined || folder.state === 'away') throw errno('ENOENT', 'scandir', path);
    const fault = this.listFaults.get(path);
    if (fault !== undefined) throw errno(fault, 'scandir', path);
    if (this.#open.size >= this.descriptors) throw errno('EMFILE', 'scandir', path);
    return folder.state === 'unmounted' ? [] : [...folder.names.keys()];
  }

  stat(path: string): FileStat | null {
    this.calls++;
    const folder = this.#folders.get(path);
    if (folder !== undefined) {
      if (folder.state === 'away') return null;
      const dev = folder.state === 'there' ? folder.dev : folder.dev + 100n;
      return { kind: 'folder', dev, ino: folder.ino, size: 0, mtimeMs: folder.mtimeMs, birthMs: 0 };
    }
    if (this.#folders.get(dirname(path))?.state !== 'there') return null;
    const fault = this.faults.get(path);
    if (fault?.at === 'stat') throw errno(fault.code, 'stat', path);
    const file = this.at(path);
    return file === null ? null : statOf(file);
  }

  open(path: string): SourceHandle {
    this.calls++;
    const file = this.#folders.get(dirname(path))?.state === 'there' ? this.at(path) : null;
    if (file === null) throw errno('ENOENT', 'open', path);
    const fault = this.faults.get(path);
    if (fault !== undefined && fault.at !== 'read') throw errno(fault.code, 'open', path);
    if (this.#open.size >= this.descriptors) throw errno('EMFILE', 'open', path);
    file.opens++;
    const handle = new WorldHandle(path, file, this, () => {
      if (this.#open.delete(handle)) this.#release(file, 0, -1);
    });
    this.#open.add(handle);
    return handle;
  }

  /** The process is gone, and its descriptors with it. */
  closeAll(): void {
    for (const handle of [...this.#open]) handle.close();
  }

  #release(file: WorldFile, links: number, opens: number): void {
    file.links += links;
    file.opens += opens;
    if (file.links > 0 || file.opens > 0) return;
    const free = this.#freeInodes.get(file.dev);
    if (free === undefined) this.#freeInodes.set(file.dev, [file.ino]);
    else free.push(file.ino);
  }
}

function statOf({ dev, ino, content, mtimeMs, birthMs }: WorldFile): FileStat {
  return { kind: 'file', dev, ino, size: content.length, mtimeMs, birthMs };
}

class WorldHandle implements SourceHandle {
  readonly #path: string;
  readonly #file: WorldFile;
  readonly #world: TailWorld;
  readonly #closed: () => void;

  constructor(path: string, file: WorldFile, world: TailWorld, closed: () => void) {
    this.#path = path;
    this.#file = file;
    this.#world = world;
    this.#closed = closed;
  }

  stat(): FileStat {
    return statOf(this.#file);
  }

  look(): FileLook {
    const { content, mtimeMs, links } = this.#file;
    return { size: content.length, mtimeMs, links };
  }

  readSync(into: Buffer, length: number, position: number): number {
    const fault = this.#world.faults.get(this.#path);
    if (fault?.at === 'read') throw errno(fault.code, 'read', this.#path);
    const { content } = this.#file;
    return position >= content.length ? 0 : content.copy(into, 0, position, position + length);
  }

  async read(into: Buffer, length: number, position: number): Promise<number> {
    return this.readSync(into, length, position);
  }

  close(): void {
    this.#closed();
  }
}
