import { cpuSecondsOfTree, memoryOf } from '../../packages/testkit/src/process/process-figures.ts';
import type { Marked } from './agent-run.ts';
import type { ProcessCost } from './measurement.ts';

/** What servers that run through a whole row cost between a mark and now: all of them together, with what they started. */
export class ServerCost implements Marked {
  readonly #pids: readonly number[];
  #cpuAtMark = 0;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
  }

  mark(): void {
    this.#cpuAtMark = this.#sum((pid) => cpuSecondsOfTree(pid));
  }

  costSinceMark(): ProcessCost {
    return {
      cpuSeconds: this.#sum((pid) => cpuSecondsOfTree(pid)) - this.#cpuAtMark,
      readyRssBytes: null,
      peakRssBytes: this.#sum((pid) => memoryOf(pid)?.peakRssBytes ?? null),
    };
  }

  #sum(figure: (pid: number) => number | null): number {
    return this.#pids.reduce((sum, pid) => sum + (figure(pid) ?? 0), 0);
  }
}
