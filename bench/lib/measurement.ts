/** What one run of one contender gave, and what several runs come to. */

export interface ProcessCost {
  /** Of the whole life up to the last event, start-up included, unless the row says otherwise. */
  readonly cpuSeconds: number;
  readonly readyRssBytes: number | null;
  readonly peakRssBytes: number | null;
}

export interface Measurement {
  readonly events: number;
  /** Bodies alone. */
  readonly bytes: number;
  /** Over the time in which events moved: start-up is not in it. */
  readonly eventsPerSecond: number;
  /** From the start of the contender's program to its last event. */
  readonly wholeSeconds: number;
  /** From the start of the contender's program to its readiness as the row defines it. */
  readonly readyAfterMs: number | null;
  /** The contender itself comes first; what it talks to follows. */
  readonly processes: Readonly<Record<string, ProcessCost>>;
  /** Figures of this row alone, such as `p99Ms`. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** The middle of the numbers, of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : median(numbers);
}

/** Every figure by itself: the median run's rate need not be the median run's memory. */
export function medianOf(runs: readonly Measurement[]): Measurement {
  const first = runs[0]!;
  const processes: Record<string, ProcessCost> = {};
  for (const name of Object.keys(first.processes)) {
    const costs = runs.map((run) => run.processes[name]!);
    processes[name] = {
      cpuSeconds: median(costs.map((cost) => cost.cpuSeconds)),
      readyRssBytes: medianOrNull(costs.map((cost) => cost.readyRssBytes)),
      peakRssBytes: medianOrNull(costs.map((cost) => cost.peakRssBytes)),
    };
  }
  const figures: Record<string, number> = {};
  for (const name of Object.keys(first.figures ?? {})) {
    figures[name] = median(runs.map((run) => run.figures?.[name] ?? Number.NaN));
  }
  return {
    events: first.events,
    bytes: first.bytes,
    eventsPerSecond: median(runs.map((run) => run.eventsPerSecond)),
    wholeSeconds: median(runs.map((run) => run.wholeSeconds)),
    readyAfterMs: medianOrNull(runs.map((run) => run.readyAfterMs)),
    processes,
    figures,
  };
}

/** CPU seconds per million events of the contender itself. */
export function cpuPerMillion(measurement: Measurement): number {
  const own = Object.values(measurement.processes)[0];
  return own ? (own.cpuSeconds / measurement.events) * 1e6 : Number.NaN;
}
