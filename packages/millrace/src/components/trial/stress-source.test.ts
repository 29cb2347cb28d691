import { expect, it } from 'vitest';
import type { PollableSource } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { RateLimit } from './rate-limit.ts';
import { stressSource } from './stress-source.ts';

/** What comes of driving it until it has nothing more to do. */
async function run(properties: Record<string, number>, rejected = 0) {
  const puts = new TestPuts();
  puts.rejectNext = rejected;
  const sizes: number[] = [];
  const source = stressSource.create({
    ...contextFor(stressSource, properties),
    channels: {
      put: async (batch, options) => {
        sizes.push(batch.count);
        await puts.put(batch, options);
      },
    },
  }) as PollableSource;
  await source.start();
  const statuses: string[] = [];
  for (let turn = 0; turn < 20; turn++) statuses.push(await source.process(new AbortController().signal));
  await source.stop();
  return { bodies: puts.taken, sizes, ready: statuses.filter((status) => status === 'ready').length };
}

it('makes bodies of 500 bytes of 0x7F, one a put, without end', async () => {
  const { bodies, sizes, ready } = await run({});
  expect(bodies).toEqual(Array(20).fill('\x7f'.repeat(500)));
  expect([sizes, ready]).toEqual([Array(20).fill(1), 20]);
});

it('ends with a smaller batch at maxTotalEvents, of which those count that were rejected', async () => {
  const whole = await run({ size: 1, batchSize: 4, maxTotalEvents: 10 });
  expect([whole.sizes, whole.bodies.length, whole.ready]).toEqual([[4, 4, 2], 10, 3]);
  const some = await run({ size: 1, batchSize: 4, maxTotalEvents: 10 }, 1);
  expect([some.sizes, some.bodies.length]).toEqual([[4, 4, 2], 6]);
  expect((await run({ maxTotalEvents: 0 })).sizes).toEqual([]);
});

it('ends at maxSuccessfulEvents or behind it, of which those that were rejected do not count', async () => {
  const { sizes, bodies } = await run({ size: 0, batchSize: 4, maxSuccessfulEvents: 6 }, 2);
  expect([sizes, bodies.length]).toEqual([[4, 4, 4, 4], 8]);
});

it('takes so many a second: the next one waits for those before it, and a second may be saved', async () => {
  let now = 0;
  const waits: number[] = [];
  const limit = new RateLimit(100, {
    now: () => now,
    pause: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
  for (const count of [50, 100, 1]) expect(await limit.take(count)).toBe(true);
  expect(waits).toEqual([500, 1000]);
  now += 60_000;
  for (const count of [100, 10, 1]) await limit.take(count);
  expect(waits.slice(2)).toEqual([100]);
});

it('stops waiting when it is to stop', async () => {
  const stop = new AbortController();
  const limit = new RateLimit(1, { now: () => 0, pause: async () => stop.abort() });
  expect(await limit.take(1, stop.signal)).toBe(true);
  expect(await limit.take(1, stop.signal)).toBe(false);
});
