import { describe, expect, it } from 'vitest';
import { mergePropertySets, parseProperties, parsePropertiesText } from './properties.ts';

const parse = (text: string) => parsePropertiesText(text, 'f.conf');
const pairs = (text: string) => [...parse(text).properties.values()].map(({ key, value }) => [key, value]);
const place = (text: string, key: string) => {
  const property = parse(text).properties.get(key);
  return (
    property && [
      property.keyPlace.line,
      property.keyPlace.column,
      property.valuePlace.line,
      property.valuePlace.column,
    ]
  );
};

// The expected values are those of java.util.Properties.load (its documentation's grammar).
describe('the grammar of java.util.Properties', () => {
  it.each([
    ['a=b', [['a', 'b']]],
    ['a = b', [['a', 'b']]],
    ['a:b', [['a', 'b']]],
    ['a b', [['a', 'b']]],
    ['a\tb c', [['a', 'b c']]],
    ['a\fb', [['a', 'b']]],
    ['a == b', [['a', '= b']]],
    ['a : = b', [['a', '= b']]],
    ['  a = b  ', [['a', 'b  ']]],
    ['a', [['a', '']]],
    ['=b', [['', 'b']]],
    ['a\\ b = c', [['a b', 'c']]],
    ['a\\=b = c', [['a=b', 'c']]],
    ['a\\:b\\#c = d', [['a:b#c', 'd']]],
    ['a = x#y ! z', [['a', 'x#y ! z']]],
    ['a = \\d\\\\d\\t|\\n|\\r|\\f|\\"', [['a', 'd\\d\t|\n|\r|\f|"']]],
    ['a = \\u00e9\\u20AC', [['a', 'é€']]],
    ['\\u0061 = 1', [['a', '1']]],
    ['a = b\\', [['a', 'b']]],
    ['a = b\\\\', [['a', 'b\\']]],
    ['a = b\\\\\\\n  c', [['a', 'b\\c']]],
    [
      'a = b, \\\n    c, \\\n  d\ne = f',
      [
        ['a', 'b, c, d'],
        ['e', 'f'],
      ],
    ],
    [
      'a = b\\\n\nc = d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a = b\\\n# no comment', [['a', 'b# no comment']]],
    ['a\\\n b = c', [['ab', 'c']]],
    ['# a = 1\n ! b = 2\nc = 3', [['c', '3']]],
    ['# a \\\nb = 2', [['b', '2']]],
    [
      'a=1\r\nb=2\rc=3\n\n\r\nd=4',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
        ['d', '4'],
      ],
    ],
    ['a = b\\\r\n  c', [['a', 'bc']]],
    ['// a = 1', [['//', 'a = 1']]],
    ['; a = 1', [[';', 'a = 1']]],
    ['\\', [['', '']]],
    ['\\\n', [['', '']]],
    ['\\\r\n', []],
    ['\\\n# a comment after nothing\nb = 1', [['b', '1']]],
    ['', []],
    ['\n \n\t\n', []],
  ])('%j', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
    expect(parse(text).diagnostics.filter(({ code }) => code !== 'lost-backslash')).toEqual([]);
  });
});

describe('places', () => {
  it.each([
    ['a = b', 'a', [1, 1, 1, 5]],
    ['\n\n  a=b', 'a', [3, 3, 3, 5]],
    ['a = \\\n    b', 'a', [1, 1, 2, 5]],
    ['a = b\\\n    c', 'a', [1, 1, 1, 5]],
    ['x = 1\\\n2\\\n3\r\na\\\n : 4', 'a', [4, 1, 5, 4]],
    ['é = 1 \n ü : 2', 'ü', [2, 2, 2, 6]],
    ['a', 'a', [1, 1, 1, 2]],
  ])('%j', (text, key, expected) => {
    expect(place(text, key)).toEqual(expected);
  });

  it('has continuations of ten thousand lines in linear time', () => {
    const text = `a = ${'x\\\n  '.repeat(10_000)}y`;
    expect(parse(text).properties.get('a')?.value).toBe(`${'x'.repeat(10_000)}y`);
  });
});

describe('what is told', () => {
  it('a bad \\u is text, and an error at its place', () => {
    const { properties, diagnostics } = parse('a = C:\\users\nb = \\u12');
    expect(properties.get('a')?.value).toBe('C:users');
    expect(properties.get('b')?.value).toBe('u12');
    expect(diagnostics.map(({ line, column, severity, code }) => [line, column, severity, code])).toEqual([
      [1, 7, 'error', 'bad-escape'],
      [2, 5, 'error', 'bad-escape'],
    ]);
  });

  it('a key twice: the last counts, the first is named', () => {
    const { properties, diagnostics } = parse('a = first\nb = x\na = second');
    expect(properties.get('a')?.value).toBe('second');
    expect(diagnostics).toEqual([
      {
        file: 'f.conf',
        line: 3,
        column: 1,
        severity: 'info',
        code: 'duplicate-key',
        message: 'a was set before, at line 1; the last value counts: second',
        suggestion: 'remove the one that is not meant',
      },
    ]);
  });

  it('a password twice is not shown', () => {
    expect(parse('a.password = one\na.password = two').diagnostics[0]?.message).not.toContain('two');
  });

  it('at most a thousand findings', () => {
    const { diagnostics } = parse('a = \\u\n'.repeat(3000));
    expect(diagnostics).toHaveLength(1001);
    expect(diagnostics.at(-1)).toMatchObject({
      code: 'too-many',
      message: '4999 more findings are not shown',
    });
  });
});

describe('bytes', () => {
  it('UTF-8, with or without a byte order mark', () => {
    expect(parseProperties(Buffer.from('\ufeffa = žluťoučký 🐎'), 'f').properties.get('a')).toMatchObject({
      value: 'žluťoučký 🐎',
      keyPlace: { line: 1, column: 1 },
    });
  });

  it('ISO-8859-1 where it is not UTF-8, and says where', () => {
    const { properties, diagnostics } = parseProperties(Buffer.from('x = 1\na = caf\xe9', 'latin1'), 'f');
    expect(properties.get('a')?.value).toBe('café');
    expect(diagnostics).toMatchObject([{ line: 2, column: 8, severity: 'info', code: 'not-utf8' }]);
  });

  it('anything else', () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 31) & 255));
    expect(parseProperties(bytes, 'f').properties.size).toBeGreaterThan(0);
  });
});

describe('several files', () => {
  it('a later one overrides, and says what it replaced', () => {
    const first = parsePropertiesText('a = 1\nb = 1', 'one.conf');
    const second = parsePropertiesText('b = 2\nc = 2', 'two.conf');
    const { properties, diagnostics } = mergePropertySets([first, second]);
    expect([...properties.values()].map(({ key, value }) => `${key}=${value}`)).toEqual([
      'a=1',
      'b=2',
      'c=2',
    ]);
    expect(diagnostics).toMatchObject([
      { file: 'two.conf', line: 1, message: 'b was set before, at one.conf:2:1; the last value counts: 2' },
    ]);
  });
});

it.each([
  ['little end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['big end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
])('a file in UTF-16, %s, is read and told', (_, encode) => {
  const { properties, diagnostics } = parseProperties(encode('a.b = ü\n'), 'f.conf');
  expect(properties.get('a.b')?.value).toBe('ü');
  expect(diagnostics).toMatchObject([{ line: 1, column: 1, severity: 'warning', code: 'utf-16' }]);
});

describe('a backslash that Java drops', () => {
  it.each([
    ['a.p = /logs/app-\\d+\\.log', 'app-d+.log', 17],
    ['a.p = C:\\logs\\app', 'C:logsapp', 9],
    ['a.p = x \\\n   y\\.z', 'x y.z', 5],
  ])('%j is told at its place, once a value', (text, value, column) => {
    const { properties, diagnostics } = parse(text);
    expect(properties.get('a.p')?.value).toContain(value);
    const line = text.includes('\n') ? 2 : 1;
    expect(diagnostics).toMatchObject([{ code: 'lost-backslash', line, column }]);
    expect(diagnostics[0]?.suggestion).toMatch(/^write \\\\./);
  });

  it.each(['a.p = \\\\d', 'a.p = \\t\\n\\u0041', 'a.p = user\\=\\"x\\"', 'a.p = a\\ b\\:c\\#d'])(
    '%j is fine',
    (text) => {
      expect(parse(text).diagnostics).toEqual([]);
    },
  );
});
