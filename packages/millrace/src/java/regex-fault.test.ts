import { expect, it } from 'vitest';
import { javaRegex } from './regex.ts';
import { patternFault } from './regex-fault.ts';

it.each([
  ['logs[a-', 'the [ is never closed (character 5)'],
  ['a(b|c', 'the ( is never closed (character 2)'],
  ['(a(?:b)', 'the ( is never closed (character 1)'],
  ['a)b', 'no group is open that ) could close (character 2)'],
  ['*logs', '* repeats nothing (character 1)'],
  ['a|+b', '+ repeats nothing (character 3)'],
  ['a**', '* repeats nothing (character 3)'],
  ['(?:?)', '? repeats nothing (character 4)'],
  ['x[z-a]', 'the range z-a runs backwards (character 3)'],
  ['a{3,2}', '{3,2} asks for more than it allows (character 2)'],
  ['(?i)ab(', 'the ( is never closed (character 7)'],
  ['\\Q(\\E(', 'the ( is never closed (character 6)'],
])('%s: says what is wrong, and where', (pattern, text) => {
  expect(() => javaRegex(pattern, { fullMatch: true })).toThrow(
    `'${pattern}' is not a valid regular expression: ${text}`,
  );
});

it.each([
  '',
  'a*?b+?',
  'a++',
  '[]a]',
  '[^]]',
  '(?<name>a)|b{2,3}?',
  '\\(\\[',
  '[a\\]b]',
  '(?<=a)b',
  '\\Q(',
  '()',
])('%s: nothing is wrong', (pattern) => {
  expect(patternFault(pattern)).toBeNull();
  expect(() => javaRegex(pattern)).not.toThrow();
});
