import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { FileLayer } from '../runtime/files.ts';
import { lastingPrefix, type Progress } from './progress.ts';

/** How far the events of a Flume file channel have come into a queue. Stored with them, so that none comes twice. */
export interface FlumeImport {
  /** Which files it is of: `fingerprintOf`. */
  readonly files: string;
  /** Order of Flume's checkpoint by which their events are counted; null: the logs alone. */
  readonly checkpoint: number | null;
  /** So many of their events are done with. */
  readonly done: number;
  readonly complete: boolean;
  /** Order of the newest write in these files. Once they are imported, nothing up to there is wanted again. */
  readonly newest: number;
  /** The same of the import before this one, where Flume ran on in between; else 0. */
  readonly since: number;
}

/** A `log-N` of Flume's file channel. */
export interface FlumeFile {
  readonly path: string;
  readonly id: number;
  readonly sizeBytes: number;
}

/** The logs of Flume's file channel in the folders, by number. */
export function flumeFilesIn(dirs: readonly string[], files: FileLayer): readonly FlumeFile[] {
  const found: FlumeFile[] = [];
  for (const dir of new Set(dirs)) {
    for (const name of files.list(dir)) {
      const id = /^log-(\d+)(\.meta)?$/.exec(name)?.[1];
      const path = join(dir, name);
      if (id !== undefined) found.push({ path, id: Number(id), sizeBytes: files.size(path) ?? 0 });
    }
  }
  return found.sort((a, b) => a.id - b.id || (a.path < b.path ? -1 : 1));
}

/** Tells apart what Flume left at one stop and at another: each of its starts begins new files. */
export function fingerprintOf(found: readonly FlumeFile[]): string {
  const hash = createHash('sha256');
  for (const { id, path, sizeBytes } of found)
    if (!path.endsWith('.meta')) hash.update(`${id} ${sizeBytes}\n`);
  return hash.digest('hex').slice(0, 32);
}

/** The folders that hold them. */
export function flumeDirsOf(found: readonly FlumeFile[]): readonly string[] {
  return [...new Set(found.map(({ path }) => dirname(path)))].sort();
}

/** Under which a queue keeps how far it has come with the channel of these folders. */
export function importKey(dirs: readonly string[]): string {
  return `${lastingPrefix}channel ${shortened(dirs.join('\n'))}`;
}

/** Under which it keeps for one folder with which others it was imported. */
export function folderKey(dir: string): string {
  return `${lastingPrefix}folder ${shortened(dir)}`;
}

const shortened = (text: string): string =>
  text.length <= 256 ? text : createHash('sha256').update(text).digest('hex');

/** What is stored with the events of an import. */
export function importProgress(dirs: readonly string[], state: FlumeImport): readonly Progress[] {
  const key = importKey(dirs);
  return [{ key, place: JSON.stringify(state) }, ...dirs.map((dir) => ({ key: folderKey(dir), place: key }))];
}

/** Null: nothing was imported. */
export function parseImport(place: string | undefined): FlumeImport | null {
  return place === undefined ? null : (JSON.parse(place) as FlumeImport);
}

/** Why the files may not lie beside a queue that is used; null: all that is in them was imported, or there are none. */
export function unimported(
  found: readonly FlumeFile[],
  placeOf: (key: string) => string | undefined,
): string | null {
  const first = found[0];
  if (first === undefined) return null;
  const state = parseImport(placeOf(importKey(flumeDirsOf(found))));
  if (state === null) return `${first.path} belongs to Flume's own file channel`;
  if (!state.complete)
    return `the import of ${first.path} and the others of Flume's file channel was cut off`;
  if (state.files === fingerprintOf(found)) return null;
  return `${found.at(-1)!.path}: Flume's file channel has run on since it was imported, or some of its files are gone`;
}
