import { MillraceError } from '../runtime/errors.ts';

/**
 * Words as Java's commons-cli takes them, turned into those of commander: a long name with one dash or two, cut short
 * as long as one name begins with it, with its value behind `=` or as the next word. Short names of several letters
 * (`-user`) count, too. Throws `USAGE` where a shortened name could be several.
 *
 * `names`: long names; `shorts`: what the short names of several letters stand for.
 */
export function javaWords(
  words: readonly string[],
  names: readonly string[],
  shorts: Readonly<Record<string, string>>,
): string[] {
  const result: string[] = [];
  for (const word of words) {
    const [, dashes = '', name = '', rest = ''] = /^(--?)([A-Za-z][\w-]*)(.*)$/s.exec(word) ?? [];
    const long =
      dashes === '' || (rest !== '' && !rest.startsWith('=')) ? null : longName(name, dashes, names, shorts);
    result.push(long === null ? shortWord(word) : `--${long}${rest}`);
  }
  return result;
}

function longName(
  name: string,
  dashes: string,
  names: readonly string[],
  shorts: Readonly<Record<string, string>>,
): string | null {
  if (names.includes(name)) return name;
  if (Object.hasOwn(shorts, name)) return shorts[name]!;
  // One letter behind one dash is a short name of its own.
  if (dashes === '-' && name.length === 1) return null;
  const near = names.filter((each) => each.startsWith(name));
  if (near.length > 1)
    throw new MillraceError(
      'USAGE',
      `${dashes}${name} may be ${near.map((each) => `--${each}`).join(' or ')}`,
    );
  return near[0] ?? null;
}

/** `-n=a1` is `-na1`. */
const shortWord = (word: string): string => word.replace(/^(-[A-Za-z])=/, '$1');
