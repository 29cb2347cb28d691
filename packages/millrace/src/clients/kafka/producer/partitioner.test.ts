import { expect, test } from 'vitest';
import { murmur2, partitionForKey } from './partitioner.ts';

// The vectors of Kafka's UtilsTest.testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test('a key goes to the positive hash modulo the partitions', () => {
  expect(partitionForKey(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
  expect(partitionForKey(Buffer.from('abc'), 4)).toBe(479470107 % 4);
});

test('murmur2 over a range of a larger buffer', () => {
  expect(murmur2(Buffer.from('xxfoobaryy'), 2, 8)).toBe(-790332482);
});
