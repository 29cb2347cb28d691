/** Chance for fault runs: everything random comes from one printed number, so that a run can be had again. */
import { seedOfRun, wholeNumber } from '../../../millrace/src/component/testing/chance.ts';
import { seededRandom } from '../files/access-log.ts';

export class Chance {
  readonly seed: number;
  readonly #next: () => number;

  constructor(seed: number) {
    this.seed = seed;
    this.#next = seededRandom(seed);
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  bool(probability = 0.5): boolean {
    return this.#next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(0, from.length - 1)]!;
  }

  /** A source of chance of its own, so that one actor's draws don't shift another's. */
  fork(): Chance {
    return new Chance(this.int(0, 0xffffffff));
  }
}

/** Chance from the seed of the run; says how to replay. */
export function chanceOf(name: string): Chance {
  const seed = seedOfRun(name);
  console.log(`${name}: seed ${seed} (MILLRACE_SEED=${seed} replays its faults)`);
  return new Chance(seed);
}

/** Kills or other faults in a run: `MILLRACE_ORACLE_ROUNDS`, or the quick run's number. */
export function roundsOr(quick: number): number {
  return wholeNumber(process.env.MILLRACE_ORACLE_ROUNDS) ?? quick;
}
