/** A program that is started again and again with the same command line, and may be killed in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Exit, exitText, ManagedProcess } from '../process/processes.ts';

export interface ProgramOptions {
  readonly name: string;
  /** The whole command line, program first. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Beside what this process has. */
  readonly env?: NodeJS.ProcessEnv;
  /** Output by which it is known to be ready. */
  readonly ready: RegExp;
  /** On which it writes what its threads do. */
  readonly threadsOn?: NodeJS.Signals;
}

export class Program implements AsyncDisposable {
  readonly name: string;
  readonly #options: ProgramOptions;
  #process: ManagedProcess | null = null;
  /** Output of all its lives but the present one, the last of each. */
  #past = '';
  kills = 0;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get process(): ManagedProcess {
    if (this.#process === null) throw new Error(`${this.name} was never started`);
    return this.#process;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** All output so far. */
  get output(): string {
    const now = this.#process === null ? '' : `${this.#process.stdout}\n${this.#process.stderr}`;
    return `${this.#past}\n${now}`;
  }

  /** Begins a life; does not wait until it is ready. */
  async spawn(): Promise<void> {
    if (this.running) throw new Error(`${this.name} runs already`);
    if (this.#process !== null)
      this.#past = `${this.output.slice(-200_000)}\n=== ended: ${exitText(this.#process.exit!)}`;
    const { command, name, cwd, env } = this.#options;
    this.#process = await ManagedProcess.spawn(command[0]!, command.slice(1), {
      ...{ name, ...(cwd === undefined ? {} : { cwd }) },
      env: { ...process.env, ...env },
    });
  }

  async ready(timeoutMs = 60_000): Promise<void> {
    await this.process.waitForLine(this.#options.ready, timeoutMs);
  }

  async start(): Promise<this> {
    await this.spawn();
    await this.ready();
    return this;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.kills++;
    await this.process.kill();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 60_000): Promise<Exit> {
    return this.process.stop({ signal, graceMs });
  }

  /** Has it write what its threads do, if it can. */
  async tellThreads(): Promise<void> {
    const { threadsOn } = this.#options;
    if (threadsOn === undefined) return;
    this.process.signal(threadsOn);
    await sleep(2000);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}
