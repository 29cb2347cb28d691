import { PatternFault } from './re2-syntax.ts';

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A place in the text of a pattern. */
export class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isDone(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The character here; empty at the end. */
  get peek(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  next(): string {
    const char = this.peek;
    this.#at += char.length;
    return char;
  }

  skip(length: number): void {
    this.#at += length;
  }

  /** Steps over the text where it stands here. */
  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** What a sticky expression finds here. */
  match(regex: RegExp): RegExpExecArray | null {
    regex.lastIndex = this.#at;
    return regex.exec(this.#text);
  }

  /** The character behind a backslash that is no class and no assertion. */
  escapedCode(): number {
    if (this.isDone) throw new PatternFault('trailing backslash at end of expression');
    const octal = this.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
    if (octal !== null) {
      this.skip(octal[0].length);
      return Number.parseInt(octal[0], 8);
    }
    const hex = this.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
    if (hex !== null) {
      this.skip(hex[0].length);
      const code = Number.parseInt(hex[1] ?? hex[2]!, 16);
      if (code > 0x10ffff) throw new PatternFault('invalid escape sequence');
      return code;
    }
    const char = this.next();
    const control = controls[char];
    if (control !== undefined) return control;
    if (/[!-~]/.test(char) && !/[0-9A-Za-z]/.test(char)) return char.charCodeAt(0);
    if (char === ' ') return 32;
    throw new PatternFault('invalid escape sequence');
  }
}
