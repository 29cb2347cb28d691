/** What a command reads and writes, in memory. */
import { PassThrough } from 'node:stream';
import type { Io } from '../../../millrace/src/cli/io.ts';

export interface TestIo {
  readonly io: Io;
  stdout(): string;
  stderr(): string;
}

export function testIo(changes: Partial<Io> = {}): TestIo {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = { stdout: '', stderr: '' };
  stdout.on('data', (chunk) => {
    texts.stdout += String(chunk);
  });
  stderr.on('data', (chunk) => {
    texts.stderr += String(chunk);
  });
  const io: Io = {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: process.cwd(),
    isTerminal: false,
    color: false,
    ...changes,
  };
  return { io, stdout: () => texts.stdout, stderr: () => texts.stderr };
}
