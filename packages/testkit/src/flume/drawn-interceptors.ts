/** Interceptors with drawn properties, and events for them: what a real Flume and Millrace are both given. */
import type { Chance } from '../oracle/seed.ts';

export interface DrawnInterceptor {
  readonly type: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface DrawnEvent {
  readonly body: Buffer;
  readonly headers: ReadonlyMap<string, string>;
}

const headerNames = ['a', 'ab', 'b1', 'tmp_1', 'tmp_2', 'Größe', 'x y'];
const pieces = [
  'a',
  'b',
  'B',
  'ab',
  '1',
  '22',
  ' ',
  '-',
  '_',
  '.',
  '=',
  'é',
  '\u00a0',
  '\u2028',
  '😀',
  '\n',
  '\r\n',
];
const millis = 'org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer';

const atoms = [
  ...['a', 'b', '1', 'ab', '-', '=', 'é', '😀', '.', '\\.', '\\-', '\\_', ' '],
  ...[
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\h',
    '\\R',
    '\\v',
    '\\x61',
    '\\u0061',
    '\\x{1F600}',
    '\\t',
    '\\07',
  ],
  ...['[ab]', '[^a1]', '[a-c\\d]', '[\\w-]', '[]a]', '[a\\]]', '[\\s_]', '[^\\s]', '[é😀]', '[.]', '[a-]'],
  ...[
    '\\p{Alpha}',
    '\\P{Digit}',
    '[\\p{Punct}a]',
    '\\p{L}',
    '\\p{Lu}',
    '\\p{IsAlphabetic}',
    '\\Qa.b\\E',
    '\\Q-\\E',
  ],
];
/** Not \b: JVMs before 19 take letters beyond ASCII for words, later ones don't. */
const anchors = ['^', '$', '\\A', '\\z', '\\Z', '(?=a)', '(?!b)', '(?<=a)', '(?<!1)'];
const quantifiers = ['*', '+', '?', '{2}', '{1,2}', '{1,}', '*?', '+?', '??'];

/** JavaScript goes round a group no further where it matches nothing, Java once more: their groups differ. */
const mayBeEmpty = (group: string) => /[?*^$]|\\[AzZ]/.test(group.replace(/\(\?i?:/g, '('));

function expression(chance: Chance, depth = 2): string {
  const parts: string[] = [];
  for (let left = chance.int(1, 3); left > 0; left--) {
    const kind = chance.int(1, 10);
    let part: string;
    if (kind <= 2) {
      parts.push(chance.pick(anchors));
      continue;
    }
    if (kind <= 4 && depth > 0) {
      const inner = expression(chance, depth - 1);
      part = chance.pick([
        `(${inner})`,
        `(?:${inner})`,
        `(${inner}|${expression(chance, 0)})`,
        `(?i:${inner})`,
      ]);
    } else part = chance.pick(atoms);
    // Java takes \r\n for one of several \R, and for one or two where there is no number.
    // A quantifier behind a word of several characters is its last character's, in both.
    const quantified =
      chance.bool(0.4) && !part.includes('\\R') && !(part.startsWith('(') && mayBeEmpty(part));
    parts.push(quantified ? part + chance.pick(quantifiers) : part);
  }
  return parts.join('');
}

function pattern(chance: Chance): string {
  return (chance.bool(0.1) ? chance.pick(['(?i)', '(?s)', '(?m)', '(?sm)']) : '') + expression(chance);
}

const replacements = ['', 'x', '$0', '<$1>', '$2$1', '\\$', '\\\\', '[$10]', '€', '$', `$\{n}`, 'a\\'];

export function drawInterceptor(chance: Chance): DrawnInterceptor {
  const of = (type: string, properties: Record<string, string>) => ({ type, properties });
  switch (chance.int(1, 6)) {
    case 1:
      return of('static', {
        ...(chance.bool() && { key: chance.pick(headerNames) }),
        ...(chance.bool() && { value: chance.pick(['v', 'ö', 'a value']) }),
        ...(chance.bool() && { preserveExisting: chance.pick(['true', 'false', 'FALSE', 'no']) }),
      });
    case 2:
      return of('regex_filter', {
        regex: pattern(chance),
        ...(chance.bool() && { excludeEvents: chance.pick(['true', 'false']) }),
      });
    case 3:
      return of('remove_header', {
        ...(chance.bool() && { withName: chance.pick(headerNames) }),
        ...(chance.bool() && { fromList: chance.pick(['a , b1', ',ab,,', 'tmp_1;a', 'x y,Größe', ',']) }),
        ...(chance.bool(0.3) && { fromListSeparator: chance.pick([';', ',', '\\s+', '[,;]', '(,)', '_?']) }),
        ...(chance.bool() && {
          matching: chance.bool() ? pattern(chance) : chance.pick(['tmp.*', 'a', '.+\\d', '']),
        }),
      });
    case 4:
      return of('regex_extractor', {
        regex: `(${pattern(chance)})${expression(chance)}`,
        serializers: 's1 s2',
        'serializers.s1.name': chance.pick(headerNames),
        'serializers.s2.name': 'second',
      });
    case 5:
      return of('regex_extractor', {
        regex: '(\\d[^a-z]*)',
        serializers: 't',
        'serializers.t.type': millis,
        'serializers.t.name': 'timestamp',
        'serializers.t.pattern': chance.pick(['d', 'yyyy', 'H-m', "d '-'", 'ss']),
      });
    default:
      return of('search_replace', {
        searchPattern: chance.bool(0.2) ? `(?<n>${expression(chance)})` : pattern(chance),
        ...(chance.bool(0.8) && { replaceString: chance.pick(replacements) }),
        ...(chance.bool(0.2) && { charset: chance.pick(['ISO-8859-1', 'US-ASCII', 'UTF-8']) }),
      });
  }
}

export function drawEvent(chance: Chance): DrawnEvent {
  const text = Array.from({ length: chance.int(0, 8) }, () => chance.pick(pieces)).join('');
  const bytes = Buffer.from(text);
  // Now and then a body is cut within a character, or has bytes that are none.
  const body = chance.bool(0.1)
    ? Buffer.concat([
        bytes.subarray(0, chance.int(0, bytes.length)),
        Buffer.from(chance.pick(['ff', 'c3', 'f09f', 'e28261']), 'hex'),
      ])
    : bytes;
  const headers = new Map<string, string>();
  for (const name of headerNames) if (chance.bool(0.3)) headers.set(name, chance.pick(['1', 'v', 'ü', '']));
  return { body, headers };
}
