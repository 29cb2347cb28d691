import { basename, dirname, resolve } from 'node:path';
import { javaHashMapOrder } from '../../java/hash-map.ts';
import { javaRegex } from '../../java/regex.ts';
import type { Headers } from '../../records/event-batch.ts';

/** One `filegroups.<name>`: a literal folder and a pattern for the last path segment, matched in full. */
export class FileGroup {
  readonly name: string;
  readonly folder: string;
  readonly headers: Headers;
  /** As it is configured. */
  readonly path: string;
  readonly #pattern: RegExp;

  /** A relative path starts at the working directory, as in Flume. Throws where the pattern is none. */
  constructor(name: string, pathPattern: string, headers: Headers) {
    this.name = name;
    this.path = pathPattern;
    this.folder = resolve(dirname(pathPattern));
    this.headers = headers;
    this.#pattern = javaRegex(basename(pathPattern), { fullMatch: true });
  }

  matches(fileName: string): boolean {
    return this.#pattern.test(fileName);
  }
}

/** Groups in the order in which Flume visits them: Java's hash order of their names (golden A5). */
export function inFlumeOrder(groups: readonly FileGroup[]): readonly FileGroup[] {
  const byName = new Map(groups.map((group) => [group.name, group]));
  return javaHashMapOrder([...byName.keys()]).map((name) => byName.get(name)!);
}
