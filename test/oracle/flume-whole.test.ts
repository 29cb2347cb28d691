/**
 * Whole configurations, drawn from the specs of the components, in a real Flume 1.11 and in Millrace: what each keeps of
 * them; and agents that run, with input for their sources: events, files, answers and counters. docs/oracle.md says how
 * to use it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { Builder } from '../../packages/testkit/src/flume/differential/built.ts';
import { judge, shownSmall } from '../../packages/testkit/src/flume/differential/compare-built.ts';
import { compareRuns, shownRun } from '../../packages/testkit/src/flume/differential/compare-runs.ts';
import { deliberateConfigurations } from '../../packages/testkit/src/flume/differential/deliberate-configurations.ts';
import { deliberateRuns } from '../../packages/testkit/src/flume/differential/deliberate-runs.ts';
import { drawConfiguration } from '../../packages/testkit/src/flume/differential/draw-configuration.ts';
import { drawRun } from '../../packages/testkit/src/flume/differential/draw-run.ts';
import { Program } from '../../packages/testkit/src/flume/differential/program.ts';
import { Runner } from '../../packages/testkit/src/flume/differential/runner.ts';
import { sabotaged } from '../../packages/testkit/src/flume/differential/sabotaged.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';

let dir: TempDir;
let programs: { flume: Program; millrace: Program };

beforeAll(async () => {
  dir = tempDir('flume-whole-');
  const [flume, millrace] = await Promise.all([
    Program.start('flume', dir.path),
    Program.start('millrace', dir.path),
  ]);
  programs = { flume, millrace };
});
afterAll(async () => {
  await programs?.flume[Symbol.asyncDispose]();
  await programs?.millrace[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

it('says to users what is deliberate', () => {
  const page = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
  const untold = [...deliberateConfigurations, ...deliberateRuns].filter(
    ({ page: name, words }) => !page(name).includes(words),
  );
  expect(untold.map(({ id }) => id)).toEqual([]);
});

/** Differences that are shown of one run: each is made small first, which takes a while. */
const mostShown = 5;

it('keeps of a configuration what Flume keeps', async () => {
  const chance = chanceOf('configurations');
  const builder = new Builder(programs, dir.join('built'));
  const explained = new Map<string, number>();
  const shown: string[] = [];
  const rounds = roundsOr(3) * 100;
  for (let n = 0; n < rounds && shown.length < mostShown; n++) {
    const drawn = drawConfiguration(chance.fork());
    const verdict = await judge(builder, drawn);
    for (const id of verdict.explained) explained.set(id, (explained.get(id) ?? 0) + 1);
    if (verdict.left !== null) shown.push(await shownSmall(builder, verdict.left, programs.flume));
  }
  console.log(`configurations: ${rounds}, deliberate differences: ${JSON.stringify([...explained])}`);
  const never = deliberateConfigurations.filter(({ id }) => !explained.has(id)).map(({ id }) => id);
  // Of a list that nobody needs any more an entry would hide what is new.
  if (rounds >= 2000) expect(never).toEqual([]);
  expect(shown.join('\n\n---\n')).toBe('');
});

it('runs an agent as Flume runs it', async () => {
  const chance = chanceOf('runs');
  const cases = Array.from({ length: roundsOr(3) * 20 }, () => drawRun(chance.fork()));
  const runner = new Runner(programs, dir.join('runs'));
  const { deliberate, passing, differing } = await compareRuns(runner, programs, cases);
  console.log(
    `runs: ${cases.length}, deliberate differences: ${JSON.stringify([...deliberate])}, of the moment: ${passing}`,
  );
  if (cases.length >= 1000)
    expect(deliberateRuns.filter(({ id }) => !deliberate.has(id)).map(({ id }) => id)).toEqual([]);
  const shown: string[] = [];
  for (const each of differing.slice(0, mostShown)) shown.push(await shownRun(runner, programs, each));
  expect(shown.join('\n\n---\n')).toBe('');
});

it('notices deliberate faults', async () => {
  const honest = await new Runner(programs, dir.join('honest')).runAll(sabotaged.map(({ given }) => given));
  expect(honest.map(({ differing }) => differing)).toEqual(sabotaged.map(() => []));
  const noticed = await Promise.all(
    sabotaged.map(async ({ name, given }) => {
      await using faulty = await Program.start('millrace', dir.path, name);
      const runner = new Runner({ ...programs, millrace: faulty }, dir.join(name));
      return (await runner.run(given)).differing;
    }),
  );
  for (const [i, { differs }] of sabotaged.entries())
    expect(noticed[i]).toContainEqual(expect.stringMatching(differs));
});
