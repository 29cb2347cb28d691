/** The replacement texts of java.util.regex.Matcher, as JavaScript's own. */
import { MillraceError } from '../runtime/errors.ts';

/**
 * `replacement` as `Matcher.replaceAll` reads it, for `String.replace`: `$1` is a group (as many digits as there is a
 * group for), `${name}` a named one, a backslash takes the next character as it stands. A group that has no part in the
 * match is empty.
 *
 * @throws MillraceError `CONFIG_INVALID` for what Java would throw at the first match, and for groups from 100 on.
 */
export function javaReplacement(replacement: string, pattern: RegExp): string {
  const groups = groupsOf(pattern);
  let out = '';
  for (let i = 0; i < replacement.length; i++) {
    const c = replacement[i]!;
    if (c === '\\') {
      i += 1;
      const next = replacement[i];
      if (next === undefined) throw invalid(replacement, i - 1, 'nothing stands behind the backslash');
      out += literal(next);
    } else if (c === '$') {
      const { group, end } = reference(replacement, i, groups);
      // Always two digits: JavaScript would take a digit behind them for text.
      out += group === 0 ? '$&' : `$${String(group).padStart(2, '0')}`;
      i = end - 1;
    } else out += c;
  }
  return out;
}

const literal = (c: string): string => (c === '$' ? '$$' : c);

interface Groups {
  readonly count: number;
  /** Number by name. */
  readonly named: ReadonlyMap<string, number>;
}

/** An alternative that always matches shows what groups there are. */
function groupsOf(pattern: RegExp): Groups {
  const match = new RegExp(`${pattern.source}|`, `${pattern.flags.replace(/[gyd]/g, '')}`).exec('')!;
  const named = new Map<string, number>();
  let number = 0;
  // Group openings, beside escaped characters and what stands in classes.
  for (const [text, name] of pattern.source.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?<([a-zA-Z]\w*)>/gs,
  )) {
    if (!text.startsWith('(')) continue;
    number += 1;
    if (name !== undefined) named.set(name, number);
  }
  return { count: match.length - 1, named };
}

/** The group that the `$` at `at` stands for, and where what names it ends. */
function reference(text: string, at: number, { count, named }: Groups): { group: number; end: number } {
  const name = /^\$\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(text.slice(at));
  if (name !== null) {
    const group = named.get(name[1]!);
    if (group === undefined) throw invalid(text, at, `there is no group named ${name[1]}`);
    return { group: known(text, at, group), end: at + name[0].length };
  }
  let end = at + 1;
  let group = digitAt(text, end);
  if (group === null) {
    throw invalid(text, at, 'behind $ must stand a number or {name}; a dollar sign itself is \\$');
  }
  if (group > count) throw invalid(text, at, `there is no group ${group}`);
  for (;;) {
    end += 1;
    const digit = digitAt(text, end);
    if (digit === null || group * 10 + digit > count) return { group: known(text, at, group), end };
    group = group * 10 + digit;
  }
}

function known(text: string, at: number, group: number): number {
  if (group > 99) throw invalid(text, at, `group ${group} is beyond 99`);
  return group;
}

function digitAt(text: string, at: number): number | null {
  const c = text[at];
  return c !== undefined && c >= '0' && c <= '9' ? Number(c) : null;
}

function invalid(text: string, at: number, what: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `'${text}': at character ${at + 1}: ${what}`, {
    remedy: `Write the replacement as Java reads it: $1, $\{name}, \\$ for a dollar sign.`,
  });
}
