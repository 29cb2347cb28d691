import { seedOfRun } from '../../../millrace/src/component/testing/chance.ts';

/**
 * How long a fast-check property runs: `runs` times in `npm test`; with `MILLRACE_FUZZ_SECONDS` for `share` of that
 * time. The seed is that of the run.
 */
export function fuzzRuns(
  runs: number,
  share = 1,
): { numRuns: number; interruptAfterTimeLimit?: number; seed: number } {
  const seconds = Number(process.env.MILLRACE_FUZZ_SECONDS);
  return {
    ...(seconds > 0
      ? { numRuns: 1_000_000_000, interruptAfterTimeLimit: seconds * 1000 * share }
      : { numRuns: runs }),
    seed: seedOfRun('fuzz'),
  };
}
