import { expect, it } from 'vitest';
import { javaSplit } from './split.ts';

it.each([
  ['zz , yy', /\s*,\s*/g, ['zz', 'yy']],
  [',a,,b,,', /,/g, ['', 'a', '', 'b']],
  ['', /,/g, ['']],
  [',', /,/g, []],
  ['abc', /x*/g, ['a', 'b', 'c']],
  ['a1b', /(\d)/g, ['a', 'b']],
  ['plain', /,/g, ['plain']],
])('%s split by %s', (text, separator, parts) => {
  expect(javaSplit(text, separator)).toEqual(parts);
});
