import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { javaRegex } from '../../config/java-regex.ts';
import type { Headers } from '../../records/event-batch.ts';
import { hasErrno, MillraceError } from '../../runtime/errors.ts';
import { javaHashMapOrder } from '../../runtime/java-map.ts';

/** A file that a group's pattern matches right now. */
export interface FoundFile {
  readonly path: string;
  readonly stat: Stats;
}

/** One `filegroups.<name>`: a literal directory and a pattern for the last path segment, matched in full. */
export class FileGroup {
  readonly name: string;
  readonly directory: string;
  readonly headers: Headers;
  readonly #pattern: RegExp;
  readonly #cacheListing: boolean;
  #listing: readonly string[] = [];
  #listedMtimeMs = Number.NaN;

  constructor(name: string, pathPattern: string, headers: Headers, cacheListing: boolean) {
    if (!isAbsolute(pathPattern)) {
      throw new MillraceError(
        'CONFIG_INVALID',
        `filegroups.${name} = ${pathPattern} is not an absolute path`,
      );
    }
    this.name = name;
    this.directory = dirname(pathPattern);
    this.headers = headers;
    this.#pattern = javaRegex(basename(pathPattern), { fullMatch: true });
    this.#cacheListing = cacheListing;
  }

  matches(fileName: string): boolean {
    return this.#pattern.test(fileName);
  }

  /** The matching files, oldest first; null while the directory isn't there. */
  find(): readonly FoundFile[] | null {
    const names = this.#list();
    if (names === null) return null;
    const found: FoundFile[] = [];
    for (const name of names) {
      const path = join(this.directory, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile() === true) found.push({ path, stat });
    }
    return found.sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs || (a.path < b.path ? -1 : 1));
  }

  /** All regular files of the directory, matching or not, for finding where a rotated file went. */
  siblings(): readonly FoundFile[] {
    let names: string[];
    try {
      names = readdirSync(this.directory);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const path = join(this.directory, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true ? [{ path, stat }] : [];
    });
  }

  /**
   * The matching names. A listing is used again while the directory's time stands still; a time less than 2 s old may
   * hide a file that came within the same tick of the clock.
   */
  #list(): readonly string[] | null {
    let mtimeMs: number;
    try {
      mtimeMs = statSync(this.directory).mtimeMs;
      if (this.#cacheListing && mtimeMs === this.#listedMtimeMs) return this.#listing;
      this.#listing = readdirSync(this.directory).filter((name) => this.matches(name));
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return null;
      throw error;
    }
    this.#listedMtimeMs = Date.now() - mtimeMs > 2000 ? mtimeMs : Number.NaN;
    return this.#listing;
  }
}

/** Groups in the order in which Flume visits them: Java's hash order of their names (golden A5). */
export function inFlumeOrder(groups: readonly FileGroup[]): readonly FileGroup[] {
  const byName = new Map(groups.map((group) => [group.name, group]));
  return javaHashMapOrder([...byName.keys()]).map((name) => byName.get(name)!);
}

/** What rotation appends to a name: `.1`, `-20261122`, `.2026-11-22_10`; compressed generations are no text. */
const rotationSuffix = /^[.\-_]\d[\d.\-_]*$/;

/** Whether `name` looks like an earlier generation of `live` (`app.log.1`, `app-20261122.log` of `app.log`). */
export function isGenerationOf(live: string, name: string): boolean {
  if (name.startsWith(live)) return rotationSuffix.test(name.slice(live.length));
  const dot = live.lastIndexOf('.');
  if (dot <= 0) return false;
  const [stem, extension] = [live.slice(0, dot), live.slice(dot)];
  return (
    name.startsWith(stem) &&
    name.endsWith(extension) &&
    rotationSuffix.test(name.slice(stem.length, -extension.length))
  );
}
