import { join } from 'node:path';
import { errorText, hasErrno } from '../../runtime/errors.ts';
import { type FileKey, keyOf } from '../../tracking/content-mark.ts';
import type { Packing } from '../../tracking/inflater.ts';
import type { Pace } from '../../tracking/pace.ts';
import { packingOf, unpackedName } from '../../tracking/packed-files.ts';
import type { FileStat, SourceFiles } from '../../tracking/source-files.ts';
import type { FileGroup } from './file-groups.ts';
import { liveNamesOf } from './generations.ts';

/** A name in a folder, and what stood there at the look. */
export interface SeenFile {
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly key: FileKey;
  readonly ino: bigint;
  /** Bytes that it holds; infinite for a compressed file, of which only reading tells. */
  readonly size: number;
  /** Bytes that it takes: another number is a change. */
  readonly storedBytes: number;
  /** How it is compressed, where compressed files are read as what they hold. */
  readonly packing: Packing | null;
  readonly mtimeMs: number;
  readonly birthMs: number;
  /** The first group, in Flume's order, whose pattern matches; null: a neighbour, where rotated files are looked for. */
  readonly group: FileGroup | null;
}

export interface SeenFolder {
  readonly path: string;
  readonly state: 'listed' | 'absent' | 'unreadable';
  /** Why it is not listed, in the system's words. */
  readonly problem: string;
  readonly dev: bigint | null;
  /** Whether names came or went, as far as its time shows, since all of them were looked at last. */
  readonly changed: boolean;
  /** All names were looked at and each could be: what is not among `files` is not here. */
  readonly whole: boolean;
  /** All names were to be looked at, and some could not be. */
  readonly blind: boolean;
  readonly files: readonly SeenFile[];
  /** Paths that could not be looked at: what stands there is not known. */
  readonly unseen: ReadonlySet<string>;
}

/** One look at all folders: each is listed once, whatever number of groups share it. */
export interface Snapshot {
  readonly folders: ReadonlyMap<string, SeenFolder>;
  /** What the groups' patterns match, in the order of reading: group by group, oldest first. */
  readonly matching: readonly SeenFile[];
  /** Every name under which a file was seen. */
  readonly byKey: ReadonlyMap<FileKey, readonly SeenFile[]>;
  readonly byPath: ReadonlyMap<string, SeenFile>;
  /** The system had no descriptor left for one of the calls. */
  readonly outOfDescriptors: boolean;
}

/** A time less than this before the look may hide a change within the same tick of the file system's clock. */
const youngMs = 2000;

const noPaths: ReadonlySet<string> = new Set();

interface Listing {
  /** Which folder it was: another may be mounted in its place, of the same age. */
  readonly key: FileKey;
  readonly names: readonly string[];
  readonly matching: readonly { name: string; group: FileGroup }[];
  readonly matchingNames: ReadonlySet<string>;
  /** The folder's time when it was listed; NaN where it was too young to tell. */
  readonly mtimeMs: number;
  wholeMtimeMs: number;
}

/** Takes snapshots. Listings are kept while a folder's time stands still (`cachePatternMatching`). */
export class Snapshotter {
  readonly #files: SourceFiles;
  #groups: readonly FileGroup[] = [];
  readonly #cacheListing: boolean;
  readonly #readCompressed: boolean;
  readonly #pace: Pace;
  #folders: readonly string[] = [];
  readonly #listings = new Map<string, Listing>();

  /** `groups` in the order of reading. */
  constructor(
    files: SourceFiles,
    groups: readonly FileGroup[],
    { cacheListing, readCompressed }: { cacheListing: boolean; readCompressed: boolean },
    pace: Pace,
  ) {
    this.#files = files;
    this.#pace = pace;
    this.#cacheListing = cacheListing;
    this.#readCompressed = readCompressed;
    this.lookAt(groups);
  }

  /** Other groups than before. */
  lookAt(groups: readonly FileGroup[]): void {
    this.#groups = groups;
    this.#folders = [...new Set(groups.map(({ folder }) => folder))];
    this.#listings.clear();
  }

  /**
   * Looks at what matches, and at every name of the folders in `whole`. Gives the event loop its turns.
   */
  async take(whole: ReadonlySet<string>): Promise<Snapshot> {
    const folders = new Map<string, SeenFolder>();
    let outOfDescriptors = false;
    for (const path of this.#folders) {
      const seen = await this.#look(path, whole.has(path));
      folders.set(path, seen.folder);
      outOfDescriptors ||= seen.outOfDescriptors;
    }
    return { ...this.#arranged(folders), outOfDescriptors };
  }

  async #look(path: string, whole: boolean): Promise<{ folder: SeenFolder; outOfDescriptors: boolean }> {
    const none = {
      path,
      problem: '',
      dev: null,
      changed: true,
      whole: false,
      blind: false,
      files: [],
      unseen: noPaths,
    };
    let stat: FileStat | null;
    let listing: Listing;
    try {
      stat = this.#files.stat(path);
      if (stat === null || stat.kind !== 'folder')
        return { folder: { ...none, state: 'absent' }, outOfDescriptors: false };
      listing = this.#list(path, stat);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR'))
        return { folder: { ...none, state: 'absent' }, outOfDescriptors: false };
      const folder: SeenFolder = { ...none, state: 'unreadable', problem: errorText(error) };
      return { folder, outOfDescriptors: hasErrno(error, 'EMFILE', 'ENFILE') };
    }
    const changed = Number.isNaN(listing.mtimeMs) || listing.wholeMtimeMs !== listing.mtimeMs;
    const files: SeenFile[] = [];
    const unseen = new Set<string>();
    let outOfDescriptors = false;
    const wanted = whole ? this.#everyName(listing) : listing.matching;
    for (const { name, group } of wanted) {
      if (this.#pace.due()) await this.#pace.breath();
      const filePath = join(path, name);
      try {
        const file = this.#files.stat(filePath);
        if (file?.kind === 'file') files.push(this.#seen(path, name, filePath, file, group));
      } catch (error) {
        unseen.add(filePath);
        outOfDescriptors ||= hasErrno(error, 'EMFILE', 'ENFILE');
      }
    }
    const all = unseen.size === 0;
    if (whole && all) listing.wholeMtimeMs = listing.mtimeMs;
    const folder: SeenFolder = {
      ...{ path, state: 'listed', problem: '', dev: stat.dev, changed, files, unseen },
      ...{ whole: whole && all, blind: whole && !all },
    };
    return { folder, outOfDescriptors };
  }

  *#everyName(listing: Listing): Iterable<{ name: string; group: FileGroup | null }> {
    yield* listing.matching;
    for (const name of listing.names) if (!listing.matchingNames.has(name)) yield { name, group: null };
  }

  #list(path: string, stat: FileStat): Listing {
    const { mtimeMs } = stat;
    const key = keyOf(stat);
    const before = this.#listings.get(path);
    const known = before?.key === key ? before : undefined;
    if (this.#cacheListing && known?.mtimeMs === mtimeMs) return known;
    const names = this.#files.list(path);
    const groups = this.#groups.filter(({ folder }) => folder === path);
    const matching = names.flatMap((name) => {
      const group = groups.find((it) => it.matches(name));
      return group === undefined ? [] : [{ name, group }];
    });
    const listing: Listing = {
      key,
      names,
      matching,
      matchingNames: new Set(matching.map(({ name }) => name)),
      mtimeMs: this.#files.wallMs() - mtimeMs > youngMs ? mtimeMs : Number.NaN,
      wholeMtimeMs: known?.wholeMtimeMs ?? Number.NaN,
    };
    this.#listings.set(path, listing);
    return listing;
  }

  #seen(folder: string, name: string, path: string, stat: FileStat, group: FileGroup | null): SeenFile {
    const { ino, size: storedBytes, mtimeMs, birthMs } = stat;
    const packing = this.#readCompressed ? packingOf(name) : null;
    const size = packing === null ? storedBytes : Number.POSITIVE_INFINITY;
    const times = { mtimeMs, birthMs };
    return { path, name, folder, key: keyOf(stat), ino, size, storedBytes, packing, ...times, group };
  }

  #arranged(folders: ReadonlyMap<string, SeenFolder>): Omit<Snapshot, 'outOfDescriptors'> {
    const byKey = new Map<FileKey, SeenFile[]>();
    const byPath = new Map<string, SeenFile>();
    const ofGroup = new Map<FileGroup, SeenFile[]>(this.#groups.map((group) => [group, []]));
    for (const { files } of folders.values()) {
      for (const file of files) {
        const names = byKey.get(file.key);
        if (names === undefined) byKey.set(file.key, [file]);
        else names.push(file);
        byPath.set(file.path, file);
        if (file.group !== null) ofGroup.get(file.group)!.push(file);
      }
    }
    const matching = [...ofGroup.values()].flatMap((files) => files.sort(byAge));
    return { folders, matching, byKey, byPath };
  }
}

export function byAge(a: SeenFile, b: SeenFile): number {
  return a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1);
}

/** The live names of which a file may be an earlier generation, be it compressed or not. */
export function liveNames({ name, packing }: SeenFile): readonly string[] {
  if (packing === null) return liveNamesOf(name);
  const unpacked = unpackedName(name);
  return [unpacked, ...liveNamesOf(unpacked)];
}
