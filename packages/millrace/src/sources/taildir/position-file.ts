import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../runtime/make-folder.ts';

/** One entry of Flume's position file. */
export interface Position {
  readonly inode: number;
  readonly pos: number;
  readonly file: string;
}

/** A position file larger than this is not one. */
const maxBytes = 64 * 1024 * 1024;

/** Flume's form: one line, no newline at the end, keys in the order inode, pos, file. */
export function formatPositions(entries: readonly Position[]): string {
  return JSON.stringify(entries.map(({ inode, pos, file }) => ({ inode, pos, file })));
}

/**
 * Reads a position file, Flume's or ours. An absent file is no positions; a file that can't be understood is no
 * positions either, with the reason (Flume logs "Failed loading positionFile" and starts from 0).
 */
export function loadPositions(path: string): {
  text: string | null;
  entries: readonly Position[];
  problem: string | null;
} {
  if (!existsSync(path)) return { text: null, entries: [], problem: null };
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxBytes) return { text: null, entries: [], problem: `it has ${bytes.length} bytes` };
    text = bytes.toString('utf8');
  } catch (error) {
    return { text: null, entries: [], problem: error instanceof Error ? error.message : String(error) };
  }
  if (text.trim() === '') return { text, entries: [], problem: 'it is empty' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { text, entries: [], problem: error instanceof Error ? error.message : String(error) };
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

/** What is wrong with an entry; null for a position. */
function faultOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null) return 'it is not an object';
  const { inode, pos, file } = entry as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(inode)) return 'inode is not a whole number';
  if (!Number.isSafeInteger(pos) || (pos as number) < 0) return 'pos is not a whole number of 0 or more';
  return typeof file === 'string' ? null : 'file is not a text';
}

/** Replaces the file in one step: a crash leaves the old one or the new one, never half of one (Flume truncates first). */
export async function savePositions(path: string, text: string): Promise<void> {
  makeFolder(dirname(path));
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}
