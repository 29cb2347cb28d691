import { describe, expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';
import { ByteBudget } from './byte-budget.ts';

describe('BufferPool', () => {
  test('what is given back is lent again, by any view of it', () => {
    const pool = new BufferPool(1 << 20);
    const first = pool.take(100_000);
    expect(first.length).toBeGreaterThanOrEqual(100_000);
    pool.give(first.subarray(500, 600));
    expect(pool.freeBytes).toBe(first.length);
    expect(pool.take(first.length).buffer).toBe(first.buffer);
    expect(pool.freeBytes).toBe(0);
  });

  test('a buffer is never lent twice: giving it back twice, or giving a foreign one, changes nothing', () => {
    const pool = new BufferPool(1 << 20);
    const buffer = pool.take(10);
    pool.give(buffer);
    pool.give(buffer);
    pool.give(Buffer.alloc(1 << 16));
    expect(pool.freeBytes).toBe(buffer.length);
    expect(pool.take(10).buffer).not.toBe(pool.take(10).buffer);
  });

  test('prefers one that holds the whole, takes a smaller one rather than making a new one', () => {
    const pool = new BufferPool(10 << 20);
    const [small, large] = [pool.take(64 << 10), pool.take(1 << 20)];
    pool.give(large);
    pool.give(small);
    expect(pool.take(1000, 500_000).buffer).toBe(large.buffer);
    expect(pool.take(1000, 500_000).buffer).toBe(small.buffer);
  });

  test('keeps no more than its limit, and nothing huge', () => {
    const pool = new BufferPool(1 << 20);
    const [a, b, huge] = [pool.take(700_000), pool.take(700_000), pool.take(5 << 20)];
    for (const buffer of [a, b, huge]) pool.give(buffer);
    expect(pool.freeBytes).toBe(a.length);
  });
});

describe('ByteBudget', () => {
  test('whoever waits goes on when something is given back', async () => {
    const budget = new ByteBudget(100);
    budget.take(150);
    expect([budget.isSpent, budget.left]).toEqual([true, 0]);
    let isThrough = false;
    const waiting = budget.whenLeft(60_000).then(() => {
      isThrough = true;
    });
    budget.give(50);
    await Promise.resolve();
    expect(isThrough).toBe(false);
    budget.give(1);
    await waiting;
    expect(budget.left).toBe(1);
    await budget.whenLeft(60_000);
  });
});
