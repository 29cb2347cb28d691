import type { MillraceProcess } from '../process/process.ts';
import { type RunOptions, runUntilStopped } from '../process/run-until-stopped.ts';
import { exitCodes, type Io, outliveReaders } from './io.ts';

/**
 * Runs a server until a signal ends it; gives the exit code. What reads its output may come and go. Without a `view`
 * of its own, what is to be told goes to standard error.
 */
export function serve(
  process: MillraceProcess,
  io: Io,
  options: Partial<RunOptions> & Pick<RunOptions, 'drainMs'> & { readonly started?: () => void },
): Promise<number> {
  outliveReaders();
  const { started = () => {}, ...rest } = options;
  const told = (text: string): void => void io.stderr.write(`${text}\n`);
  const view = { started, told, shown: () => {}, stopping: () => {} };
  return runUntilStopped(process, { lost: exitCodes.lost, view, ...rest });
}
