import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError } from '../../../runtime/errors.ts';
import type { FileLayer } from '../../../runtime/files.ts';

/** A file of Flume's channel that Flume has open as long as it runs. */
const flumeFile = /\/(?:in_use\.lock|log-\d+|checkpoint|inflight(?:puts|takes))$/;

/**
 * Throws `DIRECTORY_LOCKED` where a Flume has the folders in use. The lock that Flume takes on `in_use.lock` says
 * nothing: it lets go of it at once (it closes a second handle of the same file, which gives up a POSIX lock). So those
 * are asked who have the files open. Where the system does not tell that, or not of every Java process, an
 * `in_use.lock` that lies there counts as held: Flume removes it when it is stopped, and leaves it when it is killed.
 */
export function refuseRunningFlume(
  dirs: readonly string[],
  files: FileLayer,
  { proc = '/proc', self = process.pid } = {},
): void {
  const { holder, unseen } = whoHolds(new Set(dirs), proc, self);
  if (holder !== null) {
    throw new MillraceError('DIRECTORY_LOCKED', `${holder.path} is in use by process ${holder.pid}`, {
      remedy: 'Stop Flume first (SIGTERM), and wait until its process has ended.',
      details: holder,
    });
  }
  const left = dirs.find((dir) => files.size(`${dir}/in_use.lock`) !== null && isFlumes(dir, files));
  if (unseen === null || left === undefined) return;
  throw new MillraceError('DIRECTORY_LOCKED', `${left}/in_use.lock is there, and ${unseen}`, {
    remedy: 'Make sure that Flume is stopped, then say so with --flume-is-stopped.',
    details: { path: `${left}/in_use.lock` },
  });
}

/** Millrace's own lock is kept in a file of that name, too: beside the events that were imported. */
const isFlumes = (dir: string, files: FileLayer): boolean =>
  files.list(`${dir}/events-0`).length === 0 && files.size(`${dir}/consumed`) === null;

interface Holders {
  readonly holder: { readonly path: string; readonly pid: number } | null;
  /** Why there may be one all the same; null: there is none. */
  readonly unseen: string | null;
}

function whoHolds(dirs: ReadonlySet<string>, proc: string, self: number): Holders {
  let pids: string[];
  try {
    pids = readdirSync(proc).filter((name) => /^\d+$/.test(name) && Number(name) !== self);
  } catch {
    return { holder: null, unseen: 'this system does not tell who has it open' };
  }
  if (pids.length === 0) return { holder: null, unseen: 'this system does not tell who has it open' };
  let unseen: string | null = null;
  for (const pid of pids) {
    const open = openFiles(`${proc}/${pid}`);
    if (open === null && nameOf(`${proc}/${pid}`) === 'java')
      unseen = `the Java process ${pid} of another user could not be looked at`;
    const path = open?.find((at) => flumeFile.test(at) && dirs.has(dirname(at)));
    if (path !== undefined) return { holder: { path, pid: Number(pid) }, unseen };
  }
  return { holder: null, unseen };
}

/** Null: this user may not see them. A process that has just ended has none. */
function openFiles(process: string): readonly string[] | null {
  let names: string[];
  try {
    names = readdirSync(`${process}/fd`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : [];
  }
  return names.flatMap((name) => {
    try {
      return [readlinkSync(`${process}/fd/${name}`)];
    } catch {
      return []; // it was closed in between
    }
  });
}

function nameOf(process: string): string {
  try {
    return readFileSync(`${process}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
