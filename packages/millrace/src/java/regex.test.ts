import { expect, test } from 'vitest';
import { javaRegex } from './regex.ts';

test.each([
  ['.*log', 'a.log', true],
  ['.*log', 'a.log.1', false],
  ['flume\\.log(\\.\\d+)?', 'flume.log.12', true],
  ['\\Qa+b[1]\\E.*', 'a+b[1]x', true],
  ['(?i)ACCESS.*', 'access.log', true],
  ['\\p{Alpha}+', 'abc', true],
  ['\\p{Alpha}+', 'ab1', false],
  ['[\\p{Digit}_]+', '1_2', true],
  ['\\P{Digit}+', 'abc', true],
  ['a++b', 'aab', true],
  ['x{2,3}+', 'xxx', true],
  ['a\\-b\\_c\\:d', 'a-b_c:d', true],
  ['[]a]+', ']a', true],
  ['\\Aab\\z', 'ab', true],
  ['(?<year>\\d{4})-.*', '2026-11', true],
  ['\\p{L}+\\p{Lu}\\pN', 'éÉ1', true],
  ['\\p{IsAlphabetic}\\p{IsGreek}', 'éα', true],
  ['\\x{1F600}\\061', '😀1', true],
  ['a\\sb', 'a\u00a0b', false],
  ['[^\\S]\\S', ' \u00a0', true],
  ['a\\Rb\\v', 'a\r\nb\u2028', true],
  ['(?m)a', 'a\na', false],
  ['a$\\n', 'a\n', true],
  ['a\\z\\n', 'a\n', false],
  ['(?m)a$\\r\\n^b', 'a\r\nb', true],
  ['(?m)a\\r$\\n', 'a\r\n', false],
  ['(?m)a\\n^', 'a\n', false],
  ['(?m)\\Aa\\nb\\z', 'a\nb', true],
  ['(?m)a\\n\\Ab', 'a\nb', false],
  ['(a|b)\\1', 'bb', true],
  ['(a|b)\\1', 'ab', false],
  ['(?:x)(?<n>a)(?=.)\\10', 'xaa0', true],
  ['a\\1*', 'a', true],
  ['\\1|a\\7b', 'a\x07b', false],
  ['()()()()()()()()()(a|b)\\10', 'bb', true],
])('%s matches %s: %s', (pattern, text, expected) => {
  expect(javaRegex(pattern, { fullMatch: true }).test(text)).toBe(expected);
});

test.each([
  ['ab(?>a)', 3],
  ['[a&&b]', 3],
  ['(?i)a[a[b]]', 8],
  ['a(?i)b', 2],
  ['(?s:.)', 1],
  ['a\\G', 2],
  ['\\p{InGreek}', 1],
])('%s is refused at its character %i', (pattern, at) => {
  expect(() => javaRegex(pattern)).toThrow(`is not supported (character ${at})`);
});

test.each(['(?>a)', '[a&&b]', '[a[b]]', '(', 'a\\', '%{h}', 'a{b}', 'a{', 'a{1,x}'])(
  '%s is refused with a reason',
  (pattern) => {
    expect(() => javaRegex(pattern)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);

test('ends and starts are not seen within a character of two halves', () => {
  expect(javaRegex('.??\\z').exec('a😀b')?.index).toBe(3);
  expect(javaRegex('(?!a)\\A').exec('a😀b')).toBeNull();
  expect(javaRegex('[^ ]\\z').test('a😀')).toBe(true);
  expect(javaRegex('(?m).??\\z').exec('a😀b')?.index).toBe(3);
});
