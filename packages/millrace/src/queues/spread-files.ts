import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { MillraceError } from '../runtime/errors.ts';
import type { FileLayer, LayerFile, OpenMode } from '../runtime/files.ts';
import { type FolderMark, readMark, writeMark } from './folder-mark.ts';

/** The folder of a log in each of the data folders. */
const logFolder = 'events-0';
/** Files of one segment have its base offset in front. */
const segmentStem = /^\d{20}/;

export interface SpreadOptions {
  /** Whose folders they are, for messages: the channel's name. */
  readonly owner: string;
  /** In their order; what belongs to no segment is in the first. */
  readonly dirs: readonly string[];
  readonly files: FileLayer;
  /** Free bytes that a folder's device must have for a new segment, where another has them. */
  readonly requiredBytes: number;
}

/**
 * One log over several folders, each perhaps a disk of its own: its segments lie in one or the other, in turn, and the
 * log sees a single folder, the first one's. So there is one order, and the room of all disks; a disk that is full or
 * does not answer gets no new segment.
 *
 * A log without one of its segments would take the events in it for consumed. So each folder has a mark that says which
 * others belong to it. A folder that is named no longer is read until it has no segments any more, and gets no new ones;
 * one that is not there, as on a disk that is not mounted, keeps the log from being opened.
 */
export class SpreadFiles implements FileLayer {
  readonly #files: FileLayer;
  readonly #folder: string;
  /** The log's folder in each data folder; from `#named` on, in those that are named no longer. */
  readonly #homes: readonly string[];
  readonly #named: number;
  readonly #homeOf = new Map<string, number>();
  readonly #requiredBytes: number;
  /** Where the newest segment is; -1 before there is one. */
  #newest = -1;

  /** Folders that are named no longer, and have events. */
  readonly leftOut: readonly string[];

  private constructor({ files, requiredBytes, dirs }: SpreadOptions, leftOut: readonly string[]) {
    const homes = [...dirs, ...leftOut].map((dir) => join(dir, logFolder));
    this.leftOut = leftOut;
    this.#named = dirs.length;
    this.#files = files;
    this.#requiredBytes = requiredBytes;
    this.#folder = homes[0]!;
    this.#homes = homes;
    let newest = '';
    for (const [i, home] of homes.entries())
      for (const name of files.list(home)) {
        const [stem] = segmentStem.exec(name) ?? [];
        if (stem === undefined) continue;
        this.#homeOf.set(stem, i);
        if (stem < newest) continue;
        newest = stem;
        this.#newest = i;
      }
  }

  /** Throws `FILE_ACCESS` where a folder that belongs to them is not there. */
  static async open(options: SpreadOptions): Promise<SpreadFiles> {
    for (const dir of options.dirs)
      for (const made of [dir, join(dir, logFolder)]) options.files.makeDir(made);
    return new SpreadFiles(options, await mark(options));
  }

  /** Segments whose folder is known. */
  get segments(): number {
    return this.#homeOf.size;
  }

  /** Free bytes where the newest segment is. */
  freeOfNewest(): number {
    return this.#free(this.#newest);
  }

  /** Whether the newest segment is in a folder that is named no longer. */
  get isLeavingFolder(): boolean {
    return this.#newest >= this.#named;
  }

  /** Whether a new segment would find so many bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#homes.some((_, i) => i < this.#named && this.#free(i) >= bytes);
  }

  open(path: string, mode: OpenMode): LayerFile {
    return this.#files.open(mode === 'read' || mode === 'write' ? this.#find(path) : this.#place(path), mode);
  }

  list(dir: string): readonly string[] {
    if (dir !== this.#folder) return this.#files.list(dir);
    return this.#homes.flatMap((home) => this.#files.list(home));
  }

  size(path: string): number | null {
    return this.#files.size(this.#find(path));
  }

  makeDir(dir: string): void {
    for (const each of dir === this.#folder ? this.#homes : [dir]) this.#files.makeDir(each);
  }

  async syncDir(dir: string): Promise<void> {
    const dirs = dir === this.#folder ? this.#homes : [dir];
    await Promise.all(dirs.map((each) => this.#files.syncDir(each)));
  }

  rename(from: string, to: string): void {
    this.#files.rename(this.#find(from), this.#find(to));
  }

  renameNew(from: string, to: string): void {
    this.#files.renameNew(this.#find(from), this.#find(to));
  }

  remove(path: string): void {
    this.#files.remove(this.#find(path));
    const stem = this.#stemOf(path);
    const home = stem === null ? undefined : this.#homeOf.get(stem);
    if (home === undefined) return;
    // A segment has several files; what is known of it goes with the last, or it would grow as long as the log runs.
    const isLeft = this.#files.list(this.#homes[home]!).some((name) => name.startsWith(stem!));
    if (!isLeft) this.#homeOf.delete(stem!);
  }

  removeDir(dir: string): void {
    this.#files.removeDir(dir);
  }

  freeBytes(dir: string): number {
    return this.#files.freeBytes(dir);
  }

  /** Where a file is, or belongs beside others of its segment. */
  #find(path: string): string {
    const stem = this.#stemOf(path);
    const home = stem === null ? undefined : this.#homeOf.get(stem);
    return home === undefined ? path : join(this.#homes[home]!, basename(path));
  }

  /** As `#find`; a segment that is new gets a home. */
  #place(path: string): string {
    const stem = this.#stemOf(path);
    if (stem !== null && !this.#homeOf.has(stem)) {
      this.#newest = this.#nextHome();
      this.#homeOf.set(stem, this.#newest);
    }
    return this.#find(path);
  }

  #stemOf(path: string): string | null {
    return dirname(path) === this.#folder ? (segmentStem.exec(basename(path))?.[0] ?? null) : null;
  }

  /** The one after that of the newest segment, of those that have room; where none has, the one with the most. */
  #nextHome(): number {
    const from = Math.min(this.#newest, this.#named - 1);
    let best = Math.max(0, from);
    for (let step = 1; step <= this.#named; step++) {
      const home = (from + step) % this.#named;
      if (this.#free(home) >= this.#requiredBytes) return home;
      if (this.#free(home) > this.#free(best)) best = home;
    }
    return best;
  }

  /** 0 where the device does not say. */
  #free(home: number): number {
    try {
      return this.#files.freeBytes(this.#homes[home]!);
    } catch {
      return 0;
    }
  }
}

/** Sees that all are there that belong together, and notes those that do from now on. Answers which are not named. */
async function mark({ owner, dirs, files }: SpreadOptions): Promise<string[]> {
  const marks = dirs.map((dir) => readMark(files, dir));
  const known = marks.filter((mark) => mark !== null);
  const set = known[0]?.set ?? randomUUID();
  const strange = marks.findIndex((mark) => mark !== null && mark.set !== set);
  if (strange >= 0)
    throw foreign(owner, dirs[strange]!, `belongs with ${pathsOf(marks[strange]!)}, not with ${dirs[0]}`);
  const folders = dirs.map((path, i) => ({ path, id: marks[i]?.id ?? randomUUID() }));
  const named = folders.length;
  for (const { id, path } of known.flatMap((mark) => mark.folders)) {
    if (folders.some((folder) => folder.id === id)) continue;
    if (readMark(files, path)?.id !== id)
      throw foreign(owner, path, 'is not what it was; is its disk mounted?');
    const hasEvents = files.list(join(path, logFolder)).some((name) => segmentStem.test(name));
    if (hasEvents) folders.push({ id, path });
  }
  // A folder by itself, as most are, needs no mark.
  if (folders.length > 1 || known.length > 0) {
    // First who each is, then who the others are: a kill in between leaves no list with a folder that has no mark.
    for (const [i, { id, path }] of folders.entries())
      if (i < named && marks[i] === null) await writeMark(files, path, { set, id, folders: [{ id, path }] });
    for (const { id, path } of folders) await writeMark(files, path, { set, id, folders });
  }
  return folders.slice(named).map(({ path }) => path);
}

const pathsOf = ({ folders }: FolderMark): string => folders.map(({ path }) => path).join(', ');

function foreign(owner: string, path: string, what: string): MillraceError {
  return new MillraceError('FILE_ACCESS', `channel ${owner}: dataDirs: ${path} ${what}`, {
    remedy:
      'Mount it, or name the folders that belong together; nothing is read or removed until then. Where it is gone for good, and its events with it, delete the file data-folders in the others.',
    details: { channel: owner, path },
  });
}
