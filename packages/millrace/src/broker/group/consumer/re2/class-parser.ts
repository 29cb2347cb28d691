import { type CharSet, charSet, folded, negated, perlClasses, posixClasses } from './char-set.ts';
import type { Cursor } from './cursor.ts';
import { PatternFault } from './re2-syntax.ts';
import { unicodeEscape } from './unicode-escape.ts';

/** Reads `[…]`; the cursor stands on the bracket. */
export class ClassParser {
  readonly #at: Cursor;
  readonly #ignoreCase: boolean;
  readonly #set: CharSet = charSet(() => false);

  constructor(at: Cursor, ignoreCase: boolean) {
    this.#at = at;
    this.#ignoreCase = ignoreCase;
  }

  read(): CharSet {
    const at = this.#at;
    at.next();
    const isNegative = at.take('^');
    for (let isFirst = true; at.peek !== ']' || isFirst; isFirst = false) {
      if (at.isDone) throw new PatternFault('missing closing ]');
      const named = this.#named();
      if (named !== null) this.#add(named);
      else this.#range();
    }
    at.next();
    return isNegative ? negated(this.#set) : this.#set;
  }

  #named(): CharSet | null {
    const at = this.#at;
    const posix = at.match(/\[:(\^?)(\w*):\]/y);
    if (posix !== null) {
      at.skip(posix[0].length);
      const name = posix[2]!;
      if (!Object.hasOwn(posixClasses, name)) throw new PatternFault('invalid character class range');
      return posix[1] === '^' ? negated(posixClasses[name]!) : posixClasses[name]!;
    }
    const escaped = at.match(/\\([dDsSwWpP])/y)?.[1];
    if (escaped === undefined) return null;
    at.next();
    if (escaped === 'p' || escaped === 'P') return unicodeEscape(at, this.#ignoreCase);
    at.next();
    return perlClasses[escaped]!;
  }

  #range(): void {
    const at = this.#at;
    const low = this.#code();
    let high = low;
    if (at.match(/-(?!\])/y) !== null) {
      at.next();
      if (at.isDone) throw new PatternFault('missing closing ]');
      high = this.#code();
      if (high < low) throw new PatternFault('invalid character class range');
    }
    this.#add(charSet((code) => code >= low && code <= high));
  }

  #code(): number {
    const at = this.#at;
    return at.take('\\') ? at.escapedCode() : at.next().codePointAt(0)!;
  }

  #add(set: CharSet): void {
    const cased = this.#ignoreCase ? folded(set) : set;
    for (let code = 0; code < cased.length; code++) this.#set[code]! |= cased[code]!;
  }
}
