import { existsSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasErrno } from '../../runtime/errors.ts';
import type { Candidate } from './spool-folder.ts';

export interface RetireOptions {
  readonly deletes: boolean;
  readonly suffix: string;
  /** Where markers of finished files are made; null: the files themselves are renamed. */
  readonly markers: string | null;
}

/** Where a finished file went. */
export interface Retired {
  /** Its new name, or its marker; null: it is deleted. */
  readonly to: string | null;
  /** The name that it should have got was taken: another file had the same name once. */
  readonly isReused: boolean;
}

/** Takes a finished file out of the way, as the policies say. Throws the system's error. */
export function retire({ path, relative }: Candidate, options: RetireOptions): Retired {
  const { deletes, suffix, markers } = options;
  if (deletes) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
    return { to: null, isReused: false };
  }
  if (markers !== null) return mark(join(markers, relative + suffix));
  const to = freeName(path, suffix);
  renameSync(path, to);
  return { to, isReused: to !== path + suffix };
}

/** The name that a finished file is to get, where another has it already; null: it is free, or not needed. */
export function takenName(
  { path, relative }: Candidate,
  { deletes, suffix, markers }: RetireOptions,
): string | null {
  if (deletes) return null;
  const to = markers === null ? path + suffix : join(markers, relative + suffix);
  return existsSync(to) ? to : null;
}

function mark(to: string): Retired {
  mkdirSync(dirname(to), { recursive: true });
  try {
    writeFileSync(to, '', { flag: 'wx' });
    return { to, isReused: false };
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return { to, isReused: true };
    throw error;
  }
}

/** `a.txt.COMPLETED`, else `a.txt.1.COMPLETED`, `a.txt.2.COMPLETED`, …: all end so that they are not read. */
function freeName(path: string, suffix: string): string {
  let to = path + suffix;
  for (let n = 1; existsSync(to); n++) to = `${path}.${n}${suffix}`;
  return to;
}
