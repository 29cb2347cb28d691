/**
 * kill -9 of either of two agents, one behind the other with Avro between them, at random moments: every line that was
 * written arrives at the far end, the lines of a file in their order.
 */
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { avroChain } from '../../packages/testkit/src/oracle/chains.ts';
import { faultsOf } from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { BusyWriters } from '../../packages/testkit/src/oracle/tailing.ts';
import { killEither } from '../../packages/testkit/src/oracle/two-tiers.ts';

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
  const giver = new BusyWriters(chain.input, chance.fork(), { pauseMs: 3 });
  const faulty = (tier: number) => ({ sabotage: sabotage?.tier === tier ? sabotage.name : undefined });
  await using first = agentProgram(chain.configFile, 'a1', faulty(0));
  await using second = agentProgram(chain.configFile, 'a2', faulty(1));
  return await killEither({
    ...{ label, giver, kills, output: chain.output, moments: chance.fork() },
    tiers: [first, second],
    stillMs: sabotage === undefined ? 30_000 : 6_000,
  });
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
