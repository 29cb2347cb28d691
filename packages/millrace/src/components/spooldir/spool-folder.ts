import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../../runtime/errors.ts';
import type { Pace } from '../../tracking/pace.ts';

export interface SpoolFolderOptions {
  /** As Flume names it: no `/` at its end. */
  readonly root: string;
  readonly suffix: string;
  readonly include: RegExp;
  readonly ignore: RegExp;
  readonly recursive: boolean;
  readonly order: 'oldest' | 'youngest' | 'random';
  /** Where markers of finished files are, if there are such. */
  readonly markers: string | null;
  /** A file is read when it has been as it is for so long. */
  readonly settleMs: number;
  readonly pollMs: number;
}

/** A file that is to be read, as one look at its folder showed it. */
export interface Candidate {
  readonly path: string;
  readonly name: string;
  /** Below the spool directory. */
  readonly relative: string;
  readonly sizeBytes: number;
  /** Whole milliseconds, as Java has them. */
  readonly mtimeMs: number;
}

/** A look at the folders takes at most this part of the time. */
const scanShare = 1 / 20;

interface Look {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly sinceMs: number;
}

/**
 * The files of a spool directory in the order in which they are to be read. The folders are listed once for all files
 * that are there (Flume lists them for each), and again when those are done, or after a while that grows with what a
 * listing takes: an older file that comes late goes before those that are listed by then.
 */
export class SpoolFolder {
  readonly #options: SpoolFolderOptions;
  readonly #pace: Pace;
  readonly #failed: (folder: string, why: string) => void;
  #listed: Candidate[] = [];
  #next = 0;
  #listAgainMs = 0;
  /** Files that may still be being written, as they were seen first. */
  #unsettled = new Map<string, Look>();

  constructor(options: SpoolFolderOptions, pace: Pace, failed: (folder: string, why: string) => void) {
    this.#options = options;
    this.#pace = pace;
    this.#failed = failed;
  }

  /** The next file that is not to be passed over; null: there is none now. */
  async next(isHeld: (candidate: Candidate) => boolean): Promise<Candidate | null> {
    const isRandom = this.#options.order === 'random';
    if (this.#next >= this.#listed.length || (!isRandom && performance.now() >= this.#listAgainMs)) {
      await this.#list();
    }
    while (this.#next < this.#listed.length) {
      const candidate = this.#listed[this.#next++]!;
      if (!isHeld(candidate)) return candidate;
    }
    return null;
  }

  async #list(): Promise<void> {
    const began = performance.now();
    const found: Candidate[] = [];
    const unsettled = new Map<string, Look>();
    await this.#walk('', found, unsettled);
    this.#unsettled = unsettled;
    const { order, pollMs } = this.#options;
    if (order === 'oldest') found.sort((a, b) => a.mtimeMs - b.mtimeMs || byName(a, b));
    if (order === 'youngest') found.sort((a, b) => b.mtimeMs - a.mtimeMs || byName(a, b));
    this.#listed = found;
    this.#next = 0;
    const now = performance.now();
    this.#listAgainMs = now + Math.max(pollMs, (now - began) / scanShare);
  }

  async #walk(below: string, found: Candidate[], unsettled: Map<string, Look>): Promise<void> {
    const { root, suffix, include, ignore, recursive } = this.#options;
    const folder = below === '' ? root : `${root}/${below}`;
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      this.#failed(folder, errorText(error));
      return;
    }
    const done = this.#markersOf(below);
    for (const entry of entries) {
      const { name } = entry;
      const relative = below === '' ? name : `${below}/${name}`;
      if (name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (recursive && !ignore.test(name)) await this.#walk(relative, found, unsettled);
        continue;
      }
      if (name.endsWith(suffix) || !include.test(name) || ignore.test(name)) continue;
      if (done?.has(name + suffix)) continue;
      if (this.#pace.due()) await this.#pace.breath();
      const candidate = this.#look(`${folder}/${name}`, name, relative, unsettled);
      if (candidate !== null) found.push(candidate);
    }
  }

  #look(path: string, name: string, relative: string, unsettled: Map<string, Look>): Candidate | null {
    let stat: ReturnType<typeof statSync>;
    try {
      stat = statSync(path, { throwIfNoEntry: false });
    } catch {
      return null; // the next look tells more
    }
    if (stat === undefined || !stat.isFile()) return null;
    const { size: sizeBytes } = stat;
    const mtimeMs = Math.floor(stat.mtimeMs);
    if (!this.#isSettled(path, sizeBytes, mtimeMs, unsettled)) return null;
    return { path, name, relative, sizeBytes, mtimeMs };
  }

  /** By its time, or, as clocks may differ, by two looks that are far enough apart. */
  #isSettled(path: string, sizeBytes: number, mtimeMs: number, unsettled: Map<string, Look>): boolean {
    const { settleMs } = this.#options;
    if (settleMs === 0 || Date.now() - mtimeMs >= settleMs) return true;
    const now = performance.now();
    const last = this.#unsettled.get(path);
    const isSame = last !== undefined && last.sizeBytes === sizeBytes && last.mtimeMs === mtimeMs;
    const look = isSame ? last : { sizeBytes, mtimeMs, sinceMs: now };
    unsettled.set(path, look);
    return now - look.sinceMs >= settleMs;
  }

  /** The markers beside the files of one folder; null: there are none at all. */
  #markersOf(below: string): ReadonlySet<string> | null {
    const { markers } = this.#options;
    if (markers === null) return null;
    try {
      return new Set(readdirSync(join(markers, below)));
    } catch {
      return null;
    }
  }
}

const byName = (a: Candidate, b: Candidate): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
