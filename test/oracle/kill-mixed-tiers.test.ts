/**
 * Two agents of one configuration file, one behind the other: one of them a real Flume 1.11, the other Millrace, either
 * way round. kill -9 of either at random moments: every line that the first tier acknowledged arrives at the far end.
 */
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import type { Who } from '../../packages/testkit/src/flume/both-agents.ts';
import { flumeProgram } from '../../packages/testkit/src/flume/flume-program.ts';
import { type RpcKind, rpcChain } from '../../packages/testkit/src/oracle/chains.ts';
import { faultsOf } from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import { agentProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { RpcFeeder } from '../../packages/testkit/src/oracle/rpc-feeder.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { killEither } from '../../packages/testkit/src/oracle/two-tiers.ts';

interface Run {
  readonly kind: RpcKind;
  readonly first: Who;
  readonly second: Who;
  readonly kills: number;
  /** A deliberate fault of the tier that is Millrace. */
  readonly sabotage?: string;
}

async function killRun({ kind, first, second, kills, sabotage }: Run) {
  await using dir = tempDir('millrace-mixed-');
  const label = `${kind}, ${first} → ${second}${sabotage === undefined ? '' : `, ${sabotage}`}`;
  const chance = chanceOf(label);
  const ports = [await lastingPort(), await lastingPort()] as const;
  const chain = rpcChain(dir, kind, ports);
  const program = (who: Who, agent: string) =>
    who === 'flume'
      ? flumeProgram(chain.configFile, agent, dir.join(`flume-${agent}`))
      : agentProgram(chain.configFile, agent, { name: `Millrace ${agent}`, sabotage });
  await using a1 = await program(first, 'a1');
  await using a2 = await program(second, 'a2');
  return await killEither({
    ...{ label, kills, output: chain.output, moments: chance.fork(), tiers: [a1, a2] },
    catchesUp: true,
    leastGiven: 600,
    giver: new RpcFeeder(kind, ports[0], chance.fork()),
    stillMs: sabotage === undefined ? 90_000 : 10_000,
  });
}

test.concurrent.each([
  { kind: 'avro', first: 'flume', second: 'millrace' },
  { kind: 'avro', first: 'millrace', second: 'flume' },
  { kind: 'thrift', first: 'flume', second: 'millrace' },
  { kind: 'thrift', first: 'millrace', second: 'flume' },
] as const)('$kind, $first → $second: nothing is missing over kills of either', async (way) => {
  const found = await killRun({ ...way, kills: roundsOr(3) });
  expect(faultsOf({ ...found, disordered: [] })).toEqual([]);
  expect(found.promised).toBeGreaterThan(500);
});
