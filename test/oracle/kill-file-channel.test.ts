/** kill -9 of an agent with a file channel at random moments, while files are written and rotated. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChain } from '../../packages/testkit/src/oracle/chains.ts';
import {
  faultsOf,
  judge,
  lineOf,
  rolledArrivals,
  rolledLines,
  type Verdict,
} from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters, killRounds } from '../../packages/testkit/src/oracle/tailing.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

interface Run {
  readonly verdict: Verdict;
  readonly kills: number;
}

async function killRun(name: string, kills: number, sabotage?: string, settleMs = 15_000): Promise<Run> {
  await using dir = tempDir('millrace-oracle-');
  const chance = chanceOf(name);
  const chain = fileChain(dir);
  const writers = new BusyWriters(chain.input, chance.fork()).start();
  await using agent = agentProgram(chain.configFile, 'a1', { sabotage });
  const moments = chance.fork();
  for (let round = 0; round < kills; round++) {
    await agent.spawn();
    if (moments.bool(0.8)) await agent.ready();
    await sleep(moments.int(0, 900));
    await agent.kill();
  }
  await agent.start();
  const { obligations, count } = await writers.stop();
  const found = () => {
    const { missing, promised } = judge(obligations, rolledArrivals(chain.output));
    return promised - missing.length;
  };
  await arrivedOrStill(found, count, settleMs);
  await agent.stop();
  const verdict = judge(obligations, rolledArrivals(chain.output));
  console.log(
    `${name}: ${kills} kills, ${verdict.promised} lines, ${verdict.missing.length} missing, ${verdict.doubles} doubles`,
  );
  return { verdict, kills: agent.kills };
}

/** Flume doubled 21,500 of 80,000 lines over 8 kills: a tenth of that, by lines or by kills, whichever is less. */
const doublesAllowed = ({ verdict, kills }: Run) =>
  Math.min((2_150 * kills) / 8, (2_150 * verdict.promised) / 80_000);

test('kill -9 at random moments: every line arrives, in order per file, with few doubles', async () => {
  const run = await killRun('agent with file channel', roundsOr(12));
  expect(faultsOf(run.verdict, { allowDoubles: doublesAllowed(run) })).toEqual([]);
  expect(run.verdict.promised).toBeGreaterThan(1000);
});

test.each(['early-position', 'early-take-commit'])('the oracle goes red: %s', async (sabotage) => {
  const { verdict } = await killRun(sabotage, 5, sabotage, 2_000);
  expect(verdict.missing.length).toBeGreaterThan(0);
});

test.each(['forget-journal', 'forget-consumed'])('the oracle goes red: %s', async (sabotage) => {
  const run = await killRun(sabotage, 5, sabotage);
  expect(run.verdict.missing).toEqual([]);
  expect(run.verdict.doubles).toBeGreaterThan(doublesAllowed(run));
});

test('a memory channel loses at a kill no more than it held, and nothing else is out of place', async () => {
  await using dir = tempDir('millrace-oracle-');
  const chance = chanceOf('agent with memory channel');
  const capacity = 1000;
  const chain = fileChain(dir, { channel: 'memory', more: `a1.channels.c1.capacity = ${capacity}` });
  const writers = new BusyWriters(chain.input, chance.fork()).start();
  await using agent = agentProgram(chain.configFile);
  await agent.start();
  const kills = roundsOr(6);
  await killRounds([agent], { rounds: kills, chance: chance.fork() });
  await agent.ready();
  const { obligations, count } = await writers.stop();
  const last = [...obligations].map(([stream, lines]) => lineOf(stream, lines - 1));
  const hasAll = () => {
    const lines = new Set(rolledLines(chain.output));
    return last.every((line) => lines.has(line));
  };
  await waitFor('the last line of every stream', hasAll);
  await agent.stop();
  const verdict = judge(obligations, rolledArrivals(chain.output));
  console.log(
    `memory channel: ${kills} kills, ${count} lines, ${verdict.missing.length} lost with the channel, ${verdict.doubles} doubles`,
  );
  expect(faultsOf({ ...verdict, missing: [] })).toEqual([]);
  expect(verdict.missing.length).toBeLessThanOrEqual(kills * capacity);
});
