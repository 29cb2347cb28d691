import type { MillraceProcess } from '../process/process.ts';
import type { ThreadState } from '../process/threads.ts';
import { every, type Timer } from '../runtime/timers.ts';
import { fitItems } from './fit.ts';
import type { LivingLine } from './living-line.ts';

/** On a terminal the line is drawn over; elsewhere a line is written now and then, so that logs stay readable. */
export const statusIntervalMs = { terminal: 1000, plain: 10_000 } as const;

interface Totals {
  readonly atMs: number;
  readonly taken: number;
  readonly given: number;
}

/** What the line says: events/s in and out, records that consumer groups are behind, how full channels are. */
export interface Status {
  readonly takenPerSecond: number;
  readonly givenPerSecond: number;
  readonly notReady: number;
  /** Groups that have members; a group whose consumers have gone is nobody's work any more. */
  readonly lags: readonly { readonly group: string; readonly lag: number }[];
  readonly fills: readonly { readonly channel: string; readonly percent: number }[];
}

/** The line, what matters most first, as far as it fits. */
export function statusText(status: Status, columns: number): string {
  const { takenPerSecond, givenPerSecond, notReady, lags, fills } = status;
  const number = (value: number): string => Math.round(value).toLocaleString('en');
  return fitItems(
    [
      ...(notReady === 0 ? [] : [`${notReady} not ready`]),
      `in ${number(takenPerSecond)}/s`,
      `out ${number(givenPerSecond)}/s`,
      ...lags.map(({ group, lag }) => `lag ${group} ${number(lag)}`),
      ...fills.map(({ channel, percent }) => `fill ${channel} ${percent.toFixed(1)}%`),
    ],
    columns,
  );
}

export function statusOf({ metrics, broker, notReady }: ThreadState, last: Totals, now: Totals): Status {
  const seconds = Math.max(0.001, (now.atMs - last.atMs) / 1000);
  return {
    takenPerSecond: Math.max(0, now.taken - last.taken) / seconds,
    givenPerSecond: Math.max(0, now.given - last.given) / seconds,
    notReady: notReady.length,
    lags: (broker?.groups ?? [])
      .filter(({ members }) => members > 0)
      .map(({ groupId, offsets }) => ({
        group: groupId,
        lag: offsets.reduce((sum, { lag }) => sum + lag, 0),
      })),
    fills: metrics
      .filter(({ kind, attributes }) => kind === 'CHANNEL' && Number(attributes.ChannelCapacity) > 0)
      .map(({ agent, name, attributes }) => ({
        channel: `${agent}.${name}`,
        percent: Number(attributes.ChannelFillPercentage),
      })),
  };
}

function totalsOf({ metrics }: ThreadState): Totals {
  const sum = (kind: string, attribute: string): number =>
    metrics.reduce((total, m) => total + (m.kind === kind ? Number(m.attributes[attribute] ?? 0) : 0), 0);
  return {
    atMs: performance.now(),
    taken: sum('SOURCE', 'EventAcceptedCount'),
    given: sum('SINK', 'EventDrainSuccessCount'),
  };
}

/** Keeps the line: asks the process now and then, and tells when what was not ready has become so. */
export class StatusLine {
  readonly #process: MillraceProcess;
  readonly #line: LivingLine;
  readonly #intervalMs: number;
  #timer: Timer | null = null;
  #last: Totals = { atMs: 0, taken: 0, given: 0 };
  #status: Status | null = null;
  #busy = false;

  constructor(process: MillraceProcess, line: LivingLine, intervalMs: number) {
    this.#process = process;
    this.#line = line;
    this.#intervalMs = intervalMs;
  }

  start(state: ThreadState): void {
    this.#last = totalsOf(state);
    this.#timer = every(this.#intervalMs, () => void this.#ask(), { background: true });
    this.#line.follow(() => this.#show());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#status = null;
    this.#line.end();
  }

  async #ask(): Promise<void> {
    if (this.#busy) return; // the broker or an agent is slow to answer: the next turn will do
    this.#busy = true;
    try {
      const state = await this.#process.state();
      if (this.#timer === null) return;
      const now = totalsOf(state);
      this.#status = statusOf(state, this.#last, now);
      this.#last = now;
      this.#show();
    } finally {
      this.#busy = false;
    }
  }

  #show(): void {
    if (this.#status !== null) this.#line.set(statusText(this.#status, this.#line.columns - 1));
  }
}
