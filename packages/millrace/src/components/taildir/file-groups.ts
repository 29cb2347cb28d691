import { basename, dirname, resolve } from 'node:path';
import { javaHashMapOrder } from '../../java/hash-map.ts';
import { javaRegex } from '../../java/regex.ts';
import type { Headers } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';

/**
 * One `filegroups.<name>`: a literal folder and a pattern for the last path segment, matched in full. A folder `**` stands
 * for any number of folders, also for none; of such a group `folder-tree.ts` makes one for each folder that is there.
 */
export class FileGroup {
  readonly name: string;
  /** Of a group with a `**`: the tree below which its folders are, and what their paths end in. */
  readonly tree: string | null;
  readonly folder: string;
  readonly headers: Headers;
  /** As it is configured. */
  readonly path: string;
  /** It was made for one folder of a tree. */
  readonly isPart: boolean;
  readonly #below: string;
  readonly #pattern: RegExp;

  /** A relative path starts at the working directory, as in Flume. Throws where the pattern is none. */
  constructor(name: string, pathPattern: string, headers: Headers, partFolder?: string) {
    this.name = name;
    this.path = pathPattern;
    const parts = dirname(pathPattern).split('/');
    const wild = partFolder === undefined ? parts.indexOf('**') : -1;
    if (wild >= 0 && parts.lastIndexOf('**') !== wild)
      throw new MillraceError('CONFIG_INVALID', 'a path has one ** at most');
    this.isPart = partFolder !== undefined;
    this.tree = wild < 0 ? null : resolve(parts.slice(0, wild).join('/') || '/');
    this.#below = wild < 0 ? '' : parts.slice(wild + 1).join('/');
    this.folder = partFolder ?? this.tree ?? resolve(dirname(pathPattern));
    this.headers = headers;
    this.#pattern = javaRegex(basename(pathPattern), { fullMatch: true });
  }

  matches(fileName: string): boolean {
    return this.#pattern.test(fileName);
  }

  /** Whether a folder is one of the group's, be it there or not. */
  coversFolder(folder: string): boolean {
    if (this.tree === null) return folder === this.folder;
    const within = this.tree === '/' ? folder : folder.slice(this.tree.length);
    const isWithin = within === '' || within.startsWith('/');
    return (
      isWithin &&
      (this.tree === '/' || folder.startsWith(this.tree)) &&
      (this.#below === '' || within.endsWith(`/${this.#below}`))
    );
  }

  /** Of a group with a `**`: the group of one of its folders. */
  in(folder: string): FileGroup {
    return new FileGroup(this.name, this.path, this.headers, folder);
  }
}

/** Groups in the order in which Flume visits them: Java's hash order of their names (golden A5). */
export function inFlumeOrder(groups: readonly FileGroup[]): readonly FileGroup[] {
  const byName = new Map(groups.map((group) => [group.name, group]));
  return javaHashMapOrder([...byName.keys()]).map((name) => byName.get(name)!);
}
