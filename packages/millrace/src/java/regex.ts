import { MillraceError } from '../runtime/errors.ts';

/** POSIX and java.lang.Character classes that Java writes `\p{Alpha}`; inside a class, without the brackets. */
const javaClasses: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
};

const inlineFlags = /^\(\?([imsxu]+)\)/;

/**
 * Translates a java.util.regex pattern to a JavaScript one. Flume's regular expressions are Java's: `\Q…\E`,
 * `\p{Alpha}`, `\A \z \Z \h`, leading inline flags `(?i)` and possessive quantifiers (taken as greedy: the same
 * matches, save where possessiveness makes one fail) are understood.
 *
 * @throws MillraceError `CONFIG_INVALID` for what JavaScript has no like for (atomic groups, class intersections).
 */
export function javaRegex(pattern: string, options: { fullMatch?: boolean; flags?: string } = {}): RegExp {
  let flags = options.flags ?? '';
  let source = pattern;
  const inline = inlineFlags.exec(source);
  if (inline !== null) {
    source = source.slice(inline[0].length);
    for (const flag of inline[1]!) {
      if (flag === 'x') throw unsupported(pattern, 'the flag (?x)');
      if (!flags.includes(flag)) flags += flag;
    }
  }
  if (!flags.includes('u')) flags += 'u';
  const body = translate(source, pattern);
  try {
    return new RegExp(options.fullMatch === true ? `^(?:${body})$` : body, flags);
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `'${pattern}' is not a valid regular expression`, {
      cause: error,
    });
  }
}

function translate(source: string, pattern: string): string {
  let out = '';
  let inClass = false;
  let quantifierEnd = -1; // where the last quantifier ended: a '+' right there is possessive
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === '\\') {
      const next = source[i + 1];
      if (next === undefined) throw unsupported(pattern, 'a trailing backslash');
      if (next === 'Q') {
        const end = source.indexOf('\\E', i + 2);
        const literal = source.slice(i + 2, end < 0 ? undefined : end);
        out += literal.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => (char === '-' ? '\\x2D' : `\\${char}`));
        i = end < 0 ? source.length : end + 1;
        continue;
      }
      const named = /^\\[pP]\{(?:Is)?(\w+)\}/.exec(source.slice(i));
      const posix = named === null ? undefined : javaClasses[named[1]!];
      if (named !== null && posix !== undefined) {
        const negated = next === 'P';
        if (inClass && negated) throw unsupported(pattern, `${named[0]} inside a class`);
        out += inClass ? posix : `[${negated ? '^' : ''}${posix}]`;
        i += named[0].length - 1;
        continue;
      }
      out += escapeOf(next);
      i += 1;
      continue;
    }
    if (inClass) {
      if (c === '&' && source[i + 1] === '&') throw unsupported(pattern, 'a class intersection (&&)');
      if (c === '[') throw unsupported(pattern, 'a class inside a class');
      if (c === ']') inClass = false;
      out += c;
      continue;
    }
    if (c === '[') {
      inClass = true;
      out += c;
      // A ']' right after the opening is a literal in Java.
      if (source[i + 1] === '^') out += source[++i];
      if (source[i + 1] === ']') {
        out += '\\]';
        i += 1;
      }
      continue;
    }
    if (c === '(' && source.startsWith('(?>', i)) throw unsupported(pattern, 'an atomic group (?>…)');
    if (c === '+' && quantifierEnd === i) continue;
    if (c === '*' || c === '+' || c === '?') quantifierEnd = i + 1;
    if (c === '{') {
      const counted = /^\{\d+(,\d*)?\}/.exec(source.slice(i));
      out += counted === null ? '\\{' : counted[0];
      if (counted !== null) {
        i += counted[0].length - 1;
        quantifierEnd = i + 1;
      }
      continue;
    }
    if (c === ']' || c === '}') {
      out += `\\${c}`;
      continue;
    }
    out += c;
  }
  return out;
}

/** What an escaped character becomes; the `u` flag forbids needless escapes, which Java allows. */
function escapeOf(char: string): string {
  switch (char) {
    case 'A':
      return '^';
    case 'z':
      return '$';
    case 'Z':
      return '(?=\\n?$)';
    case 'h':
      return '[ \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]';
    case 'a':
      return '\\x07';
    case 'e':
      return '\\x1B';
    default:
      if (/[a-zA-Z0-9^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
      return char === '-' ? '\\x2D' : char;
  }
}

function unsupported(pattern: string, what: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `'${pattern}': ${what} is not supported`, {
    remedy: 'Write the expression without it.',
  });
}
