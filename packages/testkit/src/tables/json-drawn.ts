/** JSON texts of chance, for what has to keep them: numbers of all lengths, escapes, nested values, one shape or many. */

/** As much of `Chance` as is needed here. */
export interface Draws {
  int(low: number, high: number): number;
}

const numbers = [
  ...['0', '-0', '1', '-1', '42', '2147483647', '-2147483649', '999999999999999', '9007199254740993'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '123456789012345678901234567890'],
  ...['0.0', '-0.0', '0.1', '1.50', '-2.5e3', '1E5', '1e-7', '0.30000000000000004', '1.7976931348623157e308'],
  ...['5e-324', '0.1234567890123456789', '1e400', '3.14159', '1e-400', '100000000000000000000', '12345.678'],
];
const strings = [
  ...[
    '""',
    '"a"',
    '"plain text that is longer than a loop copies"',
    '"é ü 漢字"',
    '"😀"',
    '"\\ud83d\\ude00"',
  ],
  ...['"\\u0000"', '"tab\\tand \\"quotes\\" \\\\ \\/"', '"\\u00e9\\u6f22"', '"null"', '"1"', '"{}"'],
  ...['"2026-01-31T12:00:00Z"', '" "'],
];
const names = [
  ...[
    'id',
    'host',
    'level',
    'message',
    'user.name',
    'with space',
    'ключ',
    '_rest',
    'count',
    'n0',
    'n1',
    'n2',
  ],
  ...['n3', 'n4', '', '__proto__', 'x-y', 'esc\\u0061ped', 'tab\\t', 'hasOwnProperty', '1st'],
];

export class JsonDrawn {
  readonly #draws: Draws;

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  /** A draw of texts that are alike: each call of it makes one object. */
  objectsOfOneShape(): () => string {
    const fields = this.#names().map((name) => [name, this.#maker(0)] as const);
    const strangeness = this.#pick([0, 0, 20, 3]);
    return () => {
      const members = fields
        .filter(() => this.#draws.int(0, 9) > 0)
        .map(([name, make]) => `"${name}"${this.#blank()}:${this.#odd(20) ? 'null' : make()}`);
      if (strangeness > 0 && this.#odd(strangeness))
        members.push(`"${this.#pick(names)}":${this.value(this.#draws.int(0, 4))}`);
      if (this.#odd(10)) members.reverse();
      return `${this.#blank()}{${members.join(`,${this.#blank()}`)}}${this.#blank()}`;
    };
  }

  value(depth: number): string {
    const kind = this.#draws.int(0, depth <= 0 ? 4 : 8);
    if (kind === 0) return 'null';
    if (kind === 1) return this.#pick(['true', 'false']);
    if (kind <= 3) return this.#pick(numbers);
    if (kind === 4) return this.#pick(strings);
    const inner = () => this.value(depth - 1);
    if (kind <= 6) return `[${this.#times(3, inner).join(',')}]`;
    return `{${this.#names(3)
      .map((name) => `"${name}":${inner()}`)
      .join(', ')}}`;
  }

  /** What makes values of one type, mostly. */
  #maker(depth: number): () => string {
    switch (this.#draws.int(0, depth < 3 ? 9 : 6)) {
      case 0:
        return () => this.#pick(['true', 'false']);
      case 1:
        return () => String(this.#draws.int(-1000, 1000));
      case 2:
        return () => this.#pick(numbers.filter((each) => /^-?\d{1,18}$/.test(each)));
      case 3:
        return () => (this.#draws.int(-10_000, 10_000) / 100).toString();
      case 4:
        return () => this.#pick(numbers);
      case 5:
        return () => `"${'value '.repeat(this.#draws.int(0, 4))}${this.#draws.int(0, 5)}"`;
      case 6:
        return () => this.#pick(strings);
      case 7: {
        const make = this.#maker(depth + 1);
        return () => `[${this.#times(4, () => (this.#odd(10) ? 'null' : make())).join(',')}]`;
      }
      case 8: {
        const fields = this.#names(4).map((name) => [name, this.#maker(depth + 1)] as const);
        return () =>
          `{${fields
            .filter(() => !this.#odd(6))
            .map(([name, make]) => `"${name}":${make()}`)
            .join(',')}}`;
      }
      default:
        return () => this.value(3);
    }
  }

  #names(most = 8): string[] {
    return [...new Set(this.#times(most, () => this.#pick(names)))];
  }

  #times<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.#draws.int(0, most) }, make);
  }

  #blank(): string {
    return this.#odd(8) ? this.#pick([' ', '\n', '\t ', '\r\n']) : '';
  }

  /** One time in so many. */
  #odd(times: number): boolean {
    return this.#draws.int(1, times) === 1;
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#draws.int(0, of.length - 1)]!;
  }
}

/**
 * What a JSON text says, as a value that compares: numbers by all their digits, members that are null left out, of a name
 * that comes twice the last. `rest`: the member whose members belong to the object itself.
 */
export function meaningOf(text: string, rest?: string): unknown {
  const parsed = JSON.parse(text, function (
    this: unknown,
    _key: string,
    value: unknown,
    context?: { source?: string },
  ) {
    if (typeof value === 'number') return { number: plainDigits(context!.source!) };
    return value;
  } as (key: string, value: unknown) => unknown) as Record<string, unknown>;
  if (rest === undefined || !Object.hasOwn(parsed, rest)) return withoutNulls(parsed);
  const { [rest]: left, ...own } = parsed;
  const members = [
    ...Object.entries(own).filter(([, value]) => value !== null),
    ...Object.entries(left ?? {}),
  ];
  return withoutNulls(Object.fromEntries(members));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(
    members.map(([name, each]) => [name, withoutNulls(each)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function plainDigits(source: string): string {
  const [, sign = '', before = '', after = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source)!;
  const all = `${before}${after}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  return `${sign}${digits}e${Number(power) - after.length + all.length - digits.length}`;
}
