/** The tables of docs/performance.md, made of what the bench wrote: no figure of them is copied by hand. */
import type { Machine } from './machine.ts';
import { cpuPerMillion, type Measurement } from './measurement.ts';
import { type Result, short, shortMarkdownOf } from './table.ts';

export type Stored = Result & { readonly machine: Machine };
/** What the bench wrote of a row; null where it never ran. */
export type ResultOf = (row: string) => Stored | null;

interface Target {
  readonly what: string;
  /** The contender it is about, and the figure of it. */
  readonly contender: string;
  readonly figure: (own: Measurement, others: ReadonlyMap<string, Measurement>) => number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
}

const peakMb = (own: Measurement): number =>
  (Object.values(own.processes)[0]?.peakRssBytes ?? Number.NaN) / 1e6;
const rateAgainst =
  (contender: string) =>
  (own: Measurement, others: ReadonlyMap<string, Measurement>): number =>
    own.eventsPerSecond / (others.get(contender)?.eventsPerSecond ?? Number.NaN);

/** What the row file-to-kafka is to come to. */
export const targets: readonly Target[] = [
  {
    what: 'memory channel, CPU',
    contender: 'millrace-memory',
    figure: cpuPerMillion,
    atMost: 0.4,
    unit: 's/M',
  },
  {
    what: 'memory channel, rate against tuned Flume',
    contender: 'millrace-memory',
    figure: rateAgainst('flume-memory-tuned'),
    atLeast: 4,
    unit: '×',
  },
  {
    what: 'memory channel, peak memory',
    contender: 'millrace-memory',
    figure: peakMb,
    atMost: 160,
    unit: 'MB',
  },
  { what: 'file channel, CPU', contender: 'millrace-file', figure: cpuPerMillion, atMost: 0.6, unit: 's/M' },
  {
    what: "file channel, rate against Flume's tuned one",
    contender: 'millrace-file',
    figure: rateAgainst('flume-file-tuned'),
    atLeast: 15,
    unit: '×',
  },
  { what: 'file channel, peak memory', contender: 'millrace-file', figure: peakMb, atMost: 160, unit: 'MB' },
  {
    what: "Flume's defaults, CPU",
    contender: 'millrace-memory-default',
    figure: cpuPerMillion,
    atMost: 0.6,
    unit: 's/M',
  },
  {
    what: "Flume's defaults, rate against tuned Flume",
    contender: 'millrace-memory-default',
    figure: rateAgainst('flume-memory-tuned'),
    atLeast: 2,
    unit: '×',
  },
];

/** Each target beside what was measured. */
export function targetTable(result: Stored): string {
  const medians = new Map(result.lines.map(({ name, median }) => [name, median]));
  const rows = targets.map(({ what, contender, figure, atMost, atLeast, unit }) => {
    const own = medians.get(contender);
    const value = own === undefined ? Number.NaN : figure(own, medians);
    const wanted = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    const isReached = atMost === undefined ? value >= atLeast! : value <= atMost;
    const verdict = Number.isNaN(value) ? '–' : isReached ? 'yes' : 'no';
    return `| ${what} | ${wanted} ${unit} | ${short(value)} | ${verdict} |`;
  });
  return ['| | target | measured | reached |', '| --- | ---: | ---: | --- |', ...rows].join('\n');
}

/**
 * The page with its tables made anew: what stands between `<!-- bench:ROW -->` and `<!-- /bench -->`, where ROW is a row
 * of the bench or `targets`. Throws where a mark has no end.
 */
export function pageWithTables(page: string, resultOf: ResultOf): string {
  const opened = page.match(/<!-- bench:/g)?.length ?? 0;
  let made = 0;
  const filled = page.replace(
    /(<!-- bench:([\w-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g,
    (_, start: string, name: string, end: string) => {
      made += 1;
      const result = resultOf(name === 'targets' ? 'file-to-kafka' : name);
      const table = name === 'targets' ? targetTable : (it: Stored) => shortMarkdownOf(it, it.machine);
      const text = result === null ? `No figures yet: \`npm run bench -- --only ${name}\`.` : table(result);
      return `${start}\n${text}\n\n${end}`;
    },
  );
  if (made !== opened) throw new Error(`${opened} tables begin in the page, ${made} of them have an end`);
  return filled;
}
