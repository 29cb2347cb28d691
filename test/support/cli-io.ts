/** What a command of the CLI reads and writes, in memory. */
import { PassThrough, Readable } from 'node:stream';
import type { Io } from '../../packages/millrace/src/cli/io.ts';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Run = (argv: readonly string[], io: Io) => Promise<number>;

class Sink extends PassThrough {
  readonly #chunks: Buffer[] = [];

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  get content(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** Runs a command in this process, with the given standard input. */
export async function runCli(
  run: Run,
  argv: readonly string[],
  options: { stdin?: string | Buffer | Readable; cwd?: string } = {},
): Promise<CliRun> {
  const stdout = new Sink();
  const stderr = new Sink();
  const { stdin = '', cwd = process.cwd() } = options;
  const io: Io = {
    stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    env: {},
    cwd,
    isTerminal: false,
    color: false,
  };
  const code = await run(argv, io);
  await new Promise<void>((resolve) => setImmediate(resolve));
  return { code, stdout: stdout.content, stderr: stderr.content };
}
