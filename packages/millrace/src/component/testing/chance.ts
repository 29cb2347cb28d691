import { createHash, randomInt } from 'node:crypto';

/** Whole numbers from a seed, for suites that draw what they do. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** Cuts bytes into pieces of chance. */
  pieces(bytes: Buffer, mostPieces: number): Buffer[] {
    const cuts = Array.from({ length: this.int(0, mostPieces - 1) }, () => this.int(0, bytes.length));
    const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    return places.slice(1).map((to, i) => bytes.subarray(places[i], to));
  }

  /** Mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** What a variable of the environment says, where that is a whole number above 0. */
export const wholeNumber = (text: string | undefined): number | null => {
  const given = Number(text);
  return Number.isInteger(given) && given > 0 ? given : null;
};

/**
 * Where a test that draws begins: `MILLRACE_SEED`, else what `MILLRACE_FIRST_SEED` and the name give (which repeats a
 * whole run, where `MILLRACE_SEED` plays one drawn case alone), else a new one.
 */
export function seedOfRun(name: string): number {
  const { MILLRACE_SEED: one, MILLRACE_FIRST_SEED: first } = process.env;
  const repeated = () => (createHash('sha256').update(`${first} ${name}`).digest().readUInt32BE() >>> 1) + 1;
  return wholeNumber(one) ?? (wholeNumber(first) === null ? randomInt(1, 2 ** 31) : repeated());
}

/** Runs `body` with the seed of the run, which a failure names. */
export async function withChance(body: (chance: Chance) => Promise<void>): Promise<void> {
  const seed = seedOfRun('suite');
  try {
    await body(new Chance(seed));
  } catch (error) {
    throw new Error(`with seed ${seed} (MILLRACE_SEED=${seed} draws the same)`, { cause: error });
  }
}
