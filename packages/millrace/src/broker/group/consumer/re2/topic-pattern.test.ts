import { describe, expect, test } from 'vitest';
import { PatternFault } from './re2-syntax.ts';
import { TopicPattern } from './topic-pattern.ts';

const names = ['', 'a', 'b', 'ab', 'aab', 'a.b', 'a-b', 'a_b', 'A', 'K', '7', 'x7', 'orders', 'topic-1'];

/** What RE2/J 1.8 (`Pattern.compile(…).matcher(name).matches()`) says of the names above. */
const matched: Readonly<Record<string, readonly string[]>> = {
  '': [''],
  'a|b': ['a', 'b'],
  'a+b?': ['a', 'ab', 'aab'],
  'a{2}b': ['aab'],
  '(a|ab)(b|)': ['a', 'ab'],
  'a.b': ['aab', 'a.b', 'a-b', 'a_b'],
  'a\\.b': ['a.b'],
  '\\Qa.b\\E': ['a.b'],
  '[[:upper:]]|\\d': ['A', 'K', '7'],
  '[^\\w]*|a[._]b': ['', 'a.b', 'a_b'],
  '(?i)k|a': ['a', 'A', 'K'],
  '(?i:a)b|(?P<rest>x)\\pN': ['ab', 'x7'],
  '^topic-\\d$': ['topic-1'],
  'a\\b.\\Bb': [],
  'a\\b.\\bb': ['a.b', 'a-b'],
  ord: [],
  '.*r.*|\\x{62}': ['b', 'orders'],
  '\\p{Lu}|\\P{L}': ['A', 'K', '7'],
  '(?i)(a(?-i)b)': ['ab'],
  'a??b*?': ['', 'a', 'b', 'ab'],
  'é|[^a-z]': ['A', 'K', '7'],
};

test.each(Object.entries(matched))('%s', (pattern, expected) => {
  const compiled = new TopicPattern(pattern);
  expect(names.filter((name) => compiled.matches(name))).toEqual(expected);
  // The states that the first round has made.
  expect(names.filter((name) => compiled.matches(name))).toEqual(expected);
});

describe('no pattern', () => {
  test.each([
    ['[', 'missing closing ]'],
    ['(a', 'missing closing )'],
    ['a)', 'unexpected )'],
    ['*a', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['a{2,1}', 'invalid repeat count'],
    ['a\\', 'trailing backslash at end of expression'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['\\1', 'invalid escape sequence'],
    ['\\pX', 'invalid character class range'],
    ['[z-a]', 'invalid character class range'],
    ['(?P<n>a)(?P<n>b)', 'duplicate capture group name'],
    ['((a{1000}){1000}){1000}', 'expression too large'],
    ['(((){1000}){1000}){1000}', 'expression too large'],
    [`${'('.repeat(100_000)}`, 'expression nests too deeply'],
  ])('%s', (pattern, message) => {
    expect(() => new TopicPattern(pattern)).toThrow(new PatternFault(message));
  });
});

test('what makes others go back and forth takes one look at each character', () => {
  const pattern = new TopicPattern(`${'(a*)*'.repeat(50)}b`);
  expect(pattern.matches('a'.repeat(249))).toBe(false);
  expect(pattern.matches(`${'a'.repeat(248)}b`)).toBe(true);
});
