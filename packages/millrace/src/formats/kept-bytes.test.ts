import { expect, it } from 'vitest';
import { KeptBytes } from './kept-bytes.ts';

it('gives back what was kept, piece by piece, and begins anew', () => {
  const kept = new KeptBytes();
  for (const size of [3, 700, 0, 300_000]) {
    const whole = Buffer.alloc(size, 'abcdefg');
    for (let at = 0; at < size; at += 1000) kept.add(whole, at, Math.min(size, at + 1000), size);
    expect(kept.length).toBe(size);
    expect(kept.take().equals(whole)).toBe(true);
    expect(kept.length).toBe(0);
  }
});
