/** The two programs that are compared, each a process with many agents: commands go in, answers come back. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { javaCommand, log4jConfig, noteRealServer } from '../../process/java.ts';
import { ManagedProcess } from '../../process/processes.ts';

/** What an agent came to: the names of what runs. */
export interface Kept {
  readonly sources: readonly string[];
  readonly channels: readonly string[];
  /** A sink group by its name, a sink that is in none by its own. */
  readonly runners: readonly string[];
  /** Why the program would have ended; nothing else is there then. */
  readonly fatal?: string;
  /** What Millrace says of what is missing. */
  readonly dropped?: readonly string[];
}
/** By `KIND NAME`, such as `channel c1`. */
export type Counters = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Who = 'flume' | 'millrace';
export const both: readonly Who[] = ['flume', 'millrace'];

export class Program implements AsyncDisposable {
  readonly who: Who;
  readonly #process: ManagedProcess;
  readonly #waiting = new Map<string, { resolve(json: string): void; reject(why: Error): void }>();
  #ended: Error | null = null;
  #calls = 0;

  private constructor(who: Who, child: ManagedProcess) {
    this.who = who;
    this.#process = child;
    child.onLine((line) => {
      const at = line.indexOf('\t');
      if (!line.startsWith('@@') || at === -1) return;
      const id = line.slice(2, at);
      this.#waiting.get(id)?.resolve(line.slice(at + 1));
      this.#waiting.delete(id);
    });
    void child.exited.then(({ code, signal }) => {
      this.#ended = new Error(`${child.name} ended (${signal ?? code}):\n${child.tail()}`);
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
      this.#waiting.clear();
    });
  }

  /** `dir`: an existing folder. `sabotage`: a deliberate fault of `oracle/sabotage.ts`, in Millrace alone. */
  static async start(who: Who, dir: string, sabotage?: string): Promise<Program> {
    const options = { name: `many agents of ${who}`, cwd: dir, stdin: 'pipe' as const, keepBytes: 1 << 22 };
    const { command, args, env } = who === 'flume' ? await flume(dir) : millrace(sabotage);
    const child = await ManagedProcess.spawn(command, args, { ...options, env: { ...process.env, ...env } });
    const program = new Program(who, child);
    await program.#answer('ready');
    if (who === 'flume') noteRealServer('flume');
    return program;
  }

  build(file: string): Promise<Kept> {
    return this.#call('build', file);
  }

  /** Starts an agent under an id of the caller's. */
  start(id: string, file: string): Promise<Kept> {
    return this.#call('start', file, id);
  }

  counters(id: string, prefix: string): Promise<Counters> {
    return this.#call('counters', prefix, id);
  }

  async stop(id: string): Promise<void> {
    await this.#call('stop', '', id);
  }

  /** What it logged of components whose names begin so. */
  logOf(prefix: string): string[] {
    return `${this.#process.stdout}\n${this.#process.stderr}`
      .split('\n')
      .filter((line) => !line.startsWith('@@') && line.includes(prefix));
  }

  /** Both end with their input. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    const tooLong = setTimeout(() => this.#process.signal('SIGKILL'), 10_000);
    await this.#process.exited;
    clearTimeout(tooLong);
  }

  async #call<T>(command: string, argument: string, id = `call${++this.#calls}`): Promise<T> {
    const answer = this.#answer(id);
    this.#process.stdin.write(`${command}\t${id}\t${argument}\n`);
    return JSON.parse(await answer) as T;
  }

  #answer(id: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    if (this.#ended === null) this.#waiting.set(id, { resolve, reject });
    else reject(this.#ended);
    return promise;
  }
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function flume(dir: string): Promise<Command> {
  const log4j = join(dir, 'log4j2.properties');
  writeFileSync(log4j, log4jConfig('WARN').replace('SYSTEM_OUT', 'SYSTEM_ERR'));
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const jvmFlags = ['-Xmx1g', '-Xss512k', '-Dfile.encoding=UTF-8', `-Duser.timezone=${timeZone}`];
  const main = resolve(import.meta.dirname, '../java/RunAgents.java');
  const beside = ['hadoop', 'flume-http-sink'] as const;
  return { ...(await javaCommand('flume', main, [], { jvmFlags, log4j, beside })), env: {} };
}

function millrace(sabotage: string | undefined): Command {
  const module = pathToFileURL(resolve(import.meta.dirname, '../../oracle/sabotage.ts')).href;
  return {
    command: process.execPath,
    args: [
      ...(sabotage === undefined ? [] : ['--import', module]),
      join(import.meta.dirname, 'run-agents.ts'),
    ],
    env: { NODE_OPTIONS: '', ...(sabotage !== undefined && { MILLRACE_SABOTAGE: sabotage }) },
  };
}
