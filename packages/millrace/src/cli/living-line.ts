import { fit } from './fit.ts';
import type { Io } from './io.ts';

/** To the start of the line, then away with everything from there on: also what a narrower terminal has wrapped. */
const clearBelow = '\r\u001b[J';
/** Of a terminal that does not say how wide it is. */
const usualColumns = 80;
/** Lines from other threads may come by the thousand: the line is drawn again at most this often. */
const redrawEveryMs = 100;

/**
 * One line at the bottom of the terminal that is drawn over, with everything else said above it. The cursor always
 * stands at its beginning, so whoever writes to the terminal by another way clears it first and is never glued to it.
 * It is never wider than the terminal. Where there is no terminal, each text is a line of its own.
 */
export class LivingLine {
  readonly #io: Io;
  #text = '';
  #drawnMs = Number.NEGATIVE_INFINITY;
  #onResize: (() => void) | null = null;

  constructor(io: Io) {
    this.#io = io;
  }

  get columns(): number {
    return this.#io.columns ?? usualColumns;
  }

  /** Begins to follow the size of the terminal. `resized` may make a text for the new size. */
  follow(resized: () => void): void {
    if (!this.#io.isTerminal) return;
    this.#onResize = () => {
      resized();
      this.#draw();
    };
    this.#io.stdout.on('resize', this.#onResize);
  }

  set(text: string): void {
    this.#text = text;
    if (this.#io.isTerminal) this.#draw();
    else if (text !== '') this.#io.stdout.write(`${text}\n`);
  }

  /** A text of one or more lines on standard output, above the line. */
  say(text: string): void {
    this.#above(this.#io.stdout, text);
  }

  /** The same on standard error. */
  tell(text: string): void {
    this.#above(this.#io.stderr, text);
  }

  /** Others wrote to the terminal: what stood there is gone. */
  redraw(): void {
    if (this.#io.isTerminal && performance.now() - this.#drawnMs >= redrawEveryMs) this.#draw();
  }

  /** Takes the line away for good. */
  end(): void {
    if (this.#onResize !== null) this.#io.stdout.off('resize', this.#onResize);
    this.#onResize = null;
    if (this.#text !== '' && this.#io.isTerminal) this.#io.stdout.write(clearBelow);
    this.#text = '';
  }

  #above(stream: NodeJS.WritableStream, text: string): void {
    if (this.#io.isTerminal) this.#io.stdout.write(clearBelow);
    stream.write(text.endsWith('\n') ? text : `${text}\n`);
    if (this.#io.isTerminal) this.#draw();
  }

  #draw(): void {
    if (this.#text === '') return;
    this.#drawnMs = performance.now();
    // One column is kept free: some terminals wrap when the last one is written.
    this.#io.stdout.write(`${clearBelow}${fit(this.#text, this.columns - 1)}\r`);
  }
}
