import { describe, expect, it } from 'vitest';
import { javaReplacement } from './replacement.ts';

const replaced = (text: string, pattern: RegExp, replacement: string) =>
  text.replace(pattern, javaReplacement(replacement, pattern));

const eleven = /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)/g;

describe('a replacement as Java reads it', () => {
  it.each([
    ['a group', 'ab', /(a)(b)/g, '$2$1', 'ba'],
    ['the whole match', 'ab', /b/g, '[$0]', 'a[b]'],
    ['a digit that no group has is text', 'ab', /(a)/g, '$12', 'a2b'],
    ['nor three of them', 'ab', /(a)/g, '$100', 'a00b'],
    ['as many digits as there is a group for', 'abcdefghijk', eleven, '$11$1', 'ka'],
    ['a group by name', 'ab', /(?<x>a)(?<y>b)/g, `$\{y}$\{x}1`, 'ba1'],
    ['names beside groups without one', 'abc', /(?:a)(b)(?<c>c)[(](?<d>)|(z)/g, 'x', 'abc'],
    ['a group by name behind others', 'abc', /(a)(?:b)(?<c>c)/g, `$\{c}`, 'c'],
    ['a class that holds a parenthesis', 'a(b', /[(](?<x>b)/g, `$\{x}`, 'ab'],
    ['a group without part in the match', 'b', /(a)?b/g, '<$1>', '<>'],
    ['a dollar sign', 'a', /a/g, '\\$1', '$1'],
    ['two of them', 'a', /a/g, '\\$\\$', '$$'],
    ['a backslash', 'a', /a/g, '\\\\', '\\'],
    ['any character behind a backslash', 'a', /a/g, '\\n', 'n'],
    ['what is JavaScript’s alone', 'xay', /a/g, "\\$&\\$`'", "x$&$`'y"],
  ])('%s', (_, text, pattern, replacement, expected) => {
    expect(replaced(text, pattern, replacement)).toBe(expected);
  });

  it.each([
    ['$', 'at character 1'],
    ['ab$x', 'at character 3'],
    ['$2', 'there is no group 2'],
    [`$\{y}`, 'there is no group named y'],
    [`$\{x`, 'at character 1'],
    ['a\\', 'nothing stands behind the backslash'],
  ])('%s is refused with its reason', (replacement, reason) => {
    expect(() => javaReplacement(replacement, /(?<x>a)/)).toThrow(reason);
  });
});
