import { MillraceError } from '../runtime/errors.ts';
import { patternFault } from './regex-fault.ts';

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
 * `\p{Alpha}`, `\A \z \Z \h \v \R`, Java's `$` and `\s`, leading inline flags `(?i)` and possessive quantifiers (taken
 * as greedy: the same matches, save where possessiveness makes one fail) are understood.
 *
 * Otherwise than in Java: `(?i)` folds letters beyond ASCII, too, and `\b` is a boundary of ASCII words, as from Java 19 on.
 *
 * @throws MillraceError `CONFIG_INVALID` for what JavaScript has no like for (atomic groups, class intersections), with
 * the character at which it stands.
 */
export function javaRegex(pattern: string, options: { fullMatch?: boolean; flags?: string } = {}): RegExp {
  let flags = options.flags ?? '';
  let source = pattern;
  const inline = inlineFlags.exec(source);
  if (inline !== null) {
    source = source.slice(inline[0].length);
    for (const flag of inline[1]!) {
      if (flag === 'x') throw unsupported(pattern, 'the flag (?x)', 0);
      if (!flags.includes(flag)) flags += flag;
    }
  }
  if (!flags.includes('u')) flags += 'u';
  const multiline = flags.includes('m');
  const body = new Translation(source, pattern, multiline).all();
  const whole = options.fullMatch === true ? `${startOf(multiline)}(?:${body})${endOf(multiline)}` : body;
  try {
    return new RegExp(whole, flags);
  } catch (error) {
    const shift = pattern.length - source.length;
    const fault = patternFault(source);
    const why = fault === null ? '' : `: ${fault.what} (character ${shift + fault.at + 1})`;
    throw new MillraceError('CONFIG_INVALID', `'${pattern}' is not a valid regular expression${why}`, {
      cause: error,
    });
  }
}

/**
 * The input's start and end, also where `^` and `$` are those of lines. (`[^]` would not do: V8 looks for a match
 * between the halves of a surrogate pair, too, where there is no character for it. A bare `$` would not do: V8 then
 * begins so near to the end that it cuts the last pair.)
 */
const startOf = (multiline: boolean): string => (multiline ? '^(?<![\\n\\r\\u2028\\u2029])' : '^');
const endOf = (multiline: boolean): string => (multiline ? '$(?![\\n\\r\\u2028\\u2029])' : '(?=$)');
/** Inside of brackets: Java's white space, vertical and horizontal, and line terminators. */
const white = ' \\t\\n\\x0B\\f\\r';
const notWhite = '\\0-\\x08\\x0E-\\x1F!-\\u{10FFFF}';
const vertical = '\\n\\x0B\\f\\r\\x85\\u2028\\u2029';
const horizontal = ' \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const terminators = '\\n\\r\\x85\\u2028\\u2029';
const notWithinCrLf = '(?!(?<=\\r)\\n)';
/** One pattern on its way from Java to JavaScript. */
class Translation {
  readonly #source: string;
  readonly #pattern: string;
  readonly #multiline: boolean;
  /** How much of the pattern stands before `source`. */
  readonly #shift: number;
  #at = 0;
  #inClass = false;
  /** Where the last quantifier ended: a '+' right there is possessive. */
  #quantifierEnd = -1;
  /** How many groups have begun that a number means. */
  #groups = 0;

  constructor(source: string, pattern: string, multiline: boolean) {
    this.#source = source;
    this.#pattern = pattern;
    this.#multiline = multiline;
    this.#shift = pattern.length - source.length;
  }

  all(): string {
    const parts: (string | number)[] = [];
    while (this.#at < this.#source.length) {
      const c = this.#source[this.#at]!;
      if (c === '\\') parts.push(this.#groupMeant() ?? this.#escape());
      else if (this.#inClass) parts.push(this.#ofClass(c));
      else parts.push(this.#plain(c));
    }
    const known = this.#groups;
    return parts
      .map((part) => (typeof part === 'string' ? part : part > known ? '(?:(?!))' : `(?:\\${part})`))
      .join('');
  }

  /** `\12`: as many digits as there have been groups for, and at least one. A group that there is not never matches. */
  #groupMeant(): number | null {
    const digits = this.#inClass ? null : /^\\([1-9]\d*)/.exec(this.#source.slice(this.#at))?.[1];
    if (digits == null) return null;
    let taken = 1;
    while (taken < digits.length && Number(digits.slice(0, taken + 1)) <= this.#groups) taken += 1;
    this.#at += 1 + taken;
    return Number(digits.slice(0, taken));
  }

  /** At the end, or before a line terminator that is the last thing. */
  #beforeLast(): string {
    return `${notWithinCrLf}(?=(?:\\r\\n|[${terminators}])?${endOf(this.#multiline)})`;
  }

  /** Takes what matches right here. */
  #take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.#source.slice(this.#at));
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #unsupported(what: string): MillraceError {
    return unsupported(this.#pattern, what, this.#shift + this.#at);
  }

  #escape(): string {
    const quoted = this.#take(/^\\Q(.*?)(?:\\E|$)/s);
    if (quoted !== null) {
      return quoted[1]!.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => (char === '-' ? '\\x2D' : `\\${char}`));
    }
    const at = this.#at;
    const named = this.#take(/^\\([pP])(?:\{([\w=]+)\}|([A-Z]))/);
    if (named !== null) {
      this.#at = at;
      const text = this.#named(named[1] === 'P', named[2] ?? named[3]!);
      this.#at = at + named[0].length;
      return text;
    }
    const hex = this.#take(/^\\x\{([0-9a-fA-F]+)\}/);
    if (hex !== null) return `\\u{${hex[1]}}`;
    const octal = this.#take(/^\\0([0-3]?[0-7]{1,2})/);
    if (octal !== null) return `\\u{${Number.parseInt(octal[1]!, 8).toString(16)}}`;
    const next = this.#source[this.#at + 1];
    if (next === undefined) throw this.#unsupported('a trailing backslash');
    const text = this.#letter(next);
    this.#at += 2;
    return text;
  }

  /** `\p{name}`: a class of Java's own, a property of Unicode's, or with Is a script. */
  #named(negated: boolean, name: string): string {
    const bare = name.replace(/^Is/, '');
    const own = javaClasses[bare];
    if (own !== undefined) {
      if (this.#inClass && negated) throw this.#unsupported(`\\P{${name}} inside a class`);
      return this.#inClass ? own : `[${negated ? '^' : ''}${own}]`;
    }
    for (const property of [bare, `Script=${bare}`]) {
      try {
        new RegExp(`\\p{${property}}`, 'u');
        return `\\${negated ? 'P' : 'p'}{${property}}`;
      } catch {
        // Not a property of that name.
      }
    }
    throw this.#unsupported(`\\p{${name}}`);
  }

  /** What an escaped character becomes; the `u` flag forbids needless escapes, which Java allows. */
  #letter(char: string): string {
    const oneOf = (inside: string) => (this.#inClass ? inside : `[${inside}]`);
    const noneOf = (inside: string) => {
      if (this.#inClass) throw this.#unsupported(`\\${char} inside a class`);
      return `[^${inside}]`;
    };
    switch (char) {
      case 's':
        return oneOf(white);
      case 'S':
        return oneOf(notWhite);
      case 'h':
        return oneOf(horizontal);
      case 'H':
        return noneOf(horizontal);
      case 'v':
        return oneOf(vertical);
      case 'V':
        return noneOf(vertical);
      case 'A':
        return startOf(this.#multiline);
      case 'z':
        return endOf(this.#multiline);
      case 'Z':
        return this.#beforeLast();
      case 'R':
        return `(?:\\r\\n|[${vertical}])`;
      case 'a':
        return '\\x07';
      case 'e':
        return '\\x1B';
      case 'G':
      case 'X':
      case 'N':
        throw this.#unsupported(`\\${char}`);
      default:
        if (/[a-zA-Z0-9^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
        return char === '-' ? '\\x2D' : char;
    }
  }

  #ofClass(c: string): string {
    if (this.#source.startsWith('&&', this.#at)) throw this.#unsupported('a class intersection (&&)');
    if (c === '[') throw this.#unsupported('a class inside a class');
    if (c === ']') this.#inClass = false;
    this.#at += 1;
    return c;
  }

  #plain(c: string): string {
    if (this.#source.startsWith('(?>', this.#at)) throw this.#unsupported('an atomic group (?>…)');
    if (/^\(\?[a-zA-Z]*(?:-[a-zA-Z]+)?\)/.test(this.#source.slice(this.#at))) {
      throw this.#unsupported('a flag that is not at the start');
    }
    if (/^\(\?i*[^i:<=!-]/.test(this.#source.slice(this.#at)))
      throw this.#unsupported('a flag but i of a group');
    if (c === '[') {
      this.#inClass = true;
      // A ']' right after the opening is a literal in Java.
      const [opening] = this.#take(/^\[\^?\]?/)!;
      return opening.replace(']', '\\]');
    }
    if (c === '{') {
      const counted = this.#take(/^\{\d+(,\d*)?\}/);
      this.#quantifierEnd = counted === null ? -1 : this.#at;
      if (counted !== null) return counted[0];
      throw new MillraceError(
        'CONFIG_INVALID',
        `'${this.#pattern}' is not a valid regular expression: { begins no repetition (character ${this.#shift + this.#at + 1})`,
        { remedy: 'Write \\{ for the character itself; in a properties file that is \\\\{.' },
      );
    }
    if (/^\((?!\?(?!<[^=!]))/.test(this.#source.slice(this.#at, this.#at + 4))) this.#groups += 1;
    this.#at += 1;
    if (c === '+' && this.#quantifierEnd === this.#at - 1) return '';
    if (c === '*' || c === '+' || c === '?') this.#quantifierEnd = this.#at;
    if (c === '$') return this.#multiline ? `${notWithinCrLf}$` : this.#beforeLast();
    // Not at the very end, whatever stands before it.
    if (c === '^') return this.#multiline ? `${notWithinCrLf}^(?=[^])` : '^';
    return c === ']' || c === '{' || c === '}' ? `\\${c}` : c;
  }
}

function unsupported(pattern: string, what: string, at: number): MillraceError {
  return new MillraceError('CONFIG_INVALID', `'${pattern}': ${what} is not supported (character ${at + 1})`, {
    remedy: 'Write the expression without it.',
  });
}
