/** A program in a terminal of its own: a pseudo-terminal (util-linux's `script`), and an emulator that keeps its screen. */
import { existsSync, readFileSync } from 'node:fs';
import headless from '@xterm/headless';
import { tempDir } from '../files/temp-dir.ts';
import { ManagedProcess, runToEnd } from './processes.ts';
import { waitFor } from './wait.ts';

export interface TerminalOptions {
  /** 0: the terminal does not say how wide it is; the emulator then has 80. */
  readonly columns: number;
  readonly rows: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const quoted = (words: readonly string[]) =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

export class Terminal implements AsyncDisposable {
  readonly process: ManagedProcess;
  readonly #emulator: InstanceType<typeof headless.Terminal>;
  readonly #folder: ReturnType<typeof tempDir>;
  #device = '';
  #written: Promise<void> = Promise.resolve();
  /** All that the program wrote, as it came. */
  raw = '';

  private constructor(
    process: ManagedProcess,
    emulator: InstanceType<typeof headless.Terminal>,
    folder: ReturnType<typeof tempDir>,
  ) {
    this.process = process;
    this.#emulator = emulator;
    this.#folder = folder;
  }

  static async run(command: readonly string[], options: TerminalOptions): Promise<Terminal> {
    const { columns, rows, cwd, env } = options;
    const folder = tempDir();
    const device = folder.join('device');
    const emulator = new headless.Terminal({
      cols: columns || 80,
      rows,
      scrollback: 5000,
      allowProposedApi: true,
    });
    const inside = `stty cols ${columns} rows ${rows}; tty > '${device}'; exec ${quoted(command)}`;
    let terminal: Terminal | null = null;
    let early = '';
    const process = await ManagedProcess.spawn('script', ['-qfec', inside, '/dev/null'], {
      name: command.join(' '),
      stdin: 'pipe',
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...globalThis.process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      onStdout: (chunk) => {
        const text = chunk.toString('latin1');
        if (terminal === null) early += text;
        else terminal.#take(text);
      },
    });
    terminal = new Terminal(process, emulator, folder);
    terminal.#take(early);
    await waitFor('the terminal', () => existsSync(device) && readFileSync(device, 'utf8').endsWith('\n'));
    terminal.#device = readFileSync(device, 'utf8').trim();
    return terminal;
  }

  /** Types, as a person would. `\x03` is Ctrl-C. */
  type(text: string): void {
    this.process.stdin.write(text);
  }

  /** As when the window is dragged: the emulator's cells first, then the program is told (SIGWINCH). */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#written;
    this.#emulator.resize(columns, rows);
    await runToEnd('stty', ['-F', this.#device, 'cols', String(columns), 'rows', String(rows)]);
  }

  /** Every line, those that were scrolled away first; empty ones at the end are left out. */
  async lines(): Promise<readonly { readonly text: string; readonly isWrapped: boolean }[]> {
    await this.#written;
    const buffer = this.#emulator.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, i) => {
      const line = buffer.getLine(i)!;
      return { text: line.translateToString(true), isWrapped: line.isWrapped };
    });
    while (lines.at(-1)?.text === '') lines.pop();
    return lines;
  }

  /** The lines that can be seen now. */
  async screen(): Promise<readonly string[]> {
    await this.#written;
    const buffer = this.#emulator.buffer.active;
    return Array.from({ length: this.#emulator.rows }, (_, i) =>
      buffer.getLine(buffer.viewportY + i)!.translateToString(true),
    );
  }

  /** Where the cursor stands, from 0. */
  async cursor(): Promise<{ readonly column: number }> {
    await this.#written;
    return { column: this.#emulator.buffer.active.cursorX };
  }

  /** All lines as they were written: those that the terminal wrapped are joined. */
  async text(): Promise<string> {
    const lines = await this.lines();
    return lines.map(({ text }, i) => (lines[i + 1]?.isWrapped ? text : `${text}\n`)).join('');
  }

  async waitForLine(pattern: RegExp, timeoutMs = 30_000): Promise<void> {
    const isThere = async () => (await this.text()).split('\n').some((line) => pattern.test(line));
    await waitFor(`a line ${pattern}`, isThere, { timeoutMs }).catch(async (error: unknown) => {
      throw new Error(`no line ${pattern} in\n${await this.text()}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.#written;
    this.#emulator.dispose();
    await this.#folder[Symbol.asyncDispose]();
  }

  #take(text: string): void {
    this.raw += text;
    const bytes = Buffer.from(text, 'latin1');
    this.#written = this.#written.then(() => new Promise((resolve) => this.#emulator.write(bytes, resolve)));
  }
}
