import { dirname, join } from 'node:path';
import { type FileKey, keyOf } from '../../tracking/content-mark.ts';
import type { Pace } from '../../tracking/pace.ts';
import type { FileStat, SourceFiles } from '../../tracking/source-files.ts';
import type { FileGroup } from './file-groups.ts';

/** A folder whose time stands still has the folders that it had. */
interface Listing {
  readonly key: FileKey;
  readonly mtimeMs: number;
  readonly folders: readonly string[];
}

/** A file that is known: where it was, and on which device that folder was. */
export interface KnownPlace {
  readonly at: string | null;
  readonly path: string | null;
  readonly folderDev: bigint | null;
  readonly isOpen: boolean;
}

/** A time less than this before the look may hide a change within the same tick of the file system's clock. */
const youngMs = 2000;
/** Deeper than this, or more, is no tree of logs. */
const mostDepth = 64;
const mostFolders = 10_000;

/**
 * The folders of groups whose path has a `**`: a group of its own for each, so that all else knows folders as they stand.
 * A folder that is gone is let go once nothing open is left of it and its tree is the one that it was; where a tree can't
 * be looked at, or another device stands in its place, its folders stay.
 */
export class FolderTree {
  /** No group has a `**`. */
  readonly isFixed: boolean;
  /** Trees that have more folders than are looked at. */
  readonly tooLarge = new Set<string>();
  readonly #files: SourceFiles;
  readonly #groups: readonly FileGroup[];
  readonly #parts = new Map<FileGroup, Map<string, FileGroup>>();
  readonly #listings = new Map<string, Listing>();
  #before = new Map<FileGroup, ReadonlySet<string>>();

  constructor(files: SourceFiles, groups: readonly FileGroup[]) {
    this.#files = files;
    this.#groups = groups;
    this.isFixed = groups.every(({ tree }) => tree === null);
  }

  /** The groups as they are now, in the order of the configured ones, folders by name. Gives the event loop its turns. */
  async look(known: Iterable<KnownPlace>, pace: Pace): Promise<readonly FileGroup[]> {
    const steps = this.#steps(known);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (pace.due()) await pace.breath();
    }
  }

  /** The same at once. */
  lookNow(known: Iterable<KnownPlace>): readonly FileGroup[] {
    const steps = this.#steps(known);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  *#steps(known: Iterable<KnownPlace>): Generator<void, readonly FileGroup[]> {
    if (this.isFixed) return this.#groups;
    const all: FileGroup[] = [];
    const places = [...known];
    const now = new Map<FileGroup, ReadonlySet<string>>();
    for (const group of this.#groups) {
      if (group.tree === null) {
        all.push(group);
        continue;
      }
      const folders = new Set<string>();
      const dev = yield* this.#walk(group, folders);
      for (const place of places) {
        const path = place.at ?? place.path;
        const folder = path === null ? null : dirname(path);
        if (folder === null || !group.coversFolder(folder)) continue;
        if (place.isOpen || dev === null || place.folderDev !== dev) folders.add(folder);
      }
      now.set(group, folders);
      for (const folder of [...folders].sort()) all.push(this.#part(group, folder));
    }
    this.#before = now;
    return all;
  }

  /** Adds the group's folders that are there; the device of its tree, null where that can't be looked at. */
  *#walk(group: FileGroup, found: Set<string>): Generator<void, bigint | null> {
    const root = group.tree!;
    const seen = new Set<FileKey>();
    const waiting: { path: string; depth: number }[] = [{ path: root, depth: 0 }];
    let rootDev: bigint | null = null;
    let isBlind = false;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { path, depth } = next;
      yield;
      try {
        const stat = this.#files.stat(path);
        if (stat?.kind !== 'folder') continue;
        if (depth === 0) rootDev = stat.dev;
        const key = keyOf(stat);
        if (seen.has(key)) continue; // a symbolic link back, or the second name of a folder
        seen.add(key);
        if (group.coversFolder(path)) found.add(path);
        if (depth === mostDepth || seen.size >= mostFolders) {
          this.tooLarge.add(root);
          continue;
        }
        const folders = yield* this.#foldersIn(path, stat, key);
        for (const name of folders.toReversed()) waiting.push({ path: join(path, name), depth: depth + 1 });
      } catch {
        isBlind = true;
        if (group.coversFolder(path)) found.add(path);
        for (const folder of this.#before.get(group) ?? [])
          if (folder.startsWith(`${path}/`)) found.add(folder);
      }
    }
    return isBlind ? null : rootDev;
  }

  *#foldersIn(path: string, stat: FileStat, key: FileKey): Generator<void, readonly string[]> {
    const { mtimeMs } = stat;
    const before = this.#listings.get(path);
    if (before?.key === key && before.mtimeMs === mtimeMs) return before.folders;
    const isYoung = this.#files.wallMs() - mtimeMs <= youngMs;
    const folders: string[] = [];
    for (const name of [...this.#files.list(path)].sort()) {
      yield;
      if (this.#files.stat(join(path, name))?.kind === 'folder') folders.push(name);
    }
    this.#listings.set(path, { key, mtimeMs: isYoung ? Number.NaN : mtimeMs, folders });
    return folders;
  }

  #part(group: FileGroup, folder: string): FileGroup {
    let parts = this.#parts.get(group);
    if (parts === undefined) {
      parts = new Map();
      this.#parts.set(group, parts);
    }
    const part = parts.get(folder) ?? group.in(folder);
    parts.set(folder, part);
    return part;
  }
}
