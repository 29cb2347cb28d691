/**
 * kill -9 of an agent between a source and its file channels, counted where the channels end: no line twice, none
 * missing. Between two kills a channel is emptied now and then, so that the files which said how far the source had come
 * are gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testSurroundings } from '../../packages/millrace/src/component/testing/context.ts';
import { FileChannel } from '../../packages/millrace/src/components/file-channel/channel.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChannelDefaults } from '../../packages/testkit/src/flume/file-channel-options.ts';
import { heldChain } from '../../packages/testkit/src/oracle/chains.ts';
import { type Arrival, faultsOf, judge, type Verdict } from '../../packages/testkit/src/oracle/lines.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';

/** Takes all that a channel holds, while no agent has it. */
async function empty(dir: TempDir, name: string, into: Arrival[]): Promise<void> {
  const checkpointDir = dir.join(`${name}-checkpoint`);
  const options = { ...fileChannelDefaults, checkpointDir, dataDirs: [dir.join(`${name}-data`)] };
  const channel = new FileChannel({
    ...testSurroundings(),
    ...{ agent: 'a1', name, options, log: silentLogger, report: () => {} },
  });
  await channel.start();
  try {
    for (;;) {
      const transaction = channel.begin();
      const batch = await transaction.take(1000);
      for (const event of batch ?? []) into.push({ line: event.body.toString(), lane: '' });
      await transaction.commit();
      if (batch === null) return;
    }
  } finally {
    await channel.stop();
  }
}

interface Run {
  readonly kills: number;
  /** A deliberate fault: then kills go on until it shows, up to so many times as many. */
  readonly sabotage?: string;
}
const mostTimes = 20;

async function killRun(label: string, names: readonly string[], { kills, sabotage }: Run) {
  await using dir = tempDir('millrace-oracle-');
  const chance = chanceOf(label);
  const chain = heldChain(dir, names);
  const arrived = new Map<string, Arrival[]>(names.map((name) => [name, []]));
  const emptyAll = async () => {
    for (const [name, lines] of arrived) await empty(dir, name, lines);
  };
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 3 }).start();
  const verdicts = () => names.map((name) => judge(writers.lines.obligations, arrived.get(name)!));
  // Whether a kill falls between one channel's commit and the next one's is chance, and no number of kills makes it sure.
  const goesOn = () =>
    sabotage === undefined
      ? agent.kills < kills
      : agent.kills < kills * mostTimes && verdicts().every(({ doubles }) => doubles === 0);
  await using agent = agentProgram(chain.configFile, 'a1', { sabotage });
  const moments = chance.fork();
  while (goesOn()) {
    await agent.spawn();
    if (moments.bool(0.9)) await agent.ready();
    await sleep(moments.int(0, 700));
    await agent.kill();
    const name = moments.pick(names);
    if (sabotage !== undefined) await emptyAll();
    else if (moments.bool(0.3)) await empty(dir, name, arrived.get(name)!);
  }
  const { count } = await writers.stop();
  for (let tries = 0; tries < 6; tries++) {
    await agent.start();
    await sleep(2000);
    await agent.stop();
    await emptyAll();
    if (verdicts().every(({ missing }) => missing.length === 0)) break;
  }
  const told = verdicts().map(({ missing, doubles }) => `${missing.length} missing, ${doubles} doubles`);
  console.log(`${label}: ${agent.kills} kills, ${count} lines; ${told.join('; ')}`);
  return verdicts();
}

const faultsOfAll = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict) => faultsOf(verdict, { allowDoubles: 0 }));

test.each([
  ['one file channel', ['c1']],
  ['two file channels', ['c1', 'c2']],
])('%s: no line twice, none missing, over kills at random moments', async (label, names) => {
  const verdicts = await killRun(label, names, { kills: roundsOr(12) });
  expect(faultsOfAll(verdicts)).toEqual([]);
  expect(verdicts[0]!.promised).toBeGreaterThan(1000);
});

test.each([
  ['forget-journal', ['c1']],
  ['forget-progress', ['c1']],
  ['give-again', ['c1', 'c2']],
])('the oracle goes red: %s', async (sabotage, names) => {
  const verdicts = await killRun(sabotage, names, { kills: 4, sabotage });
  expect(verdicts.flatMap(({ missing }) => missing)).toEqual([]);
  expect(verdicts[0]!.doubles).toBeGreaterThan(0);
});
