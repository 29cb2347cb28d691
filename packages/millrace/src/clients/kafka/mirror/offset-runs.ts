/** Offsets of the source that follow one another, and so do theirs in the target. */
export interface OffsetRun {
  readonly source: number;
  readonly target: number;
  readonly count: number;
}

const radix = 36;

/**
 * Which offset of the target an offset of the source is. Told of every record that was copied, in order; what is
 * forgotten of it makes a translation earlier, never later.
 */
export class OffsetRuns {
  readonly #runs: OffsetRun[];

  constructor(runs: readonly OffsetRun[] = []) {
    this.#runs = [...runs];
  }

  get count(): number {
    return this.#runs.length;
  }

  /** Where the last record lies in either; null: none has been copied. */
  get last(): { readonly source: number; readonly target: number } | null {
    const run = this.#runs.findLast(({ count }) => count > 0);
    if (run === undefined) return null;
    return { source: run.source + run.count - 1, target: run.target + run.count - 1 };
  }

  copy(): OffsetRuns {
    return new OffsetRuns(this.#runs);
  }

  /** About half of the runs, as `encode` chooses them. */
  thinned(wanted: readonly number[]): OffsetRuns {
    return new OffsetRuns(this.#thinned(2, wanted));
  }

  /** Records `source` to `source + count` lie from `target` on. */
  add(source: number, target: number, count: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.source + last.count === source && last.target + last.count === target)
      this.#runs[this.#runs.length - 1] = { ...last, count: last.count + count };
    else this.#runs.push({ source, target, count });
  }

  /** Where whoever has read the source up to there goes on in the target; null: nothing is known so far back. */
  translate(offset: number): number | null {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.source <= offset) low = middle + 1;
      else high = middle;
    }
    const run = this.#runs[low - 1];
    return run === undefined ? null : run.target + Math.min(offset - run.source, run.count);
  }

  /**
   * As text of at most `mostBytes`: the first run, the newest, those that hold a `wanted` offset, and of the others the
   * fewer the older they are.
   */
  encode(mostBytes: number, wanted: readonly number[] = []): string {
    for (let step = 1; ; step *= 2) {
      const text = encoded(this.#thinned(step, wanted));
      if (text.length <= mostBytes) return text;
      // Nothing but the ends is left, and that is too long: then the wanted ones have to go, too.
      if (step > this.#runs.length) return encoded([this.#runs[0]!, this.#runs.at(-1)!]);
    }
  }

  #thinned(step: number, wanted: readonly number[]): OffsetRun[] {
    const { length } = this.#runs;
    const isWanted = (run: OffsetRun, at: number): boolean => {
      const next = this.#runs[at + 1]?.source ?? Number.POSITIVE_INFINITY;
      return wanted.some((offset) => offset >= run.source && offset < next);
    };
    return this.#runs.filter((run, at) => {
      const age = length - 1 - at;
      // Every step-th of the newest, and half as many each time the age doubles.
      const every = step === 1 ? 1 : step * 2 ** Math.floor(Math.log2(1 + age / 16));
      return at === 0 || age === 0 || at % every === 0 || isWanted(run, at);
    });
  }

  /** What `encode` made; null where the text is something else. */
  static decode(text: string): OffsetRuns | null {
    const runs: OffsetRun[] = [];
    let [source, target] = [0, 0];
    for (const part of text.split(';')) {
      if (!/^[0-9a-z]+,[0-9a-z]+,[0-9a-z]+$/.test(part)) return null;
      const [a, b, count] = part.split(',').map((digits) => Number.parseInt(digits, radix));
      source += a!;
      target += b!;
      if (!Number.isSafeInteger(source) || !Number.isSafeInteger(target)) return null;
      runs.push({ source, target, count: count! });
    }
    return new OffsetRuns(runs);
  }
}

/** Each run by its distance from the one before. */
function encoded(runs: readonly OffsetRun[]): string {
  let [source, target] = [0, 0];
  return runs
    .map((run) => {
      const parts = [run.source - source, run.target - target, run.count];
      source = run.source;
      target = run.target;
      return parts.map((part) => part.toString(radix)).join(',');
    })
    .join(';');
}
