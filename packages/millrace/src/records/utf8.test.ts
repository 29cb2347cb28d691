import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAsciiText, readName, utf8Bytes, writeUtf8 } from './utf8.ts';

const anyText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('é'.repeat(48), 'é'.repeat(49), 'a\ud800b', '\udc00', '😀'),
);

test('lengths and bytes are those of Buffer', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const bytes = utf8Bytes(text);
      expect(bytes).toBe(Buffer.byteLength(text));
      const buffer = Buffer.alloc(bytes + 4, 0xee);
      expect(writeUtf8(buffer, 2, text, bytes)).toBe(2 + bytes);
      expect(buffer).toEqual(
        Buffer.concat([Buffer.alloc(2, 0xee), Buffer.from(text), Buffer.alloc(2, 0xee)]),
      );
    }),
  );
});

test('names are read right, however often and beside whatever else', () => {
  fc.assert(
    fc.property(fc.array(anyText.map((text) => text.toWellFormed())), (names) => {
      for (const name of [...names, ...names]) {
        const bytes = Buffer.from(`<${name}>`);
        expect(readName(bytes, 1, bytes.length - 1)).toBe(name);
      }
    }),
  );
  // The same length, first and last byte: the same place among the names seen lately.
  const bytes = Buffer.from('abcadca\u0080bx');
  expect(['abc', 'adc', 'abc'].map((name) => readName(Buffer.from(name), 0, 3))).toEqual([
    'abc',
    'adc',
    'abc',
  ]);
  expect(readName(bytes, 6, 9)).toBe('a\u0080');
});

test('bytes beyond ASCII are not the text of the same code', () => {
  expect(isAsciiText(Buffer.from([0xe9]), 0, 1, 'e')).toBe(false);
  expect(isAsciiText(Buffer.from('xhost'), 1, 5, 'host')).toBe(true);
  expect(isAsciiText(Buffer.from('xhosts'), 1, 6, 'host')).toBe(false);
});
