import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['transactionCapactiy', ['capacity', 'transactionCapacity', 'type'], 'transactionCapacity'],
    ['keepAlive', ['keep-alive', 'capacity'], 'keep-alive'],
    ['batchsize', ['batchSize', 'batchTimeout'], 'batchSize'],
    ['agnet', ['agent', 'a1'], 'agent'],
    ['maxBytesToLogg', ['maxBytesToLog'], 'maxBytesToLog'],
    ['ri', ['r1', 'k1'], 'r1'],
    ['capacity', ['batchSize', 'charset'], undefined],
    ['foo', ['bar', 'headers', 'type'], undefined],
    ['', ['a'], undefined],
    ['x'.repeat(1000), ['x'], undefined],
  ])('%s of %j is %s', (name, candidates, expected) => {
    expect(nearest(name, candidates)).toBe(expected);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });
});
