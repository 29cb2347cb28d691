/** Child processes of tests: their output is kept, they can be waited for, and none outlives its test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';

export interface SpawnOptions {
  /** What error messages call it; the command's name if not given. */
  readonly name?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Given to the program's standard input, which is then closed; 'pipe' leaves it open for the test to write. */
  readonly stdin?: string | Uint8Array | 'pipe';
  /** How much of each output is kept for `stdout` and `stderr`; a server's needs its tail only. */
  readonly keepBytes?: number;
  /** Sees every chunk of standard output as it comes. */
  readonly onStdout?: (chunk: Buffer) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Kills its program when the process that started it dies, however it dies (Linux, util-linux). */
const parentDeathWrapper = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

const running = new Set<ManagedProcess>();
const killAll = () => {
  for (const child of running) child.signal('SIGKILL');
};
process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll();
    // With the handler gone the signal does what it does by default, unless somebody else handles it too.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
}

/** Output as it came, of which the last `limit` bytes are kept. */
class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#chunks.length > 1 && this.#size - this.#chunks[0]!.length >= this.#limit) {
      this.#size -= this.#chunks.shift()!.length;
    }
  }

  bytes(): Buffer {
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - this.#limit));
  }
}

export class ManagedProcess implements AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly startedAtMs = performance.now();
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #stdout: Tail;
  readonly #stderr: Tail;
  readonly #lineListeners = new Set<(line: string) => void>();
  #exit: Exit | null = null;

  private constructor(child: ChildProcess, name: string, keepBytes: number) {
    this.name = name;
    this.pid = child.pid!;
    this.#child = child;
    this.#stdout = new Tail(keepBytes);
    this.#stderr = new Tail(keepBytes);
    running.add(this);
    this.#listen(child.stdout!, this.#stdout);
    this.#listen(child.stderr!, this.#stderr);
    child.stdin?.on('error', () => {}); // a program may end before it has read everything
    this.exited = new Promise((resolve) => {
      child.once('exit', () => running.delete(this));
      child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  static async spawn(
    command: string,
    args: readonly string[],
    options: SpawnOptions = {},
  ): Promise<ManagedProcess> {
    const wrapped = parentDeathWrapper
      ? [parentDeathWrapper, '--pdeathsig', 'KILL', '--', command]
      : [command];
    const child = spawn(wrapped[0]!, [...wrapped.slice(1), ...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const name = options.name ?? command;
    const managed = new ManagedProcess(child, name, options.keepBytes ?? 1024 * 1024);
    if (options.onStdout) child.stdout!.on('data', options.onStdout);
    if (options.stdin !== undefined && options.stdin !== 'pipe') child.stdin!.end(options.stdin);
    return managed;
  }

  #listen(stream: NodeJS.ReadableStream, tail: Tail): void {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      tail.add(chunk);
      if (this.#lineListeners.size === 0) {
        rest = '';
        return;
      }
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) for (const listener of this.#lineListeners) listener(line);
    });
  }

  get running(): boolean {
    return running.has(this);
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  get stdin(): Writable {
    if (!this.#child.stdin) throw new Error(`${this.name} was started without standard input`);
    return this.#child.stdin;
  }

  stdoutBytes(): Buffer {
    return this.#stdout.bytes();
  }

  get stdout(): string {
    return this.#stdout.bytes().toString('utf8');
  }

  get stderr(): string {
    return this.#stderr.bytes().toString('utf8');
  }

  /** The last lines of both outputs, for error messages. */
  tail(lines = 30): string {
    const last = (text: string) => text.trimEnd().split('\n').slice(-lines).join('\n');
    return [last(this.stdout), last(this.stderr)].filter((text) => text !== '').join('\n--- stderr ---\n');
  }

  /** What a program that ended said of the reason, which its last lines need not show. */
  #troubles(): string {
    const troubles = `${this.stdout}\n${this.stderr}`
      .split('\n')
      .filter((line) => /\b(?:ERROR|FATAL)\b|(?:Exception|Error): /.test(line));
    return troubles.length === 0 ? '' : `${troubles.slice(-10).join('\n')}\n--- its last lines ---\n`;
  }

  /** Resolves with the first output line, past or future, that fits; fails when the program ends or time is up. */
  async waitForLine(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    for (const line of `${this.stdout}\n${this.stderr}`.split('\n')) {
      const found = pattern.exec(line);
      if (found) return found;
    }
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const fail = (why: string) =>
      reject(
        new Error(`${this.name}: ${why} without a line like ${pattern}\n${this.#troubles()}${this.tail()}`),
      );
    const listener = (line: string) => {
      const found = pattern.exec(line);
      if (found) resolve(found);
    };
    this.#lineListeners.add(listener);
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
    void this.exited.then((exit) => fail(`ended (${exitText(exit)})`));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#lineListeners.delete(listener);
    }
  }

  /** Calls back for every whole line of either output from now on; returns how to stop. */
  onLine(listener: (line: string) => void): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** Sends a signal; false when the process is gone. */
  signal(signal: NodeJS.Signals): boolean {
    try {
      return process.kill(this.pid, signal);
    } catch {
      return false;
    }
  }

  /** SIGTERM, and SIGKILL when it hasn't ended after `graceMs`. */
  async stop({ graceMs = 15_000, signal = 'SIGTERM' as NodeJS.Signals } = {}): Promise<Exit> {
    if (this.#exit) return this.#exit;
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  async kill(): Promise<Exit> {
    if (!this.#exit) this.signal('SIGKILL');
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exit) {
      this.signal('SIGCONT'); // a stopped process can't end
      await this.stop({ graceMs: 5_000 });
    }
  }
}

export function exitText(exit: Exit): string {
  return exit.signal ?? `exit ${exit.code}`;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

/**
 * Runs a program to its end. Fails after `timeoutMs`, and on an exit code other than 0 unless `anyExit` is set; the
 * error shows the last lines of both outputs.
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { timeoutMs?: number; anyExit?: boolean } = {},
): Promise<Finished> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const child = await ManagedProcess.spawn(command, args, { keepBytes: 64 * 1024 * 1024, ...options });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.signal('SIGKILL');
  }, timeoutMs);
  const exit = await child.exited;
  clearTimeout(timer);
  if (timedOut || (exit.code !== 0 && !options.anyExit)) {
    const why = timedOut ? `did not end within ${timeoutMs} ms` : `failed (${exitText(exit)})`;
    throw new Error(`${child.name} ${why}\n${child.tail()}`);
  }
  return { code: exit.code, stdout: child.stdout, stderr: child.stderr, stdoutBytes: child.stdoutBytes() };
}
