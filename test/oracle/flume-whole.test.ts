/**
 * Whole configurations, drawn from the specs of the components, in a real Flume 1.11 and in Millrace: what each keeps of
 * them. docs/oracle.md says how to use it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { Builder } from '../../packages/testkit/src/flume/differential/built.ts';
import { judge, shownSmall } from '../../packages/testkit/src/flume/differential/compare-built.ts';
import { deliberateConfigurations } from '../../packages/testkit/src/flume/differential/deliberate-configurations.ts';
import { drawConfiguration } from '../../packages/testkit/src/flume/differential/draw-configuration.ts';
import { Program } from '../../packages/testkit/src/flume/differential/program.ts';
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
  const untold = deliberateConfigurations.filter(({ page: name, words }) => !page(name).includes(words));
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
