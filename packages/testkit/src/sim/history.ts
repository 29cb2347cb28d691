import { seedOfRun, wholeNumber } from '../../../millrace/src/component/testing/chance.ts';
import { randomFrom } from '../files/faulty-files.ts';

/** One step of a history. Its own seed draws its details, so that a step means the same when others are left out. */
export interface Action {
  readonly kind: string;
  readonly seed: number;
}

/** What a history happens to. A world is made anew for each. */
export interface World extends AsyncDisposable {
  /** One step. Throws where a promise was broken. */
  act(action: Action): Promise<void>;
  /** After the last step: everything ends well and is looked at. Throws where a promise was broken. */
  finish(): Promise<void>;
  /** What happened so far, a line each. */
  readonly trace: readonly string[];
}

export interface HistoryKind {
  readonly name: string;
  readonly weights: Readonly<Record<string, number>>;
  readonly maxActions: number;
  make(seed: number): World;
}

export class BrokenPromise extends Error {}

/** The steps that a seed draws. */
export function drawActions(kind: HistoryKind, seed: number): Action[] {
  const random = randomFrom(seed);
  const names = Object.keys(kind.weights);
  const total = names.reduce((sum, name) => sum + kind.weights[name]!, 0);
  const count = 4 + Math.floor(random() * (kind.maxActions - 3));
  return Array.from({ length: count }, () => {
    let left = random() * total;
    const name = names.find((each) => {
      left -= kind.weights[each]!;
      return left < 0;
    });
    return { kind: name ?? names[0]!, seed: Math.floor(random() * 0xffff_ffff) };
  });
}

interface Outcome {
  readonly error: unknown;
  readonly trace: readonly string[];
  /** Steps that were taken; all that follow have nothing to do with the failure. */
  readonly taken: number;
}

/** Null when every promise was kept. */
async function play(kind: HistoryKind, seed: number, actions: readonly Action[]): Promise<Outcome | null> {
  await using world = kind.make(seed);
  let taken = 0;
  try {
    for (const action of actions) {
      taken++;
      await world.act(action);
    }
    await world.finish();
    return null;
  } catch (error) {
    return { error, trace: [...world.trace], taken };
  }
}

/** Leaves steps out as long as the history still fails. */
async function shrink(
  kind: HistoryKind,
  seed: number,
  actions: readonly Action[],
  first: Outcome,
): Promise<{ actions: readonly Action[]; outcome: Outcome }> {
  let best = actions.slice(0, first.taken);
  let outcome = first;
  let budget = 400;
  for (let size = best.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at + size <= best.length && budget > 0; ) {
      budget--;
      const fewer = [...best.slice(0, at), ...best.slice(at + size)];
      const result = await play(kind, seed, fewer);
      if (result === null) at += size;
      else {
        best = fewer.slice(0, result.taken);
        outcome = result;
      }
    }
  }
  return { actions: best, outcome };
}

export interface Failure {
  readonly seed: number;
  readonly message: string;
  readonly report: string;
}

/** Plays the history of one seed; null when every promise was kept, else what happened, as short as it could be made. */
export async function playSeed(kind: HistoryKind, seed: number): Promise<Failure | null> {
  const actions = drawActions(kind, seed);
  const first = await play(kind, seed, actions);
  if (first === null) return null;
  const { outcome } = await shrink(kind, seed, actions, first);
  const { error } = outcome;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof BrokenPromise ? '' : `\n${error instanceof Error ? error.stack : ''}`;
  const lines = outcome.trace.map((line) => `  ${line}`).join('\n');
  return {
    seed,
    message,
    report: `${kind.name}, seed ${seed} (MILLRACE_SEED=${seed} plays it alone): ${message}\n${lines}${stack}`,
  };
}

/**
 * Plays histories from `firstSeed` on until one fails or `count` are done. With `MILLRACE_SEED` and no number of
 * histories just that one.
 */
export async function playMany(kind: HistoryKind, firstSeed: number, count: number): Promise<Failure | null> {
  for (let i = 0; i < count; i++) {
    const failure = await playSeed(kind, (firstSeed + i) >>> 0);
    if (failure !== null) return failure;
  }
  return null;
}

/** How many histories a test plays, and from which seed: `MILLRACE_ORACLE_HISTORIES`, and the seed of the run. */
export function historiesOr(quick: number): { readonly firstSeed: number; readonly count: number } {
  const { MILLRACE_SEED: one, MILLRACE_ORACLE_HISTORIES: given } = process.env;
  return {
    firstSeed: seedOfRun('histories'),
    count: wholeNumber(given) ?? (wholeNumber(one) === null ? quick : 1),
  };
}
