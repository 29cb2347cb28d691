import type { MillraceProcess } from '../server/process.ts';
import { runUntilStopped } from '../server/run-until-stopped.ts';
import { type Io, outliveReaders } from './io.ts';

/** Runs a server until a signal ends it; gives the exit code. What reads its output may come and go. */
export function serve(process: MillraceProcess, io: Io, ready: () => void = () => {}): Promise<number> {
  outliveReaders();
  return runUntilStopped(process, io, ready);
}
