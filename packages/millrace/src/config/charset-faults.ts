import { findCharset, knownCharsets } from '../java/charsets.ts';
import { nearest } from './nearest.ts';
import type { OptionFinding } from './options.ts';

/** What keeps an option's charset from being had. Java refuses a name it does not know, too. */
export function charsetFaults(key: string, name: string): readonly OptionFinding[] {
  if (findCharset(name) !== undefined) return [];
  const near = nearest(name, knownCharsets);
  const message = `${key}: the charset ${name} is not known`;
  const suggestion =
    near === undefined
      ? 'write UTF-8, ISO-8859-1 or another that has a name in Java'
      : `did you mean ${near}?`;
  return [{ key, message, suggestion, code: 'bad-value' }];
}
