import { dirname, join } from 'node:path';
import { liveNamesOf } from './generations.ts';
import { liveNames } from './snapshot.ts';
import type { TailedFile } from './tailed-file.ts';

/** What a source knows of files, tailed ones and such whose content may turn up in a copy. */
export interface KnownFiles {
  readonly all: Iterable<TailedFile>;
  readonly awaited: Iterable<TailedFile>;
}

/**
 * Of each file the one whose lines it goes on with, where that is beyond doubt: files of one path, in the order in which
 * the path had them. Times of birth tell it (of a copy that is when it was made); where the times of the last writing say
 * otherwise, or a file that is named as a generation of the path may have stood between, nothing is said of the path.
 */
export function successionOf({ all, awaited }: KnownFiles): ReadonlyMap<TailedFile, TailedFile> {
  const before = new Map<TailedFile, TailedFile>();
  const files = [...all];
  const byPath = new Map<string, TailedFile[]>();
  for (const file of files) addTo(byPath, file.path, file);
  const lost = new Map<string, TailedFile>();
  // Where a kill left both notes behind, a copy that was found has the place of what it was awaited for.
  const ids = new Set(files.map(({ progressId }) => progressId));
  for (const file of awaited) if (file.path !== null && !ids.has(file.progressId)) lost.set(file.path, file);
  let named: ReadonlyMap<string, readonly TailedFile[]> | null = null;
  for (const [path, those] of byPath) {
    const gone = lost.get(path);
    if (those.length === 1 && gone === undefined) continue;
    named ??= byLiveName(files);
    const order = orderOf(path, those, gone);
    for (let i = 1; i < order.length; i++) {
      const [one, next] = [order[i - 1]!, order[i]!];
      const isBetween = (other: TailedFile) => other.path !== path && other.birthMs >= one.birthMs;
      if (named.get(path)?.some(isBetween) !== true) before.set(next, one);
    }
  }
  return before;
}

/** The files of a path, oldest first; none where that is not known. */
function orderOf(path: string, files: readonly TailedFile[], awaited?: TailedFile): readonly TailedFile[] {
  const live = files.filter(({ at, gone, missedLooks }) => at === path && !gone && missedLooks === 0);
  if (live.length > 1) return [];
  const generations = files.filter((file) => !live.includes(file));
  generations.sort((a, b) => a.birthMs - b.birthMs);
  for (let i = 1; i < generations.length; i++) {
    const [one, next] = [generations[i - 1]!, generations[i]!];
    if (one.last === null || next.last === null || one.last.mtimeMs > next.last.mtimeMs) return [];
    if (one.birthMs === next.birthMs && one.last.mtimeMs === next.last.mtimeMs) return [];
  }
  return [...generations, ...(awaited === undefined ? [] : [awaited]), ...live];
}

/** By each path of which a file may be an earlier generation by its name. */
function byLiveName(files: readonly TailedFile[]): ReadonlyMap<string, readonly TailedFile[]> {
  const named = new Map<string, TailedFile[]>();
  for (const file of files) {
    const { path, last } = file;
    if (path === null) continue;
    const names = last === null ? liveNamesOf(path.slice(path.lastIndexOf('/') + 1)) : liveNames(last);
    for (const name of names) addTo(named, join(dirname(path), name), file);
  }
  return named;
}

function addTo(map: Map<string, TailedFile[]>, key: string | null, file: TailedFile): void {
  if (key === null) return;
  const those = map.get(key);
  if (those === undefined) map.set(key, [file]);
  else those.push(file);
}
