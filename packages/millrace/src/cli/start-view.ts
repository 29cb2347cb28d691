import type { MillraceProcess } from '../process/process.ts';
import type { RunView } from '../process/run-until-stopped.ts';
import type { Timer } from '../runtime/timers.ts';
import { styled } from './command.ts';
import type { Io } from './io.ts';
import { LivingLine } from './living-line.ts';
import { reasonLines, whenReady } from './readiness.ts';
import { StatusLine, statusIntervalMs } from './start-status.ts';

export interface StartWords {
  /** When the command began, as `performance.now()` counts. */
  readonly startedMs: number;
  /** What runs, in a line. */
  what(): string;
  /** What to try; empty: nothing. */
  hints(): string;
}

/** What `millrace start` shows: ready or why not, what to try, then a line that lives, with everything said above it. */
export class StartView implements RunView {
  readonly #process: MillraceProcess;
  readonly #io: Io;
  readonly #words: StartWords;
  readonly #line: LivingLine;
  readonly #status: StatusLine;
  #asking: Timer | null = null;

  constructor(process: MillraceProcess, io: Io, words: StartWords) {
    this.#process = process;
    this.#io = io;
    this.#words = words;
    this.#line = new LivingLine(io);
    this.#status = new StatusLine(
      process,
      this.#line,
      statusIntervalMs[io.isTerminal ? 'terminal' : 'plain'],
    );
  }

  async started(): Promise<void> {
    const state = await this.#process.state();
    const color = this.#io.color;
    const took = () => `${Math.round(performance.now() - this.#words.startedMs)} ms`;
    if (state.notReady.length > 0) {
      const head = styled('yellow', `started in ${took()}, not ready`, color);
      this.#line.say(`${head}: ${this.#words.what()}\n${reasonLines(state.notReady)}`);
    }
    this.#asking = whenReady(this.#process, state, () =>
      this.#line.say(`${styled('green', `ready in ${took()}`, color)}: ${this.#words.what()}`),
    );
    const hints = this.#words.hints();
    if (hints !== '') this.#line.say(hints);
    this.#status.start(state);
  }

  told(text: string): void {
    this.#line.tell(text);
  }

  shown(): void {
    this.#line.redraw();
  }

  stopping(): void {
    this.#asking?.cancel();
    this.#status.stop();
  }
}
