import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileLayer } from '../runtime/files.ts';
import type { Progress } from './progress.ts';

/** How far the events of a Flume file channel have come into a queue. Stored with them, so that none comes twice. */
export interface FlumeImport {
  /** Which files it is of: `fingerprintOf`. */
  readonly files: string;
  /** Order of Flume's checkpoint by which their events are counted; null: the logs alone. */
  readonly checkpoint: number | null;
  /** So many of their events are done with. */
  readonly done: number;
  readonly complete: boolean;
  /** Order of the newest write in these files: what Flume wrote up to there needs no other import once this one is complete. */
  readonly newest: number;
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

/** Under which a queue keeps how far it has come with the channel of these folders. */
export function importKey(dirs: readonly string[]): string {
  const text = [...dirs].sort().join('\n');
  return `flume-channel ${text.length <= 256 ? text : createHash('sha256').update(text).digest('hex')}`;
}

export function importProgress(dirs: readonly string[], state: FlumeImport): Progress {
  return { key: importKey(dirs), place: JSON.stringify(state) };
}

/** Null: nothing was imported, or not by this version. */
export function parseImport(place: string | undefined): FlumeImport | null {
  if (place === undefined) return null;
  const state = JSON.parse(place) as Partial<FlumeImport>;
  const { files, checkpoint = null, done, complete, newest } = state;
  if (typeof files !== 'string' || !Number.isSafeInteger(done) || !Number.isSafeInteger(newest)) return null;
  return { files, checkpoint, done: done!, complete: complete === true, newest: newest! };
}
