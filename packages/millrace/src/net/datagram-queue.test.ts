import { expect, it } from 'vitest';
import { DatagramQueue } from './datagram-queue.ts';

const peer = { address: '127.0.0.1', port: 1 };

it('gives what was added in order, over and over', () => {
  const queue = new DatagramQueue(10_000_000);
  const taken: string[] = [];
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 2000; i++) expect(queue.add(Buffer.from(`${round}-${i}`), peer)).toBe(true);
    for (let i = 0; i < 1500; i++) taken.push(queue.take()!.bytes.toString());
  }
  while (!queue.isEmpty) taken.push(queue.take()!.bytes.toString());
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, i) => `${Math.floor(i / 2000)}-${i % 2000}`));
  expect(queue.take()).toBeNull();
});

it('has room for so many bytes, of which each datagram takes 256 for itself', () => {
  const queue = new DatagramQueue(3 * 256 + 10);
  const add = (bytes: number) => queue.add(Buffer.alloc(bytes), peer);
  expect([add(4), add(6), add(1), add(0), add(0)]).toEqual([true, true, false, true, false]);
  queue.take();
  expect([add(5), add(4)]).toEqual([false, true]);
  expect(queue.clear()).toBe(3);
  expect(queue.isEmpty).toBe(true);
  expect([add(10), add(0), add(0), add(0)]).toEqual([true, true, true, false]);
});
