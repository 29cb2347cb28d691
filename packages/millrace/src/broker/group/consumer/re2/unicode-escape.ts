import { type CharSet, folded, negated, unicodeClass } from './char-set.ts';
import type { Cursor } from './cursor.ts';
import { PatternFault } from './re2-syntax.ts';

/** `\pN`, `\p{Latin}`, `\P{^Greek}`; the cursor stands on the p. */
export function unicodeEscape(at: Cursor, ignoreCase: boolean): CharSet {
  let isNegative = at.next() === 'P';
  let name = at.isDone ? '' : at.next();
  if (name === '{') {
    name = '';
    while (!at.isDone && at.peek !== '}') name += at.next();
    if (!at.take('}')) throw new PatternFault('invalid character class range');
  }
  if (name.startsWith('^')) {
    isNegative = !isNegative;
    name = name.slice(1);
  }
  const set = unicodeClass(name);
  if (set === null) throw new PatternFault('invalid character class range');
  const cased = ignoreCase ? folded(set) : set;
  return isNegative ? negated(cased) : cased;
}
