/** What an option is, in words: for the pages of the components and for `millrace check --explain`. */
import type { Option } from './options.ts';

/** What a number may be, where that is less than Java's type holds: `from 1`, `0 to 100`; empty where it is not. */
export function rangeText(option: Option): string {
  if (option.kind !== 'int' && option.kind !== 'duration' && option.kind !== 'bytes') return '';
  if (option.min === undefined) return option.max === undefined ? '' : `to ${option.max}`;
  return option.max === undefined ? `from ${option.min}` : `${option.min} to ${option.max}`;
}

const kindTexts: Readonly<Record<Exclude<Option['kind'], 'component'>, string>> = {
  string: 'text',
  secret: 'a password, never shown',
  path: 'a file or folder; ~ is the home folder',
  hostPorts: 'servers, host:port each, separated by commas',
  int: 'a whole number',
  bytes: 'a number of bytes',
  duration: 'a length of time',
  boolean: 'true or false; everything but true is false',
  enum: 'one of a few words, in any letter case',
  list: 'names',
  map: 'a family of properties',
  properties: "another program's own properties",
};

/** What a value of it looks like. */
export function kindText(option: Option): string {
  if (option.kind === 'component')
    return `the type of a ${option.component}, whose own properties stand below`;
  if (option.kind !== 'list') return kindTexts[option.kind];
  const { separator } = option;
  return `${kindTexts.list}, separated by ${separator?.test(',') === true ? 'commas' : 'blanks'}`;
}

/** What counts where nothing is written; undefined: nothing does. */
export function defaultText(option: Option): string | undefined {
  if (option.default === undefined) return undefined;
  const text = String(option.default);
  return text === '' ? 'the empty text' : text;
}
