import { basename, dirname, join } from 'node:path';
import { unpackedName } from '../../tracking/packed-files.ts';
import { liveNamesOf } from './generations.ts';
import { liveNames, type SeenFile, type Snapshot } from './snapshot.ts';
import type { TailedFile } from './tailed-file.ts';

/** What a source knows of files, tailed ones and such whose content may turn up in a copy. */
export interface KnownFiles {
  readonly all: Iterable<TailedFile>;
  readonly awaited: Iterable<TailedFile>;
}

interface Generations {
  /** By path, as it was when all names of the folder were looked at last. */
  readonly named: ReadonlyMap<string, readonly SeenFile[]>;
  /** Paths of which one may be there that could not be looked at. */
  readonly unseen: ReadonlySet<string>;
}

/** What of the files in the folders is named as a generation of a path. */
export class NamedGenerations {
  readonly #byFolder = new Map<string, Generations>();
  /** Folders that can't be looked at now, and paths of which a generation can't be. */
  readonly #blind = new Set<string>();
  #folders: Snapshot['folders'] = new Map();

  looked({ folders }: Snapshot): void {
    this.#folders = folders;
    this.#blind.clear();
    for (const folder of this.#byFolder.keys()) if (!folders.has(folder)) this.#byFolder.delete(folder);
    for (const { path, state, whole, blind, files, unseen } of folders.values()) {
      if (state !== 'listed') this.#blind.add(path);
      const notSeen = new Set<string>();
      for (const file of unseen) for (const live of liveNamesOfPath(file)) notSeen.add(live);
      for (const live of notSeen) this.#blind.add(live);
      if (!whole && !blind) continue;
      const named = new Map<string, SeenFile[]>();
      for (const seen of files) {
        if (seen.size > 0) for (const name of liveNames(seen)) addTo(named, join(path, name), seen);
      }
      this.#byFolder.set(path, { named, unseen: notSeen });
    }
  }

  /** Whether another folder stands where a file's was: an empty mount point, perhaps. */
  isElsewhere({ path, folderDev }: TailedFile): boolean {
    const folder = path === null ? undefined : this.#folders.get(dirname(path));
    return folder !== undefined && folderDev !== null && folder.dev !== folderDev;
  }

  /** Null where it can't be known. */
  of(path: string): readonly SeenFile[] | null {
    const folder = dirname(path);
    const known = this.#byFolder.get(folder);
    if (this.#blind.has(folder) || this.#blind.has(path) || known?.unseen.has(path) === true) return null;
    return known?.named.get(path) ?? [];
  }
}

/**
 * Of each file the one whose lines it goes on with, where that is beyond doubt: files of one path, in the order in which
 * the path had them. Times of birth tell it (of a copy that is when it was made); where the times of the last writing say
 * otherwise, or a file that is named as a generation of the path may have stood between, nothing is said of the path.
 */
export function successionOf(
  { all, awaited }: KnownFiles,
  there: NamedGenerations,
): ReadonlyMap<TailedFile, TailedFile> {
  const before = new Map<TailedFile, TailedFile>();
  const files = [...all];
  const byPath = new Map<string, TailedFile[]>();
  for (const file of files) addTo(byPath, file.path, file);
  // What can't be looked into may be another file with the inode of a known one.
  const keys = new Set(files.flatMap(({ key, last }) => (last === null ? [] : [key])));
  const places = new Set(files.flatMap(({ at, gone }) => (gone ? [] : [at])));
  const gone = new Map<string, TailedFile[]>();
  // Where a kill left both notes behind, a copy that was found has the place of what it was awaited for.
  const ids = new Set(files.map(({ progressId }) => progressId));
  for (const file of awaited) if (!ids.has(file.progressId)) addTo(gone, file.path, file);
  let named: ReadonlyMap<string, readonly TailedFile[]> | null = null;
  for (const [path, those] of byPath) {
    const others = gone.get(path) ?? [];
    const seen = there.of(path);
    if (those.length + others.length === 1 || seen === null) continue;
    if (those.some((file) => there.isElsewhere(file))) continue;
    // Under the name of a generation one file after the other is seen first, and no two of them in a row.
    if (liveNamesOfPath(path).some((live) => byPath.has(live))) continue;
    named ??= byLiveName(files);
    // Beside the file of which it is made, known or not: that one tells whether it may have stood between.
    const isBeingCompressed = ({ path: archive, packing }: SeenFile) =>
      packing !== null &&
      (places.has(unpackedName(archive)) || seen.some((other) => other.path === unpackedName(archive)));
    const order = orderOf(path, those, others);
    for (let i = 1; i < order.length; i++) {
      const [one, next] = [order[i - 1]!, order[i]!];
      if (one === null || next === null) continue;
      if (those.some((file) => isOfUnknownBirth(file) && wasWrittenAfter(file, one))) continue;
      // A file that was truncated is older than the copy of what it held.
      const endMs = next.birthMs > one.birthMs ? next.birthMs : Number.POSITIVE_INFINITY;
      const isBetween = (other: TailedFile) =>
        other.path !== path && other.birthMs >= one.birthMs && other.birthMs <= endMs;
      if (named.get(path)?.some(isBetween) === true) continue;
      const isUnread = (file: SeenFile) =>
        !keys.has(file.key) &&
        !isBeingCompressed(file) &&
        file.key !== one.key &&
        file.key !== next.key &&
        mayFollow(file, one, endMs);
      if (!seen.some(isUnread)) before.set(next, one);
    }
  }
  return before;
}

/** Of a compressed file that is known as no other no more may be known than when its last line came. */
function isOfUnknownBirth({ at, last, birthMs }: TailedFile): boolean {
  return at !== null && unpackedName(at) !== at && (last === null || last.mtimeMs === birthMs);
}

function wasWrittenAfter({ last }: TailedFile, other: TailedFile): boolean {
  return last === null || last.mtimeMs > (other.last?.mtimeMs ?? 0);
}

/** Whether a file that nobody reads may hold what came after another one. */
function mayFollow(
  { path, packing, birthMs, mtimeMs }: SeenFile,
  { at, birthMs: beforeMs, last }: TailedFile,
  endMs: number,
): boolean {
  if (packing === null) return birthMs >= beforeMs && birthMs <= endMs;
  // A compressed one is made later than what it holds was written, and it may be this one's.
  return unpackedName(path) !== at && mtimeMs > (last?.mtimeMs ?? 0);
}

/** The files of a path, oldest first; null where another one has the place or may have it. */
function orderOf(
  path: string,
  files: readonly TailedFile[],
  awaited: readonly TailedFile[],
): readonly (TailedFile | null)[] {
  const live = files.filter(({ at, gone, missedLooks }) => at === path && !gone && missedLooks === 0);
  if (live.length > 1) return [];
  const [now] = live;
  // What stood in the same file before it was truncated came last before it.
  const truncated = awaited.findLast(({ key, birthMs }) => key === now?.key && birthMs === now?.birthMs);
  const isOlder = (file: TailedFile) => file !== now && file !== truncated && !isOfUnknownBirth(file);
  const generations = [...files, ...awaited].filter(isOlder).sort((a, b) => a.birthMs - b.birthMs);
  const placed = generations.map((file, i) => {
    const isClear = (other: TailedFile, j: number) =>
      i === j || (j < i ? cameAfter(file, other) : cameAfter(other, file));
    return generations.every(isClear) ? file : null;
  });
  const truncatedMs = truncated?.last?.mtimeMs ?? Number.POSITIVE_INFINITY;
  // When that of an earlier process was truncated is not known, but that what was copied since then came after it.
  const isLater = ({ birthMs, copyOf }: TailedFile) =>
    birthMs > truncatedMs || (truncated?.wasAwaited === true && copyOf === truncated.identity);
  const isLast = truncated !== undefined && !generations.some(isLater);
  return [...placed, ...(isLast ? [truncated] : []), ...live];
}

/** Whether what is known of the times of two files, made one after the other, does not contradict it. */
function cameAfter(file: TailedFile, before: TailedFile): boolean {
  const [mtimeMs, beforeMs] = [file.last?.mtimeMs, before.last?.mtimeMs];
  if (mtimeMs === undefined || beforeMs === undefined) return file.birthMs > before.birthMs;
  return mtimeMs > beforeMs || (mtimeMs === beforeMs && file.birthMs > before.birthMs);
}

/** The paths of which one, compressed or not, may be a generation by its name. */
function liveNamesOfPath(path: string): readonly string[] {
  const unpacked = unpackedName(path);
  const live = liveNamesOf(basename(unpacked)).map((name) => join(dirname(path), name));
  return unpacked === path ? live : [unpacked, ...live];
}

/** By each path of which a file may be an earlier generation by its name. */
function byLiveName(files: readonly TailedFile[]): ReadonlyMap<string, readonly TailedFile[]> {
  const named = new Map<string, TailedFile[]>();
  for (const file of files) {
    const { path, last } = file;
    if (path === null) continue;
    const names = last === null ? liveNamesOf(basename(path)) : liveNames(last);
    for (const name of names) addTo(named, join(dirname(path), name), file);
  }
  return named;
}

function addTo<F>(map: Map<string, F[]>, key: string | null, file: F): void {
  if (key === null) return;
  const those = map.get(key);
  if (those === undefined) map.set(key, [file]);
  else those.push(file);
}
