/**
 * A set of ASCII characters, one byte each. Names of topics have no others (`topicNameFault`), so that what a pattern
 * says of others does not matter.
 */
export type CharSet = Uint8Array;

export const charCount = 128;

export function charSet(isIn: (code: number) => boolean): CharSet {
  return Uint8Array.from({ length: charCount }, (_, code) => (isIn(code) ? 1 : 0));
}

export function negated(set: CharSet): CharSet {
  return set.map((isIn) => 1 - isIn);
}

/** With the other case of each letter. */
export function folded(set: CharSet): CharSet {
  return set.map((isIn, code) => {
    const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
    return isIn | (isLetter ? set[code ^ 32]! : 0);
  });
}

export const anyChar: CharSet = charSet(() => true);

const ofRegex = (regex: RegExp): CharSet => charSet((code) => regex.test(String.fromCharCode(code)));

const digits = ofRegex(/[0-9]/);
const spaces = ofRegex(/[\t\n\f\r ]/);
const words = ofRegex(/[0-9A-Za-z_]/);

/** `\d` and its like. */
export const perlClasses: Readonly<Record<string, CharSet>> = {
  d: digits,
  D: negated(digits),
  s: spaces,
  S: negated(spaces),
  w: words,
  W: negated(words),
};

export const isWordChar = (code: number): boolean => words[code] === 1;

/** `[:alpha:]` and its like. */
export const posixClasses: Readonly<Record<string, CharSet>> = {
  alnum: ofRegex(/[0-9A-Za-z]/),
  alpha: ofRegex(/[A-Za-z]/),
  ascii: anyChar,
  blank: ofRegex(/[\t ]/),
  cntrl: charSet((code) => code < 32 || code === 127),
  digit: digits,
  graph: ofRegex(/[!-~]/),
  lower: ofRegex(/[a-z]/),
  print: ofRegex(/[ -~]/),
  punct: ofRegex(/[!-/:-@[-`{-~]/),
  space: ofRegex(/[\t\n\v\f\r ]/),
  upper: ofRegex(/[A-Z]/),
  word: words,
  xdigit: ofRegex(/[0-9A-Fa-f]/),
};

/** `\pL`, `\p{Latin}`: a general category by its short name, or a script. Null where there is none of the name. */
export function unicodeClass(name: string): CharSet | null {
  if (name === 'Any') return anyChar;
  if (!/^[A-Za-z_]+$/.test(name)) return null;
  const property = name.length <= 2 ? name : `Script=${name}`;
  try {
    return ofRegex(new RegExp(`\\p{${property}}`, 'u'));
  } catch {
    return null;
  }
}
