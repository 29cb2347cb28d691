import { javaRegex } from '../java/regex.ts';
import { errorText } from '../runtime/errors.ts';
import type { OptionFinding } from './options.ts';

/** What keeps an option's Java regular expression from being had. */
export function patternFaults(key: string, pattern: string): readonly OptionFinding[] {
  try {
    javaRegex(pattern);
    return [];
  } catch (error) {
    return [{ key, message: `${key}: ${errorText(error)}` }];
  }
}
