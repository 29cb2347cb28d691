/** Commands of the CLI run in this process. */
import { Readable } from 'node:stream';
import type { Io } from '../../../millrace/src/cli/io.ts';
import { testIo } from './test-io.ts';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, with the given chunks on standard input. */
export async function runCli(
  run: (argv: readonly string[], io: Io) => Promise<number>,
  argv: readonly string[],
  options: { stdin?: string | readonly string[]; changes?: Partial<Io> } = {},
): Promise<CliRun> {
  const { stdin = '', changes } = options;
  const chunks = (typeof stdin === 'string' ? [stdin] : stdin).map((chunk) => Buffer.from(chunk));
  const { io, stdout, stderr } = testIo({ stdin: Readable.from(chunks), ...changes });
  const code = await run(argv, io);
  // What was written last comes out of the streams in a later turn.
  await new Promise<void>((resolve) => setImmediate(resolve));
  return { code, stdout: stdout(), stderr: stderr() };
}
