import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rows } from '../rows/index.ts';
import { pagePath, storedResult } from '../tables.ts';
import { pageWithTables, type Stored, targets, targetTable } from './page.ts';

const stored = storedResult('file-to-kafka')!;

function withFigures(
  change: Readonly<Record<string, { cpu?: number; rate?: number; peakMb?: number }>>,
): Stored {
  return {
    ...stored,
    lines: Object.entries(change).map(([name, { cpu = 1, rate = 1, peakMb = 1 }]) => {
      const cost = { cpuSeconds: cpu, readyRssBytes: null, peakRssBytes: peakMb * 1e6 };
      const median = {
        ...{ events: 1e6, bytes: 2e8, eventsPerSecond: rate, wholeSeconds: 1, readyAfterMs: 1 },
        processes: { [name]: cost },
      };
      return { name, what: '', median, all: [median] };
    }),
  };
}

describe('the tables of docs/performance.md', () => {
  test('are those of bench/results: else run `npm run bench:tables`', () => {
    const page = readFileSync(pagePath, 'utf8');
    expect(page).toBe(pageWithTables(page, storedResult));
  });

  test('show every row of the bench', () => {
    const page = readFileSync(pagePath, 'utf8');
    const missing = rows.filter(({ name }) => !page.includes(`<!-- bench:${name} -->`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

test('what stood between the marks gives way to the results, what stands around them stays', () => {
  const page =
    'a\n<!-- bench:file-to-kafka -->\nold\n<!-- /bench -->\nb\n<!-- bench:targets -->\n<!-- /bench -->\n';
  const made = pageWithTables(page, () => stored);
  expect(made).toMatch(/^a\n<!-- bench:file-to-kafka -->\n\n[\d,]+ events, /);
  expect(made).toContain('\n\n<!-- /bench -->\nb\n<!-- bench:targets -->\n\n| | target |');
  expect(made).not.toContain('old');
  expect(pageWithTables(made, () => stored)).toBe(made);
});

test('a row without results says how to get them; a mark without end is no page', () => {
  const page = pageWithTables('<!-- bench:chain -->\n<!-- /bench -->', () => null);
  expect(page).toContain('\nNo figures yet: `npm run bench -- --only chain`.\n');
  expect(() => pageWithTables('<!-- bench:chain -->\n', () => stored)).toThrow(/1 tables begin/);
});

test('a target is reached at its figure and not beyond it, and is open without figures', () => {
  const all = (cpu: number, more: number, peakMb: number, rate: number): string =>
    targetTable(
      withFigures({
        'millrace-memory': { cpu, peakMb, rate: rate * 2 },
        'millrace-file': { cpu: more, peakMb, rate: 15 },
        'millrace-memory-default': { cpu: more, rate },
        'flume-memory-tuned': { rate: 1 },
        'flume-file-tuned': { rate: 1 },
      }),
    );
  expect(all(0.4, 0.6, 160, 2).match(/\| yes \|/g)).toHaveLength(targets.length);
  expect(all(0.41, 0.61, 161, 1.9).match(/\| no \|/g)).toHaveLength(targets.length - 1);
  expect(targetTable(withFigures({})).match(/\| – \| – \|/g)).toHaveLength(targets.length);
});

test('a run of all rows has a size for each that takes long', () => {
  const sizes = new Map(rows.map(({ name, eventsOfAll }) => [name, eventsOfAll]));
  expect(sizes.get('event-sizes')).toBeLessThan(2_000_000);
  expect(sizes.get('chain')).toBeLessThan(2_000_000);
  expect(sizes.get('file-to-kafka')).toBeUndefined();
});
