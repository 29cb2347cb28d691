import type { SourceProgress } from '../../component/source.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { keyOf, noMark } from '../../tracking/content-mark.ts';
import { readJournal } from '../../tracking/position-journal.ts';
import { goOnFrom } from './channel-progress.ts';
import type { FilePlace } from './deliveries.ts';
import { loadPositions } from './position-file.ts';
import { TailedFile } from './tailed-file.ts';

export interface StoredPositions {
  readonly files: readonly TailedFile[];
  /** The position file as it stands; null where there is none. */
  readonly text: string | null;
  /** Why the position file can't be used, or not all of it. */
  readonly problem: string | null;
}

/**
 * What earlier runs left, Flume's or ours: the journal where it goes with the position file, else the position file.
 * A journal of the first version, or a damaged one, does not know all files: then both count. What channels know of a
 * file that the journal knows is newer.
 */
export function loadStored(
  files: FileLayer,
  positionPath: string,
  journalPath: string,
  progress?: SourceProgress,
): StoredPositions {
  const { text, entries: rows, problem } = loadPositions(files, positionPath);
  const journal = readJournal(files, journalPath, text);
  const stored: TailedFile[] = [];
  const headers = new Map<string, string>();
  const inodes = new Set<bigint>();
  const goingOn = journal.entries.map(({ progressId, position, mark, tail }) =>
    goOnFrom(progressId, { position, mark }, progress, tail),
  );
  const tails = new Map<number, FilePlace>();
  for (const { tail } of goingOn) if (tail !== undefined) tails.set(tail.progressId, tail);
  for (const [i, entry] of journal.entries.entries()) {
    const { dev, ino, progressId, path } = entry;
    const { place: known, ahead: stands, tail } = goingOn[i]!;
    const done = progressId === undefined ? undefined : tails.get(progressId);
    // An event that ended in the next file was put together with what it had here.
    const place = done !== undefined && done.position > known.position ? done : known;
    const ahead = stands.filter((position) => position > place.position);
    inodes.add(ino);
    const named = rows.filter((row) => row.inode === ino);
    const key = dev === null ? null : keyOf({ dev, ino });
    const shown = path ?? (named.length === 1 ? named[0]!.file : null);
    stored.push(new TailedFile({ ...entry, key, path: shown, headers, place, ahead, tail }));
  }
  if (!journal.complete) {
    for (const { inode, pos, file } of rows) {
      if (inodes.has(inode)) continue;
      const place = { position: pos, mark: noMark };
      stored.push(
        new TailedFile({
          ...{ key: null, dev: null, ino: inode, path: file, headers, place },
          ...{ birthMs: 0, folderDev: null },
        }),
      );
    }
  }
  return { files: stored, text, problem };
}
