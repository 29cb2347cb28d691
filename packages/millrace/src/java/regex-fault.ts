/** What is wrong with a pattern, and the place at which it begins, counted from 0. */
export interface PatternFault {
  readonly at: number;
  readonly what: string;
}

/**
 * Where a java.util.regex pattern that no engine takes goes wrong: what is opened and never closed, closed and never
 * opened, or repeats nothing. Null: it is something else.
 */
export function patternFault(pattern: string): PatternFault | null {
  const groups: number[] = [];
  let classAt = -1;
  /** What a quantifier would repeat; one that stands behind another makes that reluctant or possessive, once. */
  let before: 'nothing' | 'something' | 'repeated' = 'nothing';
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === '\\') {
      const quoted = pattern[at + 1] === 'Q' ? pattern.indexOf('\\E', at + 2) : -1;
      if (pattern[at + 1] === 'Q' && quoted < 0) break;
      at = quoted < 0 ? at + 1 : quoted + 1;
      before = 'something';
    } else if (classAt >= 0) {
      if (c === ']') classAt = -1;
      else {
        const range = /^([^\\\]])-([^\\\]])/.exec(pattern.slice(at));
        if (range !== null && range[1]! > range[2]!)
          return { at, what: `the range ${range[0]} runs backwards` };
        if (range !== null) at += 2;
      }
      before = 'something';
    } else if (c === '[') {
      classAt = at;
      at += /^\[\^?\]?/.exec(pattern.slice(at))![0].length - 1;
    } else if (c === '(') {
      groups.push(at);
      at += /^\((?:\?(?:<[\w]+>|<?[=!]|[a-z]*:))?/.exec(pattern.slice(at))![0].length - 1;
      before = 'nothing';
    } else if (c === ')') {
      if (groups.pop() === undefined) return { at, what: 'no group is open that ) could close' };
      before = 'something';
    } else if (c === '|') before = 'nothing';
    else {
      const counted = /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(at));
      if (counted === null && c !== '*' && c !== '+' && c !== '?') {
        before = 'something';
        continue;
      }
      const sign = counted?.[0] ?? c;
      if (before === 'nothing') return { at, what: `${sign} repeats nothing` };
      if (before === 'repeated' && c !== '?' && c !== '+') return { at, what: `${sign} repeats nothing` };
      if (counted?.[2] && Number(counted[1]) > Number(counted[2]))
        return { at, what: `${sign} asks for more than it allows` };
      at += sign.length - 1;
      before = before === 'repeated' ? 'nothing' : 'repeated';
    }
  }
  if (classAt >= 0) return { at: classAt, what: 'the [ is never closed' };
  const open = groups.at(-1);
  return open === undefined ? null : { at: open, what: 'the ( is never closed' };
}
