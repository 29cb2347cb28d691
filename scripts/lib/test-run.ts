/**
 * `npm test` and its relatives: `test-run.ts all|unit|check|oracle|fuzz [arguments]`.
 *
 * The last line of output is always `N passed, N failed`, alone; the exit code is 0 only when nothing failed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from './run-child.mjs';
import { cacheDir, MissingNeed, provideTestNeeds } from './test-needs.ts';
import { addTotals, noTotals, oneCheck, type Totals, totalsOf, type VitestReport } from './test-report.ts';

const root = resolve(import.meta.dirname, '../..');
const inCi = Boolean(process.env.CI);

/** Servers that a whole run must have met. */
const wantedServers = ['kafka', 'flume', 'kcat'];

const binOf = (name: string, path: string) => join(root, 'node_modules', name, path);
const checks: readonly { name: string; args: readonly string[] }[] = [
  { name: 'lint', args: [binOf('@biomejs/biome', 'bin/biome'), 'check', '.'] },
  { name: 'order of the rooms', args: ['scripts/check-rooms.ts'] },
  { name: 'types', args: [binOf('typescript', 'bin/tsc'), '-p', 'tsconfig.json', '--noEmit'] },
];

async function runChecks(): Promise<Totals> {
  let totals = noTotals;
  for (const { name, args } of checks) {
    const code = await runChild(process.execPath, args, { cwd: root });
    console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'}`);
    totals = addTotals(totals, oneCheck(name, code === 0));
  }
  return totals;
}

async function runVitest(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Totals> {
  const reportFile = join(cacheDir('test-run'), `report-${process.pid}.json`);
  writeFileSync(reportFile, '');
  const code = await runChild(
    process.execPath,
    [
      binOf('vitest', 'vitest.mjs'),
      'run',
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
      ...args,
    ],
    { cwd: root, env: { ...process.env, ...env } },
  );
  return totalsOf(readReport(reportFile), code);
}

function readReport(path: string): VitestReport | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return null;
  }
}

const projects = (...names: string[]) => names.flatMap((name) => ['--project', name]);

async function runAll(args: readonly string[]): Promise<Totals> {
  try {
    await provideTestNeeds();
  } catch (error) {
    if (!(error instanceof MissingNeed)) throw error;
    console.error(error.message);
    return oneCheck(error.message, false);
  }
  if (args.length > 0) return runVitest(args);
  const ledger = join(cacheDir('test-run'), 'servers-met');
  writeFileSync(ledger, '');
  // The same cases each time: what fails here was changed here. Single files, `oracle` and `fuzz` draw new ones.
  const env = { MILLRACE_FIRST_SEED: '20261129', ...process.env, MILLRACE_SERVER_LEDGER: ledger };
  let totals = await runChecks();
  totals = addTotals(totals, await runVitest(projects('unit', 'clock', 'contract', 'golden'), env));
  // Each of these may run several JVMs: more than two files at once make one another slow, not the whole faster.
  const workers = `--maxWorkers=${Math.min(2, availableParallelism())}`;
  totals = addTotals(totals, await runVitest([...projects('fuzz', 'system', 'oracle'), workers], env));
  const met = readFileSync(ledger, 'utf8').split('\n');
  for (const server of wantedServers) {
    const times = met.filter((name) => name === server).length;
    if (times === 0) console.log(`FAILED: no test met a real ${server}`);
    else console.log(`real ${server}: met ${times} times`);
    totals = addTotals(totals, oneCheck(`a real ${server} was met`, times > 0));
  }
  return totals;
}

async function runOracle(args: string[]): Promise<Totals> {
  const { values } = parseArgs({
    args,
    options: {
      ...{ rounds: { type: 'string' }, histories: { type: 'string' }, steps: { type: 'string' } },
      seed: { type: 'string' },
    },
  });
  const faultTests = ['test/oracle/kill-', 'test/oracle/sim-', 'test/oracle/taildir-', 'test/system/fault-'];
  const drawnTests = ['test/oracle/broker-differential'];
  const vitestArgs = [
    ...projects('oracle', 'system'),
    '--no-file-parallelism',
    '--testTimeout=0',
    ...faultTests,
    ...drawnTests,
  ];
  return runVitest(vitestArgs, {
    MILLRACE_DIFFERENTIAL_ROUNDS: values.rounds ?? '10',
    ...(values.rounds && { MILLRACE_ORACLE_ROUNDS: values.rounds }),
    ...(values.histories && { MILLRACE_ORACLE_HISTORIES: values.histories }),
    ...(values.steps && { MILLRACE_MODEL_STEPS: values.steps }),
    ...(values.seed && { MILLRACE_SEED: values.seed }),
  });
}

async function runFuzz(args: string[]): Promise<Totals> {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  return runVitest([...projects('fuzz'), '--testTimeout=0'], {
    ...(values.seconds && { MILLRACE_FUZZ_SECONDS: values.seconds }),
    ...(values.seed && { MILLRACE_SEED: values.seed }),
  });
}

const modes: Readonly<Record<string, (args: string[]) => Promise<Totals>>> = {
  all: runAll,
  // More than there are cores: much of a unit test is waiting for files and sockets.
  unit: (args) =>
    runVitest([...projects('unit', 'clock'), `--maxWorkers=${availableParallelism() + 1}`, ...args]),
  check: runChecks,
  oracle: runOracle,
  fuzz: runFuzz,
};

async function main([mode = 'all', ...args]: string[]): Promise<number> {
  const run = modes[mode];
  if (!run) {
    console.error(`usage: test-run.ts ${Object.keys(modes).join('|')} [arguments]`);
    return 64;
  }
  let totals: Totals;
  try {
    totals = await run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    totals = oneCheck(mode, false);
  }
  // A test that is left out where nobody looks is as good as none.
  if (inCi && mode === 'all') {
    for (const name of totals.skipped) totals = addTotals(totals, oneCheck(`${name} (skipped)`, false));
  }
  for (const name of totals.skipped) console.log(`skipped: ${name}`);
  for (const name of totals.failures) console.log(`failed: ${name}`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
