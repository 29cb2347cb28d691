import type { Machine } from './machine.ts';
import { cpuPerMillion, type Measurement } from './measurement.ts';

/** One row group's results, ready to be written. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  readonly baseline: string;
  readonly events: number;
  readonly runs: number;
  /** Contenders without figures, and why: one that lost an event or was set up wrongly has no rate. */
  readonly failures: Readonly<Record<string, string>>;
  readonly lines: readonly {
    readonly name: string;
    readonly what: string;
    readonly median: Measurement;
    readonly all: readonly Measurement[];
  }[];
}

const megabyte = 1e6;

/** Three significant digits, thousands apart: `1,870,000`, `0.43`, `12.4`. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: Math.abs(rounded) < 10 ? 2 : 1 });
}

function ratio(value: number, base: number): string {
  return Number.isFinite(value / base) ? `${short(value / base)} ×` : '–';
}

function columnsOf(result: Result): { head: string[]; cells: string[][] } {
  const base = result.lines.find((line) => line.name === result.baseline)?.median;
  const others = new Set(result.lines.flatMap(({ median }) => Object.keys(median.processes).slice(1)));
  const figures = new Set(result.lines.flatMap(({ median }) => Object.keys(median.figures ?? {})));
  const head = [
    '',
    'rate, × base',
    'CPU, × base',
    'events/s',
    'MB/s',
    'CPU s/M events',
    ...[...others].map((name) => `${name} CPU s/M`),
    'MB at ready',
    'MB at peak',
    'ready, ms',
    ...figures,
  ];
  const cells = result.lines.map(({ name, median }) => {
    const own = Object.values(median.processes)[0];
    const perMillion = (cpuSeconds: number | undefined) =>
      cpuSeconds === undefined ? null : (cpuSeconds / median.events) * 1e6;
    return [
      name,
      base ? ratio(median.eventsPerSecond, base.eventsPerSecond) : '–',
      base ? ratio(cpuPerMillion(median), cpuPerMillion(base)) : '–',
      short(median.eventsPerSecond),
      short((median.eventsPerSecond * (median.bytes / median.events)) / megabyte),
      short(cpuPerMillion(median)),
      ...[...others].map((other) => short(perMillion(median.processes[other]?.cpuSeconds))),
      short(own?.readyRssBytes == null ? null : own.readyRssBytes / megabyte),
      short(own?.peakRssBytes == null ? null : own.peakRssBytes / megabyte),
      short(median.readyAfterMs),
      ...[...figures].map((figure) => short(median.figures?.[figure])),
    ];
  });
  return { head, cells };
}

/** The figures alone. */
function tableOf(result: Result): string[] {
  const { head, cells } = columnsOf(result);
  const widths = head.map((title, i) => Math.max(title.length, 3, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...cells.map(line)];
}

const failureLines = ({ failures }: Result): string[] =>
  Object.entries(failures).map(([name, why]) => `- ${name}: no figures, ${why.split('\n')[0]}`);

const runsOf = ({ runs }: Result): string =>
  runs === 1 ? 'one run each' : `median of ${runs}, runs interleaved`;

export function markdownOf(result: Result, machine: Machine): string {
  return [
    `## ${result.title}`,
    '',
    `${result.method} ${result.events.toLocaleString('en-US')} events, ${runsOf(result)}. × is against ${result.baseline}: a rate above 1 is faster, a CPU figure below 1 is cheaper.`,
    '',
    ...tableOf(result),
    '',
    ...result.lines.map(({ name, what }) => `- ${name}: ${what}`),
    ...failureLines(result),
    '',
    machineLine(machine),
    '',
  ].join('\n');
}

/** As a page shows it that tells the rest itself: how much, the table, where. */
export function shortMarkdownOf(result: Result, machine: Machine): string {
  const failures = failureLines(result);
  return [
    `${result.events.toLocaleString('en-US')} events, ${runsOf(result)}; × is against ${result.baseline}.`,
    '',
    ...tableOf(result),
    '',
    ...(failures.length > 0 ? [...failures, ''] : []),
    machineLine(machine),
  ].join('\n');
}

export function machineLine(machine: Machine): string {
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; Node ${machine.node}, ${machine.java}; ` +
    `Kafka ${machine.kafka}, Flume ${machine.flume}, kcat ${machine.kcat}, rsyslog ${machine.rsyslog}, OpenTelemetry collector ${machine.otel ?? '–'}; ` +
    `commit ${machine.commit}; load at start ${machine.loadAtStart.toFixed(2)}.`
  );
}
