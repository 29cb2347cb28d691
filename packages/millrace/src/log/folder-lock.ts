import { accessSync, constants, existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { hasErrno, MillraceError } from '../runtime/errors.ts';
import { makeFolder } from '../runtime/make-folder.ts';

/** Holds a folder against every other process; the system lets go of it when the process ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/** Two starters at the same moment may stand in one another's way; one of them gets through within this time. */
const retryMs = 200;

/** Keeps the lock of a caller who drops the handle: a collected database would be closed. */
const held = new Set<DatabaseSync>();

/**
 * Locks a folder for this process, or throws `DIRECTORY_LOCKED` naming the holder's process id.
 *
 * The lock is the kernel's own record lock on `.lock` (the file that Kafka's broker locks too, so the two exclude one
 * another): it cannot go stale, needs no process id to be right, and holds between containers that share the folder.
 * Node has no call for it; SQLite does, so the file is opened as an empty database whose exclusive lock is kept.
 * `.lock.pid` beside it only names the holder for people.
 */
export function lockFolder(dir: string, name = '.lock'): FolderLock {
  makeFolder(dir);
  const path = join(dir, name);
  // Where the file can't be had, the system says why; SQLite does not. It must not be opened here: closing it would
  // give up a record lock that this process may already hold.
  accessSync(dir, constants.W_OK | constants.X_OK);
  if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
  // Not imported at the top: a Node without it would fail to load the whole library, and say nothing that helps.
  const sqlite = process.getBuiltinModule('node:sqlite');
  let database: DatabaseSync | null = new sqlite.DatabaseSync(path, { timeout: retryMs });
  try {
    // A journal in memory leaves no second file behind; nothing is ever written into the database.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    const holder = readHolder(`${path}.pid`);
    throw new MillraceError(
      'DIRECTORY_LOCKED',
      `${resolve(dir)} is in use by ${holder === null ? 'another process' : `process ${holder}`}`,
      { cause: error, details: { dir: resolve(dir), pid: holder } },
    );
  }
  held.add(database);
  writeFileSync(`${path}.pid`, `${process.pid}\n`);
  return {
    release(): void {
      if (database === null) return;
      try {
        unlinkSync(`${path}.pid`);
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
      } finally {
        held.delete(database);
        database.close();
        database = null;
      }
    },
  };
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function readHolder(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isSafeInteger(pid) ? pid : null;
  } catch {
    return null;
  }
}
