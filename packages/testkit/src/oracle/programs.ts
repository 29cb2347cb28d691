/** Millrace's own programs as separate processes that can be killed, stopped and started again. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findNode } from '../../../../scripts/lib/pinned-node.mjs';
import { type Exit, exitText, ManagedProcess } from '../process/processes.ts';

const root = resolve(import.meta.dirname, '../../../..');
const bin = join(root, 'packages/millrace/bin/millrace.mjs');
const sabotageModule = pathToFileURL(join(import.meta.dirname, 'sabotage.ts')).href;

function nodeProgram(): string {
  const found = findNode(root);
  if ('problem' in found) throw new Error(found.problem);
  return found.path;
}

/** The command line of `millrace …args`, program first. */
export const millraceCommand = (args: readonly string[]): string[] => [nodeProgram(), bin, ...args];

export interface ProgramOptions {
  readonly name: string;
  /** What follows `millrace`. */
  readonly args: readonly string[];
  /** Output by which it is known to be ready. */
  readonly ready: RegExp;
  /** A deliberate fault, see `oracle-sabotage.ts`. */
  readonly sabotage?: string | undefined;
  /** Flags of Node, such as `--max-old-space-size=64`. */
  readonly nodeFlags?: readonly string[];
  /** A command in front, such as `setpriv … --`. */
  readonly wrapper?: readonly string[];
}

/** A program that is started again and again with the same arguments. */
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
    const { args, sabotage, wrapper = [], nodeFlags = [] } = this.#options;
    const command = [...wrapper, nodeProgram()];
    const faulty = sabotage === undefined ? [] : ['--import', sabotageModule];
    this.#process = await ManagedProcess.spawn(
      command[0]!,
      [...command.slice(1), ...nodeFlags, ...faulty, bin, ...args],
      {
        name: this.name,
        cwd: root,
        env: { ...process.env, NODE_OPTIONS: '', ...(sabotage && { MILLRACE_SABOTAGE: sabotage }) },
      },
    );
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

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

type Extra = Partial<Pick<ProgramOptions, 'sabotage' | 'nodeFlags' | 'wrapper' | 'name' | 'ready'>> & {
  readonly args?: readonly string[];
};

/** `millrace agent` of a configuration file. */
export function agentProgram(configFile: string, agent = 'a1', extra: Extra = {}): Program {
  return new Program({
    name: `agent ${agent}`,
    ready: /Starting Source /,
    ...extra,
    args: ['agent', '-n', agent, '-f', configFile, '-Dflume.root.logger=INFO,console', ...(extra.args ?? [])],
  });
}

/** `millrace broker` on a folder and a port. */
export function brokerProgram(dataDir: string, port: number, extra: Extra = {}): Program {
  return new Program({
    name: 'broker',
    ready: /^ready: broker on/,
    ...extra,
    args: ['broker', '--data', dataDir, '--listen', `127.0.0.1:${port}`, ...(extra.args ?? [])],
  });
}

/** Arguments by which an agent serves its counters on a port. */
export const monitoringArgs = (port: number): string[] => [
  '-Dflume.monitoring.type=http',
  `-Dflume.monitoring.port=${port}`,
  '-Dflume.monitoring.bind=127.0.0.1',
];

/** One counter of an agent that was started with `monitoringArgs`, such as `SOURCE.r1`, `EventAcceptedCount`. */
export async function counterOf(port: number, component: string, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const metrics = (await response.json()) as Record<string, Record<string, string>>;
  return Number(metrics[component]?.[name]);
}
