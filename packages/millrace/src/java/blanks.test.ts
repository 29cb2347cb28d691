import { expect, test } from 'vitest';
import { javaTrim, javaWords } from './blanks.ts';

test('trims control characters, and no blanks beyond ASCII', () => {
  expect(javaTrim('\0\t a\u00a0 \u001f')).toBe('a\u00a0');
  expect(['\u2028', '\ufeff', '\u0085', '\u0000', ' \n', ''].map(javaTrim)).toEqual([
    ...['\u2028', '\ufeff', '\u0085', '', '', ''],
  ]);
});

test('words are parted by the blanks of ASCII alone', () => {
  expect(javaWords(' a\t\vb\u00a0c \u2028\n')).toEqual(['a', 'b\u00a0c', '\u2028']);
  expect(javaWords('')).toEqual([]);
});
