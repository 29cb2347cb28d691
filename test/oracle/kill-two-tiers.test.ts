/**
 * kill -9 of either of two agents, one behind the other with Avro between them, at random moments: every line that was
 * written arrives at the far end, the lines of a file in their order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { avroChain } from '../../packages/testkit/src/oracle/chains.ts';
import { faultsOf, judge, rolledArrivals } from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';

interface Run {
  readonly more?: string;
  readonly kills: number;
  /** Of which tier, and which. */
  readonly sabotage?: { readonly tier: 0 | 1; readonly name: string };
}

async function killRun(label: string, { more = '', kills, sabotage }: Run) {
  await using dir = tempDir('millrace-oracle-');
  const chance = chanceOf(`two tiers, ${label}`);
  const chain = avroChain(dir, await lastingPort(), more);
  const writers = new BusyWriters(chain.input, chance.fork(), { pauseMs: 3 }).start();
  const faulty = (tier: number) => ({ sabotage: sabotage?.tier === tier ? sabotage.name : undefined });
  await using first = agentProgram(chain.configFile, 'a1', faulty(0));
  await using second = agentProgram(chain.configFile, 'a2', faulty(1));
  const tiers = [first, second];
  await Promise.all(tiers.map((tier) => tier.start()));
  const moments = chance.fork();
  for (let round = 0; round < kills; round++) {
    await sleep(moments.int(0, 900));
    const tier = moments.pick(tiers);
    await tier.kill();
    await sleep(moments.int(0, 300));
    await tier.spawn();
    if (moments.bool(0.8)) await tier.ready();
  }
  const { obligations, count } = await writers.stop();
  const verdict = () => judge(obligations, rolledArrivals(chain.output));
  // A line that is lost does not come however long one waits.
  const patience = sabotage === undefined ? 60 : 12;
  for (let tries = 0; tries < patience && verdict().missing.length > 0; tries++) await sleep(500);
  await first.stop();
  await second.stop();
  const found = verdict();
  console.log(
    `${label}: ${kills} kills, ${count} lines, ${found.missing.length} missing, ${found.doubles} doubles`,
  );
  return found;
}

const compressed = 'a1.sinks.k1.compression-type = deflate\na2.sources.r1.compression-type = deflate';

test.each([
  ['plain', ''],
  ['compressed', compressed],
])(
  'two tiers over Avro (%s): nothing is missing and order stays, over kills of either',
  async (label, more) => {
    const found = await killRun(label, { more, kills: roundsOr(8) });
    expect(faultsOf(found)).toEqual([]);
    expect(found.promised).toBeGreaterThan(500);
  },
);

test.each([
  ['early-call-commit', 0],
  ['early-answer', 1],
] as const)('the oracle goes red: %s', async (name, tier) => {
  const { missing } = await killRun(name, { kills: 8, sabotage: { tier, name } });
  expect(missing.length).toBeGreaterThan(0);
});
