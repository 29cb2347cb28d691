import { anyChar, type CharSet, charSet, folded, perlClasses } from './char-set.ts';
import { ClassParser } from './class-parser.ts';
import { Cursor } from './cursor.ts';
import { mostRepeats, type Node, PatternFault } from './re2-syntax.ts';
import { unicodeEscape } from './unicode-escape.ts';

/** Groups within groups; deeper ones are refused, as each takes stack. */
const mostDepth = 200;

/** Reads the syntax of RE2 (as RE2/J has it). Throws `PatternFault`. */
export function parsePattern(pattern: string): Node {
  return new Parser(pattern).whole();
}

class Parser {
  readonly #at: Cursor;
  readonly #names = new Set<string>();
  #ignoreCase = false;
  #depth = 0;

  constructor(pattern: string) {
    this.#at = new Cursor(pattern);
  }

  whole(): Node {
    const node = this.#either();
    if (!this.#at.isDone) throw new PatternFault('unexpected )');
    return node;
  }

  #either(): Node {
    const parts = [this.#sequence()];
    while (this.#at.take('|')) parts.push(this.#sequence());
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (!this.#at.isDone && this.#at.peek !== '|' && this.#at.peek !== ')') {
      if (this.#at.take('\\Q')) {
        parts.push(...this.#quoted());
        continue;
      }
      const node = this.#atom();
      if (node !== null) parts.push(this.#repeated(node));
      // A repetition behind flags is of what stands before them.
      else if (parts.length > 0) parts.push(this.#repeated(parts.pop()!));
    }
    return { kind: 'sequence', parts };
  }

  #quoted(): Node[] {
    const parts: Node[] = [];
    while (!this.#at.isDone && !this.#at.take('\\E')) parts.push(this.#literal(this.#at.next()));
    const last = parts.pop();
    return last === undefined ? [] : [...parts, this.#repeated(last)];
  }

  /** Null for what stands for nothing (flags). */
  #atom(): Node | null {
    const at = this.#at;
    if (this.#repeatAhead() !== null) throw new PatternFault('missing argument to repetition operator');
    if (at.peek === '(') return this.#group();
    if (at.peek === '[') return this.#chars(new ClassParser(at, this.#ignoreCase).read());
    const char = at.next();
    if (char === '.') return this.#chars(anyChar);
    if (char === '^') return { kind: 'begin' };
    if (char === '$') return { kind: 'end' };
    if (char === '\\') return this.#escape();
    return this.#literal(char);
  }

  #escape(): Node {
    const at = this.#at;
    if (at.isDone) throw new PatternFault('trailing backslash at end of expression');
    const char = at.peek;
    const perl = perlClasses[char];
    if (perl !== undefined && Object.hasOwn(perlClasses, char)) {
      at.next();
      return this.#chars(perl);
    }
    if (char === 'p' || char === 'P') return this.#chars(unicodeEscape(at, this.#ignoreCase));
    const assertion = assertions[char];
    if (assertion !== undefined) {
      at.next();
      return { kind: assertion };
    }
    return this.#code(at.escapedCode());
  }

  #group(): Node | null {
    const at = this.#at;
    at.next();
    if (++this.#depth > mostDepth) throw new PatternFault('expression nests too deeply');
    const ignoredCase = this.#ignoreCase;
    if (at.peek === '?' && !this.#named()) {
      at.next();
      if (!this.#flags()) {
        this.#depth--;
        return null;
      }
    }
    const node = this.#either();
    if (!at.take(')')) throw new PatternFault('missing closing )');
    this.#ignoreCase = ignoredCase;
    this.#depth--;
    return node;
  }

  /** `?P<name>` and `?<name>`. */
  #named(): boolean {
    const at = this.#at;
    if (!at.take('?P<') && !at.take('?<')) return false;
    let name = '';
    while (!at.isDone && at.peek !== '>') name += at.next();
    if (!at.take('>') || !/^\w+$/.test(name)) throw new PatternFault('invalid named capture');
    if (this.#names.has(name)) throw new PatternFault('duplicate capture group name');
    this.#names.add(name);
    return true;
  }

  /** `i`, `m`, `s`, `U`, of which only the case matters to a whole name. False: they hold for what follows the group. */
  #flags(): boolean {
    const at = this.#at;
    let sign = 1;
    let any = false;
    while (!at.isDone) {
      const char = at.next();
      if (char === ':' || char === ')') {
        if (sign < 0 && !any) break;
        return char === ':';
      }
      if (char === '-' && sign > 0) {
        sign = -1;
        any = false;
        continue;
      }
      if (!'imsU'.includes(char)) break;
      any = true;
      if (char === 'i') this.#ignoreCase = sign > 0;
    }
    throw new PatternFault('invalid or unsupported Perl syntax');
  }

  #repeated(node: Node): Node {
    const range = this.#repeatAhead();
    if (range === null) return node;
    this.#at.skip(range.length);
    this.#at.take('?');
    if (this.#repeatAhead() !== null) throw new PatternFault('invalid nested repetition operator');
    return { kind: 'repeat', node, min: range.min, max: range.max };
  }

  #repeatAhead(): { min: number; max: number; length: number } | null {
    const simple = simpleRepeats[this.#at.peek];
    if (simple !== undefined) return { ...simple, length: 1 };
    if (this.#at.peek !== '{') return null;
    const counted = this.#at.match(/\{(\d+)(,(\d*))?\}/y);
    if (counted === null) return null;
    const [text, from, comma, to] = counted;
    const min = Number(from);
    const most = to === '' ? Number.POSITIVE_INFINITY : Number(to);
    const max = comma === undefined ? min : most;
    const isOver = min > mostRepeats || (max > mostRepeats && max !== Number.POSITIVE_INFINITY) || max < min;
    if (isOver) throw new PatternFault('invalid repeat count');
    return { min, max, length: text.length };
  }

  #literal(char: string): Node {
    return this.#code(char.codePointAt(0)!);
  }

  #code(code: number): Node {
    return this.#chars(charSet((each) => each === code));
  }

  #chars(set: CharSet): Node {
    return { kind: 'chars', set: this.#ignoreCase ? folded(set) : set };
  }
}

const infinity = Number.POSITIVE_INFINITY;
const simpleRepeats: Readonly<Record<string, { min: number; max: number }>> = {
  '*': { min: 0, max: infinity },
  '+': { min: 1, max: infinity },
  '?': { min: 0, max: 1 },
};
const assertions: Readonly<Record<string, 'begin' | 'end' | 'word-boundary' | 'no-word-boundary'>> = {
  A: 'begin',
  z: 'end',
  b: 'word-boundary',
  B: 'no-word-boundary',
};
