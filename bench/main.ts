/**
 * `npm run bench -- [--all | --only NAMES] [--events N] [--runs N] [--json]`: Millrace and its peers doing the same job on this
 * machine, interleaved. Never a timed test: it prints what it measured and fails only when a figure can't be trusted.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingNeed, provideTestNeeds } from '../scripts/lib/test-needs.ts';
import { describeMachine, type Machine } from './lib/machine.ts';
import { cpuPerMillion, type Measurement, medianOf } from './lib/measurement.ts';
import type { RowSpec } from './lib/row.ts';
import { markdownOf, type Result, short } from './lib/table.ts';
import { rows } from './rows/index.ts';

const resultsDir = join(import.meta.dirname, 'results');
const usage = `Usage: npm run bench -- [options]

  --only NAMES   comma-separated rows or row/contender, such as file-to-kafka or file-to-kafka/kcat;
                 the row's baseline always runs too
  --all          every row; those that take long, or are one of a series, with fewer events: half an hour with --runs 1
  --events N     how many events (default 2000000)
  --runs N       how often each contender runs (default 3)
  --json         print the raw figures instead of the table

Rows:
${rows.map(({ name, title, onDemand }) => `  ${name.padEnd(16)} ${title}${onDemand ? ' (only with --only or --all)' : ''}`).join('\n')}
`;

const usualEvents = 2_000_000;

interface Options {
  readonly all: boolean;
  readonly only: readonly string[];
  /** Null: as many as are usual. */
  readonly events: number | null;
  readonly runs: number;
  readonly json: boolean;
}

class UsageError extends Error {}

function optionsOf(argv: string[]): Options | null {
  const { values } = parseArgs({
    args: argv,
    options: {
      all: { type: 'boolean', default: false },
      only: { type: 'string' },
      events: { type: 'string' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const count = (name: string, text: string) => {
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`--${name} ${text}: not a whole number above 0`);
    return value;
  };
  const only = values.only?.split(',').map((name) => name.trim()) ?? [];
  if (values.all && only.length > 0) throw new UsageError('--all and --only: one of them, please');
  return {
    all: values.all,
    only,
    events: values.events === undefined ? null : count('events', values.events),
    runs: count('runs', values.runs),
    json: values.json,
  };
}

interface Choice {
  readonly spec: RowSpec;
  readonly contenders: readonly string[];
}

/** Which contenders of which rows run; throws for a name that fits nothing. */
function choose({ all, only }: Options): Choice[] {
  if (only.length === 0) {
    return rows
      .filter((spec) => all || !spec.onDemand)
      .map((spec) => ({ spec, contenders: spec.contenderNames }));
  }
  const chosen = new Map<RowSpec, Set<string>>();
  for (const wanted of only) {
    const [rowName, contender] = wanted.split('/');
    const spec = rows.find((row) => row.name === rowName);
    if (!spec) throw new UsageError(`--only ${wanted}: there is no row ${rowName}\n\n${usage}`);
    const names = spec.contenderNames.filter((name) => contender === undefined || name === contender);
    if (names.length === 0) {
      throw new UsageError(`--only ${wanted}: ${rowName} has ${spec.contenderNames.join(', ')}`);
    }
    const set = chosen.get(spec) ?? new Set([spec.baseline]);
    for (const name of names) set.add(name);
    chosen.set(spec, set);
  }
  return [...chosen].map(([spec, set]) => ({
    spec,
    contenders: spec.contenderNames.filter((name) => set.has(name)),
  }));
}

async function runRow({ spec, contenders }: Choice, options: Options): Promise<Result> {
  const asked = options.events ?? (options.all ? spec.eventsOfAll : undefined) ?? usualEvents;
  const events = spec.eventsOf?.(asked) ?? asked;
  process.stderr.write(`${spec.name}: ${events} events, ${options.runs} runs\n`);
  await using row = await spec.open({ events, contenders });
  const measured = new Map<string, Measurement[]>(row.contenders.map(({ name }) => [name, []]));
  const failures: Record<string, string> = {};
  for (let run = 0; run < options.runs; run += 1) {
    for (const contender of row.contenders) {
      if (failures[contender.name] !== undefined) continue;
      try {
        const measurement = await contender.measure({ events, run });
        measured.get(contender.name)!.push(measurement);
        process.stderr.write(`  ${run + 1}/${options.runs} ${contender.name}: ${summaryOf(measurement)}\n`);
      } catch (error) {
        failures[contender.name] = error instanceof Error ? error.message : String(error);
        process.stderr.write(`  ${contender.name} FAILED: ${failures[contender.name]}\n`);
      }
    }
  }
  const sound = row.contenders.filter(({ name }) => failures[name] === undefined);
  return {
    name: spec.name,
    title: spec.title,
    method: spec.method,
    baseline: spec.baseline,
    events,
    runs: options.runs,
    failures,
    lines: sound.map(({ name, what }) => {
      const all = measured.get(name)!;
      return { name, what, median: medianOf(all), all };
    }),
  };
}

function summaryOf(measurement: Measurement): string {
  const { eventsPerSecond, wholeSeconds } = measurement;
  return `${short(eventsPerSecond)} events/s, ${short(cpuPerMillion(measurement))} CPU s/M, ${wholeSeconds.toFixed(1)} s`;
}

function save(result: Result, machine: Machine): void {
  mkdirSync(resultsDir, { recursive: true });
  const file = join(resultsDir, result.name);
  writeFileSync(`${file}.json`, `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
  writeFileSync(`${file}.md`, markdownOf(result, machine));
}

async function main(argv: string[]): Promise<number> {
  let options: Options | null;
  let choices: Choice[];
  try {
    options = optionsOf(argv);
    if (options === null) {
      process.stdout.write(usage);
      return 0;
    }
    choices = choose(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 64;
  }
  if (process.platform !== 'linux') {
    process.stderr.write('The bench reads CPU time and memory from /proc: it runs on Linux only.\n');
    return 69;
  }
  try {
    await provideTestNeeds();
  } catch (error) {
    if (!(error instanceof MissingNeed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 69;
  }
  const machine = describeMachine();
  if (machine.loadAtStart > machine.cores / 2) {
    process.stderr.write(
      `The machine is busy (load ${machine.loadAtStart.toFixed(1)}): trust CPU seconds, not rates.\n`,
    );
  }
  const results: Result[] = [];
  let failed = 0;
  for (const choice of choices) {
    try {
      const result = await runRow(choice, options);
      save(result, machine);
      results.push(result);
      failed += Object.keys(result.failures).length;
      if (!options.json) process.stdout.write(`\n${markdownOf(result, machine)}\n`);
    } catch (error) {
      failed += 1;
      process.stderr.write(
        `${choice.spec.name} FAILED, no figures: ${error instanceof Error ? error.message : error}\n`,
      );
    }
  }
  if (results.length > 0)
    process.stderr.write('`npm run bench:tables` puts them into docs/performance.md.\n');
  if (options.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
