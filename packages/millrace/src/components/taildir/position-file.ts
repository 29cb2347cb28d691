import { dirname } from 'node:path';
import { errorText } from '../../runtime/errors.ts';
import { type FileLayer, writeFully } from '../../runtime/files.ts';
import { readWhole } from '../../tracking/whole-file.ts';

/** One entry of Flume's position file. */
export interface Position {
  /** Exact: some file systems number beyond 2^53. */
  readonly inode: bigint;
  readonly pos: number;
  readonly file: string;
}

export interface LoadedPositions {
  /** Null where there is no file, or none that can be read. */
  readonly text: string | null;
  readonly entries: readonly Position[];
  readonly problem: string | null;
}

/** Flume's form: one line, no newline at the end, keys in the order inode, pos, file. */
export function formatPositions(entries: readonly Position[]): string {
  return `[${entries.map(({ inode, pos, file }) => `{"inode":${inode},"pos":${pos},"file":${JSON.stringify(file)}}`).join(',')}]`;
}

/**
 * Reads a position file, Flume's or ours. An absent file is no positions; a file that can't be understood is no
 * positions either, with the reason (Flume logs "Failed loading positionFile" and starts from 0).
 */
export function loadPositions(files: FileLayer, path: string): LoadedPositions {
  let text: string | undefined;
  try {
    text = readWhole(files, path)?.toString('utf8');
  } catch (error) {
    return { text: null, entries: [], problem: errorText(error) };
  }
  if (text === undefined) return { text: null, entries: [], problem: null };
  if (text.trim() === '') return { text, entries: [], problem: 'it is empty' };
  let json: unknown;
  try {
    json = JSON.parse(text, exactInode as (key: string, value: unknown) => unknown); // its types lag behind
  } catch (error) {
    return { text, entries: [], problem: errorText(error) };
  }
  if (!Array.isArray(json)) return { text, entries: [], problem: 'it is not an array' };
  // One bad entry must not cost the others their place.
  const faults = json.map(faultOf);
  const bad = faults.findIndex((fault) => fault !== null);
  return {
    text,
    entries: json.filter((_, i): _ is Position => faults[i] === null),
    problem: bad < 0 ? null : `entry ${bad}: ${faults[bad]}`,
  };
}

/** A whole number under `inode` as it is written, not as a double rounds it. */
function exactInode(key: string, value: unknown, context: { source?: string }): unknown {
  if (key !== 'inode' || typeof value !== 'number') return value;
  return /^-?\d+$/.test(context.source ?? '') ? BigInt(context.source!) : value;
}

/** What is wrong with an entry; null for a position. */
function faultOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null) return 'it is not an object';
  const { inode, pos, file } = entry as Readonly<Record<string, unknown>>;
  if (typeof inode !== 'bigint' || inode < 0n || inode >= 1n << 64n) return 'inode is not a whole number';
  if (!Number.isSafeInteger(pos) || (pos as number) < 0) return 'pos is not a whole number of 0 or more';
  return typeof file === 'string' ? null : 'file is not a text';
}

/** Replaces the file in one step: a crash leaves the old one or the new one, never half of one (Flume truncates first). */
export async function savePositions(files: FileLayer, path: string, text: string): Promise<void> {
  files.makeDir(dirname(path));
  const temporary = `${path}.tmp`;
  const file = files.open(temporary, 'create');
  try {
    file.truncate(0);
    writeFully(file, [Buffer.from(text)], 0);
    await file.datasync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
}
