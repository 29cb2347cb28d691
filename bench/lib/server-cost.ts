import { FigureSampler } from '../../packages/testkit/src/process/process-figures.ts';
import type { Marked } from './agent-run.ts';
import type { ProcessCost } from './measurement.ts';

/** What servers that run through a whole row cost between a mark and now, all of them together. */
export class ServerCost implements Marked, Disposable {
  readonly #samplers: readonly FigureSampler[];
  #cpuAtMark = 0;

  constructor(pids: readonly number[]) {
    this.#samplers = pids.map((pid) => new FigureSampler(pid));
  }

  mark(): void {
    this.#cpuAtMark = this.#sum().cpuSeconds;
  }

  costSinceMark(): ProcessCost {
    const { cpuSeconds, peakRssBytes } = this.#sum();
    return { cpuSeconds: cpuSeconds - this.#cpuAtMark, readyRssBytes: null, peakRssBytes };
  }

  [Symbol.dispose](): void {
    for (const sampler of this.#samplers) sampler[Symbol.dispose]();
  }

  #sum(): { cpuSeconds: number; peakRssBytes: number } {
    const looks = this.#samplers.map((sampler) => sampler.sample());
    return {
      cpuSeconds: looks.reduce((sum, look) => sum + look.cpuSeconds, 0),
      peakRssBytes: looks.reduce((sum, look) => sum + look.peakRssBytes, 0),
    };
  }
}
