import { expect, test } from 'vitest';
import { rateOf, watchCount } from './arrival.ts';
import { cpuPerMillion, type Measurement, median, medianOf } from './measurement.ts';
import { markdownOf, type Result, short } from './table.ts';
import { checkSum } from './topic.ts';

const run = (eventsPerSecond: number, cpuSeconds: number): Measurement => ({
  events: 2_000_000,
  bytes: 400_000_000,
  eventsPerSecond,
  wholeSeconds: 1,
  readyAfterMs: null,
  processes: { own: { cpuSeconds, readyRssBytes: null, peakRssBytes: 50e6 } },
  figures: { 'p99 ms': cpuSeconds },
});

test('the median is taken of each figure by itself', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1])).toBe(2.5);
  const middle = medianOf([run(100, 3), run(300, 1), run(200, 2)]);
  expect(middle.eventsPerSecond).toBe(200);
  expect(cpuPerMillion(middle)).toBe(1);
  expect(middle.figures).toEqual({ 'p99 ms': 2 });
});

test('a rate counts only what moved between the first look and the last', () => {
  const arrival = { firstSeenAtMs: 1000, firstSeenCount: 100, lastAtMs: 3000, lastCount: 1100 };
  expect(rateOf(arrival)).toBe(500);
  expect(() => rateOf({ ...arrival, lastAtMs: 1000 })).toThrow(/more events/);
});

test('looks go on until all events are there, and end where no more come', async () => {
  const counts = [0, 0, 3, 3, 10, 12];
  const looks: string[] = [];
  const watch = { everyMs: 1, onLook: () => looks.push('look'), onFirst: () => looks.push('first') };
  const arrival = await watchCount({ ...watch, events: 9, count: () => counts.shift()! });
  expect(arrival).toMatchObject({ firstSeenCount: 3, lastCount: 10 });
  expect(looks).toEqual(['look', 'look', 'first', 'look', 'look']);
  await expect(watchCount({ ...watch, events: 9, stallMs: 5, count: () => 8 })).rejects.toThrow(
    /8 of 9 events arrived/,
  );
});

test('a lost, doubled or altered event leaves no figure', () => {
  const wanted = { count: 3, bytes: 30, checksum: 7 };
  checkSum('topic', { ...wanted }, wanted);
  expect(() => checkSum('topic', { ...wanted, count: 2 }, wanted)).toThrow(/topic holds 2 lines/);
  expect(() => checkSum('topic', { ...wanted, checksum: 8 }, wanted)).toThrow(/checksum 8/);
});

test('the table tells ratios against the baseline, and who has no figures', () => {
  const line = (name: string, measurement: Measurement) => ({
    name,
    what: name,
    median: measurement,
    all: [],
  });
  const result: Result = {
    name: 'row',
    title: 'Row',
    method: 'Method.',
    baseline: 'peer',
    events: 2_000_000,
    runs: 3,
    failures: { third: 'lost two events\nmore' },
    lines: [line('millrace', run(1_234_567, 1)), line('peer', run(500_000, 4))],
  };
  const machine = { cpu: 'CPU', cores: 2, loadAtStart: 0.5 } as Parameters<typeof markdownOf>[1];
  const text = markdownOf(result, machine);
  expect(text).toMatch(/\| millrace +\| +2\.47 × \| +0\.25 × \| +1,230,000 \|/);
  expect(text).toContain('- third: no figures, lost two events\n');
  expect(short(null)).toBe('–');
});
