import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { parseProperties } from '../config/properties.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';

/** Where Flume looks first; behind it stand the folders of the class path. */
export const systemOpts = '/etc/flume/flume.opts';

export interface FlumeOpts {
  readonly file: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** The first `flume.opts` that can be read; null where there is none. `tell` hears of one that can't be. */
export function readFlumeOpts(files: readonly string[], tell: (text: string) => void): FlumeOpts | null {
  for (const file of files) {
    try {
      const { properties } = parseProperties(readFileSync(file), file);
      return { file, properties: new Map([...properties].map(([key, { value }]) => [key, value])) };
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) tell(`${file} can't be read: ${errorText(error)}`);
    }
  }
  return null;
}

/** `flume.opts` of the system, then those of the class path. */
export function flumeOptsFiles(classPath: readonly string[]): readonly string[] {
  return [systemOpts, ...classPath.map((folder) => join(folder, 'flume.opts'))];
}

/**
 * The words that presets stand for: what the command line gives itself goes before them, a flag counts where its value
 * is yes, true or 1. Throws `USAGE` for a name that is no option, as commons-cli does.
 */
export function presetWords(
  { file, properties }: FlumeOpts,
  parsed: Command,
  words: readonly string[],
): string[] {
  const result: string[] = [];
  for (const [name, value] of properties) {
    const option = parsed.options.find((each) => namesOf(each).includes(name));
    if (option === undefined)
      throw new MillraceError('USAGE', `${file}: ${name} is no option of flume-ng agent`, {
        remedy: 'Take it out; names are those of the options, without dashes.',
      });
    const { long } = option;
    if (words.some((word) => isOption(word, option))) continue;
    if (option.required || option.optional) result.push(`${long}=${value}`);
    else if (/^(yes|true|1)$/i.test(value)) result.push(long!);
  }
  return result;
}

const namesOf = ({ short, long }: Option): readonly string[] =>
  [short, long].flatMap((name) => (name === undefined ? [] : [name.replace(/^-+/, '')]));

function isOption(word: string, { short, long }: Option): boolean {
  if (word === long || word.startsWith(`${long}=`)) return true;
  return short !== undefined && !word.startsWith('--') && word.startsWith(short);
}
