/** Cases run by both programs: what differs is run again, alone, then made small and shown. */

import type { Programs } from './built.ts';
import type { Case } from './case.ts';
import { both } from './program.ts';
import type { Ran, Runner } from './runner.ts';
import { shrunk } from './shrink.ts';

/** A machine too slow for its channels to start within Millrace's patience: the sources went on without them. */
const slowStart = /has not started after \d+ s|is starting, not started/;

export interface Compared {
  readonly cases: number;
  /** How often each entry of the list of what is deliberate was needed. */
  readonly deliberate: ReadonlyMap<string, number>;
  /** Differed in a full run and not when run again among few: up to the moment. */
  readonly passing: number;
  /** Differ each time. */
  readonly differing: readonly Case[];
}

export async function compareRuns(
  runner: Runner,
  programs: Programs,
  cases: readonly Case[],
  { width = 16, again = 3 } = {},
): Promise<Compared> {
  const deliberate = new Map<string, number>();
  const count = (ran: readonly Ran[]) => {
    for (const each of ran)
      for (const id of each.deliberate) deliberate.set(id, (deliberate.get(id) ?? 0) + 1);
  };
  const ran = await runner.runAll(cases, width);
  count(ran);
  let left = cases.filter((_, i) => ran[i]!.differing.length > 0);
  const first = left.length;
  for (let n = 0; n < again && left.length > 0; n++) {
    const rerun = await runner.runAll(left, 4);
    left = left.filter(
      (_, i) =>
        rerun[i]!.differing.length > 0 &&
        !slowStart.test(programs.millrace.logOf(rerun[i]!.prefix).join('\n')),
    );
  }
  return { cases: cases.length, deliberate, passing: first - left.length, differing: left };
}

/** The smallest case with one of the same differences, as it is printed: file, input, what each program came to. */
export async function shownRun(
  runner: Runner,
  programs: Programs,
  given: Case,
  mostRounds = 12,
): Promise<string> {
  const [whole] = await runner.runAll([given]);
  const sought = new Set(whole!.differing);
  const small = await shrunk(
    given,
    async (cases) =>
      (await runner.runAll(cases, 8)).map(({ differing }) => differing.some((name) => sought.has(name))),
    { width: 12, mostRounds },
  );
  const [ran] = await runner.runAll([small]);
  const { text, differing, seen, kept, prefix } = ran!;
  return [
    text,
    ...small.inputs.map(({ source, give }) => `input of ${source}: ${JSON.stringify(give)}`),
    ...(kept.millrace.dropped ?? []).map((reason) => `Millrace: ${reason}`),
    ...differing.flatMap((name) => [
      name,
      ...both.map((who) => `  ${who}: ${JSON.stringify(seen[who].get(name))}`),
    ]),
    ...both.flatMap((who) =>
      programs[who]
        .logOf(prefix)
        .slice(0, 4)
        .map((told) => `${who} told: ${told.slice(0, 300)}`),
    ),
  ].join('\n');
}
