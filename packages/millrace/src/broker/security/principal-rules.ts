import { javaRegex } from '../../java/regex.ts';
import { MillraceError } from '../../runtime/errors.ts';

type Rule = (name: string) => string | null;

/**
 * `ssl.principal.mapping.rules`: what a principal is called, from the subject of its certificate. Rules after Kafka's
 * `SslPrincipalMapper`: `DEFAULT`, or `RULE:PATTERN/REPLACEMENT/` with L or U behind it, separated by commas; the
 * first that fits the whole name counts. Null: none does.
 */
export class PrincipalRules {
  readonly #rules: readonly Rule[];

  /** Throws `CONFIG_INVALID`. */
  constructor(text: string) {
    this.#rules = parse(text);
  }

  nameOf(subject: string): string | null {
    for (const rule of this.#rules) {
      const name = rule(subject);
      if (name !== null) return name;
    }
    return null;
  }
}

function parse(text: string): Rule[] {
  const rules: Rule[] = [];
  const part = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,|$)/y;
  for (let at = 0; at < text.trimEnd().length; at = part.lastIndex) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) throw invalid(`'${text.slice(at)}' is neither DEFAULT nor RULE:PATTERN/REPLACEMENT/`);
    const [, byDefault, pattern = '', replacement = '', letters = ''] = found;
    rules.push(byDefault === undefined ? rule(pattern, replacement, letters) : (name) => name);
  }
  if (rules.length === 0) throw invalid('there is no rule');
  return rules;
}

function rule(pattern: string, replacement: string, letters: string): Rule {
  let whole: RegExp;
  let all: RegExp;
  try {
    whole = javaRegex(pattern, { fullMatch: true });
    all = javaRegex(pattern, { flags: 'g' });
  } catch (error) {
    throw invalid(
      `the pattern '${pattern}' can't be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  return (name) => {
    if (!whole.test(name)) return null;
    const mapped = name.replace(all, (...found: unknown[]) => {
      const groups = found.slice(
        0,
        found.findIndex((each, i) => i > 0 && typeof each === 'number'),
      );
      return replaced(replacement, groups as (string | undefined)[]);
    });
    if (letters === 'L') return mapped.toLowerCase();
    return letters === 'U' ? mapped.toUpperCase() : mapped;
  };
}

/** `$1` is a group; a number of which there is no group is shortened as Java does, and is no group at all at the end. */
function replaced(replacement: string, groups: readonly (string | undefined)[]): string {
  return replacement.replace(
    /\\(.)|\$(\d+)/g,
    (all, escaped: string | undefined, digits: string | undefined) => {
      if (escaped !== undefined) return escaped;
      for (let used = digits!.length; used > 0; used--) {
        const group = Number(digits!.slice(0, used));
        if (group < groups.length) return `${groups[group] ?? ''}${digits!.slice(used)}`;
      }
      return all;
    },
  );
}

const invalid = (why: string) =>
  new MillraceError('CONFIG_INVALID', `ssl.principal.mapping.rules: ${why}`, {
    remedy: 'Write it as RULE:^CN=(.*?),OU=.*$/$1/L, DEFAULT',
    details: { key: 'ssl.principal.mapping.rules' },
  });
