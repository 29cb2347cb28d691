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
  ['a{b}', 'a{b}', true],
  ['(?<year>\\d{4})-.*', '2026-11', true],
])('%s matches %s: %s', (pattern, text, expected) => {
  expect(javaRegex(pattern, { fullMatch: true }).test(text)).toBe(expected);
});

test.each(['(?>a)', '[a&&b]', '[a[b]]', '(', 'a\\'])('%s is refused with a reason', (pattern) => {
  expect(() => javaRegex(pattern)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
