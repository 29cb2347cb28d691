/** What `check` says of a TAILDIR source's file groups: what cannot work, and what hardly means what it says. */
import { basename, dirname, isAbsolute } from 'node:path';
import type { OptionFinding } from '../../config/options.ts';
import { errorText } from '../../runtime/errors.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { FileGroup } from './file-groups.ts';

export interface GroupOptions {
  readonly filegroups: readonly string[];
  readonly filegroupPaths: ReadonlyMap<string, string>;
  /** `GROUP.KEY` → value. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Why the groups cannot be read. */
export function groupFaults({ filegroups, filegroupPaths }: GroupOptions): OptionFinding[] {
  const faults = filegroups.flatMap((name): OptionFinding[] => {
    const path = filegroupPaths.get(name);
    if (path === undefined) return [];
    try {
      new FileGroup(name, expandHome(path), new Map());
      return [];
    } catch (error) {
      const key = `filegroups.${name}`;
      const meant = asExpression(basename(path));
      const message = `${key}: ${errorText(error)}`;
      const suggestion = meant === undefined ? 'the last part of the path is a regular expression' : meant;
      return [{ key, message, suggestion, code: 'bad-value' }];
    }
  });
  if (filegroups.length === 0 || filegroups.some((name) => filegroupPaths.has(name))) return faults;
  const message = `filegroups: none of ${filegroups.join(', ')} has a path`;
  const [first] = filegroups;
  const suggestion = separated(filegroups) ?? `add filegroups.${first} = /FOLDER/PATTERN`;
  return [{ key: 'filegroups', message, suggestion, code: 'missing' }];
}

/** What works, and hardly as it was meant. */
export function groupNotes(options: GroupOptions): OptionFinding[] {
  const { filegroups, filegroupPaths } = options;
  return [
    ...filegroups.flatMap((name) => pathNotes(name, filegroupPaths.get(name), filegroups)),
    ...unlistedNotes(options),
  ];
}

function pathNotes(name: string, path: string | undefined, filegroups: readonly string[]): OptionFinding[] {
  const key = `filegroups.${name}`;
  if (path === undefined) {
    const message = `filegroups: ${name} has no path, so it is passed over, as in Flume`;
    const suggestion = separated(filegroups) ?? `add ${key} = /FOLDER/PATTERN`;
    return [{ key: 'filegroups', message, suggestion, code: 'not-configured-group' }];
  }
  const notes: OptionFinding[] = [];
  const add = (message: string, suggestion: string) =>
    notes.push({ key, message, suggestion, code: 'suspicious-value' });
  if (!isAbsolute(expandHome(path))) {
    add(`${key} is relative: it starts at the working directory of the process`, 'write an absolute path');
  }
  const folder = dirname(path);
  if (/[*?[\]{}|]/.test(folder.replace(/(^|\/)\*\*(?=\/|$)/, ''))) {
    add(
      `${key}: the folder ${folder} is taken as it stands; only the last part of the path is an expression`,
      'name a folder, one group for each folder, or ** for all below',
    );
  }
  const meant = asExpression(basename(path));
  if (meant !== undefined) {
    add(`${key}: ${basename(path)} is read as a regular expression, not as a wildcard`, meant);
  }
  return notes;
}

/** Paths and headers of groups that nothing lists. */
function unlistedNotes({ filegroups, filegroupPaths, headers }: GroupOptions): OptionFinding[] {
  const listed = new Set(filegroups);
  const keys = [
    ...[...filegroupPaths.keys()].map((name) => [name, `filegroups.${name}`] as const),
    ...[...headers.keys()].map((name) => [name.split('.', 1)[0]!, `headers.${name}`] as const),
  ];
  return keys.flatMap(([group, key]): OptionFinding[] => {
    if (listed.has(group)) return [];
    const message = `${key} is ignored: filegroups does not list ${group}`;
    return [{ key, message, suggestion: `filegroups lists: ${filegroups.join(' ')}`, code: 'not-listed' }];
  });
}

function separated(names: readonly string[]): string | undefined {
  const all = names.join(' ');
  if (!/[,;]/.test(all)) return undefined;
  return `names are separated by blanks: ${all.split(/[\s,;]+/).join(' ')}`;
}

/** What to write for a wildcard (`*.log`, `app*.log`) as an expression in a properties file; undefined for others. */
function asExpression(pattern: string): string | undefined {
  // A star after a dot, a bracket or a class repeats that; after a letter or at the start it is hardly meant so.
  if (!/(^|[A-Za-z0-9_-])\*/.test(pattern) || /[\\()[\]{}|^$+]/.test(pattern)) return undefined;
  const expression = pattern
    .replaceAll('.*', '*')
    .replaceAll('.', '\\\\.')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return `write ${expression}`;
}
