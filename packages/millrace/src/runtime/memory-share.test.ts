import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { divideMemoryAmong, MemoryShare, memoryShare } from './memory-share.ts';

it('is a quarter of the memory at most, in equal parts for whoever holds events now', () => {
  expect(memoryShare().totalBytes).toBeLessThanOrEqual(totalmem() / 4);
  expect(memoryShare().totalBytes).toBeGreaterThan(0);
  const share = new MemoryShare(1000);
  const told: number[] = [];
  const holders = Array.from({ length: 4 }, () => ({ shareChanged: () => void told.push(share.bytes) }));
  expect(share.bytes).toBe(1000);
  for (const holder of holders) share.join(holder);
  share.join(holders[0]!);
  expect(share.bytes).toBe(250);
  share.leave(holders[1]!);
  share.leave(holders[1]!);
  expect(share.bytes).toBe(333);
  expect(told.slice(-3)).toEqual([333, 333, 333]);
});

it('is divided among the threads that hold events', async () => {
  const file = new URL('./memory-share.ts', import.meta.url).href;
  const inWorker = () =>
    new Promise((resolve, reject) => {
      const code = `import(${JSON.stringify(file)}).then(({ memoryShare }) => require('node:worker_threads').parentPort.postMessage(memoryShare().totalBytes))`;
      new Worker(code, { eval: true }).on('message', resolve).on('error', reject);
    });
  const whole = memoryShare().totalBytes;
  try {
    divideMemoryAmong(5);
    expect(await inWorker()).toBe(Math.floor(whole / 5));
    divideMemoryAmong(0);
    expect(await inWorker()).toBe(whole);
  } finally {
    divideMemoryAmong(1);
  }
});
