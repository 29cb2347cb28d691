import { expect, test } from 'vitest';
import { javaHashMapEntries, javaHashMapOrder, javaMapCopyCapacity } from './hash-map.ts';

// Orders that Flume 1.11 printed when it was run.
test.each([
  ['timestamp evtime dc key hh num word ytmp', 'evtime hh ytmp num word key timestamp dc'],
  ['hk hk2 file byteoffset', 'byteoffset hk file hk2'],
])('headers set one by one: %s', (names, order) => {
  expect(javaHashMapOrder(names.split(' ')).join(' ')).toBe(order);
});

// KafkaSource fills `new HashMap<>(4)`, which the event copies.
test.each([
  ['timestamp topic partition offset key myh', 'partition offset topic myh key timestamp'],
  ['timestamp topic partition offset', 'topic partition offset timestamp'],
])('headers copied into the event: %s', (names, order) => {
  const filled = javaHashMapOrder(names.split(' '), 4);
  expect(javaHashMapOrder(filled, javaMapCopyCapacity(filled.length)).join(' ')).toBe(order);
});

// As OpenJDK 17 orders them.
test('letters beyond ASCII, an empty name, and a table that starts large', () => {
  const names = ['ea\u13dfa', 'a\u0869\u091cba', 'ecea', 'cfa', 'de', '', 'beee'];
  const table = javaHashMapOrder(names, 32);
  expect(table).toEqual(['', 'de', 'beee', 'ea\u13dfa', 'ecea', 'a\u0869\u091cba', 'cfa']);
  expect(javaHashMapOrder(table, javaMapCopyCapacity(table.length))).toEqual([
    '',
    'de',
    'ecea',
    'a\u0869\u091cba',
    'beee',
    'ea\u13dfa',
    'cfa',
  ]);
});

test('a name that comes twice keeps its first place, and entries keep their values', () => {
  expect(javaHashMapOrder(['Aa', 'BB', 'Aa'])).toEqual(['Aa', 'BB']); // the two share a hash code
  expect(javaHashMapOrder(['BB', 'Aa'])).toEqual(['BB', 'Aa']);
  const headers = new Map([
    ['hk2', '2'],
    ['file', 'f'],
    ['byteoffset', '0'],
  ]);
  expect(javaHashMapEntries(headers)).toEqual([
    ['byteoffset', '0'],
    ['file', 'f'],
    ['hk2', '2'],
  ]);
});
