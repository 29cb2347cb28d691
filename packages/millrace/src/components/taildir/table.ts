import type { ContentMark, FileKey } from '../../tracking/content-mark.ts';
import type { FileGroup } from './file-groups.ts';
import type { SeenFile } from './snapshot.ts';

/**
 * The decision table of TAILDIR: what is remembered of a file × what one look at the folders shows → what to do.
 * `decide` (decide.ts) is this table as a pure function; names in quotes are its steps.
 *
 * A file that is known, by device and inode:
 *
 * | it is  | seen                              | content before the position | step |
 * | ------ | --------------------------------- | --------------------------- | ---- |
 * | open   | under any name                    | -                           | 'follow' it; a rename changes nothing |
 * | open   | nowhere                           | -                           | 'drain': read to the end, let go when nothing more comes |
 * | open   | shorter, or beside a new file that may be a copy of it | other | 'dissolve' |
 * | open   | -                                 | reading found other bytes   | 'dissolve' |
 * | closed | size, time and birth as before    | -                           | 'rest' |
 * | closed | changed, or first look of a start | same                        | 'resume' at the position |
 * | closed | changed                           | other, or shorter           | 'dissolve': what it held is awaited in a copy, the file counts as found |
 * | closed | changed                           | not known yet (EACCES, EIO) | 'hold': neither read nor forgotten |
 * | closed | nowhere, all names were looked at | -                           | 'forget' at the second such look; a copy of it goes on in its place |
 * | any    | its folder is away, or unreadable, or another device is mounted there | - | 'keep' |
 * | any    | also known by another note of it, which a kill left behind | same, of both | 'forget' all but one |
 * | any    | another file at its path holds the same up to the position, `continueReplaced` | same | 'forget', the other file goes on there |
 *
 * A file that is found, matching a pattern and not known:
 *
 * | it                                                              | step |
 * | --------------------------------------------------------------- | ---- |
 * | holds what a dissolved file held, up to the position            | 'start' there: the copy of copytruncate |
 * | holds only the start of that                                    | 'start' at its end: all of it was read |
 * | stood there at the start, `skipToEnd`                           | 'start' at its end |
 * | begins as the file of which its name is a generation            | wait: a copy in the making, for as long as it grows |
 * | that file, or its content, can't be looked at now               | wait, a minute at most: it may be a copy of it |
 * | else                                                            | 'start' at 0, with its own path and group |
 *
 * A file that is compressed (`readCompressed`) counts as what it holds. Compressing makes a new file beside the old one,
 * which goes when all is written, so the compressed one is a copy: it goes on in the place of the file whose generation
 * its name is and whose content it holds, and waits for as long as that is there. What of it is not written yet, or can't
 * be told for now, makes it wait, too.
 *
 * A neighbour that matches no pattern: 'start' where it is a copy as above, and where its name and its time of birth
 * show that it was a generation of a known file which came and went between two looks; of a compressed one,
 * whose birth is that of the compressing, it is the time when its content was written last.
 */
export type Step<K extends KnownFile = KnownFile> =
  | { readonly do: 'follow' | 'rest' | 'resume' | 'hold'; readonly file: K; readonly seen: SeenFile }
  | { readonly do: 'drain' | 'keep'; readonly file: K }
  | { readonly do: 'forget'; readonly file: K; readonly why: 'gone' | 'replaced' | 'too many' }
  | { readonly do: 'missed'; readonly file: K }
  | { readonly do: 'dissolve'; readonly file: K; readonly seen: SeenFile }
  | Start;

/** A file to be tailed from now on. */
export interface Start {
  readonly do: 'start';
  readonly seen: SeenFile;
  readonly position: number;
  /** What is known to stand before the position. */
  readonly mark: ContentMark;
  /** What events show: where the lines were written. */
  readonly path: string;
  readonly group: FileGroup;
  /** All that it holds counts as read, wherever that ends. */
  readonly isRead?: boolean;
  /** Whose lines it goes on with. */
  readonly continues?: KnownFile;
}

/** What the table knows of a file that was found before, in this run or an earlier one. */
export interface KnownFile {
  /** Null where Flume wrote the position: it does not note the device. */
  readonly key: FileKey | null;
  readonly ino: bigint;
  /** Where its lines were written, which events show; null where only the journal knew it. */
  readonly path: string | null;
  /** Where it was seen last; null: not since the start. */
  readonly at: string | null;
  /** Up to where its lines have been taken. */
  readonly position: number;
  readonly mark: ContentMark;
  /** Largest size seen. */
  readonly largestSize: number;
  /** A copy that goes on where a file was has that one's; both are known where a kill left both notes behind. */
  readonly progressId: number;
  /** When it was made, Unix ms; 0: not known. */
  readonly birthMs: number;
  /** Device of the folder in which it was seen last; null: not known. */
  readonly folderDev: bigint | null;
  readonly isOpen: boolean;
  /** Of a compressed file that was read to its end: the bytes that it took then, else 0. */
  readonly packedBytes: number;
  /** Reading found other bytes than before, or fewer. */
  readonly rewritten: boolean;
  /** As it was when its content was known last: unchanged since, there is nothing to ask. */
  readonly last: SeenFile | null;
  /** Looks at all names of its folder, one after the other, that did not show it. */
  readonly missedLooks: number;
}

/** What stood in a file that now holds something else; a copy of it may turn up. */
export interface Awaited {
  readonly file: KnownFile;
  readonly path: string;
  /** All paths under which its file was seen: a copy may be named after any of them. */
  readonly names: readonly string[];
  readonly group: FileGroup;
  readonly position: number;
  readonly mark: ContentMark;
  readonly unreadBytes: number;
  /** By the monotonic clock. */
  readonly untilMs: number;
}

/** A file that may be a copy in the making. */
export interface Doubt {
  readonly size: number;
  readonly quietSinceMs: number;
  readonly sinceMs: number;
}

/** What is carried from one look to the next, beside the files. */
export interface Memory {
  readonly awaited: readonly Awaited[];
  readonly doubts: ReadonlyMap<FileKey, Doubt>;
  /** Folders of which nothing was seen since the start, though they may have been there. */
  readonly fresh: ReadonlySet<string>;
  /** Of each path the oldest file that is known to have stood there. */
  readonly since: ReadonlyMap<string, { key: FileKey | null; birthMs: number; mtimeMs: number }>;
}

export interface Loss {
  readonly path: string;
  readonly bytes: number;
}

export interface Decision<K extends KnownFile = KnownFile> {
  readonly steps: readonly Step<K>[];
  readonly memory: Memory;
  /** Folders of which all names must be looked at before anything can be decided. */
  readonly wanted: ReadonlySet<string>;
  /** Folders of which all names must be looked at again soon, as something could not be told. */
  readonly unclear: ReadonlySet<string>;
  /** Bytes that were not read and can't be any more. */
  readonly losses: readonly Loss[];
}

export interface Settings {
  /** In the order of reading. */
  readonly groups: readonly FileGroup[];
  readonly skipToEnd: boolean;
  /** A file in the place of another goes on at its position where it holds the same bytes up to there. */
  readonly continueReplaced: boolean;
}

/** How long a copy made by copytruncate may take to turn up. */
export const copyWaitMs = 3_000;
/** How long a file that looks like a copy in the making may stand still before it counts as a file of its own. */
export const copyDoubtMs = 3_000;
/** How long a copy is awaited that is there but can't be looked at. */
export const unreadableCopyWaitMs = 60_000;
/** Positions kept of files that can't be seen now, and paths remembered that have no file; the rest is let go. */
export const mostKept = 10_000;
