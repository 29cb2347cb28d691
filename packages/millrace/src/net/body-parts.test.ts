import { expect, it } from 'vitest';
import { BodyParts } from './body-parts.ts';

it('gives what was added, in order, whatever the sizes', () => {
  const sizes = [0, 1, 4095, 4096, 1, 1, 100_000, 3000, 3000, 3000, 3000, 3000, 3000, 5, 4096, 2];
  const sent = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  const parts = new BodyParts();
  for (let round = 0; round < 2; round++) {
    for (const part of sent) parts.add(part);
    expect(parts.bytes).toBe(sizes.reduce((sum, size) => sum + size));
    expect(parts.take().equals(Buffer.concat(sent))).toBe(true);
    expect([parts.bytes, parts.count]).toEqual([0, 0]);
  }
});

it('holds no buffer for each of very many small parts', () => {
  const parts = new BodyParts();
  for (let i = 0; i < 100_000; i++) parts.add(Buffer.of(i & 0xff));
  expect(parts.count).toBe(1 + Math.ceil(99_999 / 16_384));
  expect(parts.take().length).toBe(100_000);
});
