/** Two agents, one behind the other, of which either is killed at random moments: what came out at the far end. */

import { setTimeout as sleep } from 'node:timers/promises';
import { countRolled, judge, type Obligations, rolledArrivals, type Verdict } from './lines.ts';

import type { Program } from './program.ts';
import type { Chance } from './seed.ts';
import { arrivedOrStill } from './tailing.ts';

/** Who gives lines to the first tier, from `start` to `stop`. */
interface Giver {
  start(): unknown;
  /** Lines so far. */
  readonly given: number;
  /** What was given is to arrive, all of it. */
  stop(): Promise<{ readonly obligations: Obligations; readonly count: number }>;
}

export interface TwoTiers {
  readonly label: string;
  readonly tiers: readonly [Program, Program];
  readonly giver: Giver;
  /** Where the second tier's file_roll sink writes. */
  readonly output: string;
  readonly kills: number;
  readonly moments: Chance;
  /** Between a start and the next kill mostly all arrives that was given before: for agents that wait before they try again. */
  readonly catchesUp?: boolean;
  /** So many lines are given at least, however slow the machine is; default none. */
  readonly leastGiven?: number;
  /** A line that is lost does not come however long one waits: for runs that lose some. */
  readonly stillMs?: number;
}

/** A JVM that starts on a busy machine beside three others. */
const startMs = 180_000;

/** Both tiers are killed, if there are two kills. Says what it found. */
export async function killEither({
  tiers,
  giver,
  kills,
  moments,
  catchesUp = false,
  leastGiven = 0,
  ...run
}: TwoTiers): Promise<Verdict> {
  giver.start();
  await Promise.all(tiers.map((tier) => tier.spawn()));
  for (const tier of tiers) await tier.ready(startMs);
  const first = moments.int(0, 1);
  for (let round = 0; round < kills; round++) {
    await sleep(moments.int(0, 900));
    const tier = round < 2 ? tiers[(first + round) % 2]! : moments.pick(tiers);
    await tier.kill();
    await sleep(moments.int(0, 300));
    await tier.spawn();
    if (!moments.bool(0.8)) continue;
    await tier.ready(startMs);
    if (catchesUp) await arrivedOrStill(() => countRolled(run.output), giver.given);
  }
  // Nothing is late as long as somebody still starts.
  for (const tier of tiers) await tier.ready(startMs);
  while (giver.given < leastGiven) await sleep(50);
  const { obligations, count } = await giver.stop();
  const verdict = () => judge(obligations, rolledArrivals(run.output));
  // To judge reads all that has come: not too often.
  await arrivedOrStill(() => count - verdict().missing.length, count, run.stillMs ?? 30_000, 500);
  if (verdict().missing.length > 0) for (const tier of tiers) await tier.tellThreads();
  for (const tier of tiers) await tier.stop();
  const found = verdict();
  const killed = tiers.map((tier) => `${tier.name} killed ${tier.kills} times`).join(', ');
  console.log(
    `${run.label}: ${killed}; ${count} lines, ${found.missing.length} missing, ${found.doubles} doubles, ` +
      `${found.disordered.length} out of order`,
  );
  if (found.missing.length > 0)
    for (const { name, process } of tiers) console.log(`${name} said last:\n${process.tail(200)}`);
  return found;
}
